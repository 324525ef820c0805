/** A repository of our own that takes in where a ref elsewhere goes, commit by commit. */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { GitError } from './git.ts';
import { PROTOCOLS } from './remote.ts';
import { GitLimitError, type RunOptions, runGit, tryGit } from './run.ts';

export interface FetchLimits {
  /** Of one fetch. */
  readonly timeoutMs: number;
  readonly bytes: number;
}

/** How a commit stands to an earlier one. */
export type Descent =
  | 'descends'
  /** The earlier one is after it. */
  | 'behind'
  | 'apart'
  /** The history between them is longer than the limits allow to see. */
  | 'unknown';

const LOCAL: RunOptions = { timeoutMs: 60_000 };
/** How much history is looked at for the earlier commit, one after the other; then all of it. */
const DEPTHS = [50, 1000];
const CANDIDATE = 'refs/rampart/candidate';
const ACCEPTED = 'refs/rampart/accepted';
/** Every fetch leaves a pack; so many are made one. */
const MOST_PACKS = 30;

/** Makes the repository, without working tree, where there is none. */
export async function openFollowed(folder: string): Promise<void> {
  if (existsSync(join(folder, 'HEAD'))) return;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await runGit(folder, ['init', '--quiet', '--bare', '--template=', '.'], LOCAL);
}

/**
 * Fetches a ref with as much history as shows how it stands to `base`.
 *
 * @param name In full, or the id of a commit.
 * @param base An earlier commit; undefined: history does not matter.
 * @returns the commit that was fetched: the ref may have moved since it was asked for.
 * @throws GitError, GitLimitError when the newest commits alone are more than the limits allow.
 */
export async function fetchFollowed(
  folder: string,
  url: string,
  name: string,
  base: string | undefined,
  limits: FetchLimits,
  signal: AbortSignal,
): Promise<{ readonly commit: string; readonly descent: Descent }> {
  const fetch = (depth: readonly string[]) =>
    runGit(folder, [...FETCH, ...depth, '--', url, `+${name}:${CANDIDATE}`], {
      timeoutMs: limits.timeoutMs,
      growth: { folder: join(folder, 'objects'), bytes: limits.bytes },
      allow: PROTOCOLS,
      signal,
    });
  clearLeftovers(folder);
  await fetch([`--depth=${base === undefined ? 1 : DEPTHS[0]}`]);
  const commit = await candidate(folder, signal);
  if (base === undefined) return { commit, descent: 'descends' };
  for (const depth of [...DEPTHS.slice(1).map((deep) => [`--depth=${deep}`]), ['--unshallow'], undefined]) {
    if (await isAncestor(folder, base, commit)) return { commit, descent: 'descends' };
    if (depth === undefined || !(await isShallow(folder))) break;
    try {
      await fetch(depth);
    } catch (error) {
      if (error instanceof GitLimitError) return { commit, descent: 'unknown' };
      throw error;
    }
    // Moved between two fetches: the next look at the ref sees it.
    if ((await candidate(folder, signal)) !== commit) return { commit, descent: 'unknown' };
  }
  return { commit, descent: (await isAncestor(folder, commit, base)) ? 'behind' : 'apart' };
}

/** Nothing but the ref: no tags, no submodules, no other program afterwards; one pack, so that it can be measured. */
const FETCH = [
  ['-c', 'fetch.unpackLimit=1'],
  ['-c', 'gc.auto=0'],
  ['-c', 'maintenance.auto=false'],
  ['-c', 'http.lowSpeedLimit=1000'],
  ['-c', 'http.lowSpeedTime=30'],
  ['fetch', '--quiet', '--force', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head'],
].flat();

/** What a git that was killed leaves: packs without end, and locks at which every later one would stop. */
function clearLeftovers(folder: string): void {
  const remains: readonly (readonly [string, RegExp])[] = [
    ['objects/pack', /^(?:\.?tmp_|incoming)/],
    ['.', /\.lock$/],
    ['refs/rampart', /\.lock$/],
  ];
  for (const [below, pattern] of remains) {
    const place = join(folder, below);
    if (!existsSync(place)) continue;
    for (const name of readdirSync(place))
      if (pattern.test(name)) rmSync(join(place, name), { recursive: true, force: true });
  }
}

async function candidate(folder: string, signal: AbortSignal): Promise<string> {
  const answer = await runGit(folder, ['rev-parse', '--verify', `${CANDIDATE}^{commit}`], {
    ...LOCAL,
    signal,
  });
  return answer.toString().trim();
}

async function isAncestor(folder: string, older: string, newer: string): Promise<boolean> {
  const { code } = await tryGit(folder, ['merge-base', '--is-ancestor', older, newer], LOCAL);
  return code === 0;
}

async function isShallow(folder: string): Promise<boolean> {
  const answer = await runGit(folder, ['rev-parse', '--is-shallow-repository'], LOCAL);
  return answer.toString().trim() === 'true';
}

/** Whether the repository has the files of a commit. */
export async function holdsCommit(folder: string, commit: string): Promise<boolean> {
  const { code } = await tryGit(folder, ['cat-file', '-e', `${commit}^{tree}`], LOCAL);
  return code === 0;
}

/** Keeps a commit from being cleared away, and clears away what is kept by nothing when much has come together. */
export async function keepFollowed(folder: string, commit: string): Promise<void> {
  await runGit(folder, ['update-ref', ACCEPTED, commit], LOCAL);
  const packs = readdirSync(join(folder, 'objects', 'pack')).filter((name) => name.endsWith('.pack'));
  if (packs.length > MOST_PACKS)
    await runGit(folder, ['gc', '--quiet', '--prune=now'], { timeoutMs: 300_000 });
}

export interface TreeLimits {
  readonly files: number;
  readonly bytes: number;
}

export interface TreeSize {
  readonly files: number;
  readonly bytes: number;
}

/** Why the files should not be checked out. */
export interface TreeFault {
  readonly fault: 'too-large' | 'unreadable';
  readonly detail: string;
}

/** What would be checked out at or below a path. */
export async function measureTree(
  folder: string,
  commit: string,
  path: string,
  limits: TreeLimits,
): Promise<TreeSize | TreeFault> {
  // A line takes at most a path of 4 KiB; a tree that holds itself over and over ends here too.
  const printed = { ...LOCAL, maxBytes: Math.max(1 << 20, limits.files * 512) };
  const paths = path === '' ? [] : [path];
  let listed: Buffer;
  try {
    listed = await runGit(
      folder,
      ['ls-tree', '-r', '-l', '-z', '--full-tree', commit, '--', ...paths],
      printed,
    );
  } catch (error) {
    if (error instanceof GitLimitError) return tooLarge(`it holds more than ${limits.files} files`);
    throw error;
  }
  const records = listed.toString().split('\0').slice(0, -1);
  let bytes = 0;
  for (const record of records) {
    const path = record.slice(record.indexOf('\t') + 1);
    const [mode, , , size] = record.split(/\s+/, 4);
    if (mode === '160000') return unreadable(`${path} is a submodule, which is not fetched`);
    if (GIT_FOLDER.test(path)) return unreadable(`${JSON.stringify(path)} is in a folder of Git`);
    bytes += Number(size);
  }
  if (records.length > limits.files)
    return tooLarge(`it holds ${records.length} files, and more than ${limits.files} are not read`);
  if (!(bytes <= limits.bytes))
    return tooLarge(`its files have ${bytes} bytes, and more than ${limits.bytes} are not read`);
  return { files: records.length, bytes };
}

/** No commit that git made holds one: it would make a repository, with settings, of what was checked out. */
const GIT_FOLDER = /(?:^|\/)(?:\.git|git~1)[. ]*(?:\/|$)/i;

function unreadable(detail: string): TreeFault {
  return { fault: 'unreadable', detail };
}

function tooLarge(detail: string): TreeFault {
  return { fault: 'too-large', detail };
}

/** Git's errors name the URL, which may hold a password. */
export function withoutPassword(error: GitError, url: string, repository: string): string {
  return url === repository ? error.message : error.message.replaceAll(url, repository);
}
