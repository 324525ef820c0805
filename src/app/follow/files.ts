/** The files of a commit in a folder of their own, all that were asked for or none. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { checkOut, GitError, measureTree, type TreeLimits } from '../../sources/index.ts';
import type { FollowLayout } from './layout.ts';
import type { RefusalReason } from './state.ts';

export interface Fault {
  readonly reason: RefusalReason;
  readonly detail: string;
}

/** What a pointer of Git LFS begins with; it is YAML, and no policy. */
const LFS = 'version https://git-lfs.github.com/spec/';
const POINTER_BYTES = 1024;
/** So many names stand in a message. */
const NAMED = 5;

/** @returns where they are, as realpath has it; or why the commit is not to be used. */
export async function openCommitFiles(
  { repository, checkouts }: Pick<FollowLayout, 'repository' | 'checkouts'>,
  commit: string,
  path: string,
  limits: TreeLimits,
): Promise<{ readonly folder: string } | Fault> {
  const size = await measureTree(repository, commit, path, limits);
  if ('fault' in size) return { reason: size.fault, detail: size.detail };
  mkdirSync(checkouts, { recursive: true, mode: 0o700 });
  // A new one each time: somebody may still read the same commit where it was opened before.
  const folder = realpathSync(mkdtempSync(join(checkouts, `${commit}-`)));
  try {
    const left = checkOut(repository, commit, path, folder);
    if (left === undefined)
      return {
        reason: 'nothing-there',
        detail: path === '' ? 'it holds nothing' : `it holds nothing at ${path}`,
      };
    if (left.length > 0) return unreadable(left.map((file) => `${file.path}: ${file.why}`));
    const pointers = lfsPointers(folder);
    if (pointers.length > 0)
      return unreadable(
        pointers.map((file) => `${file} is a pointer of Git LFS; what it stands for is not fetched`),
      );
    return { folder };
  } catch (error) {
    // A name that would leave the folder.
    if (error instanceof GitError) return unreadable([error.message]);
    throw error;
  }
}

/** Removes the folders that nobody uses any more. */
export function removeOtherFiles(
  { checkouts }: Pick<FollowLayout, 'checkouts'>,
  used: readonly string[],
): void {
  let names: string[];
  try {
    names = readdirSync(checkouts);
  } catch {
    return;
  }
  for (const name of names)
    if (!used.some((folder) => basename(folder) === name))
      rmSync(join(checkouts, name), { recursive: true, force: true });
}

function unreadable(faults: readonly string[]): Fault {
  const more = faults.length > NAMED ? [`and ${faults.length - NAMED} more`] : [];
  return { reason: 'unreadable', detail: [...faults.slice(0, NAMED), ...more].join('; ') };
}

function lfsPointers(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const file = statSync(join(folder, name), { throwIfNoEntry: false });
    return (
      /\.(ya?ml|json)$/i.test(name) &&
      file?.isFile() === true &&
      file.size <= POINTER_BYTES &&
      readFileSync(join(folder, name), 'latin1').startsWith(LFS)
    );
  });
}
