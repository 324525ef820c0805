/**
 * Follows a Git ref: fast-forward only, signed if that is required, each commit taken whole or refused whole. What was
 * accepted last stays in force until something better is accepted, whatever becomes of the remote.
 */
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Descent,
  type FetchLimits,
  fetchFollowed,
  findRepository,
  type GitAddress,
  GitError,
  GitLimitError,
  holdsCommit,
  keepFollowed,
  openFollowed,
  readSignerKeys,
  remoteTip,
  type SignerKeys,
  type Tip,
  type TreeLimits,
  verifyCommit,
  withoutPassword,
} from '../../sources/index.ts';
import { UsageError } from '../usage.ts';
import { VERSION } from '../version.ts';
import type { Answer } from './answer.ts';
import { coalesced } from './coalesce.ts';
import { nextDelay } from './delay.ts';
import { openCommitFiles, removeOtherFiles } from './files.ts';
import { type FollowLayout, followLayout } from './layout.ts';
import { type FollowState, type RefusalReason, readFollowState, writeFollowState } from './state.ts';

export interface FollowGitOptions {
  /** Parsed by parseGitAddress; `.` is the repository of `cwd`. Without a ref: HEAD. */
  readonly address: GitAddress;
  readonly cwd: string;
  readonly dataFolder: string;
  /** Between looks at the ref; 60 when unset. */
  readonly pollSeconds?: number;
  /** Path of a file with allowed signers (ssh-keygen) or OpenPGP public keys. Unset: commits need no signature. */
  readonly requireSigned?: string;
  /** The id of a commit that a person accepts although it does not descend from the accepted one: once. */
  readonly accept?: string;
  readonly limits?: Partial<FollowLimits>;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** From 0 up to, not including, 1; Math.random when unset. */
  readonly random?: () => number;
  /** Called after every look, and when what is shown has changed. */
  readonly onState?: (state: FollowState) => void;
}

export interface FollowLimits {
  readonly fetch: FetchLimits;
  readonly tree: TreeLimits;
  /** How long the receiver may take. */
  readonly answerMs: number;
}

const LIMITS: FollowLimits = {
  fetch: { timeoutMs: 120_000, bytes: 256 << 20 },
  tree: { files: 20_000, bytes: 64 << 20 },
  answerMs: 600_000,
};

/** A commit that may come into force. */
export interface Delivery {
  readonly commit: string;
  /** Root of its files. They stay until the commit after the next one is accepted. */
  readonly root: string;
  /** What to open: `root` with the path of the address; a folder, or one file. */
  readonly folder: string;
  /** It was accepted before: Rampart was started again. */
  readonly again: boolean;
  readonly signedBy: string | undefined;
  /** Aborted when the answer comes too late, or the follower is closed: the commit may not come into force then. */
  readonly signal: AbortSignal;
}

/** One call at a time. What it throws is a problem of ours: the same commit is delivered again later. */
export type OnCommit = (delivery: Delivery) => Answer | Promise<Answer>;

export interface Follower {
  state(): FollowState;
  /** Looks at the ref now; with others who ask meanwhile, in one look. Never rejects. */
  poll(): Promise<FollowState>;
  /** The same, and a commit that was refused is judged again: what it was judged beside has changed. */
  retry(): Promise<FollowState>;
  /** A person accepts the commit that was refused as not-fast-forward; all other rules hold for it. */
  accept(commit: string): Promise<FollowState>;
  /** After what was accepted before was delivered, and the ref was looked at once. */
  readonly ready: Promise<void>;
  /** Waits for what is going on to end. */
  close(): Promise<void>;
}

/** Throws UsageError when it cannot begin: the state of earlier runs cannot be read, or `.` is no repository. */
export function followGit(options: FollowGitOptions, onCommit: OnCommit): Follower {
  const run = openRun(options, onCommit);
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  const again = () => {
    clearTimeout(timer);
    if (run.closing.signal.aborted) return;
    const delay = nextDelay(options.pollSeconds ?? 60, failures, (options.random ?? Math.random)());
    timer = setTimeout(poll, delay);
    timer.unref();
  };
  const poll = coalesced(async () => {
    if (run.closing.signal.aborted) return run.state;
    failures = (await attempt(run, () => look(run))) ? 0 : failures + 1;
    again();
    return run.state;
  });
  const ready = (async () => {
    await attempt(run, () => resume(run));
    await poll();
  })();
  return {
    state: () => run.state,
    poll: async () => {
      await ready;
      return poll();
    },
    retry: async () => {
      run.retry = true;
      await ready;
      return poll();
    },
    accept: async (commit) => {
      run.pardon = commit;
      await ready;
      return poll();
    },
    ready,
    close: async () => {
      run.closing.abort();
      clearTimeout(timer);
      await ready;
      await poll();
    },
  };
}

interface Run {
  readonly url: string;
  readonly ref: string;
  readonly path: string;
  readonly layout: FollowLayout;
  readonly limits: FollowLimits;
  readonly options: FollowGitOptions;
  readonly onCommit: OnCommit;
  readonly closing: AbortController;
  state: FollowState;
  /** As it stands in the file. */
  written: string;
  pardon: string | undefined;
  /** What was refused is judged again at the next look. */
  retry: boolean;
  /** The accepted commit was delivered by this process. */
  inForce: boolean;
  /** Folders with the files of the commit in force and of the one before. */
  used: readonly string[];
}

function openRun(options: FollowGitOptions, onCommit: OnCommit): Run {
  const { address, cwd, dataFolder, limits } = options;
  const url = address.url === '.' ? findRepository(cwd)?.root : address.url;
  if (url === undefined) throw new UsageError('git::.: this is no Git repository');
  const followed = { repository: address.repository, ref: address.ref ?? 'HEAD', path: address.path };
  const layout = followLayout(dataFolder, followed);
  const before = readFollowState(layout.state);
  const state = before ?? { format: 1, ...followed };
  return {
    url,
    ref: followed.ref,
    path: followed.path,
    layout,
    limits: { ...LIMITS, ...limits },
    options,
    onCommit,
    closing: new AbortController(),
    state,
    written: before === undefined ? '' : JSON.stringify(state),
    // What was accepted by it before is accepted once.
    pardon: options.accept === state.pardoned?.commit ? undefined : options.accept,
    retry: false,
    inForce: false,
    used: [],
  };
}

/** Does it, and keeps what is known afterwards. False: something kept it from being done. */
async function attempt(run: Run, work: () => Promise<void>): Promise<boolean> {
  let problem: string | undefined;
  try {
    await work();
    problem = run.state.problem;
  } catch (error) {
    if (run.closing.signal.aborted) return false;
    problem =
      error instanceof GitError
        ? withoutPassword(error, run.url, run.options.address.repository)
        : `${(error as Error).message ?? error}`;
  }
  run.state = { ...run.state, problem };
  try {
    keep(run);
  } catch (error) {
    problem = `what is known cannot be kept: ${(error as NodeJS.ErrnoException).code ?? error}`;
    run.state = { ...run.state, problem };
  }
  run.options.onState?.(run.state);
  return problem === undefined;
}

/** When the ref was last looked at is not worth a write. */
function keep(run: Run): void {
  const text = JSON.stringify({ ...run.state, lastPoll: undefined });
  if (text === run.written) return;
  writeFollowState(run.layout.state, run.state);
  run.written = text;
}

/** Delivers what was accepted before; the remote need not be there. */
async function resume(run: Run): Promise<void> {
  const { accepted } = run.state;
  removeOtherFiles(run.layout, []);
  if (accepted === undefined) return;
  await openFollowed(run.layout.repository);
  if (!(await holdsCommit(run.layout.repository, accepted.commit))) return;
  const refusal = await judge(run, accepted.commit, 'descends');
  run.state = {
    ...run.state,
    problem: refusal && `${accepted.commit} was accepted before, and is refused now: ${refusal.detail}`,
  };
}

async function look(run: Run): Promise<void> {
  mkdirSync(run.layout.folder, { recursive: true, mode: 0o700 });
  await openFollowed(run.layout.repository);
  const tip = await remoteTip(run.layout.repository, run.url, run.ref, {
    timeoutMs: run.limits.fetch.timeoutMs,
    signal: run.closing.signal,
  });
  run.state = { ...run.state, lastPoll: time(run) };
  if (tip === 'both')
    throw new GitError(
      `${run.ref} is a branch and a tag: write refs/heads/${run.ref} or refs/tags/${run.ref}`,
    );
  if (tip === undefined) throw new GitError(`there is no ${run.ref}`);
  run.state = { ...run.state, commit: tip.commit, problem: undefined };
  const settled = isSettled(run, tip.commit);
  run.retry = false;
  if (!settled) await decide(run, tip);
}

/** Nothing is to be done: it is in force, or was refused by the same rules. */
function isSettled(run: Run, commit: string): boolean {
  const { accepted, refused } = run.state;
  if (commit === accepted?.commit && run.inForce) {
    run.state = { ...run.state, refused: undefined };
    return true;
  }
  return commit === refused?.commit && refused.judgedBy === rules(run, commit) && !run.retry;
}

/** Fetches where the ref is, judges that, and says what became of it. */
async function decide(run: Run, tip: Tip): Promise<void> {
  const fetched = await fetchTip(run, tip);
  const { commit } = 'reason' in fetched ? tip : fetched;
  const judgedBy = rules(run, commit);
  const refusal = 'reason' in fetched ? fetched : await judge(run, commit, fetched.descent);
  run.state = { ...run.state, commit };
  if (refusal !== undefined)
    run.state = { ...run.state, refused: { commit, ...refusal, at: time(run), judgedBy } };
}

async function fetchTip(
  { layout, url, state, limits, closing }: Run,
  tip: Tip,
): Promise<RefusedFor | { readonly commit: string; readonly descent: Descent }> {
  try {
    const base = state.accepted?.commit;
    return await fetchFollowed(layout.repository, url, tip.name, base, limits.fetch, closing.signal);
  } catch (error) {
    // Too slow it may be today; too large it stays.
    if (error instanceof GitLimitError && error.limit === 'bytes')
      return { reason: 'too-large', detail: `${tip.commit}: ${error.message}` };
    throw error;
  }
}

interface RefusedFor {
  readonly reason: RefusalReason;
  readonly detail: string;
}

/** The rules in their order: the cheapest first, and none of the commit's content is opened before it may be trusted. */
async function judge(run: Run, commit: string, descent: Descent): Promise<RefusedFor | undefined> {
  const strayed = checkDescent(run, commit, descent);
  if (strayed !== undefined) return strayed;
  const signature = await checkSignature(run, commit);
  if ('reason' in signature) return signature;
  const files = await openCommitFiles(run.layout, commit, run.path, run.limits.tree);
  if ('reason' in files) return dropped(run, files);
  const answer = await deliver(run, commit, files.folder, signature.by);
  if (answer !== undefined) return dropped(run, answer);
  await accepted(run, commit, files.folder, signature.by);
  return undefined;
}

function checkDescent(run: Run, commit: string, descent: Descent): RefusedFor | undefined {
  const { accepted } = run.state;
  if (descent === 'descends' || accepted === undefined || run.pardon === commit) return undefined;
  const how = {
    behind: 'went back to',
    apart: 'was moved to',
    unknown: 'was moved, further than its history can be followed, to',
  }[descent];
  const detail =
    `${run.ref} ${how} ${commit}, which does not descend from ${accepted.commit}, which is in force; ` +
    `if that is meant, a person has to accept it: rampart serve --accept ${commit}`;
  return { reason: 'not-fast-forward', detail };
}

/**
 * Of the newest commit alone: it decides every file, and holds the ids of all commits before it, so who signs it vouches
 * for them. To ask it of each would refuse what forges merge unsigned below a signed merge, and protect nothing more.
 */
async function checkSignature(
  run: Run,
  commit: string,
): Promise<RefusedFor | { readonly by: string | undefined }> {
  const keys = signerKeys(run);
  if (keys === undefined) return { by: undefined };
  const signature = await verifyCommit(run.layout.repository, commit, keys, run.layout.scratch);
  if (signature.holds) return { by: signature.by };
  return { reason: signature.reason, detail: `${commit}: ${signature.detail}` };
}

async function deliver(
  run: Run,
  commit: string,
  root: string,
  signedBy: string | undefined,
): Promise<RefusedFor | undefined> {
  const late = new AbortController();
  const signal = AbortSignal.any([late.signal, run.closing.signal]);
  const again = commit === run.state.accepted?.commit;
  const folder = join(root, run.path);
  let timer: NodeJS.Timeout | undefined;
  const ended = new Promise<'late'>((end) => {
    timer = setTimeout(() => late.abort(), run.limits.answerMs);
    signal.addEventListener('abort', () => end('late'), { once: true });
  });
  try {
    const answer = await Promise.race([
      run.onCommit({ commit, root, folder, again, signedBy, signal }),
      ended,
    ]);
    run.closing.signal.throwIfAborted();
    if (answer === 'late')
      return { reason: 'timeout', detail: `no answer within ${run.limits.answerMs / 1000} s` };
    return answer.accepted ? undefined : { reason: 'rejected', detail: answer.reason };
  } finally {
    clearTimeout(timer);
  }
}

/** The commit before is kept beside it: somebody may still read its files. */
async function accepted(
  run: Run,
  commit: string,
  folder: string,
  signedBy: string | undefined,
): Promise<void> {
  const { accepted: before } = run.state;
  const isNew = before?.commit !== commit;
  run.state = {
    ...run.state,
    accepted: isNew ? { commit, at: time(run), ...(signedBy === undefined ? {} : { signedBy }) } : before,
    // Of an earlier run the ref may be at a commit that was refused.
    refused: run.state.commit === commit ? undefined : run.state.refused,
    ...(run.pardon === commit
      ? { pardoned: { commit, at: time(run), ...(before && { insteadOf: before.commit }) } }
      : {}),
  };
  if (run.pardon === commit) run.pardon = undefined;
  run.inForce = true;
  keep(run);
  run.used = [folder, ...run.used.slice(0, 1)];
  removeOtherFiles(run.layout, run.used);
  await keepFollowed(run.layout.repository, commit);
}

/** Files of a refused commit are gone at once. */
function dropped(run: Run, refusal: RefusedFor): RefusedFor {
  removeOtherFiles(run.layout, run.used);
  return refusal;
}

function signerKeys({ options: { requireSigned } }: Run): SignerKeys | undefined {
  return requireSigned === undefined ? undefined : readSignerKeys(requireSigned);
}

/** What a commit is judged by beside itself; when it changes, a refused one is judged again. */
function rules(run: Run, commit: string): string {
  const keys = signerKeys(run);
  const signers = keys === undefined ? 'anybody' : createHash('sha256').update(keys.bytes).digest('hex');
  const pardon = run.pardon === commit ? ', accepted by a person' : '';
  return `rampart ${VERSION}, signed by ${signers}${pardon}`;
}

function time({ options: { now } }: Run): string {
  return new Date(now()).toISOString();
}
