/**
 * Keeps the objects of one kind as the API server has them: lists them, watches from there, and begins again where it has
 * to. Nothing it meets ends it but `close`. Source of the protocol: k8s.io/client-go tools/cache reflector.go (v0.37.2).
 *
 * Unlike the reflector, every list asks for the newest state (no resourceVersion): a list that may be old would say that
 * something is missing which is there, and the API server ignores `limit` for it. Since 1.31 it answers from its cache all
 * the same.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Change, JsonMap, LiveState, Resource } from '../../../model/index.ts';
import type { AnswerStream, Cluster } from '../connect.ts';
import { ClusterError } from '../error.ts';
import { createBackoff } from './backoff.ts';
import { createLines } from './lines.ts';
import { createObjects } from './objects.ts';
import { createSharing } from './share.ts';
import { TIMING, type Timing } from './timing.ts';
import type { Turns } from './turns.ts';
import { compareVersions, isOlder } from './versions.ts';
import { acceptOf, asResource, collectionPath, readEvent, readPage, type WatchedKind } from './wire.ts';

export interface Informer {
  /** By namespace and name, with a slash between them. */
  readonly known: ReadonlyMap<string, Resource>;
  state(): LiveState;
  readonly counts: Readonly<InformerCounts>;
  /** Takes over the answer to a question about one object, unless more is known already. */
  learn(resource: Resource): void;
  /** Within a second. */
  close(): Promise<void>;
}

export interface InformerCounts {
  /** Lists read to the end. */
  lists: number;
  /** Watches that began. */
  watches: number;
  events: number;
  /** Events that told nothing new: sent twice, or too late. */
  repeated: number;
  /** Objects that a list showed otherwise than a running watch had left them. */
  missed: number;
  /** Objects without a name. */
  unreadable: number;
  /** Lists and watches that failed. */
  failures: number;
}

export interface InformerOptions {
  onChange(change: Change): void;
  /** After every list. */
  onSync?(): void;
  /** When a list or watch is refused for want of rights; once, until one succeeds. */
  onForbidden?(): void;
  /** Milliseconds since 1970. */
  now(): number;
  /** Limits how many lists are read at a time. */
  readonly turns: Turns;
  /** What to say of a failure. Default: its message. */
  readonly explain?: (error: ClusterError, kind: WatchedKind) => string;
  readonly timing?: Partial<Timing>;
  /** At least 0, less than 1. */
  readonly random?: () => number;
}

export function createInformer(cluster: Cluster, kind: WatchedKind, options: InformerOptions): Informer {
  const timing = { ...TIMING, ...options.timing };
  const { now, turns, random = Math.random, explain = ({ message }) => message } = options;
  const objects = createObjects(options.onChange);
  const counts = { lists: 0, watches: 0, events: 0, repeated: 0, missed: 0, unreadable: 0, failures: 0 };
  const share = createSharing();
  const ending = new AbortController();
  const { signal } = ending;
  const root = `cluster:${cluster.context}`;
  const collection = collectionPath(kind);
  let synced = false;
  let seenAt = 0;
  let problem: string | undefined;
  let forbidden = false;
  /** Up to which everything is known; empty before the first list. */
  let version = '';
  /** Whether the next watch has to wait for a list. */
  let mustList = true;
  let watching: AnswerStream | undefined;

  const running = run();
  const resyncing = resync();

  async function run(): Promise<void> {
    const backoff = createBackoff(timing.retryMs[0], timing.retryMs[1], random);
    let silent = false;
    while (!signal.aborted) {
      const began = performance.now();
      try {
        if (mustList) {
          await list();
          mustList = false;
        }
        await follow();
        silent = false;
        if (performance.now() - began >= timing.settledMs) backoff.reset();
      } catch (thrown) {
        if (signal.aborted) return;
        const error = asError(thrown);
        counts.failures++;
        fail(error);
        if (performance.now() - began >= timing.settledMs) backoff.reset();
        // One that is silent again watches from a version that the server does not know yet: of another history.
        if (error.status === 410 || error.status === 400 || (silent && error === SILENT)) mustList = true;
        silent = error === SILENT;
        await pause(waitAfter(error, backoff.next()));
      }
    }
  }

  function waitAfter({ status, retryAfterMs = 0 }: ClusterError, wait: number): number {
    if (status === 401 || status === 403) return timing.refusedMs * (0.5 + random() / 2);
    return Math.max(wait, Math.min(retryAfterMs, timing.retryMs[1]));
  }

  /** Compares again now and then, beside the watch: what it missed would never be noticed otherwise. */
  async function resync(): Promise<void> {
    while (!signal.aborted) {
      await pause(timing.resyncMs * (0.9 + random() / 5));
      if (signal.aborted || mustList) continue;
      try {
        await list();
      } catch (thrown) {
        if (!signal.aborted) fail(asError(thrown));
      }
    }
  }

  /** @throws ClusterError */
  async function list(): Promise<void> {
    await turns(async () => {
      try {
        await readList(timing.pageSize);
      } catch (error) {
        if (!(error instanceof ClusterError) || error.status !== 410) throw error;
        // The place in the list expired between two pages: all in one answer, as client-go's pager does.
        await readList(0);
      }
    });
  }

  /** @param limit 0: all in one page. */
  async function readList(limit: number): Promise<void> {
    const accept = acceptOf(kind, 'list');
    const { pageMs, connectMs } = timing;
    let comparison: ReturnType<typeof objects.compare> | undefined;
    let listed = '';
    for (let token = ''; ; ) {
      const query = new URLSearchParams(limit === 0 ? {} : { limit: String(limit) });
      if (token !== '') query.set('continue', token);
      const path = limit === 0 ? collection : `${collection}?${query}`;
      const text = await cluster.read(path, { accept, withinMs: pageMs, connectMs, signal });
      const page = readPage(text, collection);
      if (comparison === undefined) {
        listed = page.version;
        comparison = objects.compare(beginsAnew(listed));
      }
      for (const item of page.items) {
        const resource = read(item);
        if (resource !== undefined) comparison.put(resource);
      }
      if (page.next === '') break;
      if (page.next === token) throw new ClusterError(`${collection}: the list does not go on`);
      token = page.next;
    }
    const differences = comparison.finish(listed);
    if (differences === undefined) return;
    if (!mustList) counts.missed += differences;
    if (mustList || (compareVersions(listed, version) ?? 1) > 0) version = listed;
    counts.lists++;
    synced = true;
    sign();
    options.onSync?.();
  }

  /** Whether a list is older than what is known: the cluster was set back. A watch must not go on then. */
  function beginsAnew(listed: string): boolean {
    if (version === '' || !isOlder(listed, version)) return false;
    if (mustList) return true;
    startOver('the API server went back to an older state');
  }

  function startOver(why: string): never {
    mustList = true;
    const error = new ClusterError(`${collection}: ${why}`, 410);
    watching?.end(error);
    throw error;
  }

  /** One watch, until it ends. @throws ClusterError */
  async function follow(): Promise<void> {
    const began = performance.now();
    const stream = await cluster.open(watchPath(), {
      accept: acceptOf(kind, 'watch'),
      withinMs: timing.openMs,
      connectMs: timing.connectMs,
      signal,
    });
    watching = stream;
    counts.watches++;
    recover();
    const lines = createLines(timing.lineBytes);
    const alive = setTimeout(() => stream.end(SILENT), timing.silenceMs);
    let reached = version;
    let some = false;
    try {
      for await (const chunk of stream.chunks)
        for (const line of linesIn(chunk)) {
          if (signal.aborted) return;
          some = true;
          reached = take(line, reached);
          alive.refresh();
        }
    } finally {
      clearTimeout(alive);
      watching = undefined;
      stream.end();
    }
    if (!some && performance.now() - began < timing.shortMs)
      throw new ClusterError(`${collection}: the watch ended at once, without an event`);

    function linesIn(chunk: Buffer): string[] {
      try {
        return lines.push(chunk);
      } catch (error) {
        mustList = true;
        throw error;
      }
    }
  }

  function watchPath(): string {
    const [least, most] = timing.watchMs;
    const query = new URLSearchParams({
      watch: 'true',
      resourceVersion: version,
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(Math.max(1, Math.round((least + random() * (most - least)) / 1000))),
    });
    return `${collection}?${query}`;
  }

  /**
   * @param reached What the watch has come to.
   * @returns What it has come to now.
   */
  function take(line: string, reached: string): string {
    let event: ReturnType<typeof readEvent>;
    try {
      event = readEvent(line, collection);
    } catch (error) {
      // Something was told that nobody understood.
      mustList = true;
      throw error;
    }
    if (event.type === 'error') {
      if (event.error.status !== 429) mustList = true;
      throw event.error;
    }
    if (event.type === 'bookmark') {
      if (isOlder(event.version, reached)) startOver('the API server went back to an older state');
    } else {
      counts.events++;
      const resource = read(event.object);
      if (resource !== undefined) {
        const isNews = event.type === 'put' ? objects.put(resource) : objects.remove(resource);
        if (!isNews) counts.repeated++;
      }
    }
    sign();
    if ((compareVersions(event.version, version) ?? 1) > 0) version = event.version;
    return isOlder(event.version, reached) ? reached : event.version;
  }

  function read(object: JsonMap): Resource | undefined {
    const resource = asResource(object, kind, root);
    if (resource === undefined) counts.unreadable++;
    else share(resource.object);
    return resource;
  }

  function sign(): void {
    seenAt = now();
    recover();
  }

  function fail(error: ClusterError): void {
    problem = explain(error, kind);
    const refused = error.status === 403 && !forbidden;
    forbidden = error.status === 403;
    if (refused) options.onForbidden?.();
  }

  function recover(): void {
    problem = undefined;
    forbidden = false;
  }

  function pause(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal }).catch(() => {});
  }

  return {
    known: objects.known,
    counts,
    state: () => ({
      synced,
      seenAt,
      ...(problem !== undefined && { problem }),
      ...(forbidden && { forbidden }),
    }),
    learn: (resource) => void objects.put(resource),
    async close() {
      ending.abort();
      const late = new AbortController();
      const patience = sleep(timing.closeMs, undefined, { signal: late.signal }).catch(() => {});
      await Promise.race([Promise.all([running, resyncing]), patience]);
      late.abort();
    },
  };
}

const SILENT = new ClusterError('the watch says nothing any more, not even that nothing happens');

function asError(thrown: unknown): ClusterError {
  return thrown instanceof ClusterError ? thrown : new ClusterError(String(thrown), 0, { cause: thrown });
}
