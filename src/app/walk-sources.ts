import { existsSync, realpathSync } from 'node:fs';
import { sep } from 'node:path';
import type { Problem } from '../model/index.ts';
import { type FileEntry, isGitAddress, type Walk, walk } from '../sources/index.ts';
import { openSource, type Source } from './source.ts';
import { UsageError } from './usage.ts';

export interface Walked extends Omit<Walk, 'left'> {
  /** Of files that are of a commit: its object id, by the name they have in results. */
  readonly commits: ReadonlyMap<string, string>;
  /** The commit that a path is of; undefined for what lies here. */
  readonly commitAt: (path: string) => string | undefined;
  /** How results name a path at or below any PATH. */
  readonly show: (path: string) => string;
}

/** What is at or below every PATH, here and in commits, each once. */
export function walkSources(
  paths: readonly string[],
  { cwd, exclude }: { cwd: string; exclude: readonly string[] },
): Walked {
  for (const path of paths)
    if (!isGitAddress(path) && !existsSync(openSource(path, { flag: 'PATH', cwd }).path))
      throw new UsageError(`there is no ${path}`);
  const here = walk(
    paths.filter((path) => !isGitAddress(path)),
    { cwd, exclude },
  );
  const files = new Map(here.files.map((entry) => [entry.file, entry]));
  const problems: Problem[] = [...here.problems];
  const commits = new Map<string, string>();
  const walks: Walk[] = [here];
  const sources: Source[] = [];
  for (const address of paths.filter(isGitAddress)) {
    const source = openSource(address, { flag: 'PATH', cwd, names: 'file' });
    // What a commit holds is tracked: nothing of it is ignored.
    const walked = walk([source.path], { cwd, exclude, show: source.name });
    for (const entry of walked.files) {
      if (files.has(entry.file))
        throw new UsageError(`${entry.file} is given twice, of different commits`, 'scan them one by one');
      files.set(entry.file, entry);
      commits.set(entry.file, source.commit!);
    }
    problems.push(...source.problems, ...walked.problems);
    walks.push(walked);
    sources.push(source);
  }
  const sourceAt = (path: string) => sources.find((source) => `${path}${sep}`.startsWith(source.path + sep));
  const [written, real] = [cwd, realpathSync(cwd)].map((folder) =>
    openSource('.', { flag: 'PATH', cwd: folder }),
  );
  const hereFor = (path: string) => (path.startsWith(cwd + sep) ? written! : real!);
  return {
    files: [...files.values()],
    charts: walks.flatMap(({ charts }) => charts),
    kustomizations: walks.flatMap(({ kustomizations }) => kustomizations),
    without: (left): FileEntry[] => walks.flatMap((walked) => walked.without(left)),
    problems,
    commits,
    commitAt: (path) => sourceAt(path)?.commit,
    show: (path) => (sourceAt(path) ?? hereFor(path)).name(path),
  };
}
