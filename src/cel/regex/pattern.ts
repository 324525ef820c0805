/**
 * Reads the part of RE2's syntax that the fast path understands. It need not know all of it: whatever it does not
 * recognise with certainty (Unicode classes, named groups, `(?m)`, `(?U)`, anything invalid) makes it give up, and the
 * RE2 engine, which knows, takes over. So it holds no error messages.
 */
import {
  ANY,
  type CharSet,
  DIGIT,
  foldAscii,
  MAX_CODE_POINT,
  negate,
  POSIX,
  SPACE,
  union,
  WORD,
} from './charset.ts';

export type Pattern =
  | { readonly kind: 'empty' }
  | { readonly kind: 'set'; readonly set: CharSet }
  | { readonly kind: 'assert'; readonly what: 'begin' | 'end' | 'word' }
  | { readonly kind: 'concat'; readonly parts: readonly Pattern[] }
  | { readonly kind: 'alternate'; readonly choices: readonly Pattern[] }
  | {
      readonly kind: 'repeat';
      readonly body: Pattern;
      readonly min: number;
      /** Infinity when unbounded. */
      readonly max: number;
      readonly greedy: boolean;
    };

/** Longer patterns are left to the RE2 engine: proving them costs more than it saves. */
const MAX_PATTERN = 2_000;
const MAX_DEPTH = 40;

interface Reader {
  readonly text: string;
  at: number;
  depth: number;
  fold: boolean;
  dotAll: boolean;
}

/** Thrown and caught inside this file only. */
const UNKNOWN = Symbol('not understood');

/** The pattern's tree, or undefined when any of it is not understood. */
export function readPattern(text: string): Pattern | undefined {
  if (text.length > MAX_PATTERN) return undefined;
  const reader: Reader = { text, at: 0, depth: 0, fold: false, dotAll: false };
  try {
    const pattern = readAlternation(reader);
    return reader.at === text.length ? pattern : undefined;
  } catch (error) {
    if (error === UNKNOWN) return undefined;
    throw error;
  }
}

function readAlternation(r: Reader): Pattern {
  const choices: Pattern[] = [readConcatenation(r)];
  while (r.text[r.at] === '|') {
    r.at++;
    choices.push(readConcatenation(r));
  }
  return choices.length === 1 ? choices[0]! : { kind: 'alternate', choices };
}

function readConcatenation(r: Reader): Pattern {
  const parts: Pattern[] = [];
  while (r.at < r.text.length) {
    const c = r.text[r.at]!;
    if (c === '|' || c === ')') break;
    if (r.text.startsWith('\\Q', r.at)) {
      readQuoted(r, parts);
      continue;
    }
    const atom = readAtom(r);
    if (atom === undefined) continue;
    parts.push(readRepetition(r, atom));
  }
  if (parts.length === 0) return { kind: 'empty' };
  return parts.length === 1 ? parts[0]! : { kind: 'concat', parts };
}

/** `\Q…\E`. A repetition after it applies to its last character. */
function readQuoted(r: Reader, parts: Pattern[]): void {
  const end = r.text.indexOf('\\E', r.at + 2);
  const literal = r.text.slice(r.at + 2, end < 0 ? undefined : end);
  r.at = end < 0 ? r.text.length : end + 2;
  for (const c of literal) parts.push(single(r, c.codePointAt(0)!));
  const last = parts.pop();
  if (literal === '' || last === undefined) throw UNKNOWN;
  parts.push(readRepetition(r, last));
}

/** One atom; undefined for a group that only sets flags, such as `(?i)`. */
function readAtom(r: Reader): Pattern | undefined {
  const c = r.text[r.at]!;
  switch (c) {
    case '(':
      return readGroup(r);
    case '[':
      return { kind: 'set', set: readClass(r) };
    case '.':
      r.at++;
      return { kind: 'set', set: r.dotAll ? ANY : negate([0x0a, 0x0a]) };
    case '^':
      r.at++;
      return { kind: 'assert', what: 'begin' };
    case '$':
      r.at++;
      return { kind: 'assert', what: 'end' };
    case '\\':
      return readEscape(r);
    case '*':
    case '+':
    case '?':
    case '{':
      throw UNKNOWN;
    default: {
      const point = r.text.codePointAt(r.at)!;
      r.at += point > 0xffff ? 2 : 1;
      return single(r, point);
    }
  }
}

function readGroup(r: Reader): Pattern | undefined {
  if (++r.depth > MAX_DEPTH) throw UNKNOWN;
  const { fold, dotAll } = r;
  r.at++;
  if (r.text[r.at] === '?') {
    const flags = /\?([is]*)(?:-([is]+))?([:)])/y;
    flags.lastIndex = r.at;
    const match = flags.exec(r.text);
    if (match === null) throw UNKNOWN;
    r.at = flags.lastIndex;
    const [, on = '', off = '', end] = match;
    if (end === ')' && on === '' && off === '') throw UNKNOWN;
    if (on.includes('i')) r.fold = true;
    if (on.includes('s')) r.dotAll = true;
    if (off.includes('i')) r.fold = false;
    if (off.includes('s')) r.dotAll = false;
    // `(?i)` lasts until the end of the group around it, which restores what it found.
    if (end === ')') {
      r.depth--;
      return undefined;
    }
  }
  const inner = readAlternation(r);
  if (r.text[r.at] !== ')') throw UNKNOWN;
  r.at++;
  r.depth--;
  r.fold = fold;
  r.dotAll = dotAll;
  return inner;
}

function readRepetition(r: Reader, body: Pattern): Pattern {
  const op = /[*+?]|\{(\d{1,4})(,(\d{1,4})?)?\}/y;
  op.lastIndex = r.at;
  const match = op.exec(r.text);
  if (match === null) {
    // A brace that is no repetition is a literal one in RE2; rare enough not to be worth its own case.
    if (r.text[r.at] === '{') throw UNKNOWN;
    return body;
  }
  r.at = op.lastIndex;
  const [min, max] = bounds(match);
  if (min > max) throw UNKNOWN;
  let greedy = true;
  if (r.text[r.at] === '?') {
    greedy = false;
    r.at++;
  }
  // `a**` and `a{2}{3}` are errors.
  if (/[*+?{]/y.test(r.text[r.at] ?? '')) throw UNKNOWN;
  // `^*` and `\b?` are legal in RE2 and errors in JavaScript.
  if (body.kind === 'assert' || body.kind === 'empty') throw UNKNOWN;
  const repeat: Pattern = { kind: 'repeat', body, min, max, greedy };
  if (!isRepeatable(repeat, 1000)) throw UNKNOWN;
  return repeat;
}

/** RE2 refuses counted repetitions that together make more than a thousand copies. */
function isRepeatable(pattern: Pattern, copies: number): boolean {
  switch (pattern.kind) {
    case 'concat':
      return pattern.parts.every((part) => isRepeatable(part, copies));
    case 'alternate':
      return pattern.choices.every((choice) => isRepeatable(choice, copies));
    case 'repeat': {
      const count = pattern.max === Number.POSITIVE_INFINITY ? pattern.min : pattern.max;
      if (pattern.max === 0) return true;
      return count <= copies && isRepeatable(pattern.body, Math.floor(copies / Math.max(1, count)));
    }
    default:
      return true;
  }
}

function bounds(match: RegExpExecArray): readonly [min: number, max: number] {
  switch (match[0]) {
    case '*':
      return [0, Number.POSITIVE_INFINITY];
    case '+':
      return [1, Number.POSITIVE_INFINITY];
    case '?':
      return [0, 1];
    default: {
      const min = Number(match[1]);
      if (match[2] === undefined) return [min, min];
      return [min, match[3] === undefined ? Number.POSITIVE_INFINITY : Number(match[3])];
    }
  }
}

function readEscape(r: Reader): Pattern {
  const c = r.text[r.at + 1];
  // `\B` is left to RE2: V8 finds it in the middle of a surrogate pair.
  const what = ({ A: 'begin', z: 'end', b: 'word' } as const)[c ?? ''];
  if (what !== undefined) {
    r.at += 2;
    return { kind: 'assert', what };
  }
  const group = readPerlClass(r);
  if (group !== undefined) return { kind: 'set', set: group };
  return single(r, readEscapedChar(r));
}

/** `\d`, `\W`, … at the reader, if there. */
function readPerlClass(r: Reader): CharSet | undefined {
  const c = r.text[r.at + 1] ?? '';
  const base = { d: DIGIT, s: SPACE, w: WORD }[c.toLowerCase()];
  if (base === undefined || r.text[r.at] !== '\\') return undefined;
  r.at += 2;
  const set = folded(r, base);
  return c >= 'a' ? set : negate(set);
}

const C_ESCAPES: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };

/** A backslash and what it stands for, in or outside a class. */
function readEscapedChar(r: Reader): number {
  const c = r.text[r.at + 1];
  if (c === undefined) throw UNKNOWN;
  const known = C_ESCAPES[c];
  if (known !== undefined) {
    r.at += 2;
    return known;
  }
  if (c === 'x') return readHex(r);
  const code = c.charCodeAt(0);
  if (code > 0x7e || code < 0x21 || /[0-9A-Za-z]/.test(c)) throw UNKNOWN;
  r.at += 2;
  return code;
}

function readHex(r: Reader): number {
  const hex = /\\x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})/y;
  hex.lastIndex = r.at;
  const match = hex.exec(r.text);
  if (match === null) throw UNKNOWN;
  const value = Number.parseInt(match[1] ?? match[2]!, 16);
  if (value > MAX_CODE_POINT || isSurrogate(value)) throw UNKNOWN;
  r.at = hex.lastIndex;
  return value;
}

/** `[…]` at the reader. */
function readClass(r: Reader): CharSet {
  r.at++;
  const negated = r.text[r.at] === '^';
  if (negated) r.at++;
  const sets: CharSet[] = [];
  for (let first = true; first || r.text[r.at] !== ']'; first = false) {
    if (r.at >= r.text.length) throw UNKNOWN;
    sets.push(readClassItem(r));
  }
  r.at++;
  const set = union(...sets);
  return negated ? negate(set) : set;
}

function readClassItem(r: Reader): CharSet {
  if (r.text.startsWith('[:', r.at)) return readPosixClass(r);
  if (r.text.startsWith('\\Q', r.at)) throw UNKNOWN;
  const group = readPerlClass(r);
  if (group !== undefined) return group;
  const lo = readClassChar(r);
  if (r.text[r.at] !== '-' || r.text[r.at + 1] === ']' || r.at + 1 >= r.text.length) {
    return folded(r, [lo, lo]);
  }
  r.at++;
  const hi = readClassChar(r);
  if (hi < lo) throw UNKNOWN;
  return folded(r, [lo, hi]);
}

function readPosixClass(r: Reader): CharSet {
  const named = /\[:(\^?)([a-z]+):\]/y;
  named.lastIndex = r.at;
  const match = named.exec(r.text);
  const base = match === null ? undefined : POSIX.get(match[2]!);
  if (match === null || base === undefined) throw UNKNOWN;
  r.at = named.lastIndex;
  const set = folded(r, base);
  return match[1] === '^' ? negate(set) : set;
}

function readClassChar(r: Reader): number {
  if (r.text[r.at] === '\\') return readEscapedChar(r);
  const point = r.text.codePointAt(r.at);
  if (point === undefined || isSurrogate(point)) throw UNKNOWN;
  r.at += point > 0xffff ? 2 : 1;
  return point;
}

function single(r: Reader, point: number): Pattern {
  if (isSurrogate(point)) throw UNKNOWN;
  return { kind: 'set', set: folded(r, [point, point]) };
}

function folded(r: Reader, set: CharSet): CharSet {
  if (!r.fold) return set;
  const result = foldAscii(set);
  if (result === undefined) throw UNKNOWN;
  return result;
}

function isSurrogate(point: number): boolean {
  return point >= 0xd800 && point <= 0xdfff;
}
