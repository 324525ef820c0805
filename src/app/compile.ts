import type { JsonMap, Problem, Resource, Severity } from '../model/index.ts';
import {
  type CompiledPolicy,
  compilePolicies,
  DEFAULT_SETTINGS,
  type ExpressionMemory,
  type KeptSet,
  type PolicySet,
  parseSettings,
  RECOMMENDED,
  reviveSet,
  type SettingName,
  type Settings,
  selectPolicies,
} from '../policy/index.ts';
import { didYouMean } from '../policy/nearest.ts';
import { libraryCacheFile, openLibraryCache } from './library-cache.ts';
import type { FileOptions, ScanOptions } from './options.ts';
import { BUILTIN, builtinPath, identityOf, parsePolicyFiles, readPolicyFiles } from './policies.ts';
import { openPreparedPrograms, readPreparedSet } from './prepared.ts';
import { policySource } from './text.ts';
import { UsageError } from './usage.ts';

/** What a thread needs to compile the same policies as every other; plain data. */
export interface CompileSetup {
  readonly documents: readonly Resource[];
  /** What the documents come to, where that was known beforehand; then there are none. */
  readonly prepared: PreparedLibrary | undefined;
  readonly settings: Settings;
  /** Milliseconds, for what expires: the same for every thread. */
  readonly now: number;
  /** Of policy files, by the name they have in origins. */
  readonly paths: ReadonlyMap<string, string>;
  /** What could not be read. */
  readonly problems: readonly Problem[];
  /** True when the documents are known to compile: then expressions are compiled when they are first needed. */
  readonly lazy: boolean;
  /** The file that remembers expressions; undefined: none. */
  readonly memory: string | undefined;
}

interface PreparedLibrary {
  readonly set: KeptSet;
  /** Where its programs are. */
  readonly path: string;
}

export interface OpenedSetup {
  readonly setup: CompileSetup;
  readonly memory: ExpressionMemory | undefined;
  /** Keeps what was learnt for the next run. */
  readonly keep: () => void;
}

/** Reads the policies, or remembers them. */
export function readCompileSetup(
  options: Pick<ScanOptions, 'policies' | 'cwd' | 'set' | 'cache'>,
  bindings: readonly Resource[] = [],
): OpenedSetup {
  const { policies, cwd, set } = options;
  const settings = parseSettings(set);
  if (!settings.ok) throw new UsageError(`--set: ${settings.errors.join('; ')}`);
  // The library is tested; a policy of somebody else is checked before it decides anything.
  const lazy = policies.every((source) => source === 'builtin');
  const prepared = lazy ? readPrepared(options.cache?.prepared, settings.settings) : undefined;
  if (prepared !== undefined) return prepared;
  const files = readPolicyFiles(policies, cwd);
  const { folder, engine } = options.cache ?? {};
  const key = `${process.version}\n${engine}\n${JSON.stringify(settings.settings)}\n${identityOf(files)}`;
  const file = folder === undefined ? undefined : libraryCacheFile(folder, key);
  const cache = file === undefined ? undefined : openLibraryCache(file);
  const { documents, problems } = cache?.known ?? parsePolicyFiles(files);
  const setup: CompileSetup = {
    documents: [...documents, ...bindingsOf(documents, bindings)],
    problems,
    prepared: undefined,
    paths: files.paths,
    settings: settings.settings,
    now: Date.now(),
    lazy,
    memory: file,
  };
  return { setup, memory: cache, keep: () => cache?.save({ documents, problems }) };
}

/** Those of a cluster that name a policy of the set: the others are the cluster's own affair. */
function bindingsOf(documents: readonly Resource[], bindings: readonly Resource[]): Resource[] {
  const names = new Set(documents.map(({ ref }) => ref.name));
  return bindings.filter(({ object }) =>
    names.has(String((object['spec'] as JsonMap | undefined)?.['policyName'])),
  );
}

/** The built-in library as it came with the bundle: none of its files is opened. */
function readPrepared(path: string | undefined, settings: Settings): OpenedSetup | undefined {
  const set = path === undefined || !isDefault(settings) ? undefined : readPreparedSet(path);
  if (path === undefined || set === undefined) return undefined;
  const files = [...set.policies, ...set.inactive].map(({ origin }) => origin.file);
  const setup: CompileSetup = {
    documents: [],
    problems: [],
    prepared: { set, path },
    paths: new Map(files.map((file) => [file, builtinPath(file)])),
    settings,
    now: Date.now(),
    lazy: true,
    memory: undefined,
  };
  return { setup, memory: undefined, keep: () => {} };
}

function isDefault(settings: Settings): boolean {
  return Object.entries(DEFAULT_SETTINGS).every(([name, value]) => settings[name as SettingName] === value);
}

/** For another thread than the one that read the setup. */
export function openMemory({ memory }: CompileSetup): ExpressionMemory | undefined {
  return memory === undefined ? undefined : openLibraryCache(memory);
}

/** Policies ready to be evaluated. */
export function compileSet(setup: CompileSetup, memory: ExpressionMemory | undefined): PolicySet {
  if (setup.prepared !== undefined)
    return reviveSet(setup.prepared.set, openPreparedPrograms(setup.prepared.path));
  return compilePolicies(setup.documents, {
    settings: setup.settings,
    source: policySource(setup.paths),
    lazy: setup.lazy,
    now: setup.now,
    ...(memory === undefined ? {} : { memory }),
  });
}

/** The policies with these ids. */
export function narrow(set: PolicySet, ids: readonly string[]): PolicySet {
  const wanted = new Set(ids);
  return { ...set, policies: set.policies.filter(({ id }) => wanted.has(id)) };
}

/** Policies with other severities than they say, by id. */
export function withSeverity(
  set: PolicySet,
  severity: Readonly<Record<string, Severity>> | undefined,
): PolicySet {
  if (severity === undefined || Object.keys(severity).length === 0) return set;
  const changed = (policy: CompiledPolicy): CompiledPolicy =>
    Object.hasOwn(severity, policy.id)
      ? { ...policy, info: { ...policy.info, severity: severity[policy.id]! } }
      : policy;
  return { ...set, policies: set.policies.map(changed), inactive: set.inactive.map(changed) };
}

/** The policies that the options choose, with the severities that they say. What names no policy is a UsageError. */
export function select(
  set: PolicySet,
  { select, skip, severity, says }: Pick<FileOptions, 'select' | 'skip' | 'severity' | 'says'>,
): PolicySet {
  refuseUnknown(set, Object.keys(severity ?? {}), says);
  const names = says === undefined ? {} : { names: { select: says('select'), skip: says('skip') } };
  const selected = selectPolicies(withSeverity(set, severity), { select, skip, ...names });
  if (!selected.ok) throw new UsageError(selected.errors.join('; '));
  return selected.set;
}

/** The same; where nobody selects anything, of the built-in library what is recommended. */
export function choose(set: PolicySet, options: Parameters<typeof select>[1]): PolicySet {
  const chosen = select(set, options);
  return options.select.length === 0 ? recommended(chosen) : chosen;
}

/** Of the built-in library what is recommended; whoever wants more of it selects it. */
function recommended(set: PolicySet): PolicySet {
  const keeps = ({ origin, sets }: CompiledPolicy) =>
    !origin.file.startsWith(BUILTIN) || sets.includes(RECOMMENDED);
  return { ...set, policies: set.policies.filter(keeps), inactive: set.inactive.filter(keeps) };
}

function refuseUnknown(
  { policies, inactive, problems }: PolicySet,
  named: readonly string[],
  says: FileOptions['says'] = (name) => name,
): void {
  const ids = [...policies, ...inactive].map(({ id }) => id);
  const refused = problems.map(({ policy }) => policy);
  const unknown = named.filter((id) => !ids.includes(id) && !refused.includes(id));
  if (unknown.length === 0) return;
  const complaints = unknown.map(
    (id) => `${says(`severity.${id}`)}: no policy has this id.${didYouMean(id, ids)}`,
  );
  throw new UsageError(complaints.join('\n'));
}
