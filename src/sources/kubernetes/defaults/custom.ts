/**
 * Custom objects as the API server has them at admission: fields that a structural schema does not know are dropped, what it
 * states as default is filled in, also for a null that may not be one; other nulls that may not be are no fields. Source:
 * apiextensions-apiserver pkg/apiserver/schema/pruning and schema/defaulting. What changes is copied.
 */
import type { FieldSchema, JsonMap } from '../../../model/index.ts';
import { copyOf, type Draft, isMap } from './rule.ts';

/** The very same object when nothing of it changes. */
export function decodeCustomObject(object: JsonMap, schema: FieldSchema): JsonMap {
  return ofMap(object, schema, ROOT);
}

/** Fields that every object has, whatever its schema says; also one that another holds (`x-kubernetes-embedded-resource`). */
const ROOT: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);
const NONE: ReadonlySet<string> = new Set();

function ofValue(value: unknown, schema: FieldSchema | undefined): unknown {
  if (schema === undefined) return value;
  if (Array.isArray(value)) return ofList(value, schema);
  return isMap(value) ? ofMap(value, schema, schema.embedded === true ? ROOT : NONE) : value;
}

/** @param left Fields that stay as they are */
function ofMap(map: JsonMap, schema: FieldSchema, left: ReadonlySet<string>): JsonMap {
  let draft: Draft | undefined;
  const change = (): Draft => {
    draft ??= copyOf(map);
    return draft;
  };
  for (const name of defaulted(schema))
    if (!left.has(name) && !Object.hasOwn(map, name)) change()[name] = defaultOf(schema.field(name));
  for (const name of Object.keys(draft ?? map)) {
    if (left.has(name)) continue;
    const field = schema.field(name);
    const isKnown = field !== undefined || schema.open;
    const written = (draft ?? map)[name];
    const value = isKnown && written === null ? ofNull(field) : written;
    if (!isKnown || value === undefined) {
      delete change()[name];
      continue;
    }
    const filled = ofValue(value, field);
    if (filled !== written) change()[name] = filled;
  }
  return draft ?? map;
}

/** What stands for a null in a map; undefined: nothing. */
function ofNull(field: FieldSchema | undefined): unknown {
  return field === undefined || field.nullable === true ? null : defaultOf(field);
}

/** A null among items is no field that could be left out: without a default it stays, and is refused. */
function ofList(list: readonly unknown[], schema: FieldSchema): readonly unknown[] {
  const items = schema.type === 'any' ? schema : schema.items;
  let draft: unknown[] | undefined;
  list.forEach((item, i) => {
    const filled = ofValue(item === null ? (ofNull(items) ?? null) : item, items);
    if (filled === item) return;
    draft ??= [...list];
    draft[i] = filled;
  });
  return draft ?? list;
}

/** A default of null is none. */
function defaultOf(field: FieldSchema | undefined): unknown {
  return field?.default ?? undefined;
}

const defaultedNames = new WeakMap<FieldSchema, readonly string[]>();

function defaulted(schema: FieldSchema): readonly string[] {
  let names = defaultedNames.get(schema);
  if (names === undefined) {
    names = schema.fieldNames.filter((name) => defaultOf(schema.field(name)) !== undefined);
    defaultedNames.set(schema, names);
  }
  return names;
}
