/** Which paths Git would leave out: nested .gitignore files, .git/info/exclude, and never what is tracked. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';
import type { Ignore } from 'ignore';
import { readIndex } from '../git/gitindex.ts';
import type { Repository } from '../git/repository.ts';

/** The rules in force in one folder; the parent's apply where this one's say nothing. */
export interface IgnoreRules {
  readonly folder: string;
  readonly rules: Ignore;
  readonly parent: IgnoreRules | undefined;
}

/** Adds the folder's own .gitignore to the rules of its parent. */
export function withFolder(folder: string, parent: IgnoreRules | undefined): IgnoreRules | undefined {
  return withFile(folder, join(folder, '.gitignore'), parent);
}

/** Rules of a whole repository down to the parent of `folder`. */
export function rulesAbove(repository: Repository, folder: string): IgnoreRules | undefined {
  let rules = withFile(repository.root, join(repository.commonDir, 'info', 'exclude'), undefined);
  const steps = relative(repository.root, folder).split(sep);
  let at = repository.root;
  for (const step of steps) {
    if (at === folder) break;
    rules = withFolder(at, rules);
    at = join(at, step);
  }
  return rules;
}

export function isIgnored(path: string, isFolder: boolean, rules: IgnoreRules | undefined): boolean {
  for (let level = rules; level !== undefined; level = level.parent) {
    const inside = relative(level.folder, path).split(sep).join('/');
    if (inside === '' || inside.startsWith('../')) continue;
    const { ignored, unignored } = level.rules.test(isFolder ? `${inside}/` : inside);
    if (ignored) return true;
    if (unignored) return false;
  }
  return false;
}

/**
 * Git goes on tracking what was added before (or in spite of) a rule, so a rule must not hide it. The index is read when
 * something is ignored for the first time. Answers whether a file is tracked, or a folder holds tracked files.
 */
export function trackedLookup(repository: Repository | undefined): (path: string) => boolean {
  if (repository === undefined) return () => false;
  let tracked: Set<string> | undefined;
  return (path) => {
    tracked ??= withFolders(readIndex(repository)?.entries.keys() ?? []);
    return tracked.has(relative(repository.root, path).split(sep).join('/'));
  };
}

function withFolders(paths: Iterable<string>): Set<string> {
  const all = new Set<string>();
  for (const path of paths) {
    all.add(path);
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const folder = path.slice(0, at);
      if (all.has(folder)) break;
      all.add(folder);
    }
  }
  return all;
}

let create: (() => Ignore) | undefined;

function withFile(folder: string, path: string, parent: IgnoreRules | undefined): IgnoreRules | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return parent;
  }
  const lines = harmless(text);
  if (lines.length === 0) return parent;
  // Loaded only where there is such a file: most of the time to the first finding is loading.
  create ??= createRequire(import.meta.url)('ignore') as () => Ignore;
  return { folder, rules: create().add(lines), parent };
}

/** A pattern with many stars takes a backtracking matcher for ever, and these files come with the branch. */
const STARS = 8;

/**
 * Lines that can be matched quickly. A pattern that cannot is left out, which scans more; if it is a negation, leaving it
 * out would scan less, so then the whole file is.
 */
function harmless(text: string): string[] {
  const lines = text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));
  const slow = lines.filter((line) => (line.match(/[*?[]/g)?.length ?? 0) > STARS || line.length > 1000);
  if (slow.some((line) => line.startsWith('!'))) return [];
  return slow.length === 0 ? lines : lines.filter((line) => !slow.includes(line));
}
