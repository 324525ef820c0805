/**
 * Runtime values of CEL as JavaScript values, chosen so that parsed JSON needs no conversion:
 *
 * | CEL | JavaScript |
 * |---|---|
 * | null, bool, string | `null`, `boolean`, `string` (UTF-16; sizes and order count code points) |
 * | int | `number` when it is a safe integer, otherwise `bigint`: never a safe integer as bigint, never a fraction as number |
 * | double | a boxed `Number` object, also in parsed JSON (`1.0` is `Object(1)`), so that 1 and 1.0 stay apart and `typeof v === 'number'` means int |
 * | uint | {@link Uint} |
 * | bytes | `Uint8Array` |
 * | list | array |
 * | map | plain object of own enumerable string keys (parsed JSON), or {@link CelMap} when built by an expression |
 * | everything else | an instance of a class that implements {@link Opaque} |
 *
 * Fields of the classes start with `$` so that a CEL field name (`[A-Za-z0-9_.\-/ ]`) read straight off a value as a
 * JavaScript property can never meet one.
 */
import type { Type } from './types.ts';

/** A double: always boxed. Make one with {@link double}. */
export type Double = { valueOf(): number };

/** uint64, 0 … 2^64-1. */
export class Uint {
  readonly $value: bigint;
  constructor(value: bigint) {
    this.$value = value;
  }
}

/** A value of a type that CEL's core does not know (quantity, URL, IP, duration, optional, type, …). */
export interface Opaque {
  readonly $type: Type;
  /** Equality with a value of the same type. */
  $equals(other: Value): boolean;
}

/** A map built by an expression: keys of any key type, insertion order kept. */
export class CelMap {
  /** Canonical key (see `mapKey` in the runtime) → [key, value]. */
  readonly $entries: Map<string | number | bigint | boolean, readonly [Value, Value]>;
  constructor(entries: Map<string | number | bigint | boolean, readonly [Value, Value]>) {
    this.$entries = entries;
  }
}

export interface JsonObject {
  readonly [key: string]: Value;
}

export type Value =
  | null
  | boolean
  | string
  | number
  | bigint
  | Double
  | Uint
  | Uint8Array
  | readonly Value[]
  | JsonObject
  | CelMap
  | Opaque;

/** Boxes a double. */
export function double(value: number): Double {
  return Object(value) as Double;
}

/** The runtime form of an int64: a number when it is safe, otherwise a bigint. */
export function int(value: bigint): number | bigint {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}
