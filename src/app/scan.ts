import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { PolicyInfo, Problem, Report, Reported } from '../model/index.ts';
import type { CompiledPolicy, PolicySet } from '../policy/index.ts';
import { DEFAULT_LIMITS, type FileEntry, walk } from '../sources/index.ts';
import { decodeText } from '../sources/manifests/text.ts';
import { withCommits } from './commits.ts';
import { type CompileSetup, compileSet, readCompileSetup, select } from './compile.ts';
import { readStandardInput } from './content.ts';
import { type GivenContext, readContext } from './context.ts';
import type { ScanOptions } from './options.ts';
import { compareResults } from './order.ts';
import { placeProblem } from './place.ts';
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
  const policies = preparePolicies(options);
  const context = readContext(options);
  const input = listFiles(options);
  const scanned = await scanFiles(
    setupOf(options, policies, context, input),
    policies.set,
    options.jobs,
    onStep,
  );
  policies.keep();
  const pathOf = paths(input, policies.setup);
  const report = reportOf(options, policies, input.problems, scanned);
  return {
    report: options.commits ? { ...report, results: withCommits(report.results, pathOf) } : report,
    source: sourceReader(input, pathOf),
  };
}

interface Policies {
  readonly setup: CompileSetup;
  readonly set: PolicySet;
  readonly problems: readonly Problem[];
  /** Keeps what was learnt of them for the next run. */
  readonly keep: () => void;
}

function preparePolicies(options: ScanOptions): Policies {
  const { setup, memory, keep } = readCompileSetup(options);
  const compiled = compileSet(setup, memory);
  const problems = [...setup.problems, ...compiled.problems];
  // Policies that do not compile are errors of the scan; only when nothing at all was given is the call at fault.
  if (compiled.policies.length === 0 && compiled.inactive.length === 0 && problems.length === 0)
    throw new UsageError('no policy among --policies', 'SRC is builtin, a file, or a folder');
  const set = compiled.policies.length === 0 && problems.length > 0 ? compiled : select(compiled, options);
  if (set.policies.length > 0 && !set.policies.some(judges) && problems.length === 0)
    throw new UsageError(
      'every policy changes objects, and a scan only judges them',
      'nothing would be checked, so this is no pass; add policies that validate',
    );
  return {
    setup: { ...setup, ids: set.policies.map(({ id }) => id) },
    set,
    problems,
    keep,
  };
}

function judges({ mutations }: CompiledPolicy): boolean {
  return mutations.length === 0;
}

interface Input {
  readonly files: readonly FileEntry[];
  readonly given: ReadonlyMap<string, Uint8Array>;
  readonly problems: readonly Problem[];
}

/** Standard input and the files below every PATH, each once. */
function listFiles({ paths, cwd, exclude, stdinFilename }: ScanOptions): Input {
  for (const path of paths)
    if (path !== '-' && !existsSync(resolve(cwd, path))) throw new UsageError(`there is no ${path}`);
  const walked = walk(
    paths.filter((path) => path !== '-'),
    { cwd, exclude },
  );
  if (!paths.includes('-')) return { ...walked, given: new Map() };
  const content = readStandardInput(DEFAULT_LIMITS.fileBytes);
  const origin = { file: stdinFilename, line: 1, column: 1 };
  if (!content.ok) {
    const { reason, detail } = content;
    return {
      files: walked.files,
      given: new Map(),
      problems: [...walked.problems, { reason, detail, origin }],
    };
  }
  const entry: FileEntry = { path: '-', file: stdinFilename, named: true };
  return {
    files: [entry, ...walked.files],
    given: new Map([[stdinFilename, content.bytes]]),
    problems: walked.problems,
  };
}

function setupOf(
  options: ScanOptions,
  { setup, set }: Policies,
  context: GivenContext,
  { files, given, problems }: Input,
): Parameters<typeof scanFiles>[0] {
  return {
    files,
    given,
    policies: setup,
    objects: [...set.objects, ...context.objects],
    context: context.objects,
    complete: options.complete,
    unlisted: problems.length,
    definitions: context.definitions,
    userInfo: context.userInfo,
    answers: context.answers,
    defaultNamespace: options.namespace,
    defaults: options.defaults,
    all: options.all,
    strict: options.strict,
    fingerprints: options.fingerprints,
  };
}

function reportOf(
  options: ScanOptions,
  { set, problems }: Policies,
  others: readonly Problem[],
  { results, tally }: Scanned,
): Report {
  const all: Reported[] = [...results];
  for (const problem of [...problems, ...others]) {
    const result = placeProblem(problem);
    count(tally, result);
    all.push(result);
  }
  if (tally.resources === 0 && tally.verdicts.error === 0) throw nothingFound(options);
  const policies = new Map(
    set.policies.filter(judges).map(({ info }): [string, PolicyInfo] => [info.id, info]),
  );
  return {
    results: all.sort(compareResults),
    summary: summarize(tally, policies.size, options.failOn),
    policies,
    notices: noticesOf(set),
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
function paths({ files, given }: Input, setup: CompileSetup): (file: string) => string | undefined {
  const byName = new Map([...setup.paths, ...files.map(({ file, path }): [string, string] => [file, path])]);
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
