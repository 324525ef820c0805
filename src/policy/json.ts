/**
 * JSON as the policies meet it: parsed objects in the form of src/cel/values.ts, JSON Pointers, and the few questions
 * that are asked of them without CEL.
 */
import type { JsonMap } from '../model/index.ts';

export function isMap(value: unknown): value is JsonMap {
  // A boxed Number is a double, not a map (src/cel/values.ts).
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Number);
}

/** An own property: a label named `constructor` is a label, an absent one is absent. */
export function own(map: JsonMap, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** The map under a key; undefined when there is none, or something else. */
export function mapAt(map: JsonMap, key: string): JsonMap | undefined {
  const value = own(map, key);
  return isMap(value) ? value : undefined;
}

/** The string under a key; empty when there is none, or something else. */
export function stringAt(map: JsonMap, key: string): string {
  const value = own(map, key);
  return typeof value === 'string' ? value : '';
}

/** A plain assignment, except for the one key that would set the prototype. */
export function put(map: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
  } else map[key] = value;
}

/** One step of a JSON Pointer (RFC 6901). */
export function pointerStep(key: string | number): string {
  return `/${typeof key === 'number' ? key : key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** What a value is, in the words of YAML's users. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Number) return 'a number';
  switch (typeof value) {
    case 'string':
      return 'a string';
    case 'boolean':
      return 'a boolean';
    case 'number':
    case 'bigint':
      return 'a number';
    default:
      return 'a map';
  }
}
