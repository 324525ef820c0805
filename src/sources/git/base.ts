import { ask } from './git.ts';

/** Why no commit was found to compare with. */
export interface NoBase {
  readonly fault: string;
  readonly hint: string;
}

const SHALLOW_HINT =
  'the clone is shallow: fetch the history (fetch-depth: 0, GIT_DEPTH: 0 or git fetch --unshallow)';

/**
 * The commit where the checked-out branch left another.
 *
 * @param root The repository's root.
 * @param name A branch, tag or commit; undefined: what the branch is to be merged into, as far as that can be known.
 * @param env Variables by which GitHub and GitLab say it.
 */
export function mergeBase(
  root: string,
  name: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): { readonly commit: string; readonly name: string } | NoBase {
  const target = name ?? targetOf(root, env);
  if (target === undefined)
    return { fault: 'it is not known what to compare with', hint: 'name a branch or commit: --changed=main' };
  const tip = commitOf(root, target);
  if (tip === undefined)
    return { fault: `Git knows no ${target}`, hint: hintFor(root, 'git fetch it first') };
  const commit = ask(root, 'merge-base', tip, 'HEAD');
  if (commit === undefined)
    return {
      fault: `HEAD and ${target} have no commit in common`,
      hint: hintFor(root, 'compare with a branch of the same history'),
    };
  return { commit, name: target };
}

function hintFor(root: string, otherwise: string): string {
  return ask(root, 'rev-parse', '--is-shallow-repository') === 'true' ? SHALLOW_HINT : otherwise;
}

/** The object id of a branch, tag or commit. */
export function commitOf(root: string, name: string): string | undefined {
  // What begins with a dash would be a flag; `--end-of-options` says the same to newer versions of git only.
  if (name.startsWith('-')) return undefined;
  return ask(root, 'rev-parse', '--verify', '--quiet', `${name}^{commit}`);
}

function targetOf(root: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const { GITHUB_BASE_REF: github, CI_MERGE_REQUEST_TARGET_BRANCH_NAME: gitlab } = env;
  const names = [github, gitlab]
    .filter((name) => name !== undefined && name !== '')
    .map((name) => `origin/${name}`);
  if (names.length > 0) return names[0];
  return ['origin/HEAD', 'origin/main', 'origin/master', 'main', 'master'].find(
    (name) => commitOf(root, name) !== undefined,
  );
}
