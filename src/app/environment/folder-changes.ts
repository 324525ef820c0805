import { isDeepStrictEqual } from 'node:util';
import type { Change, Problem, Resource } from '../../model/index.ts';

/** By group and kind, then by namespace and name. */
export type PlacedObjects = ReadonlyMap<string, ReadonlyMap<string, Resource>>;

export interface FolderChanges {
  readonly next: PlacedObjects;
  /** Those that went first, then those that are new or other than before. */
  readonly changes: readonly Change[];
  /** Objects that stand in the files twice: the last one counts, as if all were applied in order. */
  readonly twice: readonly Problem[];
}

/** What became of the objects. One that is the same at the same place stays what it was. */
export function changesBetween(
  before: PlacedObjects,
  resources: readonly Resource[],
  placeOf: (resource: Resource) => readonly [kind: string, place: string],
): FolderChanges {
  const next = new Map<string, Map<string, Resource>>();
  const twice: Problem[] = [];
  for (const resource of resources) {
    const [kind, place] = placeOf(resource);
    const known = next.get(kind) ?? new Map<string, Resource>();
    const other = known.get(place);
    if (other !== undefined) twice.push(standsTwice(resource, other));
    next.set(kind, known.set(place, resource));
  }
  const gone: Change[] = [];
  for (const [kind, places] of before)
    for (const [place, resource] of places)
      if (!next.get(kind)?.has(place)) gone.push({ type: 'delete', resource });
  const put: Change[] = [];
  for (const [kind, places] of next)
    for (const [place, resource] of places) {
      const old = before.get(kind)?.get(place);
      if (old === undefined) put.push({ type: 'put', resource });
      else if (old === resource || isDeepStrictEqual(old, resource)) places.set(place, old);
      else put.push({ type: 'put', resource, before: old });
    }
  return { next, changes: [...gone, ...put], twice };
}

function standsTwice({ ref, origin }: Resource, other: Resource): Problem {
  return {
    reason: 'ambiguous-document',
    detail: `${ref.kind} ${ref.name} stands in ${other.origin.file}:${other.origin.line} as well; what is here counts`,
    origin: { file: origin.file, line: origin.line, column: 1 },
  };
}
