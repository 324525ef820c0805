/**
 * The value of a YAML scalar as go-yaml v2 resolves it under sigs.k8s.io/yaml (YAML 1.1 with Go's number syntax; no
 * sexagesimals, timestamps stay strings), then as it comes out of the API server's JSON decoder.
 */
import { floatKey, type JsonNumber, yamlFloat, yamlInteger } from './numbers.ts';

export type Scalar = null | boolean | string | JsonNumber;

/** A scalar that go-yaml or Go's JSON encoder refuses; the message ends a sentence that names the place. */
export class ScalarError extends Error {}

const PREFIX = 'tag:yaml.org,2002:';

/** What go-yaml makes of the text, before JSON. */
type Resolved =
  | { readonly kind: 'null' }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'timestamp' }
  | { readonly kind: 'str' };

const NULL: Resolved = { kind: 'null' };
const STRING: Resolved = { kind: 'str' };
const TIMESTAMP: Resolved = { kind: 'timestamp' };

const WORDS: ReadonlyMap<string, Resolved> = new Map([
  ...words({ kind: 'bool', value: true }, 'y Y yes Yes YES true True TRUE on On ON'),
  ...words({ kind: 'bool', value: false }, 'n N no No NO false False FALSE off Off OFF'),
  ...words(NULL, '~ null Null NULL'),
  ...words({ kind: 'float', value: Number.NaN }, '.nan .NaN .NAN'),
  ...words({ kind: 'float', value: Number.POSITIVE_INFINITY }, '.inf .Inf .INF +.inf +.Inf +.INF'),
  ...words({ kind: 'float', value: Number.NEGATIVE_INFINITY }, '-.inf -.Inf -.INF'),
]);

/** First characters of texts that may be something else than a string: 1 a word of the table, 2 a number. */
const FIRST = new Uint8Array(128);
for (const character of 'yYnNtTfFoO~') FIRST[character.charCodeAt(0)] = 1;
for (const character of '0123456789+-.') FIRST[character.charCodeAt(0)] = 2;

/** The value of a plain (unquoted, untagged) scalar. */
export function plainValue(text: string): Scalar {
  if (text.length === 0) return null;
  const first = FIRST[text.charCodeAt(0)];
  if (first === undefined || first === 0) return text;
  if (first === 1) {
    if (text.length > 5) return text;
    const word = WORDS.get(text);
    return word === undefined ? text : word.kind === 'bool' ? word.value : null;
  }
  return shortInteger(text) ?? (isQuantityLike(text) ? text : asValue(resolve(text), text));
}

/** The value of a scalar with an explicit tag, given in full (`tag:yaml.org,2002:int`) or local (`!x`). */
export function taggedValue(tag: string, text: string): Scalar {
  return tag === `${PREFIX}binary` ? binaryText(text) : asValue(resolveTagged(tag, text), text);
}

/** The text of a plain scalar that stands as a mapping key: the JSON keys that sigs.k8s.io/yaml writes. */
export function plainKey(text: string): string {
  const first = text.length === 0 ? 1 : FIRST[text.charCodeAt(0)];
  if (first === undefined || first === 0) return text;
  return keyOf(resolve(text), text);
}

/** The same for a key with an explicit tag. */
export function taggedKey(tag: string, text: string): string {
  return tag === `${PREFIX}binary` ? binaryText(text) : keyOf(resolveTagged(tag, text), text);
}

/** Decimal integers of up to 15 digits: almost every number in a manifest. Leading zeros are octal, so not here. */
function shortInteger(text: string): number | undefined {
  const length = text.length;
  if (length > 15) return undefined;
  const first = text.charCodeAt(0);
  if (first === 0x30) return length === 1 ? 0 : undefined;
  let value = 0;
  for (let index = 0; index < length; index++) {
    const digit = text.charCodeAt(index) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}

/** `128Mi`, `100m`, `30s`: begins with a digit and ends with a letter beyond `f`, so it is no number in any base. */
function isQuantityLike(text: string): boolean {
  const first = text.charCodeAt(0);
  return first >= 0x30 && first <= 0x39 && text.charCodeAt(text.length - 1) > 0x66;
}

function asValue(resolved: Resolved, text: string): Scalar {
  switch (resolved.kind) {
    case 'null':
      return null;
    case 'bool':
      return resolved.value;
    case 'int':
      return yamlInteger(resolved.value)!;
    case 'float':
      if (!Number.isFinite(resolved.value)) throw new ScalarError(`${text} has no form in JSON`);
      return yamlFloat(resolved.value);
    default:
      return text;
  }
}

function keyOf(resolved: Resolved, text: string): string {
  switch (resolved.kind) {
    case 'null':
      throw new ScalarError('a key is null; keys are strings');
    case 'bool':
      return String(resolved.value);
    case 'int':
      if (resolved.value > 9223372036854775807n) throw new ScalarError(`the key ${text} is beyond int64`);
      return resolved.value.toString();
    case 'float':
      return floatKey(resolved.value);
    default:
      return text;
  }
}

function resolveTagged(tag: string, text: string): Resolved {
  if (!tag.startsWith(PREFIX)) return STRING;
  const wanted = tag.slice(PREFIX.length);
  switch (wanted) {
    case 'str':
      return STRING;
    case 'bool':
    case 'int':
    case 'float':
    case 'null': {
      const resolved = text === '' ? NULL : resolve(text, false);
      if (resolved.kind === wanted) return resolved;
      if (wanted === 'float' && resolved.kind === 'int' && resolved.value <= 9223372036854775807n) {
        return { kind: 'float', value: Number(resolved.value) };
      }
      throw new ScalarError(`cannot read "${text}" as !!${wanted}`);
    }
    case 'timestamp':
      if (isTimestamp(text)) return TIMESTAMP;
      throw new ScalarError(`cannot read "${text}" as !!timestamp`);
    default:
      return STRING;
  }
}

/** go-yaml's `resolve` without a tag. `timestamps`: an explicit tag other than !!timestamp does not look for them. */
function resolve(text: string, timestamps = true): Resolved {
  const first = text.length === 0 ? 1 : (FIRST[text.charCodeAt(0)] ?? 0);
  if (first === 0) return STRING;
  const word = text.length === 0 ? NULL : WORDS.get(text);
  if (word !== undefined) return word;
  if (first === 1) return STRING;
  if (text.charCodeAt(0) === 0x2e) return goDottedFloat(text);
  if (timestamps && isTimestamp(text)) return TIMESTAMP;
  return goNumber(text.includes('_') ? text.replaceAll('_', '') : text);
}

function goNumber(plain: string): Resolved {
  const integer = goInteger(plain);
  if (integer !== undefined) return { kind: 'int', value: integer };
  const float = goFloat(plain);
  if (float !== STRING) return float;
  const late = plain.startsWith('0b') ? /^0b([-+])([01]+)$/.exec(plain) : null;
  if (late !== null) {
    // strconv.ParseInt("-1", 2, 64) after the prefix is cut off: go-yaml reads 0b-1 as -1.
    const value = BigInt(`0b${late[2]}`) * (late[1] === '-' ? -1n : 1n);
    if (value >= -(2n ** 63n) && value < 2n ** 63n) return { kind: 'int', value };
  }
  return STRING;
}

const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/;

/** strconv.ParseInt and then ParseUint with base 0; undefined outside int64 and uint64. */
function goInteger(text: string): bigint | undefined {
  const match = INTEGER.exec(text);
  if (match === null) return undefined;
  const [, sign, hex, binary, octal, decimal] = match;
  const digits = hex ?? binary ?? octal ?? decimal!;
  // Longer than any uint64 in its base: not worth a bigint of a megabyte.
  if (digits.length > 64 && !/^0*.{1,64}$/.test(digits)) return undefined;
  const prefix = hex !== undefined ? '0x' : binary !== undefined ? '0b' : octal !== undefined ? '0o' : '';
  const magnitude = BigInt(prefix + digits);
  if (sign === '-') return magnitude <= 9223372036854775808n ? -magnitude : undefined;
  // ParseUint takes no sign, so +18446744073709551615 goes on as a float.
  return magnitude <= (sign === '+' ? 9223372036854775807n : 18446744073709551615n) ? magnitude : undefined;
}

const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

function goFloat(text: string): Resolved {
  if (!FLOAT.test(text)) return STRING;
  return floatOf(text);
}

/** strconv.ParseFloat takes single underscores between digits; only a text that begins with a dot still has them. */
const DOTTED = /^\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?$/;

function goDottedFloat(text: string): Resolved {
  return DOTTED.test(text) ? floatOf(text.replaceAll('_', '')) : STRING;
}

function floatOf(text: string): Resolved {
  const value = Number(text);
  // strconv.ParseFloat reports overflow as an error, and go-yaml then leaves the text a string.
  return Number.isFinite(value) ? { kind: 'float', value } : STRING;
}

const DATE = /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})$/;
const TIME =
  /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[Tt]([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?(?:Z|[-+]([0-9]{2}):([0-9]{2}))| ([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?)$/;

/** The four layouts that go-yaml tries with time.Parse. */
function isTimestamp(text: string): boolean {
  if (text.charCodeAt(4) !== 0x2d) return false;
  const match = DATE.exec(text) ?? TIME.exec(text);
  if (match === null) return false;
  const number = (index: number): number => Number(match[index] ?? 0);
  const hour = number(4) + number(9);
  const minute = number(5) + number(10);
  const second = number(6) + number(11);
  return (
    isDay(number(1), number(2), number(3)) &&
    hour < 24 &&
    minute < 60 &&
    second < 60 &&
    number(7) <= 24 &&
    number(8) < 60
  );
}

function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
  return day <= days;
}

/** The bytes of a !!binary as Go writes them into JSON: what is not UTF-8 becomes U+FFFD, byte by byte. */
function binaryText(text: string): string {
  const input = text.replace(/[\r\n]/g, '');
  if (input.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(input)) {
    throw new ScalarError('the !!binary value is not base64');
  }
  return goUtf8(Buffer.from(input, 'base64'));
}

function goUtf8(bytes: Uint8Array): string {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let result = '';
  let index = 0;
  while (index < bytes.length) {
    const first = bytes[index]!;
    const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    try {
      result += strict.decode(bytes.subarray(index, index + length));
      index += length;
    } catch {
      result += '�';
      index += 1;
    }
  }
  return result;
}

function words(value: Resolved, list: string): [string, Resolved][] {
  return list.split(' ').map((word) => [word, value]);
}
