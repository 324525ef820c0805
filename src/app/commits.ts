import type { Reported } from '../model/index.ts';
import { commitLookup } from '../sources/index.ts';

/** Names the checked-out commit in results on files that are as it has them; `pathOf` opens a file by its shown name; of `commits` it is known. */
export function withCommits(
  results: readonly Reported[],
  pathOf: (file: string) => string | undefined,
  commits: ReadonlyMap<string, string>,
): Reported[] {
  const lookup = commitLookup();
  const known = new Map<string, string | undefined>(commits);
  const commitOf = (file: string): string | undefined => {
    if (!known.has(file)) {
      const path = pathOf(file);
      known.set(file, path === undefined ? undefined : lookup(path));
    }
    return known.get(file);
  };
  return results.map((result) => {
    // Passes and skips are many, and nobody asks who wrote them.
    if (result.verdict === 'pass' || result.verdict === 'skip') return result;
    const commit = commitOf(result.origin.file);
    return commit === undefined ? result : { ...result, origin: { ...result.origin, commit } };
  });
}
