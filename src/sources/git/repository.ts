/** A Git working tree read from its files, without the git program: where it is, what is checked out. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export interface Repository {
  /** Folder of the working tree. */
  readonly root: string;
  /** Its own `.git` folder; of a worktree the one below `worktrees/`. */
  readonly gitDir: string;
  /** The shared one: refs, config, info/exclude. */
  readonly commonDir: string;
}

/** The repository a folder belongs to; undefined outside any. */
export function findRepository(folder: string): Repository | undefined {
  for (let root = resolve(folder); ; root = dirname(root)) {
    const repository = repositoryAt(root);
    if (repository !== undefined || root === dirname(root)) return repository;
  }
}

/** The repository whose working tree begins at a folder. */
export function repositoryAt(root: string): Repository | undefined {
  const gitDir = gitDirOf(root);
  if (gitDir === undefined) return undefined;
  const common = readText(join(gitDir, 'commondir'))?.trim();
  return { root, gitDir, commonDir: common === undefined ? gitDir : resolve(gitDir, common) };
}

function gitDirOf(root: string): string | undefined {
  const path = join(root, '.git');
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  if (stat.isDirectory()) return readText(join(path, 'HEAD')) === undefined ? undefined : path;
  const target = /^gitdir: (.+)/.exec(readText(path) ?? '')?.[1];
  return target === undefined ? undefined : resolve(root, target.trim());
}

const OBJECT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** The commit that is checked out, in hex; undefined before the first commit or when the refs cannot be read. */
export function headCommit(repository: Repository): string | undefined {
  let name = 'HEAD';
  // Symbolic refs may point at symbolic refs; git itself stops at five.
  for (let hops = 0; hops < 5; hops++) {
    const text = readText(join(repository.gitDir, name)) ?? readText(join(repository.commonDir, name));
    const value = text?.trim() ?? packedRef(repository, name);
    if (value === undefined) return undefined;
    const target = /^ref: (refs\/[^\0\s]+)$/.exec(value)?.[1];
    if (target === undefined) return OBJECT_ID.test(value) ? value : undefined;
    if (target.split('/').includes('..')) return undefined;
    name = target;
  }
  return undefined;
}

function packedRef(repository: Repository, name: string): string | undefined {
  for (const line of (readText(join(repository.commonDir, 'packed-refs')) ?? '').split('\n')) {
    const [id, ref] = line.split(' ', 2);
    if (ref === name) return id;
  }
  return undefined;
}

/** Bytes of an object id: 20, or 32 in a SHA-256 repository. */
export function objectIdBytes(repository: Repository): number {
  const config = readText(join(repository.commonDir, 'config')) ?? '';
  return /^\s*objectformat\s*=\s*sha256\s*$/im.test(config) ? 32 : 20;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
