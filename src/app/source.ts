/** What a flag names: a file or folder here, or of a commit of this or another repository. */
import { join, posix, relative, resolve, sep } from 'node:path';
import type { Problem } from '../model/index.ts';
import {
  checkOut,
  commitOf,
  fetchCommit,
  findRepository,
  type GitAddress,
  GitError,
  isGitAddress,
  parseGitAddress,
} from '../sources/index.ts';
import { temporaryFolder } from './temporary.ts';
import { UsageError } from './usage.ts';

export interface Source {
  /** To open. It need not exist. */
  readonly path: string;
  /** How results name a path at or below it. */
  readonly name: (path: string) => string;
  /** The object id of the commit it is of; undefined for what lies here. */
  readonly commit: string | undefined;
  /** What of it cannot be read. */
  readonly problems: readonly Problem[];
}

export interface SourceOptions {
  /** For messages. */
  readonly flag: string;
  readonly cwd: string;
  /**
   * `ref`: names of another commit's files say which (`main:policies/a.yaml`), so that nobody takes them for those of the
   * working tree. `file`: they do not, so that a finding is the same in every commit.
   */
  readonly names?: 'ref' | 'file';
}

/** Opens `FILE`, `FOLDER` or `git::REPOSITORY//PATH?ref=REF`. What Git says no to is a UsageError. */
export function openSource(text: string, options: SourceOptions): Source {
  if (!isGitAddress(text)) return localSource(text, options.cwd);
  const wrong = (what: string, hint?: string) => new UsageError(`${options.flag}: ${text}: ${what}`, hint);
  const address = parseGitAddress(text);
  if ('fault' in address) throw wrong(address.fault, 'git::https://HOST/REPOSITORY//PATH?ref=REF');
  const shown = `${options.flag}: git::${address.repository}//${address.path}`;
  try {
    const found = commitSource(address, options);
    if ('fault' in found) throw new UsageError(`${shown}: ${found.fault}`, found.hint);
    return found;
  } catch (error) {
    if (error instanceof GitError) throw new UsageError(`${shown}: ${error.message}`);
    throw error;
  }
}

function localSource(text: string, cwd: string): Source {
  const name = (path: string) => {
    const within = relative(cwd, path);
    return unix(within.startsWith('..') ? path : within || '.');
  };
  return { path: resolve(cwd, text), name, commit: undefined, problems: [] };
}

/** To be read after the address; with what would be right. */
interface Fault {
  readonly fault: string;
  readonly hint?: string;
}

/** Files of a commit that a follower took in. */
export interface FollowedFiles {
  readonly root: string;
  readonly commit: string;
}

const followed = new Map<string, FollowedFiles | undefined>();

/**
 * Says what an address stands for from now on, in place of what Git would say. Without files it cannot be opened: nobody is
 * to fetch what its follower has not judged.
 */
export function setFollowed(address: GitAddress, cwd: string, files: FollowedFiles | undefined): void {
  followed.set(followedKey(address, cwd), files);
}

/** Git decides again. */
export function unfollow(address: GitAddress, cwd: string): void {
  followed.delete(followedKey(address, cwd));
}

function followedKey({ url, path, ref }: GitAddress, cwd: string): string {
  return JSON.stringify([url === '.' ? findRepository(cwd)?.root : url, path, ref]);
}

function commitSource(address: GitAddress, { cwd, names = 'ref' }: SourceOptions): Source | Fault {
  const key = followed.size === 0 ? '' : followedKey(address, cwd);
  if (followed.has(key)) return followedSource(address, followed.get(key), names);
  const commit = openCommit(address, cwd);
  if ('fault' in commit) return commit;
  const out = checkedOut(commit, address.path);
  if (out === undefined) return { fault: `${address.ref ?? 'HEAD'} holds nothing there` };
  const name = nameIn(address, commit, names);
  return {
    path: join(out.folder, address.path),
    name: (path) => name(unix(relative(out.folder, path))),
    commit: commit.id,
    problems: out.left.map(({ path, why }) => ({
      reason: 'unreadable-file',
      detail: why,
      origin: { file: name(path), line: 1, column: 1 },
    })),
  };
}

function followedSource(
  address: GitAddress,
  files: FollowedFiles | undefined,
  names: 'ref' | 'file',
): Source | Fault {
  if (files === undefined) return { fault: `no commit of ${address.ref ?? 'HEAD'} was taken in yet` };
  const { root, commit } = files;
  const name = nameIn(address, { root, id: commit, within: '' }, names);
  return {
    path: join(root, address.path),
    name: (path) => name(unix(relative(root, path))),
    commit,
    problems: [],
  };
}

interface Commit {
  /** Of the repository that holds it. */
  readonly root: string;
  readonly id: string;
  /** The working directory, from the root of its repository; of another repository `''`. */
  readonly within: string;
}

/** Every ref is asked for once: what a scan reads is of one commit, even if a branch moves meanwhile. */
const commits = new Map<string, Commit | Fault>();

function openCommit(address: GitAddress, cwd: string): Commit | Fault {
  const key = JSON.stringify([cwd, address.url, address.ref]);
  const found = commits.get(key) ?? findCommit(address, cwd);
  commits.set(key, found);
  return found;
}

function findCommit({ url, ref }: GitAddress, cwd: string): Commit | Fault {
  if (url !== '.') {
    const root = temporaryFolder();
    return { root, id: fetchCommit(url, ref, root), within: '' };
  }
  const root = findRepository(cwd)?.root;
  if (root === undefined) return { fault: 'this is no Git repository' };
  const id = commitOf(root, ref ?? 'HEAD');
  if (id === undefined)
    return { fault: `Git knows no ${ref ?? 'HEAD'}`, hint: 'fetch it first: git fetch origin BRANCH' };
  return { root, id, within: unix(relative(root, cwd)) };
}

function nameIn({ repository, ref }: GitAddress, { within, id }: Commit, names: 'ref' | 'file') {
  const here = repository === '.';
  if (names === 'file')
    return (path: string) => (here ? posix.relative(within, path) || '.' : `${repository}//${path}`);
  const commit = ref ?? id.slice(0, 12);
  return (path: string) => `${here ? '' : `${repository}@`}${commit}:${path}`;
}

interface CheckedOut {
  readonly folder: string;
  readonly left: NonNullable<ReturnType<typeof checkOut>>;
}

const checkouts = new Map<string, CheckedOut | undefined>();

function checkedOut({ root, id }: Commit, path: string): CheckedOut | undefined {
  const key = JSON.stringify([root, id, path]);
  if (!checkouts.has(key)) {
    const folder = temporaryFolder();
    const left = checkOut(root, id, path, folder);
    checkouts.set(key, left === undefined ? undefined : { folder, left });
  }
  return checkouts.get(key);
}

function unix(path: string): string {
  return sep === '/' ? path : path.split(sep).join('/');
}
