/** What other tools were told not to report becomes exemptions, as far as Rampart finds it too. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Reported } from '../model/index.ts';
import type { PolicySet } from '../policy/index.ts';
import { asks, isSuppression } from '../sources/index.ts';
import { compileSet, readCompileSetup } from './compile.ts';
import { extendExemptionFile, readExemptionFile } from './exemption-file.ts';
import { type Equivalents, type Plan, planExemptions } from './import-plan.ts';
import type { ScanOptions } from './options.ts';
import { scan } from './scan.ts';
import { readSuppressionFiles, type SuppressionFiles } from './suppression-files.ts';
import { matchesWhole, type SuppressionSetup } from './suppressions.ts';
import type { OnStep } from './threads.ts';

export interface ImportOptions {
  /** The scan whose findings count. Its paths may also name files of suppressions. */
  readonly scan: ScanOptions;
  /** The file that exemptions are added to, from the working directory. */
  readonly output: string;
  /** How long they count at most. */
  readonly days: number;
  /** False: nothing is written. */
  readonly write: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface ImportOutcome extends Plan {
  /** Suppressions of other tools that were found. */
  readonly suppressions: number;
  /** Entries about what is no check of Kubernetes objects. */
  readonly others: number;
  /** What could not be evaluated: its findings are not known. */
  readonly errors: readonly Reported[];
}

/** Throws UsageError for what is the caller's mistake, and before anything is written. */
export async function importSuppressions(options: ImportOptions, onStep?: OnStep): Promise<ImportOutcome> {
  const { output, days, write, now } = options;
  const path = resolve(options.scan.cwd, output);
  const before = readExemptionFile(path, output);
  const files = readSuppressionFiles(options.scan.paths, options.scan);
  const scanned = { ...options.scan, paths: files.manifests, policies: withOutput(options) };
  const set = policiesOf(scanned);
  const equivalents = equivalentsOf(set);
  const { report, suppressions } = await scan(
    { ...scanned, suppressions: setupOf(files, equivalents) },
    onStep,
  );
  const all = [...files.listed, ...suppressions];
  const plan = planExemptions({
    results: report.results,
    suppressions: all,
    equivalents,
    evaluated: new Set(report.policies.keys()),
    exemptions: set.exemptions,
    now,
    days,
  });
  if (write && plan.drafts.length > 0) extendExemptionFile(path, output, before, plan.drafts);
  return {
    ...plan,
    suppressions: all.length,
    others: files.others,
    errors: report.results.filter(({ verdict }) => verdict === 'error'),
  };
}

/** What is exempted already is not exempted again. */
function withOutput({ scan: { policies, cwd }, output }: ImportOptions): string[] {
  const path = resolve(cwd, output);
  const given = policies.some((source) => resolve(cwd, source) === path);
  return given || !existsSync(path) ? [...policies] : [...policies, output];
}

/** All of them, whatever is selected. */
function policiesOf(options: ScanOptions): PolicySet {
  const { setup, memory, keep } = readCompileSetup(options);
  const set = compileSet(setup, memory);
  keep();
  return set;
}

function equivalentsOf({ policies, inactive }: PolicySet): ReadonlyMap<string, Equivalents> {
  return new Map(
    [...policies, ...inactive]
      .filter(({ mutations }) => mutations.length === 0)
      .map(({ id, info, validations }) => [
        id,
        {
          all: info.equivalents ?? [],
          of: new Map(validations.map(({ name, equivalents }) => [name, equivalents ?? []])),
          narrower: new Set(info.narrower),
        },
      ]),
  );
}

function setupOf(
  { listed, roots }: SuppressionFiles,
  equivalents: ReadonlyMap<string, Equivalents>,
): SuppressionSetup {
  const meant = [...equivalents].map(([policy, { all: ids }]): [string, number[]] => [
    policy,
    [...listed.entries()].flatMap(([index, { said }]) =>
      isSuppression(said) && asks(said, ids, matchesWhole) ? [index] : [],
    ),
  ]);
  return { listed, roots, byPolicy: new Map(meant.filter(([, indexes]) => indexes.length > 0)) };
}
