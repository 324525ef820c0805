/**
 * Follows a folder, or one file. What is there is compared, so that a missed event is only late, and one that changes
 * nothing is none: editors save by renaming, and Kubernetes swaps the link `..data` of a mounted ConfigMap.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { watch } from 'chokidar';
import { atOnce, type Pausing, withPauses } from '../snapshot/steps.ts';
import type { Answer } from './answer.ts';
import { coalesced } from './coalesce.ts';

export interface FollowFolderOptions {
  /** No more events for so long: the change is complete. */
  readonly settleMs?: number;
  /** A change that goes on longer is looked at so often all the same. */
  readonly longestMs?: number;
  /** Without events it is looked at so often: file systems of a network send none. */
  readonly resyncMs?: number;
  /** A file that may not be there: then that is how it is, and its folder is watched for it. Default false. */
  readonly optional?: boolean;
  /** How long it may look without letting others have their turn; the first look, which nobody waits beside, takes none. */
  readonly pausing?: Pausing;
  /** Unix milliseconds. */
  readonly now: () => number;
}

export interface FolderState {
  readonly path: string;
  /** When it was last seen in full; Unix milliseconds. */
  readonly seenAt?: number;
  /** What is there now was refused; it is not offered again until it changes. */
  readonly refused?: { readonly reason: string; readonly at: number };
  /** Why it cannot be seen, or what `onChange` threw. */
  readonly problem?: string;
}

export interface FolderFollower {
  state(): FolderState;
  /** Looks now. */
  check(): Promise<FolderState>;
  /** Events arrive from here on. What is there at the start is no change. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

const SETTLE_MS = 300;
const LONGEST_MS = 5000;
const RESYNC_MS = 30_000;
/** Nobody has more policies; a folder that was named by mistake may have any number of files. */
const MOST_FILES = 100_000;

/** `onChange`: one call at a time, never for what it was called for before. A folder that is gone changes nothing. */
export function followFolder(
  path: string,
  onChange: () => Answer | Promise<Answer>,
  options: FollowFolderOptions,
): FolderFollower {
  const {
    settleMs = SETTLE_MS,
    longestMs = LONGEST_MS,
    resyncMs = RESYNC_MS,
    optional = false,
    pausing,
    now,
  } = options;
  let state: FolderState = { path };
  let known: string | undefined;
  let closed = false;
  const saw = (seen: string): string => {
    state = { path, seenAt: now(), ...(state.refused && { refused: state.refused }) };
    return seen;
  };
  const missed = (error: unknown): undefined => {
    state = { ...state, problem: `${(error as NodeJS.ErrnoException).code ?? (error as Error).message}` };
  };
  // What is there now is what the caller knows: nobody gets a turn to change it before it was seen.
  try {
    known = saw(atOnce(identifying(path, optional)));
  } catch (error) {
    missed(error);
  }
  const check = coalesced(async () => {
    if (closed) return state;
    const seen = await withPauses(identifying(path, optional), pausing).then(saw, missed);
    if (seen === undefined || seen === known || closed) return state;
    try {
      const answer = await onChange();
      known = seen;
      const { seenAt } = state;
      state = { path, ...(seenAt === undefined ? {} : { seenAt }) };
      if (!answer.accepted) state = { ...state, refused: { reason: answer.reason, at: now() } };
    } catch (error) {
      // It was not taken in: the next look calls again.
      state = { ...state, problem: `${(error as Error).message ?? error}` };
    }
    return state;
  });
  const { changed, stop } = settled(() => void check(), settleMs, longestMs);
  const watcher = optional
    ? watch(dirname(path), {
        ignoreInitial: true,
        depth: 0,
        ignored: (inner) => inner !== path && inner !== dirname(path),
      })
    : watch(path, {
        ignoreInitial: true,
        ignored: (inner) => /[\\/]\.git(?:[\\/]|$)/.test(inner.slice(path.length)),
      });
  watcher.on('all', changed);
  watcher.on('error', changed);
  const ready = new Promise<void>((done) => watcher.once('ready', done));
  const timer = setInterval(() => void check(), resyncMs);
  timer.unref();
  return {
    state: () => state,
    check,
    ready,
    close: async () => {
      closed = true;
      stop();
      clearInterval(timer);
      await watcher.close();
      await check();
    },
  };
}

/** What no {@link identity} is. */
const ABSENT = 'absent';

/** Calls when nothing was heard for a while, or when it was not quiet for too long. */
function settled(call: () => void, quietMs: number, longestMs: number) {
  let quiet: NodeJS.Timeout | undefined;
  let longest: NodeJS.Timeout | undefined;
  const stop = () => {
    clearTimeout(quiet);
    clearTimeout(longest);
    longest = undefined;
  };
  const end = () => {
    stop();
    call();
  };
  const changed = () => {
    clearTimeout(quiet);
    quiet = setTimeout(end, quietMs);
    longest ??= setTimeout(end, longestMs);
  };
  return { changed, stop };
}

/**
 * A text that differs when files do: by name, and where each really lies, its size, number and time. Links are followed.
 * Folders whose names begin with a dot hold no policies: `.git`, and the inside of a ConfigMap, whose files have names of
 * their own beside it. One step for each file or folder: what changes meanwhile may be seen half, and differs from what the
 * next look sees.
 */
function* identifying(path: string, optional: boolean): Generator<void, string> {
  if (optional && !existsSync(path)) return ABSENT;
  const hash = createHash('sha256');
  let files = 0;
  function* add(at: string, name: string, above: readonly string[]): Generator<void> {
    const stat = statSync(at, { throwIfNoEntry: false });
    if (stat === undefined) return;
    const real = realpathSync(at);
    if (!stat.isDirectory()) {
      if (++files > MOST_FILES) throw new Error(`it has more than ${MOST_FILES} files`);
      hash.update(JSON.stringify([name, real, stat.size, stat.ino, stat.mtimeMs, stat.ctimeMs]));
      return;
    }
    // Only a link can lead in a circle.
    if (above.includes(real) || /\/\.[^/]*$/.test(name)) return;
    for (const entry of readdirSync(at).sort()) {
      yield;
      yield* add(join(at, entry), `${name}/${entry}`, [...above, real]);
    }
  }
  // The folder itself has to be there: gone is not empty.
  statSync(path);
  yield* add(path, '', []);
  return hash.digest('hex');
}
