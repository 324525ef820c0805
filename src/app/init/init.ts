/** `rampart init`: a first configuration from what a repository holds. Nothing that exists is overwritten. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withEntry } from './append.ts';
import { filesFor, GITLAB_INCLUDE, type NewFile, PRE_COMMIT_ENTRY } from './files.ts';
import { type Forge, type Survey, survey } from './survey.ts';

export interface InitOptions {
  readonly cwd: string;
  /** `auto`: as the repository says. */
  readonly ci: Forge | 'none' | 'auto';
  /** Undefined: as the repository says. */
  readonly branch: string | undefined;
  readonly baseline: string | undefined;
  readonly exemptions: string | undefined;
  /** False: nothing is written. */
  readonly write: boolean;
}

export interface Initialised {
  readonly survey: Survey;
  readonly forge: Forge | undefined;
  readonly files: readonly Outcome[];
}

/** What became of a file. */
export interface Outcome {
  readonly path: string;
  /** `kept`: it was there. `extended`: an entry was added to it. `by-hand`: it was there, and `add` belongs into it. */
  readonly what: 'written' | 'kept' | 'extended' | 'by-hand';
  readonly add?: string;
}

export function initialise(options: InitOptions): Initialised {
  const { cwd, ci, write } = options;
  const found = survey(cwd);
  const forge = ci === 'auto' ? found.forge : ci === 'none' ? undefined : ci;
  const branch = options.branch ?? found.branch;
  const files = filesFor(found, { ...options, forge, branch });
  return { survey: found, forge, files: files.map((file) => place(file, cwd, write)) };
}

/** Entries for files that many tools share. */
const ENTRIES: Readonly<
  Record<string, { readonly key: string; readonly entry: string; readonly has: RegExp }>
> = {
  '.pre-commit-config.yaml': { key: 'repos', entry: PRE_COMMIT_ENTRY, has: /\bid:\s*rampart\b/ },
  '.gitlab-ci.yml': {
    key: 'include',
    entry: GITLAB_INCLUDE.replace('include:\n', ''),
    has: /rampart\.gitlab-ci\.yml/,
  },
};

function place({ path, text }: NewFile, cwd: string, write: boolean): Outcome {
  const target = join(cwd, path);
  if (!existsSync(target)) {
    if (write) {
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, text, { flag: 'wx' });
    }
    return { path, what: 'written' };
  }
  const shared = ENTRIES[path];
  if (shared === undefined) return { path, what: 'kept' };
  const before = readFileSync(target, 'utf8');
  if (shared.has.test(before)) return { path, what: 'kept' };
  const after = withEntry(before, shared.key, shared.entry);
  if (after === undefined) return { path, what: 'by-hand', add: `${shared.key}:\n${shared.entry}` };
  if (write) writeFileSync(target, after);
  return { path, what: 'extended' };
}
