/**
 * resource.Quantity of Kubernetes (k8s.io/apimachinery pkg/api/resource): read, computed with, compared and written
 * as there. A quantity is kept either as an int64 with a decimal exponent or, where that overflows or would lose
 * something, as a decimal of any size; which of the two shows in `isInteger()`.
 */
import {
  addDecimals,
  compareDecimals,
  type Decimal,
  DecimalRangeError,
  removeFactors,
  roundUp,
  shift,
} from './decimal.ts';

/** How it is written: `12e6`, `12Mi`, `12M`. */
type QuantityFormat = 'DecimalExponent' | 'BinarySI' | 'DecimalSI';

export interface QuantityValue extends Decimal {
  /** Whether it left the int64 form. */
  readonly big: boolean;
  readonly format: QuantityFormat;
  /** As it was written, where that is the canonical form already. */
  readonly text?: string;
}

/** Refused; `message` is what Go says. */
export class QuantityError extends Error {}

const WRONG_FORMAT =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const WRONG_SUFFIX = "unable to parse quantity's suffix";
const WRONG_NUMBER = 'unable to parse numeric part of quantity';

const NANO = -9;
const MAX_INT64 = 2n ** 63n - 1n;

const isInt64 = (value: bigint): boolean => BigInt.asIntN(64, value) === value;
const toInt32 = (value: bigint | number): number => Number(BigInt.asIntN(32, BigInt(value)));

// ---- reading

interface Parts {
  readonly negative: boolean;
  /** The number as written, with its sign. */
  readonly number: string;
  readonly whole: string;
  readonly fraction: string;
  readonly suffix: string;
}

/** No two repetitions in a row share a character, so that a long text that fits badly is refused in linear time. */
const SHAPE =
  /^([+-]?)(0*)((?:[1-9][0-9]*)?)(?:(\.)([0-9]*))?((?:[eEinumkKMGTP]+(?:[-+][0-9]*|[0-9]*)|[-+][0-9]*)?)$/;

/** Lenient where Kubernetes is: `.`, `-` and `Mi` are zero. */
function split(text: string): Parts {
  const match = SHAPE.exec(text);
  if (match === null) throw new QuantityError(WRONG_FORMAT);
  const [, sign = '', zeros = '', digits = '', point = '', fraction = '', suffix = ''] = match;
  const number = sign + zeros + digits + point + fraction;
  // A text that ends in its leading zeros is zero, whatever its sign.
  if (digits === '' && point === '' && suffix === '') {
    return { negative: sign === '-', number: '0', whole: '0', fraction: '', suffix };
  }
  return { negative: sign === '-', number, whole: digits === '' ? '0' : digits, fraction, suffix };
}

interface Suffix {
  readonly base: 2 | 10;
  readonly exponent: number;
  readonly format: QuantityFormat;
}

const DECIMAL_SUFFIXES: ReadonlyMap<string, number> = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
]);
const BINARY_SUFFIXES: ReadonlyMap<string, number> = new Map([
  ['Ki', 10],
  ['Mi', 20],
  ['Gi', 30],
  ['Ti', 40],
  ['Pi', 50],
  ['Ei', 60],
]);

function readSuffix(suffix: string): Suffix {
  const decimal = DECIMAL_SUFFIXES.get(suffix);
  if (decimal !== undefined) return { base: 10, exponent: decimal, format: 'DecimalSI' };
  const binary = BINARY_SUFFIXES.get(suffix);
  if (binary !== undefined) return { base: 2, exponent: binary, format: 'BinarySI' };
  const power = /^[eE]([+-]?[0-9]+)$/.exec(suffix);
  if (power === null) throw new QuantityError(WRONG_SUFFIX);
  const exponent = BigInt(power[1]!.replace('+', ''));
  if (!isInt64(exponent)) throw new QuantityError(WRONG_SUFFIX);
  return { base: 10, exponent: toInt32(exponent), format: 'DecimalExponent' };
}

/** Longer numbers are refused as those are whose exponent is too large. */
const MAX_LENGTH = 20_000;

/** @throws QuantityError; DecimalRangeError for a number that would take too much memory */
export function parseQuantity(text: string): QuantityValue {
  if (text.length > MAX_LENGTH) throw new DecimalRangeError('number too long');
  if (text === '') throw new QuantityError(WRONG_FORMAT);
  if (text === '0') return { value: 0n, exponent: 0, big: false, format: 'DecimalSI', text };
  const parts = split(text);
  const suffix = readSuffix(parts.suffix);
  return smallQuantity(parts, suffix, text) ?? bigQuantity(parts, suffix);
}

/** The int64 form, if the digits surely fit. */
function smallQuantity(
  { negative, whole, fraction }: Parts,
  { base, exponent, format }: Suffix,
  text: string,
): QuantityValue | undefined {
  const digits = whole + fraction;
  const spare =
    base === 10
      ? 18 - digits.length
      : fraction === ''
        ? 15 - whole.length - Math.trunc((exponent * 3) / 10) - 1
        : -1;
  if (spare < 0) return undefined;
  const scale = toInt32((base === 10 ? exponent : 0) - fraction.length);
  if (scale < NANO) return undefined;
  const unsigned = BigInt(digits);
  const product = base === 10 ? unsigned : unsigned << BigInt(exponent);
  if (!isInt64(product)) return undefined;
  const value = negative ? -product : product;
  const canonical =
    format === 'BinarySI'
      ? exponent % 10 === 0 && (unsigned & 7n) !== 0n
      : scale % 3 === 0 && !digits.endsWith('000') && digits[0] !== '0';
  return { value, exponent: scale, big: false, format, ...(canonical && { text }) };
}

/** Any size; rounded away from zero to a whole number of nanos, capped for binary suffixes. */
function bigQuantity({ negative, number, whole, fraction }: Parts, suffix: Suffix): QuantityValue {
  if (!/[0-9]/.test(number)) throw new QuantityError(WRONG_NUMBER);
  const digits = BigInt(whole + fraction);
  const exact: Decimal =
    suffix.base === 10
      ? { value: digits, exponent: toInt32(suffix.exponent - fraction.length) }
      : { value: digits << BigInt(suffix.exponent), exponent: -fraction.length };
  let amount = exact.value === 0n ? exact : roundUp(exact, NANO).rounded;
  let format = suffix.format;
  if (format === 'BinarySI') {
    const max: Decimal = { value: MAX_INT64, exponent: 0 };
    if (compareDecimals(amount, max) > 0) amount = max;
    if (amount.value > 0n && compareDecimals(amount, { value: 1n, exponent: 0 }) < 0) format = 'DecimalSI';
  }
  return { value: negative ? -amount.value : amount.value, exponent: amount.exponent, big: true, format };
}

// ---- computing

/** An int64 as a quantity, written with an exponent. */
export function quantityOfInt(value: bigint): QuantityValue {
  return { value, exponent: 0, big: false, format: 'DecimalExponent' };
}

export function addQuantities(a: QuantityValue, b: QuantityValue): QuantityValue {
  const format = a.value === 0n ? b.format : a.format;
  const small = a.big || b.big ? undefined : addSmall(a, b);
  if (small !== undefined) return { ...small, big: false, format };
  return { ...addDecimals(a, b), big: true, format };
}

export function subtractQuantities(a: QuantityValue, b: QuantityValue): QuantityValue {
  const format = a.value === 0n ? b.format : a.format;
  // Upstream negates an int64, which leaves the smallest one as it is.
  const negated = { value: BigInt.asIntN(64, -b.value), exponent: b.exponent };
  const small = a.big || b.big ? undefined : addSmall(a, negated);
  if (small !== undefined) return { ...small, big: false, format };
  return { ...addDecimals(a, { value: -b.value, exponent: b.exponent }), big: true, format };
}

/** Undefined when int64 is left. */
function addSmall(a: Decimal, b: Decimal): Decimal | undefined {
  if (b.value === 0n) return { value: a.value, exponent: a.exponent };
  if (a.value === 0n) return { value: b.value, exponent: b.exponent };
  const exponent = Math.min(a.exponent, b.exponent);
  const x = scaleInt64(a.value, a.exponent - exponent);
  const y = scaleInt64(b.value, b.exponent - exponent);
  if (x === undefined || y === undefined || !isInt64(x + y)) return undefined;
  return { value: x + y, exponent };
}

function scaleInt64(value: bigint, places: number): bigint | undefined {
  if (value === 0n) return 0n;
  if (places > 19) return undefined;
  const scaled = value * 10n ** BigInt(places);
  return isInt64(scaled) ? scaled : undefined;
}

/** The int64 it is, undefined when it is none or not in int64 form. */
export function quantityAsInt({ value, exponent, big }: QuantityValue): bigint | undefined {
  if (big || exponent < 0) return undefined;
  return scaleInt64(value, exponent);
}

export function quantityAsDouble({ value, exponent }: QuantityValue): number {
  const base = Number(value);
  if (exponent === 0) return base;
  return base * powerOfTen(exponent);
}

/** Go's math.Pow10: the product (below one: the quotient) of two exact powers, so not always the nearest double. */
function powerOfTen(exponent: number): number {
  if (exponent > 308) return Number.POSITIVE_INFINITY;
  if (exponent < -323) return 0;
  const size = Math.abs(exponent);
  const [large, small] = [size - (size % 32), size % 32];
  return exponent >= 0
    ? Number(`1e${large}`) * Number(`1e${small}`)
    : Number(`1e-${large}`) / Number(`1e${small}`);
}

// ---- writing

/** The canonical text. */
export function formatQuantity(q: QuantityValue): string {
  if (q.text !== undefined) return q.text;
  if (q.value === 0n) return '0';
  if (q.format === 'BinarySI') {
    const binary = formatBinary(q);
    if (binary !== undefined) return binary;
  }
  return formatDecimal(q, q.format === 'DecimalExponent');
}

/** Undefined where it would lose precision, or is small enough for a plain number. */
function formatBinary(q: QuantityValue): string | undefined {
  const limit: Decimal = { value: 1024n, exponent: 0 };
  const size: Decimal = { value: q.value < 0n ? -q.value : q.value, exponent: q.exponent };
  if (compareDecimals(size, limit) < 0) return undefined;
  const { rounded, exact } = roundUp(q, 0);
  if (!exact) return undefined;
  const { value, times } = removeFactors(rounded.value, 1024n);
  const suffix = [...BINARY_SUFFIXES].find(([, exponent]) => exponent === times * 10)?.[0] ?? '';
  return `${value}${suffix}`;
}

function formatDecimal(q: Decimal, withExponent: boolean): string {
  const { value, times } = removeFactors(q.value, 10n);
  const total = q.exponent + times;
  // Exponents are multiples of three.
  const rest = ((total % 3) + 3) % 3;
  const exponent = total - rest;
  const number = shift(value, rest);
  if (withExponent) return exponent === 0 ? String(number) : `${number}e${exponent}`;
  // There is no suffix for 10^21 and beyond; upstream leaves it out, which makes the text another number.
  const suffix = [...DECIMAL_SUFFIXES].find(([, power]) => power === exponent)?.[0] ?? '';
  return `${number}${suffix}`;
}
