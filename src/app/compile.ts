import type { Problem, Resource } from '../model/index.ts';
import {
  compilePolicies,
  type PolicySet,
  parseSettings,
  type Settings,
  selectPolicies,
} from '../policy/index.ts';
import { type LibraryCache, libraryCacheFile, openLibraryCache } from './library-cache.ts';
import type { ScanOptions } from './options.ts';
import { identityOf, parsePolicyFiles, readPolicyFiles } from './policies.ts';
import { policySource } from './text.ts';
import { UsageError } from './usage.ts';

/** What a thread needs to compile the same policies as every other; plain data. */
export interface CompileSetup {
  readonly documents: readonly Resource[];
  readonly settings: Settings;
  /** Of policy files, by the name they have in origins. */
  readonly paths: ReadonlyMap<string, string>;
  /** What could not be read. */
  readonly problems: readonly Problem[];
  /** True when the documents are known to compile: then expressions are compiled when they are first needed. */
  readonly lazy: boolean;
  /** The file in which what is learnt is kept; undefined: nowhere. */
  readonly cache: string | undefined;
  /** The selected policies; undefined before the selection. */
  readonly ids?: readonly string[];
}

export interface OpenedSetup {
  readonly setup: CompileSetup;
  readonly cache: LibraryCache | undefined;
}

/** Reads the policies, or remembers them. */
export function readCompileSetup(
  options: Pick<ScanOptions, 'policies' | 'cwd' | 'set' | 'cache'>,
): OpenedSetup {
  const { policies, cwd, set } = options;
  const settings = parseSettings(set);
  if (!settings.ok) throw new UsageError(`--set: ${settings.errors.join('; ')}`);
  const files = readPolicyFiles(policies, cwd);
  const { folder, engine } = options.cache ?? {};
  const key = `${process.version}\n${engine}\n${JSON.stringify(settings.settings)}\n${identityOf(files)}`;
  const file = folder === undefined ? undefined : libraryCacheFile(folder, key);
  const cache = file === undefined ? undefined : openLibraryCache(file);
  const { documents, problems } = cache?.known ?? parsePolicyFiles(files);
  const setup: CompileSetup = {
    documents,
    problems,
    paths: files.paths,
    settings: settings.settings,
    // The library is tested; a policy of somebody else is checked before it decides anything.
    lazy: policies.every((source) => source === 'builtin'),
    cache: file,
  };
  return { setup, cache };
}

/** Policies ready to be evaluated, of the selection if there is one. */
export function compileSet(setup: CompileSetup, cache: LibraryCache | undefined): PolicySet {
  const set = compilePolicies(setup.documents, {
    settings: setup.settings,
    source: policySource(setup.paths),
    lazy: setup.lazy,
    ...(cache === undefined ? {} : { memory: cache }),
  });
  if (setup.ids === undefined) return set;
  const ids = new Set(setup.ids);
  return { ...set, policies: set.policies.filter(({ id }) => ids.has(id)) };
}

export function select(set: PolicySet, options: Pick<ScanOptions, 'select' | 'skip'>): PolicySet {
  const selected = selectPolicies(set, options);
  if (!selected.ok) throw new UsageError(selected.errors.join('; '));
  return selected.set;
}
