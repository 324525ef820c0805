/**
 * The strings extension (cel-go ext/strings.go): version 0 for Kubernetes before 1.29, version 2 since.
 * Positions and sizes count code points.
 */
import { sizeOf, traversal } from '../cost.ts';
import { CelError } from '../errors.ts';
import type { Library, Overload } from '../library.ts';
import { DYN, INT, listOf, STRING } from '../types.ts';
import type { Value } from '../values.ts';
import { buildResult, scan, scanAndBuild, visit } from './costs.ts';
import { declare, global, member } from './declare.ts';
import { formatString } from './string-format.ts';
import { validateFormatCalls } from './string-format-check.ts';
import { ESCAPES, showValue } from './text.ts';

type Int = number | bigint;

const STRINGS = listOf(STRING);

const outOfRange = (index: Int): never => {
  throw new CelError('invalid-argument', `index out of range: ${index}`);
};

/** Costs grow with what is read, not with what is built: a few replacements could fill the memory. */
const LONGEST = 2 ** 26;

function checkSize(units: number): void {
  if (units > LONGEST) throw new CelError('overflow', 'string too long');
}

/** The code points of a text; the text itself when each is one UTF-16 unit, which is indexed faster. */
function points(text: string): string | readonly string[] {
  return /[\ud800-\udfff]/.test(text) ? Array.from(text) : text;
}

function slice(text: string, start: number, end?: number): string {
  const all = points(text);
  return typeof all === 'string' ? all.slice(start, end) : all.slice(start, end).join('');
}

function charAt(text: string, index: Int): string {
  const all = points(text);
  if (index < 0 || index > all.length) outOfRange(index);
  return all[Number(index)] ?? '';
}

function indexOf(text: string, part: string, offset: Int = 0): number {
  if (offset < 0) outOfRange(offset);
  const all = points(text);
  if (part === '') return Math.min(Number(offset), all.length);
  if (offset >= all.length) return -1;
  if (typeof all === 'string') return all.indexOf(part, Number(offset));
  const wanted = Array.from(part);
  for (let i = Number(offset); i + wanted.length <= all.length; i++) {
    if (wanted.every((char, j) => all[i + j] === char)) return i;
  }
  return -1;
}

function lastIndexOf(text: string, part: string): number {
  const size = points(text).length;
  if (part === '') return size;
  return size === 0 ? -1 : lastIndexOfBefore(text, part, size - 1);
}

function lastIndexOfBefore(text: string, part: string, offset: Int): number {
  if (offset < 0) outOfRange(offset);
  const all = points(text);
  if (part === '') return Math.min(Number(offset), all.length);
  if (offset >= all.length) return -1;
  const wanted = Array.from(part);
  if (wanted.length > all.length) return -1;
  if (typeof all === 'string') return all.lastIndexOf(part, Number(offset));
  for (let i = Math.min(Number(offset), all.length - wanted.length); i >= 0; i--) {
    if (wanted.every((char, j) => all[i + j] === char)) return i;
  }
  return -1;
}

const BEYOND_ASCII = /[^\0-\x7f]/;

function lowerAscii(text: string): string {
  if (!BEYOND_ASCII.test(text)) return text.toLowerCase();
  // JavaScript would lower letters that are to stay.
  return text.replace(/[A-Z]+/g, (found) => found.toLowerCase());
}
const upperAscii = (text: string): string => text.replace(/[a-z]+/g, (found) => found.toUpperCase());

/** Go's strings.Replace: an empty `old` is found before each character and at the end; a negative limit is none. */
function replace(text: string, old: string, by: string, limit: Int = -1): string {
  if (old === by || limit === 0) return text;
  if (old !== '' && limit < 0) {
    const pieces = text.split(old);
    checkSize(text.length + (pieces.length - 1) * by.length);
    return pieces.join(by);
  }
  checkSize(
    text.length + Math.min(text.length + 1, limit < 0 ? Number.POSITIVE_INFINITY : Number(limit)) * by.length,
  );
  const chars = Array.from(text);
  let left = limit < 0 ? Number.POSITIVE_INFINITY : Number(limit);
  if (old === '') {
    let out = '';
    for (const char of chars) out += left-- > 0 ? by + char : char;
    return left > 0 ? out + by : out;
  }
  let out = '';
  let from = 0;
  for (; left > 0; left--) {
    const at = text.indexOf(old, from);
    if (at < 0) break;
    out += text.slice(from, at) + by;
    from = at + old.length;
  }
  return out + text.slice(from);
}

/** Go's strings.SplitN: the last piece holds the rest; a negative limit is none. */
function split(text: string, separator: string, limit: Int = -1): readonly string[] {
  if (limit === 0) return [];
  const most = limit < 0 ? Number.POSITIVE_INFINITY : Number(limit);
  const pieces = separator === '' ? Array.from(text) : text.split(separator);
  if (pieces.length <= most) return pieces;
  return [...pieces.slice(0, most - 1), pieces.slice(most - 1).join(separator)];
}

function substring(text: string, start: Int, end?: Int): string {
  const size = points(text).length;
  if (end !== undefined && start > end) {
    throw new CelError('invalid-argument', `invalid substring range. start: ${start}, end: ${end}`);
  }
  if (start < 0 || start > size) outOfRange(start);
  if (end !== undefined && (end < 0 || end > size)) outOfRange(end);
  return slice(text, Number(start), end === undefined ? undefined : Number(end));
}

/** White space as Go's unicode.IsSpace knows it, which JavaScript's trim() does not quite. */
const SPACES = new Set('\t\n\v\f\r \u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000');
for (let unit = 0x2000; unit <= 0x200a; unit++) SPACES.add(String.fromCharCode(unit));

export function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && SPACES.has(text[start]!)) start++;
  while (end > start && SPACES.has(text[end - 1]!)) end--;
  return text.slice(start, end);
}

function join(list: readonly Value[], separator = ''): string {
  for (const element of list) {
    if (typeof element !== 'string') {
      throw new CelError('invalid-argument', `join: invalid input: ${showValue(element)}`);
    }
  }
  checkSize(list.reduce<number>((size, text) => size + (text as string).length + separator.length, 0));
  return list.join(separator);
}

function quote(text: string): string {
  return `"${text.toWellFormed().replace(/[\u0007\b\f\n\r\t\v\\"]/g, (char) => ESCAPES[char]!)}"`;
}

const sizeOfFirst: NonNullable<Overload['cost']> = (args) => traversal(sizeOf(args[0]));

const BASE: Readonly<Record<string, readonly Overload[]>> = {
  charAt: [member('string_char_at_int', [STRING, INT], STRING, charAt)],
  indexOf: [
    member('string_index_of_string', [STRING, STRING], INT, indexOf, visit),
    member('string_index_of_string_int', [STRING, STRING, INT], INT, indexOf, visit),
  ],
  lastIndexOf: [
    member('string_last_index_of_string', [STRING, STRING], INT, lastIndexOf, visit),
    member('string_last_index_of_string_int', [STRING, STRING, INT], INT, lastIndexOfBefore, visit),
  ],
  lowerAscii: [member('string_lower_ascii', [STRING], STRING, lowerAscii, scan)],
  replace: [
    member('string_replace_string_string', [STRING, STRING, STRING], STRING, replace, scanAndBuild),
    member('string_replace_string_string_int', [STRING, STRING, STRING, INT], STRING, replace, scanAndBuild),
  ],
  split: [
    member('string_split_string', [STRING, STRING], STRINGS, split, scanAndBuild),
    member('string_split_string_int', [STRING, STRING, INT], STRINGS, split, scanAndBuild),
  ],
  substring: [
    member('string_substring_int', [STRING, INT], STRING, substring, scan),
    member('string_substring_int_int', [STRING, INT, INT], STRING, substring, scan),
  ],
  trim: [member('string_trim', [STRING], STRING, trim, scan)],
  upperAscii: [member('string_upper_ascii', [STRING], STRING, upperAscii, scan)],
  join: [
    member('list_join', [STRINGS], STRING, join, buildResult),
    member('list_join_string', [STRINGS, STRING], STRING, join, buildResult),
  ],
};

/** Version 0: no format() and no strings.quote(). */
export const stringsV0: Library = Object.freeze({
  name: 'cel.strings',
  functions: declare(BASE),
});

/** Version 2. */
export const stringsV2: Library = Object.freeze({
  name: 'cel.strings',
  since: 29,
  functions: declare({
    ...BASE,
    format: [member('string_format', [STRING, listOf(DYN)], STRING, formatString, sizeOfFirst)],
    'strings.quote': [global('strings_quote', [STRING], STRING, quote, sizeOfFirst)],
  }),
  validators: [validateFormatCalls],
});
