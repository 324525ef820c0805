/** Whether two schemas describe the same objects. */
import type { FieldSchema } from '../../model/index.ts';

/**
 * True when both are known and equal in every field, its type and its list keys, down to the last; descriptions and the
 * names of definitions do not count. A recursive definition is equal if nothing outside the recursion differs.
 */
export function sameShape(a: FieldSchema | undefined, b: FieldSchema | undefined): boolean {
  return a !== undefined && b !== undefined && equal(a, b, new Map());
}

function equal(a: FieldSchema, b: FieldSchema, assumed: Map<FieldSchema, Set<FieldSchema>>): boolean {
  if (a === b || assumed.get(a)?.has(b) === true) return true;
  if (!assumed.has(a)) assumed.set(a, new Set());
  assumed.get(a)!.add(b);
  return (
    a.type === b.type &&
    a.format === b.format &&
    a.listType === b.listType &&
    a.atomic === b.atomic &&
    a.open === b.open &&
    a.embedded === b.embedded &&
    sameTexts(a.listMapKeys, b.listMapKeys) &&
    sameTexts(a.fieldNames, b.fieldNames) &&
    sameTexts(a.required, b.required) &&
    a.fieldNames.every((name) => equal(a.field(name)!, b.field(name)!, assumed)) &&
    both(a.items, b.items, assumed) &&
    both(a.values, b.values, assumed)
  );
}

function both(
  a: FieldSchema | undefined,
  b: FieldSchema | undefined,
  assumed: Map<FieldSchema, Set<FieldSchema>>,
): boolean {
  return a === undefined || b === undefined ? a === b : equal(a, b, assumed);
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index]);
}
