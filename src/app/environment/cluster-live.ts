/** The watches of a cluster as one environment: an informer for every kind that somebody needs. */
import type { LiveKind, LiveName, LiveObjects, LiveState, Resource } from '../../model/index.ts';
import {
  type Cluster,
  type ClusterError,
  createInformer,
  createTurns,
  getObject,
  type Informer,
  type InformerCounts,
  type Timing,
  type WatchedKind,
} from '../../sources/index.ts';
import { ruleFor, watchedByWorker } from '../cluster/rbac.ts';
import { createFetcher, type Fetched } from './fetch.ts';
import { createListeners } from './listeners.ts';

export interface ClusterLive extends LiveObjects {
  /**
   * Watches these kinds and no others. Kinds that are watched already go on undisturbed; of those that are no longer needed
   * everything is forgotten, which is no change of theirs.
   */
  need(kinds: readonly WatchedKind[]): void;
  /** Those that are needed. */
  kinds(): readonly WatchedKind[];
  /**
   * One object, asked for where the watch has not shown it. What is found is known from then on. Never rejects.
   *
   * @param withinMs Milliseconds until there is an answer, whatever it is.
   */
  fetch(kind: LiveName, namespace: string, name: string, withinMs: number): Promise<Fetched>;
  /** Those that were not listed within so many milliseconds; empty as soon as all were that may be. */
  synced(withinMs: number): Promise<readonly WatchedKind[]>;
  counts(kind: LiveName): Readonly<InformerCounts> | undefined;
  /** What listeners threw. */
  failures(): { readonly count: number; readonly last: unknown };
}

export interface ClusterLiveOptions {
  /** Milliseconds since 1970. Default: the clock. */
  readonly now?: () => number;
  readonly timing?: Partial<Timing>;
}

interface Watch {
  readonly kind: WatchedKind;
  readonly informer: Informer;
  /** Of the same kind with more or less of its objects, until it has listed them and takes over. */
  next?: { readonly kind: WatchedKind; readonly informer: Informer };
}

/** So many kinds are listed at a time. */
const LISTS_AT_ONCE = 4;

export function createClusterLive(
  cluster: Cluster,
  kinds: readonly WatchedKind[],
  { now = Date.now, timing }: ClusterLiveOptions = {},
): ClusterLive {
  const turns = createTurns(LISTS_AT_ONCE);
  const listeners = createListeners();
  const watches = new Map<string, Watch>();
  const closing = new Set<Promise<void>>();
  const waiting = new Set<() => void>();
  const fetcher = createFetcher((kind, ...rest) => getObject(cluster, kind, ...rest), now);

  function look(): void {
    for (const one of waiting) one();
  }

  function begin(kind: WatchedKind): Informer {
    const informer: Informer = createInformer(cluster, kind, {
      onChange: (change) => {
        // One that is to take over says nothing before it does.
        if (watches.get(idOf(kind))?.informer !== informer) return;
        if (change.type === 'put')
          fetcher.forget(kind, change.resource.ref.namespace, change.resource.ref.name);
        listeners.tell(change);
      },
      onSync: () => {
        if (watches.get(idOf(kind))?.next?.informer === informer) takeOver(idOf(kind));
        look();
      },
      onForbidden: look,
      now,
      turns,
      explain,
      ...(timing === undefined ? {} : { timing }),
    });
    return informer;
  }

  function takeOver(id: string): void {
    const { informer: old, next } = watches.get(id)!;
    watches.set(id, { ...next! });
    end(old);
    for (const [place, resource] of next!.informer.known) {
      const before = old.known.get(place);
      listeners.tell({ type: 'put', resource, ...(before === undefined ? {} : { before }) });
    }
    for (const [place, resource] of old.known)
      if (!next!.informer.known.has(place)) listeners.tell({ type: 'delete', resource });
  }

  function end(informer: Informer | undefined): void {
    if (informer === undefined) return;
    const closed: Promise<void> = informer.close().finally(() => closing.delete(closed));
    closing.add(closed);
  }

  function need(wanted: readonly WatchedKind[]): void {
    const needed = new Map(wanted.map((kind) => [idOf(kind), kind]));
    for (const [id, watch] of watches) {
      if (needed.has(id)) continue;
      watches.delete(id);
      end(watch.informer);
      end(watch.next?.informer);
    }
    for (const [id, kind] of needed) {
      const watch = watches.get(id);
      if (watch === undefined) watches.set(id, { kind, informer: begin(kind) });
      else change(watch, kind);
    }
    look();
  }

  /** The same kind, of which more or less is asked for than before. */
  function change(watch: Watch, kind: WatchedKind): void {
    if (isSame(watch.next?.kind ?? watch.kind, kind)) return;
    end(watch.next?.informer);
    delete watch.next;
    if (!isSame(watch.kind, kind)) watch.next = { kind, informer: begin(kind) };
  }

  function find({ group, kind, version }: LiveName): Watch | undefined {
    if (version !== undefined) return watches.get(`${group}/${version}/${kind}`);
    for (const watch of watches.values())
      if (watch.kind.kind === kind && watch.kind.group === group) return watch;
    return undefined;
  }

  function get(kind: LiveName, namespace: string, name: string): Resource | undefined {
    return find(kind)?.informer.known.get(`${namespace}/${name}`);
  }

  const unsynced = () =>
    [...watches.values()].flatMap(({ kind, informer }) => {
      const { synced, forbidden } = informer.state();
      return synced || forbidden === true ? [] : [kind];
    });

  need(kinds);
  return {
    need,
    kinds: () => [...watches.values()].map(({ kind, next }) => next?.kind ?? kind),
    list: (kind) => find(kind)?.informer.known.values() ?? [],
    get,
    state: (kind): LiveState => find(kind)?.informer.state() ?? UNWATCHED,
    counts: (kind) => find(kind)?.informer.counts,
    failures: listeners.failures,
    onChange: listeners.add,
    async fetch(name, namespace, of, withinMs) {
      const known = get(name, namespace, of);
      if (known !== undefined) return { kind: 'found', resource: known };
      const watch = find(name);
      if (watch === undefined) return { kind: 'unknown', detail: `nobody watches ${name.kind}` };
      const fetched = await fetcher.fetch(watch.kind, namespace, of, withinMs);
      if (fetched.kind === 'found') watch.informer.learn(fetched.resource);
      return fetched;
    },
    synced: (withinMs) => untilNone(unsynced, waiting, withinMs),
    async close() {
      need([]);
      await Promise.all(closing);
    },
  };
}

const UNWATCHED: LiveState = { synced: false, seenAt: 0, problem: 'nobody watches this kind' };

function untilNone<T>(left: () => readonly T[], waiting: Set<() => void>, ms: number): Promise<readonly T[]> {
  return new Promise((resolve) => {
    const done = (some: readonly T[]) => {
      clearTimeout(late);
      waiting.delete(look);
      resolve(some);
    };
    const look = () => {
      if (left().length === 0) done([]);
    };
    const late = setTimeout(() => done(left()), ms);
    waiting.add(look);
    look();
  });
}

function idOf({ group, version, kind }: LiveKind): string {
  return `${group}/${version}/${kind}`;
}

function isSame(a: WatchedKind, b: WatchedKind): boolean {
  return (a.metadataOnly ?? false) === (b.metadataOnly ?? false) && a.resource === b.resource;
}

function explain({ status, message }: ClusterError, kind: LiveKind): string {
  return status === 403 ? `${message}; the RBAC rule it takes: ${ruleFor(watchedByWorker(kind))}` : message;
}
