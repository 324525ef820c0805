/** The commit a file's content belongs to. */
import { lstatSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, posix, relative, sep } from 'node:path';
import { type GitIndex, readIndex } from './gitindex.ts';
import { headCommit, type Repository, repositoryAt } from './repository.ts';

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
  /** Many files share a folder, and few are links. */
  const realPath = (path: string): string => {
    if (lstatSync(path).isSymbolicLink()) return realpathSync.native(path);
    const folder = dirname(path);
    const real = folders.get(folder) ?? realpathSync.native(folder);
    folders.set(folder, real);
    return join(real, basename(path));
  };
  /** Of a folder, or of those above it: they are shared even more. */
  const known = (folder: string): Known | undefined => {
    if (byFolder.has(folder)) return byFolder.get(folder);
    const repository = repositoryAt(folder);
    const above = dirname(folder);
    const found = repository === undefined ? (above === folder ? undefined : known(above)) : read(repository);
    byFolder.set(folder, found);
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

function read(repository: Repository): Known {
  return { repository, head: headCommit(repository), index: readIndex(repository) };
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
