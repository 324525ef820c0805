/**
 * What is known of the objects of one kind: changed by the events of a watch, compared with a list. What comes twice, too
 * late or out of order changes nothing. Source of the semantics: k8s.io/client-go tools/cache, reflector.go and
 * delta_fifo.go; resource versions are compared here as KEP-5504 allows.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Change, JsonMap, Resource } from '../../../model/index.ts';
import { compareVersions, isOlder } from './versions.ts';

export interface WatchedObjects {
  /** By {@link placeOf}. */
  readonly known: ReadonlyMap<string, Resource>;
  /** An ADDED or MODIFIED event, or the answer to a question about one object. False: it is not news. */
  put(resource: Resource): boolean;
  /** A DELETED event, with the object as it last was. False: it is not news. */
  remove(resource: Resource): boolean;
  /**
   * Begins to compare with a list that is being read, during which events may go on. It takes the place of a comparison that
   * has not finished.
   *
   * @param startsOver The list is of another history, such as a restored backup: its versions say nothing about those that are known.
   */
  compare(startsOver: boolean): Comparison;
}

export interface Comparison {
  /** An object of the list. */
  put(resource: Resource): void;
  /**
   * Removes what is not in the list.
   *
   * @param version Of the list: older events are in it.
   * @returns How many objects differed from what was known; undefined, and nothing is done, where another comparison began.
   */
  finish(version: string): number | undefined;
}

/** So many deletions are remembered, for events that come after them though they were before. */
const MOST_DELETED = 1_000;

export function createObjects(onChange: (change: Change) => void): WatchedObjects {
  const known = new Map<string, Resource>();
  const deleted = new Map<string, string>();
  /** Places that events changed since a comparison began. */
  let touched: Set<string> | undefined;
  /** Events up to this version are in the list. */
  let listed = '';

  function keep(place: string, resource: Resource): void {
    const before = known.get(place);
    known.set(place, resource);
    deleted.delete(place);
    onChange(before === undefined ? { type: 'put', resource } : { type: 'put', resource, before });
  }

  function drop(place: string, version: string): void {
    const resource = known.get(place);
    deleted.delete(place);
    deleted.set(place, version);
    if (deleted.size > MOST_DELETED) deleted.delete(deleted.keys().next().value!);
    if (resource === undefined) return;
    known.delete(place);
    onChange({ type: 'delete', resource });
  }

  /** Whether an event of this version tells nothing new of a place. */
  function isPast(place: string, version: string): boolean {
    const isIn = (other: string) => (compareVersions(version, other) ?? 1) <= 0;
    const gone = deleted.get(place);
    return (listed !== '' && isIn(listed)) || (gone !== undefined && isIn(gone));
  }

  return {
    known,
    put(resource) {
      const place = placeOf(resource);
      const version = versionOf(resource);
      const before = known.get(place);
      if (isPast(place, version)) return false;
      if (before !== undefined && (compareVersions(version, versionOf(before)) ?? 1) <= 0) return false;
      touched?.add(place);
      keep(place, resource);
      return true;
    },
    remove(resource) {
      const place = placeOf(resource);
      const version = versionOf(resource);
      const before = known.get(place);
      if (isPast(place, version) || (before !== undefined && isOlder(version, versionOf(before))))
        return false;
      touched?.add(place);
      drop(place, version);
      return before !== undefined;
    },
    compare(startsOver) {
      const during = new Set<string>();
      touched = during;
      const seen = new Set<string>();
      let differences = 0;
      const isKnown = (resource: Resource, before: Resource) =>
        startsOver
          ? isDeepStrictEqual(resource.object, before.object)
          : (compareVersions(versionOf(resource), versionOf(before)) ?? 1) <= 0;
      return {
        put(resource) {
          if (touched !== during) return;
          const place = placeOf(resource);
          seen.add(place);
          const before = known.get(place);
          if (during.has(place) || (before !== undefined && isKnown(resource, before))) return;
          differences++;
          keep(place, resource);
        },
        finish(version) {
          if (touched !== during) return undefined;
          if (startsOver) deleted.clear();
          for (const place of [...known.keys()])
            if (!seen.has(place) && !during.has(place)) {
              differences++;
              drop(place, version);
            }
          listed = startsOver || !isOlder(version, listed) ? version : listed;
          touched = undefined;
          return differences;
        },
      };
    },
  };
}

/** Namespaces hold no slash. */
export function placeOf({ ref: { namespace, name } }: Pick<Resource, 'ref'>): string {
  return `${namespace}/${name}`;
}

export function versionOf({ object }: Resource): string {
  const version = (object['metadata'] as JsonMap)['resourceVersion'];
  return typeof version === 'string' ? version : '';
}
