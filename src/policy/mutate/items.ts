/** How the items of a list are told apart (structured-merge-diff typed/helpers.go). */
import type { ListAtom } from './atoms.ts';
import { identity, isMapValue, Unconverted } from './values.ts';

/** What an item is known by, as messages write it: `[name="app"]`, `[="value"]`. */
export type ItemId = { readonly id: string } | { readonly fault: string };

export function itemId(list: ListAtom, item: unknown): ItemId {
  return list.keys.length > 0 ? byKeys(list, item) : byValue(item);
}

function byKeys(list: ListAtom, item: unknown): ItemId {
  if (item === null) return { fault: 'associative list with keys may not have a null element' };
  if (!isMapValue(item)) return { fault: 'associative list with keys may not have non-map elements' };
  const { map } = list.items();
  const found: string[] = [];
  for (const key of [...list.keys].sort()) {
    if (Object.hasOwn(item, key)) {
      found.push(`${key}=${identity(item[key])}`);
      continue;
    }
    if (map === undefined) {
      return {
        fault: `couldn't find default value for ${key}: associative list may not have non-map types`,
      };
    }
    const value = map.default(key);
    if (value !== undefined) found.push(`${key}=${identity(value)}`);
  }
  if (found.length > 0) return { id: `[${found.join(',')}]` };
  const keys = list.keys.map((key) => JSON.stringify(key)).join(' ');
  return {
    fault: `associative list with keys has an element that omits all key fields [${keys}] (and doesn't have default values for any key fields)`,
  };
}

function byValue(item: unknown): ItemId {
  if (item === null) return { fault: "associative list without keys has an element that's an explicit null" };
  if (Array.isArray(item)) return { fault: 'not supported: associative list with lists as elements' };
  if (isMapValue(item)) return { fault: "associative list without keys has an element that's a map type" };
  return { id: `[=${item instanceof Unconverted ? item.text : identity(item)}]` };
}
