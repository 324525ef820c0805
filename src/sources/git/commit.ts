/** The commit a file's content belongs to. */
import { realpathSync, statSync } from 'node:fs';
import { dirname, posix, relative, sep } from 'node:path';
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
  const byFolder = new Map<string, Known | undefined>();
  const known = (folder: string): Known | undefined => {
    if (byFolder.has(folder)) return byFolder.get(folder);
    const repository = findRepository(folder);
    const shared = [...byFolder.values()].find((other) => other?.repository.root === repository?.root);
    const found =
      repository === undefined
        ? undefined
        : (shared ?? { repository, head: headCommit(repository), index: readIndex(repository) });
    byFolder.set(folder, found);
    return found;
  };
  return (path) => {
    try {
      const real = realpathSync.native(path);
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
