/**
 * Where look-ups can find relatives, known without looking. Their answers hang on nothing but the relatives of these
 * places, so whoever keeps answers for another run need only know whether those are what they were.
 */
import { podPointer } from '../dialects/native/pods.ts';
import type { GroupKind, Lookup } from '../form.ts';
import { kindKey, type Relative } from './relative.ts';

/** A kind, or `pods`, in a namespace. */
export type Place = string;

const PODS = 'pods';
const EVERYWHERE = '*';
/** In no namespace: such objects belong to each of them. */
const CLUSTER = '';
/** Objects of files that name no namespace may belong to any. */
const UNPLACED = '?';

/** Those where a relative is found. */
export function placesOf({
  group,
  kind,
  namespace,
  placed,
}: Omit<Relative, 'name' | 'at' | 'object' | 'pod'>): Place[] {
  const kinds = [kindKey({ group, kind }), ...(podPointer(group, kind) === undefined ? [] : [PODS])];
  const namespaces = [namespace, EVERYWHERE, ...(placed ? [] : [UNPLACED])];
  return kinds.flatMap((of) => namespaces.map((where) => place(of, where)));
}

/** Those that lookups of an object look into: at most, since which namespace an expression names is not known. */
export function placesLookedInto(lookups: readonly Lookup[], namespace: string): Place[] {
  const places = lookups.flatMap(({ of, namespace: within }) => {
    const own = within === null && namespace !== '';
    const namespaces = own ? [namespace, CLUSTER, UNPLACED] : [EVERYWHERE];
    return kindsOf(of).flatMap((kind) => namespaces.map((where) => place(kind, where)));
  });
  return [...new Set(places)].sort();
}

/** As one lookup names what it means. */
export function kindsOf(of: Lookup['of']): string[] {
  return of === 'pods' ? [PODS] : of.map(kindKey);
}

/** Whether lookups that name these kinds can mean an object of this one. */
export function isMeant(kinds: ReadonlySet<string>, { group, kind }: GroupKind): boolean {
  return kinds.has(kindKey({ group, kind })) || (kinds.has(PODS) && podPointer(group, kind) !== undefined);
}

function place(kind: string, namespace: string): Place {
  return `${kind}\n${namespace}`;
}
