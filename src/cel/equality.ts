/** Equality of CEL values: heterogeneous, numbers by value, NaN unequal to itself (cel-go `types.Equal`). */
import { CelError } from './errors.ts';
import { isMap, mapFind, mapKeys, mapSize } from './runtime/maps.ts';
import { nameOfType, typeName } from './runtime/names.ts';
import { expectTime } from './runtime/pace.ts';
import { type Opaque, Uint, type Value } from './values.ts';

/** Nanoseconds: of a unit of a long text, an element, an entry. What is in those announces itself. */
const UNIT_TIME = 0.2;
const ELEMENT_TIME = 20;
const ENTRY_TIME = 300;
const LONG = 1_024;

/** Whether two values are equal; false also where cel-go has an error instead ({@link compareEqual}). */
export function equals(a: Value, b: Value): boolean {
  return compareEqual(a, b) === true;
}

/**
 * Equality as the operators `==` and `!=` need it: undefined where cel-go answers `no such overload`, because the left
 * side is of a Kubernetes type and the right side of another.
 */
export function compareEqual(a: Value, b: Value): boolean | undefined {
  if (typeof a !== 'object' && typeof b !== 'object') {
    if (typeof a === 'string' && a.length > LONG) expectTime(a.length * UNIT_TIME);
    return a === b;
  }
  if (a === null || b === null) return a === b;
  if (isNumeric(a)) return isNumeric(b) && compareNumbers(a, b) === 0;
  if (typeof a !== 'object') return false;
  if (isOpaque(a)) return opaqueEqual(a, b);
  if (typeof b !== 'object') return false;
  if (Array.isArray(a)) return Array.isArray(b) && listsEqual(a, b);
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  return isMap(a) && isMap(b) && mapsEqual(a, b);
}

/** Opaque types of cel-go itself, which are merely unequal to values of other types. */
const CORE_OPAQUE: ReadonlySet<string> = new Set(['duration', 'timestamp', 'type', 'optional_type']);

function opaqueEqual(a: Opaque, b: Value): boolean | undefined {
  const { $type } = a;
  const name = $type.kind === 'opaque' || $type.kind === 'object' ? $type.name : $type.kind;
  if (name === 'optional_type') return optionalsEqual(a as Optional, b);
  if (!CORE_OPAQUE.has(name) && !isConstructed(name) && typeName(b) !== nameOfType($type)) return undefined;
  try {
    return isOpaque(b) && a.$equals(b);
  } catch (error) {
    // A type may refuse some values of its own (quantities do, as in the API server).
    if (error instanceof CelError) return undefined;
    throw error;
  }
}

/** `Object{}` and `JSONPatch{}` (libraries/patch-types.ts, which imports this file) are unequal to others as well. */
function isConstructed(name: string): boolean {
  return name === 'JSONPatch' || name === 'Object' || name.startsWith('Object.');
}

/** What an optional is to equality (optional.ts, which imports this file). */
interface Optional extends Opaque {
  readonly $value: Value | undefined;
}

function optionalsEqual(a: Optional, b: Value): boolean | undefined {
  if (!isOpaque(b) || b.$type !== a.$type) return false;
  const other = (b as Optional).$value;
  if (a.$value === undefined || other === undefined) return a.$value === other;
  return compareEqual(a.$value, other);
}

type Numeric = number | bigint | Uint | { valueOf(): number };

export function isNumeric(value: Value): value is Numeric {
  return (
    typeof value === 'number' || typeof value === 'bigint' || value instanceof Uint || value instanceof Number
  );
}

export function isOpaque(value: unknown): value is Opaque {
  return typeof value === 'object' && value !== null && (value as Partial<Opaque>).$equals !== undefined;
}

/**
 * Order of two numbers of any types: negative, zero, positive; NaN when one of them is. Against a double, an int is
 * rounded to a double first, as cel-go does.
 */
export function compareNumbers(a: Numeric, b: Numeric): number {
  if (a instanceof Number || b instanceof Number) {
    const x = asDouble(a);
    const y = asDouble(b);
    return x < y ? -1 : x > y ? 1 : x === y ? 0 : Number.NaN;
  }
  const x = a instanceof Uint ? a.$value : (a as number | bigint);
  const y = b instanceof Uint ? b.$value : (b as number | bigint);
  // JavaScript compares numbers with bigints by their mathematical value.
  return x < y ? -1 : x > y ? 1 : 0;
}

function asDouble(value: Numeric): number {
  return value instanceof Uint ? Number(value.$value) : Number(value.valueOf());
}

function listsEqual(a: readonly Value[], b: readonly Value[]): boolean {
  if (a.length !== b.length) return false;
  expectTime(a.length * ELEMENT_TIME);
  for (let i = 0; i < a.length; i++) {
    // As in cel-go, an error counts as equal here.
    if (compareEqual(a[i] as Value, b[i] as Value) === false) return false;
  }
  return true;
}

function mapsEqual(a: Parameters<typeof mapSize>[0], b: Parameters<typeof mapSize>[0]): boolean {
  const size = mapSize(a);
  if (size !== mapSize(b)) return false;
  expectTime(size * ENTRY_TIME);
  for (const key of mapKeys(a)) {
    const other = mapFind(b, key);
    if (other === undefined || compareEqual(mapFind(a, key) as Value, other) === false) return false;
  }
  return true;
}

/** Whether a list has an element equal to the value. */
export function listContains(list: readonly Value[], value: Value): boolean {
  expectTime(list.length * ELEMENT_TIME);
  if (typeof value === 'string') return list.includes(value);
  for (let i = 0; i < list.length; i++) {
    if (equals(value, list[i] as Value)) return true;
  }
  return false;
}
