/**
 * Text → tokens, by the lexical rules of cel-go's grammar (parser/gen/CEL.g4): the longest match wins.
 *
 * Tokens are made on demand, so that a text that stops making sense early is not read to its end.
 */
import { isSurrogatePair } from './source.ts';

const PUNCTUATION = [
  '==',
  '!=',
  '<=',
  '>=',
  '&&',
  '||',
  '<',
  '>',
  '[',
  ']',
  '{',
  '}',
  '(',
  ')',
  '.',
  ',',
  '-',
  '!',
  '?',
  ':',
  '+',
  '*',
  '/',
  '%',
] as const;
const KEYWORDS = ['in', 'true', 'false', 'null'] as const;

export type TokenKind =
  | (typeof PUNCTUATION)[number]
  | (typeof KEYWORDS)[number]
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'identifier'
  | 'escaped-identifier'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As written; empty for `end`. */
  readonly text: string;
  /** Code points from 0. */
  readonly offset: number;
}

export interface Lexer {
  readonly text: string;
  /** Where the next token is looked for, in UTF-16 units. */
  index: number;
  /** The same place in code points is `index - pairs`. */
  pairs: number;
  /** Called for characters that begin no token; they are skipped if it returns. */
  readonly onUnrecognized: (offset: number, text: string) => void;
}

export function createLexer(text: string, onUnrecognized: Lexer['onUnrecognized']): Lexer {
  return { text, index: 0, pairs: 0, onUnrecognized };
}

export function nextToken(lexer: Lexer): Token {
  for (;;) {
    moveTo(lexer, endOfSpace(lexer.text, lexer.index));
    const start = lexer.index;
    const offset = start - lexer.pairs;
    if (start === lexer.text.length) return { kind: 'end', text: '', offset };

    const found = scan(lexer.text, start);
    if (found.kind !== 'unrecognized') {
      moveTo(lexer, found.end);
      return { kind: found.kind, text: lexer.text.slice(start, found.end), offset };
    }
    const end = Math.min(lexer.text.length, found.end + (isSurrogatePair(lexer.text, found.end) ? 2 : 1));
    moveTo(lexer, end);
    lexer.onUnrecognized(offset, lexer.text.slice(start, end));
  }
}

/** A token's kind and end; for `unrecognized`, `end` is the first character that no token allows there. */
interface Scanned {
  readonly kind: TokenKind | 'unrecognized';
  readonly end: number;
}

function scan(text: string, at: number): Scanned {
  const char = text[at]!;
  if (isDigit(char) || (char === '.' && isDigit(text[at + 1]))) return scanNumber(text, at);
  if (char === '"' || char === "'") return scanQuoted(text, at, false, 'string');
  if (isWordStart(char)) return scanPrefixedString(text, at) ?? scanWord(text, at);
  if (char === '`') return scanEscapedIdentifier(text, at);
  return scanPunctuation(text, at);
}

const TWO_CHARACTERS = new Set<string>(PUNCTUATION.filter((p) => p.length === 2));
const ONE_CHARACTER = new Set<string>(PUNCTUATION.filter((p) => p.length === 1));
const KEYWORD_SET = new Set<string>(KEYWORDS);

function scanPunctuation(text: string, at: number): Scanned {
  const two = text.slice(at, at + 2);
  if (TWO_CHARACTERS.has(two)) return { kind: two as TokenKind, end: at + 2 };
  const one = text[at]!;
  if (ONE_CHARACTER.has(one)) return { kind: one as TokenKind, end: at + 1 };
  // `=`, `&` and `|` begin a token, so what follows is the character that fails.
  return { kind: 'unrecognized', end: one === '=' || one === '&' || one === '|' ? at + 1 : at };
}

const NUMBER = /0x[0-9a-fA-F]+[uU]?|(?:\d+\.\d+|\.\d+)(?:[eE][+-]?\d+)?|\d+(?:[eE][+-]?\d+|[uU])?/y;

function scanNumber(text: string, at: number): Scanned {
  NUMBER.lastIndex = at;
  const written = NUMBER.exec(text)![0];
  const end = at + written.length;
  if (/[uU]$/.test(written)) return { kind: 'uint', end };
  return { kind: written.startsWith('0x') || /^\d+$/.test(written) ? 'int' : 'double', end };
}

const WORD = /\w+/y;

function scanWord(text: string, at: number): Scanned {
  WORD.lastIndex = at;
  const word = WORD.exec(text)![0];
  return { kind: KEYWORD_SET.has(word) ? (word as TokenKind) : 'identifier', end: at + word.length };
}

const ESCAPED = /`[\w.\-/ ]+/y;

function scanEscapedIdentifier(text: string, at: number): Scanned {
  ESCAPED.lastIndex = at;
  const end = ESCAPED.test(text) ? ESCAPED.lastIndex : at + 1;
  return end > at + 1 && text[end] === '`'
    ? { kind: 'escaped-identifier', end: end + 1 }
    : { kind: 'unrecognized', end };
}

const STRING_PREFIX = /([bB]?)([rR]?)(?=["'])/y;

/** `r'…'`, `b'…'`, `br'…'`; undefined when it is no closed string, and the letters are a name. */
function scanPrefixedString(text: string, at: number): Scanned | undefined {
  STRING_PREFIX.lastIndex = at;
  const prefix = STRING_PREFIX.exec(text);
  if (!prefix) return undefined;
  const scanned = scanQuoted(text, at + prefix[0].length, prefix[2] !== '', prefix[1] ? 'bytes' : 'string');
  return scanned.kind === 'unrecognized' ? undefined : scanned;
}

/** A string from its opening quote on. Three quotes that are never closed are an empty string and a quote. */
function scanQuoted(text: string, at: number, raw: boolean, kind: 'string' | 'bytes'): Scanned {
  const quote = text[at]!;
  if (text.startsWith(quote.repeat(3), at)) {
    const end = endOfTriple(text, at + 3, quote.repeat(3), raw);
    return { kind, end: end ?? at + 2 };
  }
  for (let i = at + 1; i < text.length; ) {
    const char = text[i]!;
    if (char === quote) return { kind, end: i + 1 };
    if (char === '\n' || char === '\r') return { kind: 'unrecognized', end: i };
    if (char === '\\' && !raw) {
      const length = escapeLength(text, i);
      if (length === 0) return { kind: 'unrecognized', end: i + 1 };
      i += length;
    } else i++;
  }
  return { kind: 'unrecognized', end: text.length };
}

function endOfTriple(text: string, from: number, quotes: string, raw: boolean): number | undefined {
  if (raw) {
    const close = text.indexOf(quotes, from);
    return close === -1 ? undefined : close + 3;
  }
  for (let i = from; i < text.length; ) {
    if (text.startsWith(quotes, i)) return i + 3;
    const length = text[i] === '\\' ? escapeLength(text, i) : 1;
    if (length === 0) return undefined;
    i += length;
  }
  return undefined;
}

const ESCAPE = /\\(?:[abfnrtv"'\\?`]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2})/y;

/** Length of the escape sequence at `at`, 0 when there is none. */
function escapeLength(text: string, at: number): number {
  ESCAPE.lastIndex = at;
  return ESCAPE.test(text) ? ESCAPE.lastIndex - at : 0;
}

const SPACE = /(?:[\t\n\f\r ]+|\/\/[^\n]*)*/y;

function endOfSpace(text: string, at: number): number {
  SPACE.lastIndex = at;
  SPACE.test(text);
  return SPACE.lastIndex;
}

function moveTo(lexer: Lexer, index: number): void {
  for (let i = lexer.index; i < index; i++) {
    if (isSurrogatePair(lexer.text, i)) lexer.pairs++;
  }
  lexer.index = index;
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '9';
}

function isWordStart(char: string): boolean {
  return (char >= 'a' && char <= 'z') || (char >= 'A' && char <= 'Z') || char === '_';
}
