/** Values for the reference interpreter: small, slow and by the book, sharing no logic with the evaluator under test. */
import { CelError } from '../../../src/cel/errors.ts';
import type { Type } from '../../../src/cel/types.ts';
import { CelMap, type JsonObject, type Opaque, Uint, type Value } from '../../../src/cel/values.ts';

/** What evaluating a node gives. Errors are values, as in cel-go. */
export type Result = Value | CelError;

export function isError(result: unknown): result is CelError {
  return result instanceof CelError;
}

export type TypeTag =
  | 'null'
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'list'
  | 'map'
  | 'opaque';

export function tag(value: Value): TypeTag {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number' || typeof value === 'bigint') return 'int';
  if (typeof value === 'string') return 'string';
  if (value instanceof Number) return 'double';
  if (value instanceof Uint) return 'uint';
  if (value instanceof Uint8Array) return 'bytes';
  if (Array.isArray(value)) return 'list';
  if (value instanceof CelMap) return 'map';
  return '$type' in value && '$equals' in value ? 'opaque' : 'map';
}

/** Entries of any map, in the order they have. */
export function entriesOf(map: Value): [Value, Value][] {
  if (map instanceof CelMap) return [...map.$entries.values()].map(([key, value]) => [key, value]);
  return Object.entries(map as JsonObject);
}

/** The value at a key that is equal to the one given, if there is one. */
export function lookUp(map: Value, key: Value): { readonly value: Value } | undefined {
  for (const [candidate, value] of entriesOf(map)) {
    if (equal(candidate, key)) return { value };
  }
  return undefined;
}

export function asBigInt(value: Value): bigint {
  return value instanceof Uint ? value.$value : BigInt(value as number | bigint);
}

export function asDouble(value: Value): number {
  return value instanceof Number ? value.valueOf() : Number(asBigInt(value));
}

const NUMERIC: readonly TypeTag[] = ['int', 'uint', 'double'];

export function isNumeric(value: Value): boolean {
  return NUMERIC.includes(tag(value));
}

/**
 * -1, 0, 1, or NaN. Between an int and a double cel-go compares as doubles, after ruling out what lies beyond the
 * range of the integer type (common/types/compare.go).
 */
export function compareNumeric(a: Value, b: Value): number {
  if (tag(a) !== 'double' && tag(b) !== 'double') return order(asBigInt(a), asBigInt(b));
  const x = asDouble(a);
  const y = asDouble(b);
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  return order(x, y);
}

function order<T extends number | bigint>(x: T, y: T): number {
  if (x < y) return -1;
  return x > y ? 1 : 0;
}

/** `==`: numbers across their types, everything else only within one type. */
export function equal(a: Value, b: Value): boolean {
  if (isNumeric(a) && isNumeric(b)) return compareNumeric(a, b) === 0;
  if (tag(a) !== tag(b)) return false;
  switch (tag(a)) {
    case 'bytes':
      return Buffer.from(a as Uint8Array).equals(Buffer.from(b as Uint8Array));
    case 'list': {
      const [x, y] = [a as readonly Value[], b as readonly Value[]];
      return x.length === y.length && x.every((element, i) => equal(element, y[i] as Value));
    }
    case 'map': {
      const entries = entriesOf(a);
      return (
        entries.length === entriesOf(b).length &&
        entries.every(([key, value]) => {
          const other = lookUp(b, key);
          return other !== undefined && equal(value, other.value);
        })
      );
    }
    case 'opaque':
      return (a as Opaque).$equals(b);
    default:
      return a === b;
  }
}

/** Order of strings by code points: not what `<` of JavaScript does beyond the basic plane. */
export function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

export function typeNameOf(type: Type): string {
  switch (type.kind) {
    case 'opaque':
    case 'object':
      return type.name;
    default:
      return type.kind;
  }
}

/** Whether a value may be passed for a parameter: of lists and maps only the first element is looked at. */
export function accepts(type: Type, value: Value): boolean {
  switch (type.kind) {
    case 'dyn':
    case 'param':
      return true;
    case 'list':
      return (
        tag(value) === 'list' &&
        ((value as Value[]).length === 0 || accepts(type.element, (value as Value[])[0]!))
      );
    case 'map': {
      if (tag(value) !== 'map') return false;
      const [first] = entriesOf(value);
      return first === undefined || (accepts(type.key, first[0]) && accepts(type.value, first[1]));
    }
    case 'duration':
    case 'timestamp':
    case 'type':
    case 'opaque':
    case 'object':
      return tag(value) === 'opaque' && typeNameOf((value as Opaque).$type) === typeNameOf(type);
    default:
      return tag(value) === type.kind;
  }
}

/** Makes a map; of equal keys the last one counts. */
export function makeMap(entries: readonly (readonly [Value, Value])[]): Value {
  const result = new Map<string | number | bigint | boolean, readonly [Value, Value]>();
  for (const [key, value] of entries) {
    result.set(storageKey(key), [key, value]);
  }
  return new CelMap(result);
}

/** CelMap stores equal numbers under one key: the safe integer, else the bigint, else the double itself. */
function storageKey(key: Value): string | number | bigint | boolean {
  if (typeof key === 'string' || typeof key === 'boolean') return key;
  if (!isNumeric(key)) throw new CelError('invalid-argument', 'unsupported key type');
  const number = asDouble(key);
  if (!Number.isInteger(number)) return number;
  if (Number.isSafeInteger(number)) return number === 0 ? 0 : number;
  return tag(key) === 'double' ? BigInt(number) : asBigInt(key);
}
