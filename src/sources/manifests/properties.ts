/** Tags and escapes of a scalar, where js-yaml's YAML 1.2 and go-yaml's YAML 1.1 part. */
import { EVENT_ID, type Event } from 'js-yaml';

const CORE = 'tag:yaml.org,2002:';

/** A tag as written (`!!int`, `!<…>`, `!x`) in full; `!` alone stays, it means "as if untagged" to libyaml. */
export function fullTag(raw: string, document: Event): string {
  if (raw === '!') return raw;
  if (raw.startsWith('!<')) return decoded(raw.slice(2, -1));
  const end = raw.indexOf('!', 1);
  const handle = end === -1 ? '!' : raw.slice(0, end + 1);
  return prefixOf(handle, document) + decoded(raw.slice(handle.length));
}

function prefixOf(handle: string, document: Event): string {
  if (document.type === EVENT_ID.DOCUMENT) {
    for (const directive of document.directives) {
      if (directive.kind === 'tag' && directive.handle === handle) return directive.prefix;
    }
  }
  return handle === '!!' ? CORE : handle;
}

function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Escapes of a double-quoted scalar that js-yaml reads and libyaml refuses: `\/`, surrogates and code points beyond
 * Unicode. Undefined when there is none.
 */
export function checkEscapes(
  text: string,
  start: number,
  end: number,
): { message: string; offset: number } | undefined {
  for (let at = text.indexOf('\\', start); at !== -1 && at < end; at = text.indexOf('\\', at + 2)) {
    const kind = text[at + 1];
    if (kind === '/') return { message: 'YAML 1.1 knows no escape \\/', offset: at };
    if (kind !== 'u' && kind !== 'U') continue;
    const code = Number.parseInt(text.slice(at + 2, at + (kind === 'u' ? 6 : 10)), 16);
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
      return { message: 'the escape names no Unicode character', offset: at };
    }
  }
  return undefined;
}
