/** Maps at run time: parsed JSON objects (string keys) and {@link CelMap}s (keys of any key type). */
import { CelError } from '../errors.ts';
import { CelMap, int, type JsonObject, Uint, type Value } from '../values.ts';
import { expectTime } from './pace.ts';

/** What a value is stored under in {@link CelMap}: numbers that are equal share one key, whatever their type. */
export type MapKey = string | number | bigint | boolean;

/** The canonical key of a value, or undefined when it cannot be a map key. */
export function mapKey(value: Value): MapKey | undefined {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
    case 'boolean':
      return value;
    default:
      if (value instanceof Uint) return int(value.$value);
      if (value instanceof Number) return doubleKey(value.valueOf());
      return undefined;
  }
}

/** Whether a value is one of the constants of `x in [constants]`; `rounded` are doubles that count besides. */
export function inSet(
  value: Value,
  members: ReadonlySet<MapKey>,
  rounded: ReadonlySet<number> | undefined,
): boolean {
  const key = mapKey(value);
  if (key !== undefined && members.has(key)) return true;
  return rounded !== undefined && value instanceof Number && rounded.has(value.valueOf());
}

function doubleKey(value: number): MapKey {
  if (!Number.isInteger(value)) return value;
  return Number.isSafeInteger(value) ? (value === 0 ? 0 : value) : BigInt(value);
}

/** A map that holds its own entries as properties: parsed JSON. */
export function isJsonObject(value: unknown): value is JsonObject {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

export function isMap(value: unknown): value is JsonObject | CelMap {
  return value instanceof CelMap || isJsonObject(value);
}

/** The value under a key, undefined when there is none. Never looks at a prototype. */
export function mapFind(map: JsonObject | CelMap, key: Value): Value | undefined {
  if (map instanceof CelMap) {
    const canonical = mapKey(key);
    return canonical === undefined ? undefined : map.$entries.get(canonical)?.[1];
  }
  return typeof key === 'string' && Object.hasOwn(map, key) ? map[key] : undefined;
}

export function mapSize(map: JsonObject | CelMap): number {
  if (map instanceof CelMap) return map.$entries.size;
  return keysOf(map).length;
}

/** Maps of more keys are large: it takes long to list them, and who asks for them asks again. */
const LARGE = 256;
/** Nanoseconds a key. */
const KEY_TIME = 150;
const ENTRY_TIME = 30;

/** Of large maps: values do not change while they are looked at. */
const keysOfLarge = new WeakMap<object, readonly string[]>();

function keysOf(map: JsonObject): readonly string[] {
  const known = keysOfLarge.get(map);
  if (known !== undefined) return known;
  const keys = Object.keys(map);
  if (keys.length > LARGE) {
    expectTime(keys.length * KEY_TIME);
    keysOfLarge.set(map, keys);
  }
  return keys;
}

/** The keys in insertion order, each with the type it was written with. */
export function mapKeys(map: JsonObject | CelMap): readonly Value[] {
  if (!(map instanceof CelMap)) return keysOf(map);
  expectTime(map.$entries.size * ENTRY_TIME);
  const keys: Value[] = [];
  for (const entry of map.$entries.values()) keys.push(entry[0]);
  return keys;
}

export function mapEntries(map: JsonObject | CelMap): (readonly [Value, Value])[] {
  if (map instanceof CelMap) {
    expectTime(map.$entries.size * ENTRY_TIME);
    return [...map.$entries.values()];
  }
  return keysOf(map).map((key) => [key, map[key] as Value]);
}

/** Builds a map out of entries; the last one of equal keys wins, as in cel-go. Throws for keys of other types. */
export function mapOfEntries(entries: readonly (readonly [Value, Value])[]): CelMap {
  const map = new Map<MapKey, readonly [Value, Value]>();
  for (const entry of entries) map.set(requireMapKey(entry[0]), entry);
  return new CelMap(map);
}

export function requireMapKey(value: Value): MapKey {
  const key = mapKey(value);
  if (key === undefined) throw new CelError('invalid-argument', 'unsupported key type');
  return key;
}

/**
 * The place an index names in a list, or a message why it names none (cel-go `IndexOrError`): ints, and uints and
 * doubles without a fraction.
 */
export function listIndex(index: Value): number | bigint | undefined {
  if (typeof index === 'number' || typeof index === 'bigint') return index;
  if (index instanceof Uint) return index.$value > 0x7fff_ffff_ffff_ffffn ? undefined : int(index.$value);
  if (index instanceof Number) {
    const value = index.valueOf();
    if (!Number.isInteger(value) || value < -(2 ** 63) || value >= 2 ** 63) return undefined;
    return int(BigInt(value));
  }
  return undefined;
}

/** The values a fold goes through: elements or, of a map, keys. Undefined when it cannot be iterated. */
export function iterate(range: Value): readonly Value[] | undefined {
  if (Array.isArray(range)) return range;
  if (range instanceof CelMap || isJsonObject(range)) return mapKeys(range);
  return undefined;
}
