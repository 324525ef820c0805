/** Writes a pattern as a JavaScript RegExp that means the same. */
import { type CharSet, MAX_CODE_POINT, negate } from './charset.ts';
import type { Pattern } from './pattern.ts';

/** Global, and by code points. */
export const FLAGS = 'gu';

/**
 * The RegExp, with {@link FLAGS}; undefined when V8 refuses it (too large).
 * A match does not start behind a character of `notBehind`.
 * Everything is spelt out as ranges and non-capturing groups: no JavaScript class, flag or capture is relied on.
 */
export function toRegExp(pattern: Pattern, notBehind: CharSet = []): RegExp | undefined {
  const guard = notBehind.length === 0 ? '' : `(?<!${writeSet(notBehind)})`;
  const body = pattern.kind === 'alternate' && guard !== '' ? group(pattern) : write(pattern);
  try {
    return new RegExp(guard + body, FLAGS);
  } catch {
    return undefined;
  }
}

function write(pattern: Pattern): string {
  switch (pattern.kind) {
    case 'empty':
      return '';
    case 'set':
      return writeSet(pattern.set);
    case 'assert':
      return { begin: '^', end: '$', word: '\\b' }[pattern.what];
    case 'concat':
      return pattern.parts.map((part) => (part.kind === 'alternate' ? group(part) : write(part))).join('');
    case 'alternate':
      return pattern.choices.map(write).join('|');
    case 'repeat': {
      const { body, min, max, greedy } = pattern;
      const atom = body.kind === 'set' ? write(body) : group(body);
      return `${atom}${count(min, max)}${greedy ? '' : '?'}`;
    }
  }
}

function group(pattern: Pattern): string {
  return `(?:${write(pattern)})`;
}

function count(min: number, max: number): string {
  if (max === Number.POSITIVE_INFINITY) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`;
  if (min === 0 && max === 1) return '?';
  return min === max ? `{${min}}` : `{${min},${max}}`;
}

function writeSet(set: CharSet): string {
  if (set.length === 2 && set[0] === set[1]) return literal(set[0]!);
  const isCoset = set[0] === 0 && set[set.length - 1] === MAX_CODE_POINT;
  // V8 knows what to do with surrogate pairs in `[^…]`, and is slower with the ranges spelt out.
  return isCoset ? `[^${ranges(negate(set))}]` : `[${ranges(set)}]`;
}

function ranges(set: CharSet): string {
  let text = '';
  for (let i = 0; i < set.length; i += 2) {
    text += set[i] === set[i + 1] ? literal(set[i]!) : `${literal(set[i]!)}-${literal(set[i + 1]!)}`;
  }
  return text;
}

function literal(point: number): string {
  const isAlphanumeric =
    (point >= 0x30 && point <= 0x39) || (point >= 0x41 && point <= 0x5a) || (point >= 0x61 && point <= 0x7a);
  if (isAlphanumeric) return String.fromCharCode(point);
  return `\\u{${Math.min(point, MAX_CODE_POINT).toString(16)}}`;
}
