/** The commit a file's content belongs to. */
import { lstatSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, posix, relative, sep } from 'node:path';
import { type GitIndex, readIndex } from './gitindex.ts';
import { findRepository, headCommit, type Repository } from './repository.ts';

interface Known {
  readonly repository: Repository;
  readonly head: string | undefined;
  readonly index: GitIndex | undefined;
}

/**
 * Makes a function that gives the checked-out commit for a file, or undefined when the file is not tracked, was changed
 * since it was checked out, or its folder has staged changes. Every repository is read once, when first needed. A change
 * that keeps size and second of a file is not seen.
 */
export function commitLookup(): (path: string) => string | undefined {
  const folders = new Map<string, string>();
  const byFolder = new Map<string, Known | undefined>();
  const byRoot = new Map<string, Known>();
  /** Many files share a folder, and few are links. */
  const realPath = (path: string): string => {
    if (lstatSync(path).isSymbolicLink()) return realpathSync.native(path);
    const folder = dirname(path);
    const real = folders.get(folder) ?? realpathSync.native(folder);
    folders.set(folder, real);
    return join(real, basename(path));
  };
  const known = (folder: string): Known | undefined => {
    if (byFolder.has(folder)) return byFolder.get(folder);
    const repository = findRepository(folder);
    const found = repository === undefined ? undefined : (byRoot.get(repository.root) ?? read(repository));
    byFolder.set(folder, found);
    return found;
  };
  const read = (repository: Repository): Known => {
    const found = { repository, head: headCommit(repository), index: readIndex(repository) };
    byRoot.set(repository.root, found);
    return found;
  };
  return (path) => {
    try {
      const real = realPath(path);
      const found = known(dirname(real));
      return found !== undefined && isClean(found, real) ? found.head : undefined;
    } catch {
      return undefined;
    }
  };
}

function isClean({ repository, index }: Known, real: string): boolean {
  const path = relative(repository.root, real).split(sep).join('/');
  const entry = index?.entries.get(path);
  if (index === undefined || entry === undefined) return false;
  const folder = posix.dirname(path);
  if (!index.settled.has(folder === '.' ? '' : folder)) return false;
  const stat = statSync(real);
  return stat.size % 2 ** 32 === entry.size && Math.floor(stat.mtimeMs / 1000) === entry.seconds;
}
