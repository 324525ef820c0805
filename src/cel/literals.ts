/** The values of literals from their text. Messages are cel-go's (parser/parser.go, parser/unescape.go). */
import type { Constant } from './ast.ts';
import type { Token } from './lexer.ts';

/** A literal that has the right form and no value; `message` says why. */
interface BadLiteral {
  readonly type: 'bad';
  readonly message: string;
}

const bad = (message: string): BadLiteral => ({ type: 'bad', message });

/** The value of a token with its sign (`-` or empty); undefined when it is no literal. */
export function literalValue({ kind, text }: Token, sign: string): Constant | BadLiteral | undefined {
  switch (kind) {
    case 'int':
      return intLiteral(text, sign);
    case 'uint':
      return uintLiteral(text);
    case 'double':
      return doubleLiteral(text, sign);
    case 'string':
      return stringLiteral(text);
    case 'bytes':
      return bytesLiteral(text);
    case 'true':
    case 'false':
      return { type: 'bool', value: kind === 'true' };
    case 'null':
      return { type: 'null' };
    default:
      return undefined;
  }
}

/** int64, decimal or `0x…`; `sign` is `-` or empty. */
function intLiteral(text: string, sign: string): Constant | BadLiteral {
  const value = sign ? -BigInt(text) : BigInt(text);
  return BigInt.asIntN(64, value) === value ? { type: 'int', value } : bad('invalid int literal');
}

/** uint64 with its `u`. */
function uintLiteral(text: string): Constant | BadLiteral {
  const value = BigInt(text.slice(0, -1));
  return BigInt.asUintN(64, value) === value ? { type: 'uint', value } : bad('invalid uint literal');
}

function doubleLiteral(text: string, sign: string): Constant | BadLiteral {
  const value = Number(sign + text);
  return Number.isFinite(value) ? { type: 'double', value } : bad('invalid double literal');
}

/** A string with its quotes and prefix. */
function stringLiteral(text: string): Constant | BadLiteral {
  const { raw, content } = unquote(text);
  if (raw || !content.includes('\\')) return { type: 'string', value: content };
  let valid = true;
  const value = content.replaceAll(ESCAPES, (sequence) => {
    const point = escapedCodePoint(sequence);
    if (point <= 0x10ffff && (point < 0xd800 || point > 0xdfff)) return String.fromCodePoint(point);
    valid = false;
    return '';
  });
  return valid ? { type: 'string', value } : bad('invalid unicode code point');
}

/** A bytes literal `b'…'`: characters as UTF-8, `\x` and octal escapes as single bytes. */
function bytesLiteral(text: string): Constant | BadLiteral {
  const { raw, content } = unquote(text.slice(1));
  const encoder = new TextEncoder();
  if (raw || !content.includes('\\')) return { type: 'bytes', value: encoder.encode(content) };
  const bytes: number[] = [];
  let from = 0;
  for (const match of content.matchAll(ESCAPES)) {
    const sequence = match[0];
    if (sequence[1] === 'u' || sequence[1] === 'U') return bad('unable to unescape string');
    for (const byte of encoder.encode(content.slice(from, match.index))) bytes.push(byte);
    bytes.push(escapedCodePoint(sequence));
    from = match.index + sequence.length;
  }
  for (const byte of encoder.encode(content.slice(from))) bytes.push(byte);
  return { type: 'bytes', value: Uint8Array.from(bytes) };
}

function unquote(text: string): { raw: boolean; content: string } {
  const raw = text[0] === 'r' || text[0] === 'R';
  const quoted = (raw ? text.slice(1) : text).replaceAll(/\r\n?/g, '\n');
  const width = quoted.length >= 6 && /^(?:'''|""")/.test(quoted) ? 3 : 1;
  return { raw, content: quoted.slice(width, -width) };
}

const ESCAPES = /\\(?:[xX]..|u.{4}|U.{8}|[0-3]..|.)/gs;

const SIMPLE_ESCAPES: Readonly<Record<string, number>> = {
  a: 0x07,
  b: 0x08,
  f: 0x0c,
  n: 0x0a,
  r: 0x0d,
  t: 0x09,
  v: 0x0b,
};

/** The lexer lets only well-formed escapes through. */
function escapedCodePoint(sequence: string): number {
  const letter = sequence[1]!;
  if (/[xXuU]/.test(letter)) return Number.parseInt(sequence.slice(2), 16);
  if (/[0-3]/.test(letter)) return Number.parseInt(sequence.slice(1), 8);
  return SIMPLE_ESCAPES[letter] ?? letter.charCodeAt(0);
}
