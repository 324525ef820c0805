/** Decimal numbers of any size: value · 10^exponent. */

export interface Decimal {
  readonly value: bigint;
  readonly exponent: number;
}

/** Texts longer than this are not written out: a hostile exponent would ask for gigabytes. */
const MAX_SHIFT = 20_000;

/** Thrown when writing a number out would take too much memory. */
export class DecimalRangeError extends Error {}

export function shift(value: bigint, places: number): bigint {
  if (value === 0n) return 0n;
  if (places > MAX_SHIFT) throw new DecimalRangeError('exponent out of range');
  return value * 10n ** BigInt(places);
}

/** Negative, zero or positive. Never writes out more than the longer of the two has digits. */
export function compareDecimals(a: Decimal, b: Decimal): -1 | 0 | 1 {
  if (a.exponent === b.exponent) return signOf(a.value - b.value);
  const signA = signOf(a.value);
  const signB = signOf(b.value);
  if (signA !== signB) return signA < signB ? -1 : 1;
  if (signA === 0) return 0;
  // Position of the leading digit.
  if (Math.abs(a.exponent - b.exponent) > 40) {
    const [topA, topB] = [digits(a.value) + a.exponent, digits(b.value) + b.exponent];
    if (topA !== topB) return topA > topB === signA > 0 ? 1 : -1;
    // Equal tops: the exponents differ by no more than the lengths do.
  }
  const low = Math.min(a.exponent, b.exponent);
  const x = a.value * 10n ** BigInt(a.exponent - low);
  const y = b.value * 10n ** BigInt(b.exponent - low);
  return x < y ? -1 : x > y ? 1 : 0;
}

export function signOf(value: bigint): -1 | 0 | 1 {
  return value < 0n ? -1 : value > 0n ? 1 : 0;
}

function digits(value: bigint): number {
  return (value < 0n ? -value : value).toString().length;
}

export function addDecimals(a: Decimal, b: Decimal): Decimal {
  const exponent = Math.min(a.exponent, b.exponent);
  return { value: shift(a.value, a.exponent - exponent) + shift(b.value, b.exponent - exponent), exponent };
}

/** To a multiple of 10^exponent, away from zero; `exact` when nothing was lost. */
export function roundUp(d: Decimal, exponent: number): { rounded: Decimal; exact: boolean } {
  if (d.exponent >= exponent) {
    return { rounded: { value: shift(d.value, d.exponent - exponent), exponent }, exact: true };
  }
  const surplus = exponent - d.exponent;
  const length = digits(d.value);
  // Below half of the smallest step: no need to write the divisor out.
  if (surplus > length) {
    return { rounded: { value: BigInt(signOf(d.value)), exponent }, exact: d.value === 0n };
  }
  const divisor = 10n ** BigInt(surplus);
  const quotient = d.value / divisor;
  const exact = quotient * divisor === d.value;
  return { rounded: { value: exact ? quotient : quotient + BigInt(signOf(d.value)), exponent }, exact };
}

/** Divides by the factor while there is no remainder. */
export function removeFactors(value: bigint, factor: bigint): { value: bigint; times: number } {
  let rest = value;
  let times = 0;
  while (rest !== 0n && rest % factor === 0n) {
    rest /= factor;
    times++;
  }
  return { value: rest, times };
}
