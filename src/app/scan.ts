import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { PolicyInfo, Problem, Report, Reported } from '../model/index.ts';
import type { PolicySet } from '../policy/index.ts';
import { DEFAULT_LIMITS, type FileEntry, type Walk, walk } from '../sources/index.ts';
import { decodeText } from '../sources/manifests/text.ts';
import { acknowledge, placeAcknowledged } from './acknowledged.ts';
import { withCommits } from './commits.ts';
import { CONFIG_NAME } from './config-file.ts';
import { readStandardInput } from './content.ts';
import { type GivenContext, readContext } from './context.ts';
import type { ScanOptions } from './options.ts';
import { compareResults } from './order.ts';
import { placeProblem } from './place.ts';
import { judges, openProfiles, type Profiles } from './profiles.ts';
import type { Scanned } from './scanner.ts';
import { count, summarize } from './tally.ts';
import { readText } from './text.ts';
import { type OnStep, scanFiles } from './threads.ts';
import { UsageError } from './usage.ts';

export interface ScanOutcome {
  readonly report: Report;
  /** Text of a scanned or policy file by the name it has in results, read again. */
  readonly source: (file: string) => string | undefined;
}

/** Reads, compiles, evaluates and reports. Throws UsageError for what is the caller's mistake (exit code 2). */
export async function scan(options: ScanOptions, onStep: OnStep = () => {}): Promise<ScanOutcome> {
  const profilesOf = openProfiles(options);
  const context = readContext(options);
  const input = listFiles(options);
  const profiles = profilesOf(input.files);
  const scanned = await scanFiles(
    setupOf(options, profiles, context, input),
    profiles.sets,
    options.jobs,
    onStep,
  );
  profiles.keep();
  const pathOf = paths(input, profiles);
  const report = reportOf(options, profiles, input, scanned);
  return {
    report: options.commits ? { ...report, results: withCommits(report.results, pathOf) } : report,
    source: sourceReader(input, pathOf),
  };
}

interface Input {
  readonly files: readonly FileEntry[];
  readonly given: ReadonlyMap<string, Uint8Array>;
  readonly problems: readonly Problem[];
  readonly notices: readonly string[];
}

/** Standard input and the files below every PATH, each once; not the configuration. */
function listFiles({ paths, cwd, exclude, stdinFilename, config }: ScanOptions): Input {
  for (const path of paths)
    if (path !== '-' && !existsSync(resolve(cwd, path))) throw new UsageError(`there is no ${path}`);
  const walked = withoutConfig(
    walk(
      paths.filter((path) => path !== '-'),
      { cwd, exclude },
    ),
    config,
  );
  if (!paths.includes('-')) return { ...walked, given: new Map() };
  const content = readStandardInput(DEFAULT_LIMITS.fileBytes);
  const origin = { file: stdinFilename, line: 1, column: 1 };
  if (!content.ok) {
    const { reason, detail } = content;
    return { ...walked, given: new Map(), problems: [...walked.problems, { reason, detail, origin }] };
  }
  const entry: FileEntry = { path: '-', file: stdinFilename, named: true };
  return { ...walked, files: [entry, ...walked.files], given: new Map([[stdinFilename, content.bytes]]) };
}

/** What lies in the scanned folders must not change the gate: only the configuration in force does. */
function withoutConfig(
  { files, problems }: Walk,
  config: string | undefined,
): Pick<Input, 'files' | 'problems' | 'notices'> {
  const others = files.filter(({ path }) => basename(path) === CONFIG_NAME && path !== config);
  const force = config === undefined ? 'no configuration is' : 'another configuration is';
  return {
    files: files.filter(({ path }) => path !== config),
    problems,
    notices: others.map(({ file }) => `${file} has no effect: ${force} in force.`),
  };
}

function setupOf(
  options: ScanOptions,
  { all, sets, of }: Profiles,
  context: GivenContext,
  { files, given }: Input,
): Parameters<typeof scanFiles>[0] {
  return {
    files,
    given,
    profiles: all,
    profileOf: of,
    // Settings choose no objects: every profile has the same.
    objects: [...sets[0]!.objects, ...context.objects],
    definitions: context.definitions,
    userInfo: context.userInfo,
    answers: context.answers,
    defaults: options.defaults,
    all: options.all,
    strict: options.strict,
    fingerprints: options.fingerprints,
  };
}

function reportOf(
  options: ScanOptions,
  { sets, problems }: Profiles,
  input: Input,
  { results, tally }: Scanned,
): Report {
  const all: Reported[] = [...results];
  const acknowledged = acknowledge(options, problems);
  for (const problem of [...problems, ...input.problems]) {
    const reason = acknowledged.reasonOf(problem);
    const result = reason === undefined ? placeProblem(problem) : placeAcknowledged(problem, reason);
    count(tally, result, 'none');
    if (result.verdict === 'error' || options.all) all.push(result);
  }
  if (tally.resources === 0 && tally.verdicts.error === 0) throw nothingFound(options);
  const policies = new Map(
    sets
      .toReversed()
      .flatMap((set) => set.policies)
      .filter(judges)
      .map(({ info }): [string, PolicyInfo] => [info.id, info]),
  );
  return {
    results: all.sort(compareResults),
    summary: summarize(tally, policies.size, options.failOn),
    policies,
    notices: [...input.notices, ...acknowledged.notices, ...new Set(sets.flatMap(noticesOf))],
  };
}

function nothingFound({ paths }: ScanOptions): UsageError {
  return new UsageError(
    `no Kubernetes object in ${paths.join(', ')}`,
    'nothing was checked, so this is no pass',
  );
}

function noticesOf({ warnings, inactive }: PolicySet): string[] {
  const said = warnings.map(({ policy, detail, origin }) =>
    policy === undefined ? `${origin.file}:${origin.line}: ${detail}` : `${policy}: ${detail}`,
  );
  if (inactive.length > 0)
    said.push(`no validation applies under the settings: ${inactive.map(({ id }) => id).join(', ')}`);
  return said;
}

/** Where a scanned or policy file lies, by its name in results; undefined for standard input. */
function paths({ files, given }: Input, { all }: Profiles): (file: string) => string | undefined {
  const byName = new Map([
    ...all[0]!.policies.paths,
    ...files.map(({ file, path }): [string, string] => [file, path]),
  ]);
  return (file) => (given.has(file) ? undefined : byName.get(file));
}

function sourceReader(
  { given }: Input,
  pathOf: (file: string) => string | undefined,
): (file: string) => string | undefined {
  return (file) => {
    const bytes = given.get(file);
    if (bytes !== undefined) return decodeText(bytes);
    const path = pathOf(file);
    return path === undefined ? undefined : readText(path);
  };
}
