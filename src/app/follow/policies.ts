/** Follows everything that `policies` names: folders, files and refs. Each change is judged with all the others as they are in force. */
import { resolve } from 'node:path';
import type { Values } from '../../config/index.ts';
import { type GitAddress, isGitAddress, parseGitAddress } from '../../sources/index.ts';
import { type FollowedFiles, setFollowed, unfollow } from '../source.ts';
import { UsageError } from '../usage.ts';
import type { Answer } from './answer.ts';
import { type FolderFollower, type FolderState, type FollowFolderOptions, followFolder } from './folder.ts';
import { type Delivery, type Follower, type FollowGitOptions, followGit } from './git.ts';
import type { FollowState } from './state.ts';

export interface FollowPoliciesOptions
  extends Pick<FollowGitOptions, 'cwd' | 'dataFolder' | 'now' | 'random' | 'accept' | 'limits'> {
  /** As `policies` of rampart.yaml has them. */
  readonly policies: readonly string[];
  /** The key of rampart.yaml. */
  readonly follow: NonNullable<Values['follow']>;
  readonly folders?: Omit<FollowFolderOptions, 'now'>;
  /** What is shown has changed. */
  readonly onState?: () => void;
}

/** What made it necessary to look at all policies again. */
export interface PolicyChange {
  /** `start`, a folder or file, or a repository without its password. */
  readonly source: string;
  readonly commit?: string;
  /** Aborted: what was made of it may not come into force any more. */
  readonly signal: AbortSignal;
}

/** Opens the sources by openSource: addresses that are followed are there as their followers took them in. */
export type Rebuild = (change: PolicyChange) => Answer | Promise<Answer>;

export type SourceState =
  | ({ readonly kind: 'git' } & FollowState)
  | ({ readonly kind: 'folder' } & FolderState);

export interface PolicyFollowers {
  /** In the order of `policies`, without `builtin`. */
  state(): readonly SourceState[];
  /** Looks at every ref: a push came in. */
  poll(): Promise<void>;
  /** A person accepts a commit that was refused as not-fast-forward. False: no ref is there. */
  accept(commit: string): Promise<boolean>;
  /** After every source was looked at once; a snapshot was asked for if all of them are there. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

/** Throws UsageError for sources that cannot be followed. */
export function followPolicies(options: FollowPoliciesOptions, rebuild: Rebuild): PolicyFollowers {
  const run: Run = {
    options,
    rebuild,
    closing: new AbortController(),
    refs: [],
    folders: [],
    turn: Promise.resolve(),
  };
  const named = options.policies.filter((source) => source !== 'builtin');
  const addresses = named.filter(isGitAddress).map(addressOf);
  // None may be opened before all are known to be followed.
  run.refs.push(...addresses.map((address) => ({ address, files: undefined, follower: undefined })));
  for (const { address } of run.refs) setFollowed(address, options.cwd, undefined);
  for (const ref of run.refs) ref.follower = followRef(run, ref);
  run.folders.push(
    ...named.filter((source) => !isGitAddress(source)).map((source) => followPath(run, source)),
  );
  const ready = start(run);
  return {
    state: () => statesOf(run, named),
    poll: async () => void (await Promise.all(run.refs.map(({ follower }) => follower!.poll()))),
    accept: async (commit) => {
      const states = await Promise.all(run.refs.map(({ follower }) => follower!.accept(commit)));
      return states.some(({ accepted }) => accepted?.commit === commit);
    },
    ready,
    close: async () => {
      run.closing.abort();
      const all = [...run.refs.map(({ follower }) => follower!), ...run.folders];
      await Promise.all(all.map((one) => one.close()));
      await ready;
      for (const { address } of run.refs) unfollow(address, options.cwd);
    },
  };
}

interface Ref {
  readonly address: GitAddress;
  /** What the address stands for: in force, or in wait for the other sources. */
  files: FollowedFiles | undefined;
  follower: Follower | undefined;
}

interface Run {
  readonly options: FollowPoliciesOptions;
  readonly rebuild: Rebuild;
  readonly closing: AbortController;
  readonly refs: Ref[];
  readonly folders: FolderFollower[];
  /** Ends when nothing is being judged; each source has at most one change in it. */
  turn: Promise<unknown>;
}

async function start(run: Run): Promise<void> {
  await Promise.all([
    ...run.refs.map(({ follower }) => follower!.ready),
    ...run.folders.map((one) => one.ready),
  ]);
  if (run.refs.length === 0)
    await inTurn(run, () => run.rebuild({ source: 'start', signal: run.closing.signal })).catch(
      () => undefined,
    );
}

function addressOf(source: string): GitAddress {
  const address = parseGitAddress(source);
  if ('fault' in address) throw new UsageError(`policies: ${source}: ${address.fault}`);
  return address;
}

function followRef(run: Run, ref: Ref): Follower {
  const { cwd, dataFolder, now, random, accept, limits, follow, onState } = run.options;
  const options = {
    address: ref.address,
    cwd,
    dataFolder,
    now,
    ...(random && { random }),
    ...(accept === undefined ? {} : { accept }),
    ...(limits && { limits }),
    ...(follow.pollSeconds === undefined ? {} : { pollSeconds: follow.pollSeconds }),
    ...(follow.requireSigned === undefined ? {} : { requireSigned: resolve(cwd, follow.requireSigned) }),
    ...(onState && { onState }),
  };
  return followGit(options, (delivery) => inTurn(run, () => takeIn(run, ref, delivery)));
}

/** Judges a commit with all other sources; where it is refused the address stands again for what it did before. */
async function takeIn(run: Run, ref: Ref, { root, commit, signal }: Delivery): Promise<Answer> {
  if (signal.aborted) return { accepted: false, reason: 'it came too late' };
  const before = ref.files;
  place(run, ref, { root, commit });
  const missing = run.refs.filter(({ files }) => files === undefined);
  if (missing.length > 0) {
    if (before?.commit !== commit) retryOthers(run, ref);
    throw new Error(`it waits for ${missing.map(({ address }) => nameOf(address)).join(', ')}`);
  }
  let answer: Answer | undefined;
  try {
    answer = await run.rebuild({ source: nameOf(ref.address), commit, signal });
  } finally {
    if (answer?.accepted !== true || signal.aborted) place(run, ref, before);
  }
  if (answer.accepted) retryOthers(run, ref);
  return answer;
}

function place(run: Run, ref: Ref, files: FollowedFiles | undefined): void {
  ref.files = files;
  setFollowed(ref.address, run.options.cwd, files);
}

/** What was refused, or waits, may have been so for what has changed now. */
function retryOthers(run: Run, changed: Ref | undefined): void {
  for (const ref of run.refs) {
    const { refused, problem } = ref.follower?.state() ?? {};
    const mayChange = refused?.reason === 'rejected' || problem !== undefined;
    if (ref !== changed && mayChange) void ref.follower?.retry();
  }
}

function followPath(run: Run, source: string): FolderFollower {
  const { cwd, now, folders, onState } = run.options;
  const change = { source, signal: run.closing.signal };
  return followFolder(
    resolve(cwd, source),
    async () => {
      const answer = await inTurn(run, () => run.rebuild(change));
      if (answer.accepted) retryOthers(run, undefined);
      onState?.();
      return answer;
    },
    { ...folders, now },
  );
}

/** One after the other: a change is judged beside what is in force, not beside what is being judged. */
function inTurn<T>(run: Run, work: () => T | Promise<T>): Promise<T> {
  const turn = run.turn.then(work);
  run.turn = turn.catch(() => undefined);
  return turn;
}

function nameOf({ repository, path, ref }: GitAddress): string {
  return `git::${repository}//${path}${ref === undefined ? '' : `?ref=${ref}`}`;
}

function statesOf(run: Run, named: readonly string[]): SourceState[] {
  const [refs, folders] = [[...run.refs], [...run.folders]];
  return named.map((source) =>
    isGitAddress(source)
      ? { kind: 'git', ...refs.shift()!.follower!.state() }
      : { kind: 'folder', ...folders.shift()!.state() },
  );
}
