/**
 * What a process that evaluates does to always have the snapshot in force: it asks its controller, believes only what is
 * signed and newer, compiles beside its work, takes over when told, and keeps what it took for a start without controller.
 */
import type { DataFolder } from '../data-folder.ts';
import type { CompiledSnapshot } from '../snapshot/compile.ts';
import { keepSnapshot, readKept } from '../snapshot/keep.ts';
import { type SnapshotName, type Verifier, verify } from '../snapshot/note.ts';
import { openSnapshotAside } from '../snapshot/open.ts';
import type { ControllerClient } from './controller-client.ts';

export interface SnapshotFollower {
  /** Of the snapshot in force; 0: there is none. */
  readonly epoch: number;
  /** Why the last one was not taken; undefined: it was. */
  readonly refused: string | undefined;
  /** Whether the controller answers. */
  readonly connected: boolean;
  close(): Promise<void>;
}

export interface FollowOptions {
  readonly client: Pick<ControllerClient, 'poll' | 'content'>;
  readonly data: DataFolder;
  readonly verifiers: readonly Verifier[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Makes a compiled snapshot ready to be put in force. */
  readonly prepare: (snapshot: CompiledSnapshot) => Taking | Promise<Taking>;
  /** Policies that are not evaluated, to be told the controller. */
  readonly quarantined?: () => readonly string[];
  /** Kinds that may not be listed, to be told the controller. */
  readonly unlisted?: () => readonly string[];
  readonly log: (event: string, fields: Readonly<Record<string, unknown>>) => void;
  /** Milliseconds before the first retry. Default 250. */
  readonly retryMs?: number;
}

/** What becomes of a snapshot that is ready: one of the two, once. */
export interface Taking {
  /** Puts it in force, at once. */
  take(): void;
  /** Another one came in its place. */
  drop(): void;
}

interface Prepared extends SnapshotName, Taking {
  readonly snapshot: CompiledSnapshot;
  readonly note: string;
  readonly text: string;
}

const LONGEST_RETRY_MS = 10_000;

/** Of each list that a poll carries: what has no room there stands in the worker's own log. */
const MOST_SAID = 20;

function said(name: string, list: (() => readonly string[]) | undefined): [string, string][] {
  return (list?.() ?? []).slice(0, MOST_SAID).map((one) => [name, one]);
}

/** Resolves when the snapshot on the disk, if there is one, is in force. */
export async function followSnapshots(options: FollowOptions): Promise<SnapshotFollower> {
  const { client, data, verifiers, now, prepare, log, retryMs = 250 } = options;
  let inForce: Prepared | undefined;
  let prepared: Prepared | undefined;
  let refused: string | undefined;
  let connected = false;
  let closed = false;
  let wake = () => {};

  async function open(note: string, text: string): Promise<Prepared | undefined> {
    const opened = await openSnapshotAside(note, text, verifiers, inForce?.epoch ?? 0, {
      now: now(),
      ...(inForce === undefined ? {} : { previous: { ...inForce.snapshot, text: inForce.text } }),
    });
    if (!opened.ok) {
      refused = `${opened.reason}: ${opened.detail}`;
      log('snapshot refused', { reason: opened.reason, detail: opened.detail });
      return undefined;
    }
    const { snapshot, epoch, digest } = opened;
    const { take, drop } = await prepare(snapshot);
    return { snapshot, epoch, digest, note, text, take, drop };
  }

  function putInForce(next: Prepared): void {
    next.take();
    inForce = next;
    prepared = undefined;
    refused = undefined;
    log('snapshot in force', { epoch: next.epoch, digest: next.digest });
  }

  async function startFromDisk(): Promise<void> {
    const kept = readKept(data, verifiers);
    if (!kept.ok) {
      if (kept.reason !== 'none') log('kept snapshot refused', { reason: kept.reason, detail: kept.detail });
      return;
    }
    const next = await open(kept.note, kept.text);
    if (next !== undefined) putInForce(next);
  }

  /** Of a note that is authentic and newer: compiled, from wherever its content is. */
  async function prepareFor(note: string): Promise<Prepared | undefined> {
    const verified = verify(verifiers, note);
    if (!verified.ok) {
      refused = `${verified.reason}: ${verified.detail}`;
      log('snapshot refused', { reason: verified.reason, detail: verified.detail });
      return undefined;
    }
    if (prepared?.note === note) return prepared;
    if (verified.epoch <= (inForce?.epoch ?? 0)) {
      refused = `older-epoch: ${verified.epoch} is not newer than ${inForce!.epoch}`;
      log('snapshot refused', { reason: 'older-epoch', detail: refused });
      return undefined;
    }
    const text = inForce?.digest === verified.digest ? inForce.text : await client.content(verified.digest);
    return open(note, text);
  }

  async function step(): Promise<void> {
    const told = await client.poll([
      ['inForce', String(inForce?.epoch ?? 0)],
      ['prepared', String(prepared?.epoch ?? inForce?.epoch ?? 0)],
      ...(refused === undefined ? [] : [['refused', refused] as const]),
      ...said('quarantined', options.quarantined),
      ...said('unlisted', options.unlisted),
    ]);
    connected = true;
    if (told === undefined) return;
    refused = undefined;
    const { note, commit } = told;
    if (typeof note !== 'string') throw new Error('the controller names no snapshot');
    const before = prepared;
    prepared = await prepareFor(note);
    if (before !== undefined && before !== prepared) before.drop();
    if (prepared === undefined || commit !== true) return;
    const next = prepared;
    putInForce(next);
    await keepSnapshot(data, next, verifiers, now()).catch((error: unknown) =>
      log('snapshot not kept', { detail: String(error) }),
    );
  }

  async function follow(): Promise<void> {
    let failures = 0;
    while (!closed) {
      try {
        await step();
        failures = 0;
      } catch (error) {
        if (closed) return;
        if (connected || failures === 0) log('controller unreachable', { detail: String(error) });
        connected = false;
        const wait = Math.min(retryMs * 2 ** Math.min(failures++, 10), LONGEST_RETRY_MS);
        await pause(wait * (0.5 + Math.random() / 2));
      }
    }
  }

  function pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  await startFromDisk();
  const following = follow();
  return {
    get epoch() {
      return inForce?.epoch ?? 0;
    },
    get refused() {
      return refused;
    },
    get connected() {
      return connected;
    },
    async close() {
      closed = true;
      wake();
      // A poll that is under way ends when the client is closed.
      await Promise.race([following, pause(1_000)]);
    },
  };
}
