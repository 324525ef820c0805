import { git } from './git.ts';
import { records } from './tree.ts';

/** What became of files between a commit and the working tree. */
export interface FileChanges {
  /** Paths that are not as they were, from the root: where each was before; undefined: it is new. */
  readonly now: ReadonlyMap<string, string | undefined>;
  /** Paths in the commit of what was changed, moved or deleted. */
  readonly before: readonly string[];
}

/** Compares a commit with the working tree: staged or not, untracked files too; renames are followed. */
export function fileChanges(root: string, commit: string): FileChanges {
  const listed = records(
    git(root, [
      'diff',
      '--name-status',
      '-z',
      '-M',
      '--no-ext-diff',
      '--no-textconv',
      '--ignore-submodules',
      commit,
    ]),
  );
  const now = new Map<string, string | undefined>();
  const before: string[] = [];
  for (let at = 0; at < listed.length; ) {
    const status = listed[at++]!;
    const path = listed[at++]!;
    const moved = status.startsWith('R') || status.startsWith('C');
    if (moved) now.set(listed[at++]!, path);
    else if (status !== 'D') now.set(path, status === 'A' ? undefined : path);
    if (status !== 'A') before.push(path);
  }
  for (const path of records(git(root, ['ls-files', '--others', '--exclude-standard', '-z', '--full-name'])))
    now.set(path, undefined);
  return { now, before };
}
