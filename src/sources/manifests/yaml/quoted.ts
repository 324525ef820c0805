/** Scalars in single and double quotes. */
import {
  APOSTROPHE,
  afterBreak,
  BACKSLASH,
  breakText,
  isBlank,
  isBlankEnd,
  isBreak,
  isDocumentIndicator,
} from './chars.ts';
import { fold } from './plain.ts';
import { fail, type Scanner } from './state.ts';
import { push, STYLE, scalarAux, TOKEN } from './tokens.ts';

export function scanQuoted(s: Scanner, quote: number): boolean {
  const start = s.at;
  const style = quote === APOSTROPHE ? STYLE.SINGLE : STYLE.DOUBLE;
  const end = simpleEnd(s.text, start + 1, quote);
  if (end !== -1) {
    s.at = end + 1;
    push(s.tokens, TOKEN.SCALAR, start, s.at, style);
    return true;
  }
  s.at++;
  const value = readQuoted(s, start, quote);
  push(s.tokens, TOKEN.SCALAR, start, s.at, scalarAux(s.tokens, style, value));
  return true;
}

/** Offset of the closing quote if all before it stands on one line and for itself, otherwise -1. */
function simpleEnd(text: string, from: number, quote: number): number {
  for (let at = from; ; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) return quote === APOSTROPHE && text.charCodeAt(at + 1) === quote ? -1 : at;
    if (code === BACKSLASH ? quote !== APOSTROPHE : code === 0 || isBreak(code)) return -1;
  }
}

function readQuoted(s: Scanner, start: number, quote: number): string {
  const { text } = s;
  let value = '';
  for (;;) {
    if (s.at === s.lineStart && isDocumentIndicator(text, s.at))
      throw fail(s, 'the document ends within a quoted text');
    if (text.charCodeAt(s.at) === 0) {
      s.at = start;
      throw fail(s, 'the quoted text does not end');
    }
    let afterLineBreak = false;
    let from = s.at;
    for (let code = text.charCodeAt(s.at); !isBlankEnd(code); code = text.charCodeAt(s.at)) {
      if (code === quote) {
        if (quote !== APOSTROPHE || text.charCodeAt(s.at + 1) !== quote) break;
        value += text.slice(from, s.at + 1);
        s.at += 2;
        from = s.at;
      } else if (code === BACKSLASH && quote !== APOSTROPHE) {
        value += text.slice(from, s.at);
        if (isBreak(text.charCodeAt(s.at + 1))) {
          s.at = afterBreak(text, s.at + 1);
          s.lineStart = from = s.at;
          afterLineBreak = true;
          break;
        }
        value += readEscape(s);
        from = s.at;
      } else s.at++;
    }
    value += text.slice(from, s.at);
    if (text.charCodeAt(s.at) === quote) {
      s.at++;
      return value;
    }
    value += readWhite(s, afterLineBreak);
  }
}

/** Blanks and line breaks between two words. `escaped`: the line before ended with a backslash. */
function readWhite(s: Scanner, escaped: boolean): string {
  const { text } = s;
  const from = s.at;
  let firstBreak = '';
  let furtherBreaks = '';
  let afterLineBreak = escaped;
  for (let code = text.charCodeAt(s.at); isBlank(code) || isBreak(code); code = text.charCodeAt(s.at)) {
    if (isBlank(code)) {
      s.at++;
      continue;
    }
    if (afterLineBreak) furtherBreaks += breakText(text, s.at);
    else firstBreak = breakText(text, s.at);
    afterLineBreak = true;
    s.at = afterBreak(text, s.at);
    s.lineStart = s.at;
  }
  if (!afterLineBreak) return text.slice(from, s.at);
  return firstBreak === '' ? furtherBreaks : fold(firstBreak, furtherBreaks);
}

/** No `\/`: that came with YAML 1.2. */
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['0', '\0'],
  ['a', '\x07'],
  ['b', '\b'],
  ['t', '\t'],
  ['\t', '\t'],
  ['n', '\n'],
  ['v', '\v'],
  ['f', '\f'],
  ['r', '\r'],
  ['e', '\x1b'],
  [' ', ' '],
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
  ['N', '\x85'],
  ['_', '\xa0'],
  ['L', '\u2028'],
  ['P', '\u2029'],
]);

const DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

function readEscape(s: Scanner): string {
  const kind = s.text[s.at + 1]!;
  const simple = ESCAPES.get(kind);
  if (simple !== undefined) {
    s.at += 2;
    return simple;
  }
  if (kind === '/' && s.isJson) {
    s.at += 2;
    return kind;
  }
  const length = DIGITS[kind];
  if (length === undefined) throw fail(s, `YAML 1.1 knows no escape \\${kind}`);
  const digits = s.text.slice(s.at + 2, s.at + 2 + length);
  if (digits.length !== length || !/^[0-9a-fA-F]+$/.test(digits))
    throw fail(s, `\\${kind} needs ${length} hex digits`);
  const code = Number.parseInt(digits, 16);
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
    throw fail(s, 'the escape names no Unicode character');
  s.at += 2 + length;
  return String.fromCodePoint(code);
}
