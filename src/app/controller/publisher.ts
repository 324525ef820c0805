/**
 * Brings one snapshot after the other to all workers: each is sent, compiled aside by every worker, and put in force in all
 * of them at once. Knows nothing of HTTP: workers poll, and an answer comes when there is something to do.
 */

/** A signed snapshot. */
export interface Published {
  readonly note: string;
  /** Of the content. */
  readonly text: string;
  readonly epoch: number;
  readonly digest: string;
}

/** What a worker is told: this snapshot, and whether it is to be put in force now. */
export interface Told {
  readonly note: string;
  readonly commit: boolean;
}

/** Epochs; 0: none. */
export interface Progress {
  readonly inForce: number;
  /** Compiled and ready to be put in force. */
  readonly prepared: number;
}

export interface WorkerState extends Progress {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly seenAt: number;
  /** Why it did not take the last snapshot; undefined: it did, or has yet to. */
  readonly refused: string | undefined;
  /** Policies that it no longer evaluates, since they kept taking too long. */
  readonly quarantined: readonly string[];
  /** Kinds that it may not list, such as `Deployment.apps`: policies that need them are errors there. */
  readonly unlisted: readonly string[];
  /** It answers no request: a snapshot comes into force without waiting for it. */
  readonly aside: boolean;
}

export interface PollOptions {
  readonly refused?: string | undefined;
  readonly quarantined?: readonly string[];
  readonly unlisted?: readonly string[];
  /** Default false. */
  readonly aside?: boolean;
}

export interface Publisher {
  /**
   * Resolves when the snapshot is in force, with the workers that had not prepared it by then: they take it when they have.
   * A later snapshot overtakes one that is not in force yet.
   *
   * @param kept Until it resolves workers only prepare it; where it rejects, nothing comes into force.
   */
  publish(snapshot: Published, kept?: Promise<void>): Promise<readonly string[]>;
  /** Resolves when there is something to do, or undefined after a while. */
  poll(worker: string, progress: Progress, options?: PollOptions): Promise<Told | undefined>;
  /** Undefined: no snapshot that anybody needs has this digest. */
  content(digest: string): string | undefined;
  current(): Published | undefined;
  /** Those that answer requests. */
  workers(): readonly WorkerState[];
  /** The others. */
  aside(): readonly WorkerState[];
  close(): void;
}

export interface PublisherOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds until a poll is answered though nothing happened. Default 25 s. */
  readonly pollMs?: number;
  /** Milliseconds that a snapshot waits for workers to prepare it. Default 120 s. */
  readonly patienceMs?: number;
}

interface Waiting {
  readonly worker: string;
  answer(told: Told | undefined): void;
}

interface Pending {
  readonly snapshot: Published;
  readonly done: (missing: readonly string[]) => void;
  readonly timer: NodeJS.Timeout;
  kept: boolean;
  /** Workers that have not prepared it are waited for. */
  patient: boolean;
}

/** Polls of a worker that is gone leave nothing behind. */
const MOST_WORKERS = 1_000;

export function createPublisher({ now, pollMs = 25_000, patienceMs = 120_000 }: PublisherOptions): Publisher {
  const workers = new Map<string, WorkerState>();
  const waiting = new Set<Waiting>();
  let inForce: Published | undefined;
  let pending: Pending | undefined;

  /** A worker that has not polled for longer than a poll takes is gone. */
  function alive(): WorkerState[] {
    const since = now() - pollMs * 2;
    for (const [id, { seenAt }] of workers) if (seenAt < since) workers.delete(id);
    return [...workers.values()];
  }

  function unprepared({ epoch }: Published): string[] {
    return alive()
      .filter(
        ({ prepared, inForce, refused, aside }) =>
          !aside &&
          // One without any takes what is in force as soon as it can.
          inForce > 0 &&
          Math.max(prepared, inForce) < epoch &&
          refused === undefined,
      )
      .map(({ id }) => id);
  }

  function commit({ snapshot, done, timer }: Pending): void {
    clearTimeout(timer);
    const missing = unprepared(snapshot);
    pending = undefined;
    inForce = snapshot;
    wake();
    done(missing);
  }

  function commitIfPrepared(): void {
    if (pending?.kept !== true) return;
    if (!pending.patient || unprepared(pending.snapshot).length === 0) commit(pending);
  }

  /** Null: nothing to do yet. */
  function dueFor({ inForce: has, prepared, refused, aside }: WorkerState): Told | null {
    const next = pending?.snapshot;
    if (!aside && next !== undefined && prepared < next.epoch && has > 0 && refused === undefined)
      return { note: next.note, commit: false };
    if (inForce === undefined || has >= inForce.epoch || refused !== undefined) return null;
    return { note: inForce.note, commit: true };
  }

  function wake(): void {
    for (const poll of [...waiting]) {
      const state = workers.get(poll.worker);
      const told = state === undefined ? undefined : dueFor(state);
      if (told !== null) poll.answer(told);
    }
  }

  return {
    publish(snapshot, kept) {
      return new Promise((resolve, reject) => {
        if (pending !== undefined) {
          clearTimeout(pending.timer);
          pending.done([]);
        }
        const timer = setTimeout(() => {
          own.patient = false;
          commitIfPrepared();
        }, patienceMs);
        const own: Pending = { snapshot, done: resolve, timer, kept: kept === undefined, patient: true };
        pending = own;
        kept?.then(
          () => {
            own.kept = true;
            commitIfPrepared();
          },
          (error) => {
            clearTimeout(timer);
            if (pending === own) pending = undefined;
            reject(error);
          },
        );
        // What a worker refused was another one.
        for (const [id, state] of workers) workers.set(id, { ...state, refused: undefined });
        wake();
        commitIfPrepared();
      });
    },
    poll(id, progress, { refused, quarantined = [], unlisted = [], aside = false } = {}) {
      if (!workers.has(id) && workers.size >= MOST_WORKERS) alive();
      if (!workers.has(id) && workers.size >= MOST_WORKERS) return Promise.resolve(undefined);
      const state = { id, ...progress, seenAt: now(), refused, quarantined, unlisted, aside };
      workers.set(id, state);
      for (const other of [...waiting]) if (other.worker === id) other.answer(undefined);
      commitIfPrepared();
      const told = dueFor(state);
      if (told !== null) return Promise.resolve(told);
      return new Promise((resolve) => {
        const timer = setTimeout(() => poll.answer(undefined), pollMs);
        const poll: Waiting = {
          worker: id,
          answer(what) {
            clearTimeout(timer);
            waiting.delete(poll);
            resolve(what);
          },
        };
        waiting.add(poll);
      });
    },
    content(digest) {
      return [pending?.snapshot, inForce].find((one) => one?.digest === digest)?.text;
    },
    current: () => inForce,
    workers: () => alive().filter(({ aside }) => !aside),
    aside: () => alive().filter(({ aside }) => aside),
    close() {
      if (pending?.kept === true) commit(pending);
      clearTimeout(pending?.timer);
      pending?.done([]);
      for (const poll of [...waiting]) poll.answer(undefined);
    },
  };
}
