/**
 * JSON as Go's decoder reads a stream of it, with what JSON.parse hides made visible: keys given twice are refused,
 * numbers keep the distinction between int64 and float64, and a fault has its place.
 */
import type { MutableMap } from './construct.ts';
import { ConstructError } from './fault.ts';
import { jsonNumber } from './numbers.ts';

interface State {
  readonly text: string;
  readonly end: number;
  readonly maximumDepth: number;
  at: number;
  depth: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Reads the value that begins at or after `start`. Throws {@link ConstructError}; offsets are of `text`. */
export function readJson(
  text: string,
  start: number,
  maximumDepth: number,
  end = text.length,
): { value: unknown; start: number; end: number } {
  const state: State = { text, end, maximumDepth, at: start, depth: 0 };
  space(state);
  const from = state.at;
  return { value: readValue(state), start: from, end: state.at };
}

/** The first offset from `start` on that holds no white space. */
export function skipJsonSpace(text: string, start: number): number {
  const state: State = { text, end: text.length, maximumDepth: 0, at: start, depth: 0 };
  space(state);
  return state.at;
}

function readValue(state: State): unknown {
  switch (state.text.charCodeAt(state.at)) {
    case 0x7b:
      return readObject(state);
    case 0x5b:
      return readArray(state);
    case QUOTE:
      return readString(state);
    case 0x74:
      return literal(state, 'true', true);
    case 0x66:
      return literal(state, 'false', false);
    case 0x6e:
      return literal(state, 'null', null);
    default:
      return readNumber(state);
  }
}

function readObject(state: State): MutableMap {
  descend(state);
  const target: MutableMap = {};
  state.at++;
  space(state);
  if (take(state, 0x7d)) return leave(state, target);
  for (;;) {
    const keyAt = state.at;
    if (state.text.charCodeAt(keyAt) !== QUOTE) throw syntax(state, 'a key in quotes is expected');
    const key = readString(state);
    space(state);
    if (!take(state, 0x3a)) throw syntax(state, 'a colon is expected');
    space(state);
    const value = readValue(state);
    if (target[key] === undefined && key !== '__proto__') target[key] = value;
    else define(target, key, value, keyAt);
    space(state);
    if (take(state, 0x7d)) return leave(state, target);
    if (!take(state, 0x2c)) throw syntax(state, 'a comma or } is expected');
    space(state);
  }
}

function readArray(state: State): unknown[] {
  descend(state);
  const items: unknown[] = [];
  state.at++;
  space(state);
  if (take(state, 0x5d)) return leave(state, items);
  for (;;) {
    items.push(readValue(state));
    space(state);
    if (take(state, 0x5d)) return leave(state, items);
    if (!take(state, 0x2c)) throw syntax(state, 'a comma or ] is expected');
    space(state);
  }
}

function readString(state: State): string {
  const { text, end } = state;
  const start = ++state.at;
  let escaped = false;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      state.at = at + 1;
      return escaped ? decodeEscapes(text, start, at) : text.slice(start, at);
    }
    if (code < 0x20) {
      state.at = at;
      throw syntax(state, 'a control character stands in a string');
    }
    if (code === BACKSLASH) {
      escaped = true;
      at++;
    }
  }
  state.at = start - 1;
  throw syntax(state, 'the string does not end');
}

/** JSON.parse knows the escapes; Go turns half a surrogate pair into U+FFFD. */
function decodeEscapes(text: string, start: number, end: number): string {
  try {
    return (JSON.parse(text.slice(start - 1, end + 1)) as string).toWellFormed();
  } catch {
    throw new ConstructError('syntax', 'the string holds an escape that JSON does not know', start - 1);
  }
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y;

function readNumber(state: State): unknown {
  NUMBER.lastIndex = state.at;
  const match = NUMBER.exec(state.text);
  if (match === null || state.at >= state.end) {
    throw syntax(state, state.at >= state.end ? 'the text ends within a value' : 'a value is expected');
  }
  const value = jsonNumber(match[0]);
  if (value === undefined) {
    throw new ConstructError('value', `the number ${match[0].slice(0, 40)} is beyond float64`, state.at);
  }
  state.at += match[0].length;
  return value;
}

function literal<T>(state: State, word: string, value: T): T {
  if (!state.text.startsWith(word, state.at)) throw syntax(state, 'a value is expected');
  state.at += word.length;
  return value;
}

function define(target: MutableMap, key: string, value: unknown, keyAt: number): void {
  if (Object.hasOwn(target, key)) {
    throw new ConstructError('ambiguous', `the key ${JSON.stringify(key)} is given twice`, keyAt);
  }
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

function space(state: State): void {
  for (;;) {
    const code = state.text.charCodeAt(state.at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    state.at++;
  }
}

function take(state: State, code: number): boolean {
  if (state.text.charCodeAt(state.at) !== code) return false;
  state.at++;
  return true;
}

function descend(state: State): void {
  if (++state.depth > state.maximumDepth) {
    throw new ConstructError('too-large', `nested deeper than ${state.maximumDepth}`, state.at);
  }
}

function leave<T>(state: State, value: T): T {
  state.depth--;
  return value;
}

function syntax(state: State, message: string): ConstructError {
  return new ConstructError('syntax', message, Math.min(state.at, state.text.length));
}
