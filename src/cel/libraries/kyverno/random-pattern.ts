/**
 * Patterns of `random`: Go's regexp/syntax without any flag, as goregen parses them. So `\d`, `(?:x)` and the like are
 * errors, `a**` is none, and messages are Go's.
 */
import { CelError } from '../../errors.ts';
import { type CharSet, negate, POSIX, union } from '../../regex/charset.ts';

export type RandomPattern =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'set'; readonly set: CharSet }
  | { readonly kind: 'concat'; readonly parts: readonly RandomPattern[] }
  | { readonly kind: 'alternate'; readonly choices: readonly RandomPattern[] }
  | RandomRepeat;

interface RandomRepeat {
  readonly kind: 'repeat';
  readonly body: RandomPattern;
  readonly min: number;
  /** Undefined when unbounded. */
  readonly max: number | undefined;
}

const NOTHING: RandomPattern = { kind: 'nothing' };
const NEWLINE: CharSet = [0x0a, 0x0a];

/** Go's limit, of one repetition and of those in each other multiplied. */
const MAX_REPEAT = 1000;
const MAX_DEPTH = 1000;

interface Reader {
  readonly text: string;
  at: number;
  depth: number;
}

export function readRandomPattern(text: string): RandomPattern {
  const reader: Reader = { text, at: 0, depth: 0 };
  const pattern = readAlternation(reader);
  if (reader.at < text.length) fail('unexpected )', text);
  return pattern;
}

function fail(what: string, part: string): never {
  throw new CelError('invalid-argument', `error parsing regexp: ${what}: \`${part}\``);
}

function readAlternation(r: Reader): RandomPattern {
  if (++r.depth > MAX_DEPTH) fail('expression nests too deeply', r.text);
  const choices = [readConcatenation(r)];
  while (r.text[r.at] === '|') {
    r.at++;
    choices.push(readConcatenation(r));
  }
  r.depth--;
  return choices.length === 1 ? choices[0]! : { kind: 'alternate', choices };
}

function readConcatenation(r: Reader): RandomPattern {
  const parts: RandomPattern[] = [];
  while (r.at < r.text.length) {
    const char = r.text[r.at]!;
    if (char === '|' || char === ')') break;
    const repetition = /[*+?]|\{(0|[1-9]\d*)(,(0|[1-9]\d*)?)?\}/y;
    repetition.lastIndex = r.at;
    const match = repetition.exec(r.text);
    if (match === null) {
      parts.push(readAtom(r));
    } else {
      r.at = repetition.lastIndex;
      const body = parts.pop();
      if (body === undefined) fail('missing argument to repetition operator', match[0]);
      parts.push(repeat(body, match));
    }
  }
  return parts.length === 1 ? parts[0]! : { kind: 'concat', parts };
}

function repeat(body: RandomPattern, match: RegExpExecArray): RandomRepeat {
  const [operator, least, more, most] = match;
  const bounds: Readonly<Record<string, readonly [number, number | undefined]>> = {
    '*': [0, undefined],
    '+': [1, undefined],
    '?': [0, 1],
  };
  const min = Number(least);
  const counted = [min, more === undefined ? min : most === undefined ? undefined : Number(most)] as const;
  const [from, to] = bounds[operator] ?? counted;
  const made: RandomRepeat = { kind: 'repeat', body, min: from, max: to };
  const invalid = from > MAX_REPEAT || (to !== undefined && (to > MAX_REPEAT || from > to));
  if (invalid || (operator.startsWith('{') && !isRepeatable(made, MAX_REPEAT))) {
    fail('invalid repeat count', operator);
  }
  return made;
}

/** `*`, `+` and `?` do not count. */
function isRepeatable(pattern: RandomPattern, left: number): boolean {
  switch (pattern.kind) {
    case 'concat':
      return pattern.parts.every((part) => isRepeatable(part, left));
    case 'alternate':
      return pattern.choices.every((choice) => isRepeatable(choice, left));
    case 'repeat': {
      const { min, max = min, body } = pattern;
      if (pattern.max === 0) return true;
      return max <= left && isRepeatable(body, Math.floor(left / Math.max(1, max)));
    }
    default:
      return true;
  }
}

function readAtom(r: Reader): RandomPattern {
  switch (r.text[r.at]) {
    case '(': {
      r.at++;
      const inner = readAlternation(r);
      if (r.text[r.at] !== ')') fail('missing closing )', r.text);
      r.at++;
      return inner;
    }
    case '[':
      return { kind: 'set', set: readClass(r) };
    case '.':
      r.at++;
      return { kind: 'set', set: negate(NEWLINE) };
    case '^':
    case '$':
      r.at++;
      return NOTHING;
    case '\\':
      return single(readEscape(r));
    default:
      return single(readPoint(r));
  }
}

const single = (point: number): RandomPattern => ({ kind: 'set', set: [point, point] });

function readPoint(r: Reader): number {
  const point = r.text.codePointAt(r.at)!;
  r.at += point > 0xffff ? 2 : 1;
  return point;
}

const LETTERS: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

function readEscape(r: Reader): number {
  const start = r.at;
  r.at++;
  if (r.at === r.text.length) fail('trailing backslash at end of expression', '');
  const coded = /([1-7][0-7]{1,2}|0[0-7]{0,2})|x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))/y;
  coded.lastIndex = r.at;
  const match = coded.exec(r.text);
  const octal = match?.[1];
  const hex = match?.[2] ?? match?.[3];
  const numeric = octal === undefined ? Number.parseInt(hex ?? '', 16) : Number.parseInt(octal, 8);
  if (match !== null && numeric <= 0x10ffff) {
    r.at = coded.lastIndex;
    return numeric;
  }
  const point = readPoint(r);
  const char = String.fromCodePoint(point);
  if (char === 'x') fail('invalid escape sequence', badHex(r.text, start));
  const letter = LETTERS[char];
  if (letter !== undefined) return letter;
  if (point > 0x7f || /[0-9A-Za-z]/.test(char)) fail('invalid escape sequence', r.text.slice(start, r.at));
  return point;
}

/** As much as Go reads before it gives up. */
function badHex(text: string, start: number): string {
  const braced = /\\x\{[0-9A-Fa-f]*/y;
  braced.lastIndex = start;
  const digits = braced.exec(text)?.[0];
  if (digits === undefined) return Array.from(text.slice(start)).slice(0, 4).join('');
  for (let size = 1; size <= digits.length - 3; size++) {
    const tooLarge = Number.parseInt(digits.slice(3, 3 + size), 16) > 0x10ffff;
    if (tooLarge) return digits.slice(0, 3 + size);
  }
  return (
    digits +
    Array.from(text.slice(start + digits.length))
      .slice(0, 1)
      .join('')
  );
}

function readClass(r: Reader): CharSet {
  const start = r.at;
  r.at++;
  const negated = r.text[r.at] === '^';
  if (negated) r.at++;
  const sets: CharSet[] = negated ? [NEWLINE] : [];
  for (let first = true; r.text[r.at] !== ']' || first; first = false) {
    if (r.text[r.at] === '-' && !first && r.text[r.at + 1] !== ']') {
      fail('invalid character class range', r.text.slice(r.at, r.at + 2));
    }
    sets.push(readNamedClass(r) ?? readRange(r, start));
  }
  r.at++;
  const set = union(...sets);
  return negated ? negate(set) : set;
}

/** `[:alpha:]`, `[:^alpha:]`. */
function readNamedClass(r: Reader): CharSet | undefined {
  const name = /\[:(.*?):\]/y;
  name.lastIndex = r.at;
  const match = name.exec(r.text);
  if (match === null) return undefined;
  const negated = match[1]!.startsWith('^');
  const set = POSIX.get(negated ? match[1]!.slice(1) : match[1]!);
  if (set === undefined) return fail('invalid character class range', match[0]);
  r.at = name.lastIndex;
  return negated ? negate(set) : set;
}

function readRange(r: Reader, classStart: number): CharSet {
  const start = r.at;
  const low = readClassChar(r, classStart);
  const after = r.text[r.at + 1];
  if (r.text[r.at] !== '-' || after === undefined || after === ']') return [low, low];
  r.at++;
  const high = readClassChar(r, classStart);
  if (high < low) fail('invalid character class range', r.text.slice(start, r.at));
  return [low, high];
}

function readClassChar(r: Reader, classStart: number): number {
  if (r.at >= r.text.length) return fail('missing closing ]', r.text.slice(classStart));
  return r.text[r.at] === '\\' ? readEscape(r) : readPoint(r);
}
