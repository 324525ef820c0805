/** What was observed, on its way to the controller: in batches, again until they arrive, within bounds. */
import { randomUUID } from 'node:crypto';
import type { Departure, FindingBatch, LiveRef, Observation, UnlistedKind } from '../../model/index.ts';

export interface Outbox {
  observed(observation: Observation): void;
  gone(departure: Departure): void;
  /** Everything that exists was looked at. */
  complete(): void;
  /** Sends what there is; resolves when it has arrived, or could not be sent. */
  flush(): Promise<void>;
  /** Objects whose news are not sent yet. */
  readonly waiting: number;
  /** False: whoever looks at objects should wait. */
  readonly hasRoom: boolean;
  /** Batches that the controller would not take. */
  readonly refused: number;
  close(): void;
}

export interface OutboxOptions {
  /** Of this process. */
  readonly run: string;
  /** Rejects with a `status`, where there is one. */
  readonly send: (batch: FindingBatch) => Promise<Heard>;
  /** How many objects each policy looks at. */
  readonly looked: () => Readonly<Record<string, number>>;
  /** Kinds that policies look at and nobody may list. Default: none. */
  readonly unlisted?: () => readonly UnlistedKind[];
  /** With every answer. `forgotten`: the controller knows nothing of what it was told before. */
  readonly heard: (answer: Heard, forgotten: boolean) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds between batches. Default 500. */
  readonly everyMs?: number;
  /** Milliseconds after which there is a batch though nothing happened. Default 5 s. */
  readonly idleMs?: number;
}

/** What the controller answers. */
export interface Heard {
  /** Milliseconds since 1970: what came before was forgotten. */
  readonly since: number;
  /** Namespaces whose objects change, and nobody is asked about any of them; sorted. */
  readonly unasked?: readonly string[];
}

const BATCH = 500;
/** Characters of JSON, about. */
const BATCH_SIZE = 1 << 20;
/** Of an object only the last news count, so that there are never more than objects. */
const MOST = 5_000;
const LONGEST_WAIT_MS = 10_000;

type News = { readonly observed: Observation } | { readonly gone: Departure };

export function createOutbox(options: OutboxOptions): Outbox {
  const { run, send, looked, unlisted = () => [], heard, now, everyMs = 500, idleMs = 5_000 } = options;
  const news = new Map<string, News>();
  let complete = false;
  let unsent: FindingBatch | undefined;
  let sending: Promise<void> | undefined;
  let since: number | undefined;
  let [sentAt, waitUntil, failures, refused] = [0, 0, 0, 0];

  function nextBatch(): FindingBatch | undefined {
    if (news.size === 0 && !complete && now() - sentAt < idleMs) return undefined;
    const observed: Observation[] = [];
    const gone: Departure[] = [];
    let size = 0;
    for (const [key, one] of news) {
      if (observed.length + gone.length >= BATCH || size > BATCH_SIZE) break;
      news.delete(key);
      if ('observed' in one) {
        observed.push(one.observed);
        size += sizeOf(one.observed);
      } else gone.push(one.gone);
    }
    const last = news.size === 0;
    const batch = { key: randomUUID(), run, time: now(), observed, gone, complete: complete && last };
    if (last) complete = false;
    return last ? { ...batch, looked: looked(), unlisted: unlisted() } : batch;
  }

  async function sendAll(): Promise<void> {
    for (;;) {
      unsent ??= nextBatch();
      if (unsent === undefined) return;
      try {
        hear(await send(unsent));
      } catch (error) {
        if (!isRefused(error)) {
          waitUntil = performance.now() + Math.min(everyMs * 2 ** failures++, LONGEST_WAIT_MS);
          return;
        }
        refused++;
      }
      failures = 0;
      sentAt = now();
      unsent = undefined;
    }
  }

  function hear(answer: Heard): void {
    const forgotten = since !== undefined && answer.since !== since;
    since = answer.since;
    heard(answer, forgotten);
  }

  function flush(): Promise<void> {
    sending ??= sendAll().finally(() => {
      sending = undefined;
    });
    return sending;
  }

  const timer = setInterval(() => {
    if (performance.now() >= waitUntil) void flush();
  }, everyMs).unref();
  return {
    observed: (observation) => put(news, keyOf(observation.resource), { observed: observation }),
    gone: (departure) => put(news, keyOf(departure.resource), { gone: departure }),
    complete: () => {
      complete = true;
    },
    flush,
    get waiting() {
      return news.size + (unsent === undefined ? 0 : unsent.observed.length + unsent.gone.length);
    },
    get hasRoom() {
      return news.size < MOST;
    },
    get refused() {
      return refused;
    },
    close: () => clearInterval(timer),
  };
}

/** News of an object come after what was said of others before: made again under its name, it is gone first. */
function put(news: Map<string, News>, key: string, one: News): void {
  news.delete(key);
  news.set(key, one);
}

/** What is refused once would be refused for ever, and hold up all that comes after it. */
function isRefused(error: unknown): boolean {
  const status = (error as { readonly status?: unknown })?.status;
  return status === 400 || status === 404 || status === 413;
}

function sizeOf({ findings }: Observation): number {
  return findings.reduce((sum, { detail }) => sum + detail.length + 400, 300);
}

/** What is made again under a name is another object: both have news of their own. */
function keyOf({ apiVersion, kind, namespace, name, uid }: LiveRef): string {
  return `${apiVersion} ${kind} ${namespace}/${name} ${uid}`;
}
