import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Origin, PolicyInfo, Reported, Stage } from '../model/index.ts';
import { type CompiledPolicy, setsOf } from '../policy/index.ts';
import { commitLookup } from '../sources/index.ts';
import { type CompileSetup, compileSet, readCompileSetup, select } from './compile.ts';
import { nearestLock } from './lock.ts';
import type { ScanOptions } from './options.ts';
import { compareResults } from './order.ts';
import { placeProblem } from './place.ts';

export type CatalogueOptions = Pick<ScanOptions, 'policies' | 'cwd' | 'set' | 'select' | 'skip' | 'cache'>;

/** All there is to know of a policy without evaluating it. */
export interface CatalogueEntry extends PolicyInfo {
  /** Ready-made selections it belongs to. */
  readonly sets: readonly string[];
  readonly origin: Origin;
  /** What the nearest rampart.lock says of it; null: --fail-on decides. */
  readonly stage: Stage | null;
  /** False when none of its validations applies under the settings. */
  readonly active: boolean;
  readonly validations: readonly { readonly name: string; readonly message: string }[];
  readonly mutations: readonly { readonly patchType: string; readonly expression: string }[];
  /** Whether what it says of an object hangs on other objects. */
  readonly looksUp: boolean;
  /** Cases beside it; null for policies that are not tested by folders. */
  readonly tests: { readonly pass: number; readonly fail: number } | null;
}

export interface Catalogue {
  readonly policies: readonly CatalogueEntry[];
  /** Documents that were refused, and files that could not be read. */
  readonly errors: readonly Reported[];
}

/** The policies of some sources, sorted by id. Throws UsageError for a selection that leaves none. */
export function readCatalogue(options: CatalogueOptions): Catalogue {
  const { setup, memory, keep } = readCompileSetup(options);
  const compiled = compileSet(setup, memory);
  keep();
  const problems = [...setup.problems, ...compiled.problems];
  const set = compiled.policies.length === 0 && problems.length > 0 ? compiled : select(compiled, options);
  const commitOf = commitLookup();
  const lock = nearestLock(options.cwd);
  const stageOf = (id: string) => lock?.policies.get(id)?.stage ?? null;
  const entries = [
    ...distinct(set.policies).map((policy) => ({
      ...entryOf(policy, true, setup, commitOf),
      stage: stageOf(policy.id),
    })),
    ...distinct(set.inactive).map((policy) => ({
      ...entryOf(policy, false, setup, commitOf),
      stage: stageOf(policy.id),
    })),
  ];
  return {
    policies: entries.sort((a, b) => (a.id < b.id ? -1 : 1)),
    errors: problems.map(placeProblem).sort(compareResults),
  };
}

/** Readings of one policy for other kinds are no policies of their own. */
function distinct(policies: readonly CompiledPolicy[]): CompiledPolicy[] {
  return policies.filter(({ variant }) => variant === '');
}

function entryOf(
  policy: CompiledPolicy,
  active: boolean,
  { paths }: CompileSetup,
  commitOf: (path: string) => string | undefined,
): Omit<CatalogueEntry, 'stage'> {
  const { info, origin, validations, mutations } = policy;
  const path = paths.get(origin.file);
  const commit = path === undefined ? undefined : commitOf(path);
  return {
    ...info,
    sets: setsOf(policy),
    origin: { file: origin.file, line: origin.line, column: 1, ...(commit === undefined ? {} : { commit }) },
    active,
    validations: validations.map(({ name, message }) => ({ name, message })),
    mutations: mutations.map(({ patchType, expression }) => ({ patchType, expression: expression.text })),
    looksUp: policy.related !== undefined,
    tests: path === undefined || info.kind !== 'HardeningPolicy' ? null : testsBeside(path),
  };
}

function testsBeside(path: string): CatalogueEntry['tests'] {
  const folder = dirname(path);
  return { pass: countFiles(join(folder, 'pass')), fail: countFiles(join(folder, 'fail')) };
}

function countFiles(folder: string): number {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
      .length;
  } catch {
    return 0; // there is none
  }
}
