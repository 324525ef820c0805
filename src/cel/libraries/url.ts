/** Kubernetes' URLs (k8s.io/apiserver pkg/cel/library/urls.go, pkg/cel/url.go). */
import { CelError } from '../errors.ts';
import type { Library } from '../library.ts';
import { BOOL, listOf, mapOf, object, STRING, type Type } from '../types.ts';
import { CelMap, type Opaque, type Value } from '../values.ts';
import { scan } from './costs.ts';
import { declare, global, member } from './declare.ts';
import { remember } from './memo.ts';
import {
  escapedPath,
  formatUrl,
  type ParsedUrl,
  parseRequestUri,
  parseUrl,
  queryParameters,
  splitHostPort,
  toText,
  UrlError,
} from './url-parse.ts';

const TYPE = object('kubernetes.URL');

/** A URL. Comparing it with anything else is an error, as upstream. */
class Url implements Opaque {
  readonly $url: ParsedUrl;
  constructor(url: ParsedUrl) {
    this.$url = url;
  }
  get $type(): Type {
    return TYPE;
  }
  $equals(other: Value): boolean {
    if (!(other instanceof Url)) throw new CelError('no-such-overload', 'no such overload');
    return formatUrl(this.$url) === formatUrl(other.$url);
  }
  toString(): string {
    return toText(formatUrl(this.$url));
  }
}

function url(text: string): Url {
  try {
    // The stricter parser decides whether it is one; the other one knows fragments.
    const requested = parseRequestUri(text);
    // They differ about fragments, and about `//` without a scheme.
    const agree = requested.scheme !== '' && !text.includes('#');
    return new Url(agree ? requested : parseUrl(text));
  } catch (error) {
    if (!(error instanceof UrlError)) throw error;
    throw new CelError('invalid-argument', `URL parse error during conversion from string: ${error.message}`);
  }
}

function isUrl(text: string): boolean {
  try {
    parseRequestUri(text);
    return true;
  } catch (error) {
    if (error instanceof UrlError) return false;
    throw error;
  }
}

function getQuery({ $url }: Url): CelMap {
  const entries = [...queryParameters($url.rawQuery)].map(([key, values]) => [key, [key, values]] as const);
  return new CelMap(new Map(entries));
}

const text = (read: (url: ParsedUrl) => string) => (value: Url) => toText(read(value.$url));

export const urls: Library = Object.freeze({
  name: 'kubernetes.urls',
  functions: declare({
    url: [global('string_to_url', [STRING], TYPE, remember(url), scan)],
    getScheme: [
      member(
        'url_get_scheme',
        [TYPE],
        STRING,
        text((u) => u.scheme),
      ),
    ],
    getHost: [
      member(
        'url_get_host',
        [TYPE],
        STRING,
        text((u) => u.host),
      ),
    ],
    getHostname: [
      member(
        'url_get_hostname',
        [TYPE],
        STRING,
        text((u) => splitHostPort(u.host).hostname),
      ),
    ],
    getPort: [
      member(
        'url_get_port',
        [TYPE],
        STRING,
        text((u) => splitHostPort(u.host).port),
      ),
    ],
    getEscapedPath: [member('url_get_escaped_path', [TYPE], STRING, text(escapedPath))],
    getQuery: [member('url_get_query', [TYPE], mapOf(STRING, listOf(STRING)), getQuery)],
    isURL: [global('is_url_string', [STRING], BOOL, remember(isUrl))],
  }),
});
