/** Comparing elements of lists, where upstream takes an error for an answer. */
import { compare, compareStrings } from '../compare.ts';
import { equals } from '../equality.ts';
import { CelError } from '../errors.ts';
import type { Value } from '../values.ts';

/** Negative, zero or positive; undefined for values without a common order. */
export function order(a: Value, b: Value): number | undefined {
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b);
  try {
    return compare(a, b, '_<_');
  } catch (error) {
    if (error instanceof CelError) return undefined;
    throw error;
  }
}

/** Equality that is false where `==` is an error (a quantity against a string). */
export function isSame(a: Value, b: Value): boolean {
  try {
    return equals(a, b);
  } catch (error) {
    if (error instanceof CelError) return false;
    throw error;
  }
}
