/** What files are judged by: one profile for all of them, or more where overlays of a configuration match. */
import { resolve } from 'node:path';
import type { Problem, Resource, Severity } from '../model/index.ts';
import type { CompiledPolicy, ExpressionMemory, PolicySet } from '../policy/index.ts';
import { type CompileSetup, choose, compileSet, narrow, readCompileSetup, withSeverity } from './compile.ts';
import type { FileOptions, ScanOptions } from './options.ts';
import { UsageError } from './usage.ts';

/** Plain data: a thread makes the policies from it again. */
export interface Profile {
  /** The same object in profiles of the same settings. */
  readonly policies: CompileSetup;
  /** The selected ones. */
  readonly ids: readonly string[];
  readonly severity: Readonly<Record<string, Severity>>;
  readonly namespace: string;
  readonly failOn: Severity | 'none';
}

export interface Profiles {
  /** The first is that of files that no overlay matches. Grows while files turn up. */
  readonly all: readonly Profile[];
  /** What each comes to. */
  readonly sets: readonly PolicySet[];
  /** Of files that have not the first, by the name they have in results. */
  readonly of: ReadonlyMap<string, number>;
  /** Of a file by its name, which is remembered. */
  numberOf(file: string): number;
  /** What is wrong in the policies, as far as they were compiled. */
  problems(): readonly Problem[];
  /** Keeps what was learnt of the policies for the next run. */
  readonly keep: () => void;
}

/**
 * Compiles the policies, at once those that count without overlays. Mistakes in what selects them are UsageErrors.
 *
 * @param bindings Of a cluster: beside those among the policies.
 */
export function openProfiles(options: ScanOptions, bindings: readonly Resource[] = []): Profiles {
  const libraries = openLibraries(options, bindings);
  const all: Profile[] = [];
  const sets: PolicySet[] = [];
  const add = (own: FileOptions): number => {
    const { profile, set } = makeProfile(own, libraries);
    all.push(profile);
    return sets.push(set) - 1;
  };
  add(options);
  const of = new Map<string, number>();
  return {
    all,
    sets,
    of,
    numberOf: numbering(options, of, add),
    problems: libraries.problems,
    keep: libraries.keep,
  };
}

/** `add` returns the number of a new profile. */
function numbering(
  { at, cwd }: ScanOptions,
  of: Map<string, number>,
  add: (own: FileOptions) => number,
): Profiles['numberOf'] {
  if (at === undefined) return () => 0;
  const numbers = new Map<FileOptions, number>();
  return (file) => {
    const known = of.get(file);
    if (known !== undefined) return known;
    // By its name: standard input has one, and so has a file of another commit.
    const own = at(resolve(cwd, file));
    if (own === undefined) return 0;
    const number = numbers.get(own) ?? add(own);
    numbers.set(own, number);
    of.set(file, number);
    return number;
  };
}

interface Library {
  readonly setup: CompileSetup;
  readonly compiled: PolicySet;
  readonly keep: () => void;
}

interface Libraries {
  under(settings: readonly string[]): Library;
  /** Of all that were opened, each once. */
  problems(): Problem[];
  keep(): void;
}

/** All policies of the scan, compiled once for each choice of settings. */
function openLibraries(options: ScanOptions, bindings: readonly Resource[]): Libraries {
  const opened = new Map<string, Library>();
  return {
    under(set) {
      const key = set.join('\n');
      let library = opened.get(key);
      if (library === undefined) {
        const { setup, memory, keep } = readCompileSetup({ ...options, set }, bindings);
        library = { setup, compiled: compileSet(setup, memory), keep };
        opened.set(key, library);
      }
      return library;
    },
    problems() {
      const all = [...opened.values()].flatMap(({ setup, compiled }) => [
        ...setup.problems,
        ...compiled.problems,
      ]);
      return [...new Map(all.map((problem) => [JSON.stringify(problem), problem])).values()];
    },
    keep() {
      for (const library of opened.values()) library.keep();
    },
  };
}

function makeProfile(
  options: FileOptions,
  libraries: Libraries,
): { readonly profile: Profile; readonly set: PolicySet } {
  const { setup, compiled } = libraries.under(options.set);
  const set = chosen(compiled, options, libraries.problems().length > 0);
  const { severity = {}, namespace, failOn } = options;
  return {
    profile: { policies: setup, ids: set.policies.map(({ id }) => id), severity, namespace, failOn },
    set,
  };
}

/** Policies that do not compile are errors of the scan; only when nothing at all was given is the call at fault. */
function chosen(compiled: PolicySet, options: FileOptions, broken: boolean): PolicySet {
  if (compiled.policies.length === 0 && compiled.inactive.length === 0 && !broken)
    throw new UsageError('no policy among --policies', 'SRC is builtin, a file, or a folder');
  if (compiled.policies.length === 0 && broken) return compiled;
  const set = choose(compiled, options);
  if (set.policies.length > 0 && !set.policies.some(judges) && !broken)
    throw new UsageError(
      'every policy changes objects, and a scan only judges them',
      'nothing would be checked, so this is no pass; add policies that validate',
    );
  return set;
}

export function judges({ mutations }: CompiledPolicy): boolean {
  return mutations.length === 0;
}

/** The policies of each profile, for a thread that was handed them. */
export function compileProfiles(
  profiles: readonly Profile[],
  memoryOf: (setup: CompileSetup) => ExpressionMemory | undefined,
): PolicySet[] {
  const compiled = new Map<CompileSetup, PolicySet>();
  return profiles.map(({ policies, ids, severity }) => {
    let set = compiled.get(policies);
    if (set === undefined) {
      // Every document was compiled once before it came here, so each expression may wait until it is needed.
      const lazily = { ...policies, lazy: true };
      set = compileSet(lazily, memoryOf(lazily));
      compiled.set(policies, set);
    }
    return narrow(withSeverity(set, severity), ids);
  });
}
