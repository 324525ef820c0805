import type { Problem, Resource } from '../model/index.ts';
import {
  compilePolicies,
  type PolicySet,
  parseSettings,
  type Settings,
  selectPolicies,
} from '../policy/index.ts';
import type { ScanOptions } from './options.ts';
import { readPolicySources } from './policies.ts';
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
  /** The selected policies; undefined before the selection. */
  readonly ids?: readonly string[];
}

export function readCompileSetup({
  policies,
  cwd,
  set,
}: Pick<ScanOptions, 'policies' | 'cwd' | 'set'>): CompileSetup {
  const settings = parseSettings(set);
  if (!settings.ok) throw new UsageError(`--set: ${settings.errors.join('; ')}`);
  const read = readPolicySources(policies, cwd);
  return {
    documents: read.documents,
    problems: read.problems,
    paths: read.paths,
    settings: settings.settings,
    // The library is tested; a policy of somebody else is checked before it decides anything.
    lazy: policies.every((source) => source === 'builtin'),
  };
}

/** Policies ready to be evaluated, of the selection if there is one. */
export function compileSet(setup: CompileSetup): PolicySet {
  const set = compilePolicies(setup.documents, {
    settings: setup.settings,
    source: policySource(setup.paths),
    lazy: setup.lazy,
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
