/**
 * What is around the object that a policy is about: the objects it can look up, and how far they are all there are. One
 * for every gate: filled from the files of a scan, later from the watches of a cluster.
 */
import type { Lookup, LookupCode } from '../form.ts';
import { kindKey, type Relative } from './relative.ts';
import { type Asked, createTable, type Found, itemOf, type Table } from './table.ts';

/**
 * Whether what is not among the objects of a namespace does not exist: for sure, as far as files tell that define the
 * namespace, or not.
 */
export type Coverage =
  | { readonly kind: 'whole' }
  | { readonly kind: 'defined' }
  | { readonly kind: 'open'; readonly detail: string };

/** What policies ask of it. */
export interface LookedUp {
  find(lookup: Lookup, code: LookupCode, asked: Asked, namespace: string | undefined): Found;
  /**
   * Of the kinds that the lookup names.
   *
   * @param namespace Undefined: all of them, and cluster-scoped objects.
   */
  coverage(lookup: Lookup, namespace: string | undefined): Coverage;
}

export interface Surroundings extends LookedUp {
  /** Keeps an object, in place of itself if it was there. */
  put(relative: Relative): void;
  delete(relative: Relative): void;
}

/** @param later Those that are only read when somebody looks up their kinds; asked once for each way to look them up. */
export function createSurroundings(
  relatives: Iterable<Relative>,
  coverage: Surroundings['coverage'],
  later: (of: Lookup['of']) => Iterable<Relative> = () => [],
): Surroundings {
  const byKind = new Map<string, Map<string, Relative>>();
  const tables = new Map<string, { readonly of: Lookup['of']; readonly table: Table }>();

  function put(relative: Relative): void {
    const key = kindKey(relative);
    const known = byKind.get(key) ?? new Map<string, Relative>();
    byKind.set(key, known.set(identity(relative), relative));
    for (const { table } of tables.values()) table.put(relative);
  }

  /** Policies that look up in the same way share a table; it is made when the first of them asks. */
  function tableFor(lookup: Lookup, code: LookupCode): Table {
    const { of, by, namespace } = lookup;
    const item = 'item' in by ? by.item.text : '';
    const scope = namespace === 'everywhere' ? 'everywhere' : 'namespaced';
    const kinds = of === 'pods' ? of : of.map(kindKey).sort().join();
    const key = `${kinds}\n${scope}\n${by.kind}\n${item}`;
    const known = tables.get(key);
    if (known !== undefined) return known.table;
    for (const relative of later(of)) put(relative);
    const table = createTable(lookup, code);
    for (const some of byKind.values())
      for (const relative of some.values()) if (itemOf(relative, of) !== null) table.put(relative);
    tables.set(key, { of, table });
    return table;
  }

  for (const relative of relatives) put(relative);
  return {
    put,
    delete(relative) {
      byKind.get(kindKey(relative))?.delete(identity(relative));
      for (const { table } of tables.values()) table.delete(relative);
    },
    find: (lookup, code, asked, namespace) => tableFor(lookup, code).find(asked, namespace),
    coverage,
  };
}

function identity({ namespace, name, at }: Relative): string {
  return `${namespace}\n${name}\n${at}`;
}
