/**
 * Structured merge: maps field by field, lists item by item where items can be told apart, everything else replaced
 * (sigs.k8s.io/structured-merge-diff typed/merge.go, with the rule that the right side wins).
 */
import { put } from '../json.ts';
import type { Atom, ListAtom, MapAtom } from './atoms.ts';
import { isFilled, markFilled } from './fill.ts';
import { itemId } from './items.ts';
import { deduce, isMapValue, NIL_LIST } from './values.ts';

/** The merged value; undefined when nothing is left. Undefined on a side is nothing there. Both sides fit the atom. */
export function merge(atom: Atom, left: unknown, right: unknown): unknown {
  const ofLeft = deduce(atom, left);
  const ofRight = deduce(atom, right);
  return mergeAs(right === undefined ? ofLeft : ofRight, left, right);
}

function mergeAs({ map, scalar, list }: Atom, left: unknown, right: unknown): unknown {
  if (map !== undefined) return mergeMaps(map, left, right);
  if (scalar === undefined && list !== undefined) return mergeLists(list, left, right);
  return replace(left, right);
}

function replace(left: unknown, right: unknown): unknown {
  if (right === NIL_LIST) return undefined;
  return right === undefined ? left : right;
}

function mergeMaps(atom: MapAtom, left: unknown, right: unknown): unknown {
  const before = isMapValue(left) ? left : {};
  const patch = isMapValue(right) ? right : {};
  const keys = new Set([...Object.keys(before), ...Object.keys(patch)]);
  // Where there is nothing to merge, what is empty stays as empty as it is.
  if (atom.atomic || keys.size === 0) return replace(left, right);
  const result: Record<string, unknown> = {};
  for (const key of keys) {
    const field = atom.field(key) ?? atom.rest?.();
    if (field === undefined) continue;
    const merged = merge(field, own(before, key), own(patch, key));
    if (merged !== undefined) put(result, key, merged);
  }
  if (isFilled(before)) markFilled(result);
  return Object.keys(result).length === 0 ? undefined : result;
}

function own(map: { readonly [key: string]: unknown }, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

function mergeLists(atom: ListAtom, left: unknown, right: unknown): unknown {
  const before = indexed(atom, left);
  const patch = indexed(atom, right);
  if (atom.atomic || before.ids.length + patch.ids.length === 0) return replace(left, right);
  const result = mergeItems(atom, before, patch);
  return result.length === 0 ? undefined : result;
}

interface Indexed {
  readonly items: readonly unknown[];
  readonly ids: readonly string[];
  readonly byId: ReadonlyMap<string, unknown>;
}

/** Items that are there more than once are not merged with: the patch replaces them. */
function indexed(atom: ListAtom, value: unknown): Indexed {
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  if (atom.atomic) return { items, ids: items.map((_, i) => String(i)), byId: new Map() };
  const byId = new Map<string, unknown>();
  const ids = items.map((item) => {
    const found = itemId(atom, item);
    const id = 'id' in found ? found.id : '';
    byId.set(id, byId.has(id) ? null : item);
    return id;
  });
  return { items, ids, byId };
}

/**
 * The items of both, in the order of the patch where it names several, and otherwise each as near as can be to what it
 * stood beside.
 */
function mergeItems(atom: ListAtom, before: Indexed, patch: Indexed): unknown[] {
  const result: unknown[] = [];
  const push = (left: unknown, right: unknown) => {
    const merged = merge(atom.items(), left, right);
    if (merged !== undefined) result.push(merged);
  };
  const shared = patch.ids.filter((id) => before.byId.has(id));
  let nextShared = shared.shift();
  const done = new Set<string>();
  for (let l = 0, r = 0; l < before.ids.length || r < patch.ids.length; ) {
    const left = before.ids[l];
    const right = patch.ids[r];
    if (left !== undefined && right !== undefined) {
      if (left === right) {
        done.add(left);
        push(before.byId.get(left), patch.byId.get(left));
        l++;
        r++;
        nextShared = shared.shift();
        continue;
      }
      // Both have it, but it is not its turn.
      if (patch.byId.has(left) && nextShared !== undefined && nextShared !== left) {
        l++;
        continue;
      }
    }
    if (left !== undefined) {
      if (!patch.byId.has(left)) {
        push(before.items[l], undefined);
        l++;
        continue;
      }
      if (done.has(left)) l++;
    }
    if (right !== undefined) {
      done.add(right);
      push(before.byId.get(right), patch.byId.get(right));
      r++;
      if (nextShared === right) nextShared = shared.shift();
    }
  }
  return result;
}
