import type { JsonMap } from '../../model/index.ts';

/** Keywords of a structural schema that hold schemas by name, a list of them, or one. */
const BY_NAME: ReadonlySet<string> = new Set(['properties']);
const LISTS: ReadonlySet<string> = new Set(['allOf', 'anyOf', 'oneOf']);
const SINGLE: ReadonlySet<string> = new Set(['items', 'additionalProperties', 'not']);

/** A schema without the text that is most of it, and that no verdict hangs on. What it holds as values stays as it is. */
export function withoutDescriptions(schema: JsonMap): JsonMap {
  const kept = Object.entries(schema).filter(([keyword]) => keyword !== 'description');
  return Object.fromEntries(kept.map(([keyword, value]) => [keyword, within(keyword, value)]));
}

function within(keyword: string, value: unknown): unknown {
  if (LISTS.has(keyword) && Array.isArray(value)) return value.map(ofSchema);
  if (SINGLE.has(keyword)) return ofSchema(value);
  if (BY_NAME.has(keyword) && isMap(value))
    return Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, ofSchema(schema)]));
  return value;
}

function ofSchema(value: unknown): unknown {
  return isMap(value) ? withoutDescriptions(value) : value;
}

function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Number);
}
