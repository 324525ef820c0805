import type { Reported, Severity } from '../model/index.ts';
import type { CompiledPolicy } from '../policy/index.ts';
import { compileSet, readCompileSetup } from './compile.ts';
import type { CacheOptions, ScanOptions } from './options.ts';
import { placeProblem } from './place.ts';
import { scan } from './scan.ts';

export interface DiffOptions {
  /** `builtin`, a file, or a folder: the policies as they are. */
  readonly before: string;
  /** The same: the policies as they would be. */
  readonly after: string;
  /** Manifests to find the difference on; none: only the policies are compared. */
  readonly paths: readonly string[];
  readonly cwd: string;
  /** `NAME=VALUE`. */
  readonly set: readonly string[];
  readonly namespace: string;
  readonly defaults: boolean;
  /** Files with Namespaces and parameter objects. */
  readonly context: readonly string[];
  readonly cache: CacheOptions | undefined;
}

export interface PolicyDiff {
  readonly added: readonly { readonly id: string; readonly severity: Severity }[];
  readonly removed: readonly { readonly id: string; readonly severity: Severity }[];
  /** With the parts that differ: `severity`, `validations`, `match`, … */
  readonly changed: readonly { readonly id: string; readonly parts: readonly string[] }[];
  /** Violations that only the new set finds. */
  readonly newFindings: readonly Reported[];
  /** Violations that only the old set found. */
  readonly goneFindings: readonly Reported[];
  /** What could not be evaluated under the new set, and documents of it that were refused. */
  readonly errors: readonly Reported[];
}

/** What a change of a policy set does, to the policies and to what they find. */
export async function diffPolicies(options: DiffOptions): Promise<PolicyDiff> {
  const before = readSide(options.before, options);
  const after = readSide(options.after, options);
  const found = await findBoth(options);
  return {
    added: only(after.policies, before.policies),
    removed: only(before.policies, after.policies),
    changed: changes(before.policies, after.policies),
    ...found,
    errors: options.paths.length === 0 ? after.problems : found.errors,
  };
}

interface Side {
  /** By {@link keyOf}. */
  readonly policies: ReadonlyMap<string, CompiledPolicy>;
  readonly problems: readonly Reported[];
}

function readSide(source: string, { cwd, set, cache }: DiffOptions): Side {
  const { setup, memory, keep } = readCompileSetup({ policies: [source], cwd, set, cache });
  const compiled = compileSet(setup, memory);
  keep();
  return {
    policies: new Map(
      [...compiled.policies, ...compiled.inactive]
        .filter(({ variant }) => variant === '')
        .map((policy) => [keyOf(policy), policy]),
    ),
    problems: [...setup.problems, ...compiled.problems].map(placeProblem),
  };
}

/** One that mutates may have the id of one that validates. */
function keyOf({ id, mutations }: CompiledPolicy): string {
  return `${mutations.length > 0} ${id}`;
}

function only(these: Side['policies'], those: Side['policies']): PolicyDiff['added'] {
  return [...these.values()]
    .filter((policy) => !those.has(keyOf(policy)))
    .map(({ id, info }) => ({ id, severity: info.severity }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

function changes(before: Side['policies'], after: Side['policies']): PolicyDiff['changed'] {
  return [...after.values()]
    .flatMap((policy) => {
      const old = before.get(keyOf(policy));
      const parts = old === undefined ? [] : differing(partsOf(old), partsOf(policy));
      return parts.length === 0 ? [] : [{ id: policy.id, parts }];
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Everything but where it stands and what follows from the rest, by the names that people know. */
function partsOf({
  origin: _,
  code: __,
  codeOrigin: ___,
  id: ____,
  info,
  ...rest
}: CompiledPolicy): Record<string, unknown> {
  return { ...rest, ...info };
}

function differing(a: Record<string, unknown>, b: Record<string, unknown>): string[] {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return names.filter((name) => JSON.stringify(a[name]) !== JSON.stringify(b[name])).sort();
}

async function findBoth(
  options: DiffOptions,
): Promise<Pick<PolicyDiff, 'newFindings' | 'goneFindings' | 'errors'>> {
  if (options.paths.length === 0) return { newFindings: [], goneFindings: [], errors: [] };
  const before = await findingsOf(options.before, options);
  const after = await findingsOf(options.after, options);
  return {
    newFindings: violationsMissing(after, before),
    goneFindings: violationsMissing(before, after),
    errors: after.filter(({ verdict }) => verdict === 'error'),
  };
}

async function findingsOf(source: string, options: DiffOptions): Promise<readonly Reported[]> {
  const { paths, cwd, set, namespace, defaults, context, cache } = options;
  const settings: ScanOptions = {
    paths,
    cwd,
    set,
    namespace,
    defaults,
    context,
    complete: false,
    cache,
    policies: [source],
    stdinFilename: '-',
    exclude: [],
    select: [],
    skip: [],
    userinfo: undefined,
    answers: undefined,
    schemas: [],
    failOn: 'none',
    all: false,
    strict: false,
    fingerprints: true,
    commits: false,
    jobs: undefined,
  };
  return (await scan(settings)).report.results;
}

/** By fingerprint: a finding whose severity or wording changed is the same finding. */
function violationsMissing(these: readonly Reported[], those: readonly Reported[]): Reported[] {
  const violations = (results: readonly Reported[]) =>
    results.filter(({ verdict }) => verdict === 'violation');
  const known = new Set(violations(those).map(({ fingerprint }) => fingerprint));
  return violations(these).filter(({ fingerprint }) => !known.has(fingerprint));
}
