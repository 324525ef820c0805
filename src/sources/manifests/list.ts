/**
 * Lists as kubectl takes them apart: whatever has `items` is a list, and an item of a `PodList` that says nothing else
 * is a Pod (apimachinery's unstructured decoding).
 */
import type { JsonMap } from '../../model/index.ts';

/**
 * The items of an object that is a list; undefined when it is none. For a kind that is not called `…List` only items
 * that are objects of their own count, since there `items` may be an ordinary field.
 */
export function listItems(apiVersion: string, kind: string, object: JsonMap): readonly unknown[] | undefined {
  const items = object['items'];
  if (kind.endsWith('List') && kind !== 'List') {
    if (!Array.isArray(items)) return items === null ? [] : undefined;
    return items.map((item) => withType(item, apiVersion, kind.slice(0, -'List'.length)));
  }
  if (kind === 'List') return Array.isArray(items) ? items : [];
  return Array.isArray(items) && items.length > 0 && items.every(hasType) ? items : undefined;
}

function withType(item: unknown, apiVersion: string, kind: string): unknown {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
  const { apiVersion: ownVersion, kind: ownKind } = item as JsonMap;
  return ownVersion === undefined && ownKind === undefined ? { apiVersion, kind, ...item } : item;
}

function hasType(item: unknown): boolean {
  if (typeof item !== 'object' || item === null) return false;
  const { apiVersion, kind } = item as JsonMap;
  return typeof apiVersion === 'string' && typeof kind === 'string';
}
