/**
 * Built-in kinds as the API server shows them to policies: read into Go structs and written again, so that some fields
 * are there with nothing in them (a patch may add to `resources` of a container that has none), and lists and maps that
 * may be absent are absent when they are empty.
 */
import type { FieldSchema, JsonMap } from '../../model/index.ts';
import { isMap, put } from '../json.ts';

/** Maps that were put in here. */
const filled = new WeakSet<object>();

export function isFilled(map: object): boolean {
  return filled.has(map);
}

export function markFilled(map: object): void {
  filled.add(map);
}

/** A copy with the fields that are always there, and without those that never are. */
export function fill(schema: FieldSchema, object: JsonMap): JsonMap {
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(object)) {
    const field = schema.field(key);
    if (schema.type === 'object' && field !== undefined && !schema.required.includes(key)) {
      if (isEmpty(field, object[key])) continue;
    }
    put(result, key, fillValue(field, object[key]));
  }
  if (isFilled(object)) markFilled(result);
  for (const name of schema.fieldNames) {
    if (Object.hasOwn(result, name)) continue;
    const field = schema.field(name);
    if (field?.always !== true) continue;
    const made = fill(field, {});
    markFilled(made);
    put(result, name, made);
  }
  return result;
}

function isEmpty({ type }: FieldSchema, value: unknown): boolean {
  if (type === 'array') return Array.isArray(value) && value.length === 0;
  return type === 'map' && isMap(value) && Object.keys(value).length === 0;
}

function fillValue(schema: FieldSchema | undefined, value: unknown): unknown {
  if (schema === undefined) return value;
  if (Array.isArray(value)) return value.map((item) => fillValue(schema.items, item));
  return isMap(value) ? fill(schema, value) : value;
}

/** A copy without those of them that nobody used. */
export function unfill(object: JsonMap): JsonMap {
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(object)) {
    const value = unfillValue(object[key]);
    if (value !== undefined) put(result, key, value);
  }
  return result;
}

function unfillValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => unfillValue(item) ?? {});
  if (!isMap(value)) return value;
  const rest = unfill(value);
  return isFilled(value) && Object.keys(rest).length === 0 ? undefined : rest;
}
