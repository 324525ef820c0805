import { git } from './git.ts';

/** Everything else git could speak runs programs, or goes over an open line. */
export const PROTOCOLS = 'https:ssh:file';

/**
 * Fetches one commit of a repository elsewhere.
 *
 * @param ref A branch, tag or commit; undefined: its HEAD.
 * @param folder An empty folder, which becomes a repository without working tree.
 * @returns the object id.
 * @throws GitError as git says it.
 */
export function fetchCommit(url: string, ref: string | undefined, folder: string): string {
  git(folder, ['init', '--quiet', '--bare', '.']);
  const options = ['--quiet', '--depth=1', '--no-tags', '--no-recurse-submodules'];
  git(folder, ['fetch', ...options, '--', url, ref ?? 'HEAD'], { allow: PROTOCOLS });
  return git(folder, ['rev-parse', '--verify', 'FETCH_HEAD^{commit}']).toString().trim();
}
