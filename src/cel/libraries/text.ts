/** How Go writes things in messages. */

import { mapEntries } from '../runtime/maps.ts';
import { typeName } from '../runtime/names.ts';
import { CelMap, Uint, type Value } from '../values.ts';

/** Characters that Go and CEL's `strings.quote` escape by a letter. */
export const ESCAPES: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

/** `strconv.Quote`: double quotes, what is not printable escaped. */
export function quoteGo(text: string): string {
  const escaped = text.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]|["\\]/gu, (char) => {
    return ESCAPES[char] ?? escapePoint(char.codePointAt(0)!);
  });
  return `"${escaped}"`;
}

/** The same of a byte string (one character for each byte of UTF-8); bytes that are no UTF-8 as `\\x80`. */
export function quoteBytes(bytes: string): string {
  const decoded = decodeUtf8(bytes);
  if (decoded !== undefined) return quoteGo(decoded);
  let out = '';
  for (let i = 0; i < bytes.length; ) {
    const length = sequenceLength(bytes, i);
    const text = Buffer.from(bytes.slice(i, i + length), 'latin1').toString('utf8');
    const valid =
      length > 0 && !(text === '\ufffd' && bytes.slice(i, i + 3) !== '\xef\xbf\xbd') && text.length <= 2;
    if (valid && Array.from(text).length === 1) {
      out += quoteGo(text).slice(1, -1);
      i += length;
    } else {
      out += `\\x${bytes.charCodeAt(i).toString(16).padStart(2, '0')}`;
      i++;
    }
  }
  return `"${out}"`;
}

function decodeUtf8(bytes: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(bytes, 'latin1'));
  } catch {
    return undefined;
  }
}

/** Of the UTF-8 sequence that the byte begins, 0 when it begins none. */
function sequenceLength(bytes: string, at: number): number {
  const lead = bytes.charCodeAt(at);
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  return lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
}

function escapePoint(point: number): string {
  // A lone surrogate cannot be in a Go string: there it is the replacement character.
  if (point >= 0xd800 && point <= 0xdfff) return '\ufffd';
  if (point < 0x20 || point === 0x7f) return `\\x${point.toString(16).padStart(2, '0')}`;
  if (point > 0xffff) return `\\U${point.toString(16).padStart(8, '0')}`;
  return `\\u${point.toString(16).padStart(4, '0')}`;
}

/** `%v` of a CEL value, as the messages of cel-go quote values. */
export function showValue(value: Value): string {
  if (value === null) return '0';
  if (typeof value !== 'object') return String(value);
  if (value instanceof Uint) return String(value.$value);
  if (value instanceof Number) return showDouble(value.valueOf());
  if (Array.isArray(value)) return `[${value.map(showValue).join(', ')}]`;
  if (value instanceof Uint8Array) return `[${value.join(' ')}]`;
  if (value instanceof CelMap || !('$type' in value)) {
    const entries = mapEntries(value as CelMap).map(
      ([key, entry]) => `${showValue(key)}: ${showValue(entry)}`,
    );
    return `{${entries.join(', ')}}`;
  }
  return Object.hasOwn(Object.getPrototypeOf(value), 'toString') ? String(value) : typeName(value);
}

/** `%v` of a float64: shortest digits, an exponent of at least two digits below 1e-4 and from 1e21 on. */
export function showDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e21)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  return String(value);
}
