/** Where a ref of a repository elsewhere points now. */
import { PROTOCOLS } from './remote.ts';
import { type RunOptions, runGit } from './run.ts';

export interface Tip {
  /** In full, as the repository has it: `refs/heads/main`. A commit that is named by its id is its own. */
  readonly name: string;
  readonly commit: string;
}

const OBJECT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
/** A repository may have as many refs as it likes, and lists those that end in the name. */
const MOST_BYTES = 4 << 20;

/**
 * Asks for a branch, a tag, a full name (`refs/…`), HEAD, or a commit by its id.
 *
 * @param folder Any; nothing in it matters.
 * @returns undefined when there is no such ref. `both`: a branch and a tag have the name, and either may be meant.
 * @throws GitError when it cannot be asked.
 */
export async function remoteTip(
  folder: string,
  url: string,
  ref: string,
  options: RunOptions,
): Promise<Tip | 'both' | undefined> {
  if (OBJECT_ID.test(ref)) return { name: ref, commit: ref };
  const names = ref === 'HEAD' || ref.startsWith('refs/') ? [ref] : [`refs/heads/${ref}`, `refs/tags/${ref}`];
  const asked = names.flatMap((name) => [name, `${name}^{}`]);
  const answer = await runGit(folder, ['ls-remote', '--quiet', '--', url, ...asked], {
    ...options,
    allow: PROTOCOLS,
    maxBytes: MOST_BYTES,
  });
  const listed = new Map(
    answer
      .toString()
      .split('\n')
      .map((line) => line.split('\t', 2))
      .filter((parts) => parts.length === 2 && OBJECT_ID.test(parts[0]!))
      .map(([id, name]) => [name!, id!]),
  );
  const found = names.flatMap((name) => {
    // A tag with a message is an object of its own; `^{}` is what it stands for.
    const commit = listed.get(`${name}^{}`) ?? listed.get(name);
    return commit === undefined ? [] : [{ name, commit }];
  });
  return found.length > 1 ? 'both' : found[0];
}
