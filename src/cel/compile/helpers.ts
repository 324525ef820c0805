/** What generated code calls. */
import { equalCost, stringSize, TRAVERSAL_FACTOR } from '../cost.ts';
import { compareEqual } from '../equality.ts';
import { CelError } from '../errors.ts';
import { Optional } from '../optional.ts';
import { Fields, find } from '../runtime/select.ts';
import { CelMap, type Value } from '../values.ts';

/** Thrown by helpers to give an evaluation up: the exact engine takes over. */
export const BAIL = Object.freeze({ bail: true });

/** The value under a key, undefined when there is none; gives up where that is not the whole answer. */
export function pick(operand: Value, key: Value): Value | undefined {
  if (operand instanceof Optional) throw BAIL;
  const found = find(operand, key);
  if (found instanceof CelError) throw BAIL;
  return found;
}

/** As {@link pick}, after a direct read of a plain name gave undefined: parsed JSON then has no such field. */
export function pickField(operand: Value, name: string): Value | undefined {
  if (typeof operand !== 'object' || operand === null) return undefined;
  if (
    Array.isArray(operand) ||
    operand instanceof CelMap ||
    operand instanceof Optional ||
    operand instanceof Fields
  ) {
    return pick(operand, name);
  }
  return undefined;
}

/** As {@link pick} with a key known only at run time; parsed JSON first. */
export function pickIndex(operand: Value, key: Value): Value | undefined {
  if (typeof key === 'string' && typeof operand === 'object' && operand !== null) {
    const prototype = Object.getPrototypeOf(operand);
    if (prototype === Object.prototype || prototype === null) {
      return Object.hasOwn(operand, key) ? (operand as Record<string, Value>)[key] : undefined;
    }
  }
  if (typeof key === 'number' && Array.isArray(operand)) return key >= 0 ? operand[key] : undefined;
  return pick(operand, key);
}

/** `Math.ceil((more + code points) * 0.1)`, without counting code points where their number cannot matter. */
export function walkCost(text: string, more: number): number {
  const most = Math.ceil((more + text.length) * TRAVERSAL_FACTOR);
  if (most === Math.ceil((more + Math.ceil(text.length / 2)) * TRAVERSAL_FACTOR)) return most;
  return Math.ceil((more + stringSize(text)) * TRAVERSAL_FACTOR);
}

/** Equality; gives up where it is an error. */
export function equalOrBail(a: Value, b: Value): boolean {
  const equal = compareEqual(a, b);
  if (equal === undefined) throw BAIL;
  return equal;
}

/** Cost of `==` with a constant that is no object; gives up where the comparison is an error. */
export function equalCostOrBail(a: Value, b: Value): number {
  if (compareEqual(a, b) === undefined) throw BAIL;
  return equalCost(a, b);
}
