/** Files of a commit on disk, in a folder of our own: what holds there can be read like any other. */
import { mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, posix, sep } from 'node:path';
import { GitError } from './git.ts';
import { listTree, readBlobs, type TreeFile } from './tree.ts';

/** A file that was not written: nobody may take it for absent. */
export interface LeftOut {
  readonly path: string;
  readonly why: string;
}

/**
 * Writes the files of a commit at or below a path, if there are any.
 *
 * @param into A new folder, as realpath has it. Nothing is written outside, and no link leads out.
 * @param isWanted Of a path from the root: others are not written.
 * @returns undefined when the commit holds nothing there.
 */
export function checkOut(
  root: string,
  commit: string,
  path: string,
  into: string,
  isWanted: (path: string) => boolean = () => true,
): readonly LeftOut[] | undefined {
  const files = listTree(root, commit, path === '' ? [] : [path]).filter((file) => isWanted(file.path));
  if (files.length === 0) return undefined;
  for (const file of files) refuseOutside(file);
  const of = (kind: TreeFile['kind']) => files.filter((file) => file.kind === kind).map((file) => file.path);
  const plain = of('file');
  // A file may not be written through a link: links come last.
  const unread = writeFiles(plain, readBlobs(root, commit, plain), into);
  const links = of('link');
  const led = writeLinks(links, readBlobs(root, commit, links), into);
  return [...unread, ...led];
}

function refuseOutside({ path }: TreeFile): void {
  const odd =
    path === '' || posix.isAbsolute(path) || posix.normalize(path) !== path || path.startsWith('../');
  if (odd || (sep === '\\' && path.includes('\\')))
    throw new GitError(`the commit holds a file with the name ${JSON.stringify(path)}`);
}

function writeFiles(
  paths: readonly string[],
  contents: readonly (Buffer | undefined)[],
  into: string,
): LeftOut[] {
  return paths.flatMap((path, i) => {
    const content = contents[i];
    if (content === undefined)
      return [{ path, why: 'Git does not hold its content (is this a partial clone?)' }];
    return write(path, () => {
      mkdirSync(dirname(join(into, path)), { recursive: true });
      writeFileSync(join(into, path), content, { flag: 'wx' });
    });
  });
}

function writeLinks(
  paths: readonly string[],
  targets: readonly (Buffer | undefined)[],
  into: string,
): LeftOut[] {
  // Before the first link, so that no folder is made through one.
  for (const path of paths) mkdirSync(dirname(join(into, path)), { recursive: true });
  const failed = paths.flatMap((path, i) =>
    write(path, () => symlinkSync(targets[i]?.toString() ?? '', join(into, path))),
  );
  // Only with all of them in place is it known where each leads.
  const astray = paths.filter((path) => !leadsInside(join(into, path), into));
  for (const path of astray) rmSync(join(into, path), { force: true, recursive: true });
  return [
    ...failed,
    ...astray
      .filter((path) => !failed.some((failure) => failure.path === path))
      .map((path) => ({ path, why: 'the link leads out of what was asked for' })),
  ];
}

function write(path: string, writing: () => void): LeftOut[] {
  try {
    writing();
    return [];
  } catch (error) {
    return [{ path, why: `it cannot be written: ${(error as NodeJS.ErrnoException).code ?? error}` }];
  }
}

function leadsInside(path: string, folder: string): boolean {
  try {
    return realpathSync(path).startsWith(folder + sep);
  } catch {
    return false;
  }
}
