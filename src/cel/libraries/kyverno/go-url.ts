/** URLs as the JSON of Go's struct. */
import { type ParsedUrl, parseUrl, toText, UrlError } from '../url-parse.ts';
import { DerError } from './der.ts';

export function goUrl(text: string): Readonly<Record<string, unknown>> {
  const url = parse(text);
  return {
    Scheme: toText(url.scheme),
    Opaque: toText(url.opaque),
    // Its fields are private in Go, so that its JSON is empty.
    User: url.user === undefined ? null : {},
    Host: toText(url.host),
    Path: toText(url.path),
    RawPath: toText(url.rawPath),
    OmitHost: url.omitHost,
    ForceQuery: url.forceQuery,
    RawQuery: toText(url.rawQuery),
    Fragment: toText(url.fragment),
    RawFragment: toText(url.rawFragment),
  };
}

function parse(text: string): ParsedUrl {
  try {
    return parseUrl(text);
  } catch (error) {
    if (error instanceof UrlError) throw new DerError(`cannot parse URI: ${error.message}`);
    throw error;
  }
}
