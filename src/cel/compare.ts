/** Order of CEL values: what `<`, `<=`, `>`, `>=` compare. */
import { noOverload } from './arithmetic.ts';
import { compareNumbers, isNumeric } from './equality.ts';
import { CelError } from './errors.ts';
import { expectTime } from './runtime/pace.ts';
import { compareTimes } from './runtime/times.ts';
import type { Value } from './values.ts';

const COMPARERS: ReadonlySet<string> = new Set([
  'bool',
  'bytes',
  'double',
  'int',
  'string',
  'uint',
  'google.protobuf.Duration',
  'google.protobuf.Timestamp',
]);

/**
 * Negative, zero or positive.
 *
 * @param operator named in the error: `_<_`, …
 * @throws CelError `no-such-overload` for values of types that have no common order, `invalid-argument` for NaN
 */
export function compare(a: Value, b: Value, operator: string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b);
  if (isNumeric(a) && isNumeric(b)) {
    const order = compareNumbers(a, b);
    if (Number.isNaN(order)) throw new CelError('invalid-argument', 'NaN values cannot be ordered');
    return order;
  }
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  if (a instanceof Number && Number.isNaN(a.valueOf())) {
    throw new CelError('invalid-argument', 'NaN values cannot be ordered');
  }
  return compareTimes(a, b) ?? noOverload(operator, a, COMPARERS);
}

/** Texts of fewer units are compared at once. */
const LONG = 1_024;
/** Nanoseconds a unit. */
const UNIT_TIME = 10;

/** Order by code points. UTF-16 order differs from it only where surrogates meet U+E000…U+FFFF. */
export function compareStrings(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  if (length > LONG) expectTime(length * UNIT_TIME);
  for (let i = 0; i < length; i++) {
    let x = a.charCodeAt(i);
    let y = b.charCodeAt(i);
    if (x === y) continue;
    if (x >= 0xd800 && y >= 0xd800) {
      x = surrogateLast(x);
      y = surrogateLast(y);
    }
    return x - y;
  }
  return a.length - b.length;
}

/** Moves surrogates (code points from U+10000 on) behind U+E000…U+FFFF. */
function surrogateLast(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}
