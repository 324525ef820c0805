import type { JsonMap } from '../../model/index.ts';
import { isMap } from '../json.ts';
import type { ObjectShape, Shape } from './shape.ts';

/**
 * The value as Go's JSON decoder fills a typed object: a null among the items of a list or the values of a map is the
 * zero value of their type, so that the empty dash in `apiGroups: [ ~ ]` is the core group. Values that do not fit the
 * shape stay as they are, for `read` to refuse.
 */
export function zeroNulls(shape: Shape, value: unknown): unknown {
  switch (shape.type) {
    case 'list':
      return Array.isArray(value) ? value.map((item) => zeroItem(shape.items, item)) : value;
    case 'map':
      return isMap(value) ? eachField(value, (item) => zeroItem(shape.of, item)) : value;
    case 'object':
      return isMap(value) ? eachField(value, (item, key) => zeroField(shape, key, item)) : value;
    default:
      return value;
  }
}

function zeroItem(shape: Shape, item: unknown): unknown {
  return item === null ? zeroOf(shape) : zeroNulls(shape, item);
}

function zeroField(shape: ObjectShape, key: string, value: unknown): unknown {
  const field = Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined;
  return field === undefined ? value : zeroNulls(field, value);
}

function zeroOf({ type }: Shape): unknown {
  switch (type) {
    case 'string':
      return '';
    case 'boolean':
      return false;
    case 'integer':
      return 0;
    case 'list':
      return [];
    case 'map':
    case 'object':
      return {};
    default:
      return null;
  }
}

function eachField(map: JsonMap, change: (value: unknown, key: string) => unknown): JsonMap {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value, key)]));
}
