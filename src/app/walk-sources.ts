import { existsSync } from 'node:fs';
import type { Problem } from '../model/index.ts';
import { type FileEntry, isGitAddress, walk } from '../sources/index.ts';
import { openSource } from './source.ts';
import { UsageError } from './usage.ts';

export interface Walked {
  readonly files: readonly FileEntry[];
  readonly problems: readonly Problem[];
  /** Of files that are of a commit: its object id, by the name they have in results. */
  readonly commits: ReadonlyMap<string, string>;
}

/** The files at or below every PATH, here and in commits, each once. */
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
  const problems = [...here.problems];
  const commits = new Map<string, string>();
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
  }
  return { files: [...files.values()], problems, commits };
}
