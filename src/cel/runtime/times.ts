/**
 * Arithmetic and order of durations and timestamps. Their classes (stdlib/time.ts) bring the operations along as
 * methods, so that this room's core needs to know neither.
 */
import type { Opaque, Value } from '../values.ts';

interface Time extends Opaque {
  /** This + other; undefined when there is no such overload. */
  $add?(other: Value): Value | undefined;
  /** This - other; undefined when there is no such overload. */
  $subtract?(other: Value): Value | undefined;
  $negate?(): Value;
  /** Order against a value of the same type: negative, zero or positive; undefined for another type. */
  $compare?(other: Value): number | undefined;
}

function asTime(value: Value): Partial<Time> | undefined {
  return typeof value === 'object' && value !== null ? (value as Partial<Time>) : undefined;
}

export function addTimes(a: Value, b: Value): Value | undefined {
  return asTime(a)?.$add?.(b);
}

export function subtractTimes(a: Value, b: Value): Value | undefined {
  return asTime(a)?.$subtract?.(b);
}

export function negateTime(a: Value): Value | undefined {
  return asTime(a)?.$negate?.();
}

export function compareTimes(a: Value, b: Value): number | undefined {
  return asTime(a)?.$compare?.(b);
}
