import type { PolicyInfo, Problem, Report, Reported } from '../model/index.ts';
import type { CompiledPolicy, PolicySet } from '../policy/index.ts';
import { DEFAULT_LIMITS, type FileEntry } from '../sources/index.ts';
import { decodeText } from '../sources/manifests/text.ts';
import { withCommits } from './commits.ts';
import { type CompileSetup, compileSet, readCompileSetup, select } from './compile.ts';
import { readStandardInput } from './content.ts';
import { type GivenContext, readContext } from './context.ts';
import { throughGate } from './gate.ts';
import { GATE_RULES } from './gate-rules.ts';
import { lockedSettings, lockOf, type NamedLock, openStaging } from './lock.ts';
import { type GateFiles, openGate } from './open-gate.ts';
import type { ScanOptions } from './options.ts';
import { compareResults } from './order.ts';
import { placeProblemIn } from './place.ts';
import { prepareRenderer, type Renderer } from './renderer.ts';
import { folderInRepository } from './repository-file.ts';
import type { Scanned } from './scanner.ts';
import { count, recount, summarize } from './tally.ts';
import { readText } from './text.ts';
import { type OnStep, scanFiles } from './threads.ts';
import { type Trusted, trust } from './trust.ts';
import { UsageError } from './usage.ts';
import { type Walked, walkSources } from './walk-sources.ts';

export interface ScanOutcome {
  readonly report: Report;
  /** Text of a scanned or policy file by the name it has in results, read again. */
  readonly source: (file: string) => string | undefined;
}

/** Reads, compiles, evaluates and reports. Throws UsageError for what is the caller's mistake (exit code 2). */
export async function scan(given: ScanOptions, onStep: OnStep = () => {}): Promise<ScanOutcome> {
  const trusted = withLock(trust(given));
  const { options } = trusted;
  const policies = preparePolicies(options);
  const context = readContext(options);
  const listed = listFiles(options);
  const renderer = await prepareRenderer(listed.walked, options, policies.set.settings, onStep);
  const input = { ...listed, files: [...listed.files, ...renderer.files] };
  const scanned = await scanFiles(
    setupOf(options, policies, context, input),
    policies.set,
    options.jobs,
    onStep,
    renderer.render,
  );
  policies.keep();
  const pathOf = paths(input, policies.setup, renderer.pathOf);
  const source = sourceReader(input, pathOf);
  const report = await reportOf(trusted, policies, input, scanned, {
    source,
    listed: [...input.files, ...renderer.rendered()],
  });
  return {
    report: options.commits
      ? { ...report, results: withCommits(report.results, pathOf, commitsOf(listed, renderer)) }
      : report,
    source,
  };
}

interface Locked extends Trusted {
  readonly lock: NamedLock | undefined;
}

/** With the settings that a lock pins: what the caller sets outranks them. */
function withLock(trusted: Trusted): Locked {
  const lock = lockOf(trusted.options);
  if (lock === undefined) return { ...trusted, lock };
  const set = [...lockedSettings(lock), ...trusted.options.set];
  return { ...trusted, options: { ...trusted.options, set }, lock };
}

function commitsOf({ walked }: Listed, { rendered }: Renderer): ReadonlyMap<string, string> {
  const found = rendered().flatMap(({ file, path }) => {
    const commit = walked.commitAt(path);
    return commit === undefined ? [] : [[file, commit] as const];
  });
  return new Map([...walked.commits, ...found]);
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

interface Listed extends Input {
  readonly walked: Walked;
}

interface Input {
  readonly files: readonly FileEntry[];
  readonly given: ReadonlyMap<string, Uint8Array>;
  readonly problems: readonly Problem[];
  /** Of files that are of a commit: its object id, by the name they have in results. */
  readonly commits: ReadonlyMap<string, string>;
}

/** Standard input, and what the folders and files of every PATH are. */
function listFiles({ paths, cwd, exclude, stdinFilename }: ScanOptions): Listed {
  const walked = walkSources(
    paths.filter((path) => path !== '-'),
    { cwd, exclude },
  );
  const { problems, commits } = walked;
  const nothing = { files: [], given: new Map<string, Uint8Array>(), problems, commits, walked };
  if (!paths.includes('-')) return nothing;
  const content = readStandardInput(DEFAULT_LIMITS.fileBytes);
  const origin = { file: stdinFilename, line: 1, column: 1 };
  if (!content.ok) {
    const { reason, detail } = content;
    return { ...nothing, problems: [...walked.problems, { reason, detail, origin }] };
  }
  const entry: FileEntry = { path: '-', file: stdinFilename, named: true };
  return { ...nothing, files: [entry], given: new Map([[stdinFilename, content.bytes]]) };
}

function setupOf(
  options: ScanOptions,
  { setup, set }: Policies,
  context: GivenContext,
  { files, given }: Input,
): Parameters<typeof scanFiles>[0] {
  return {
    files,
    given,
    policies: setup,
    objects: [...set.objects, ...context.objects],
    definitions: context.definitions,
    userInfo: context.userInfo,
    answers: context.answers,
    defaultNamespace: options.namespace,
    defaults: options.defaults,
    all: options.all,
    strict: options.strict,
    fingerprints:
      options.fingerprints || options.gate.baseline !== undefined
        ? { folder: folderInRepository(options.cwd), identities: options.gate.baseline !== undefined }
        : undefined,
    exemptions: set.exemptions,
  };
}

async function reportOf(
  { options, findings, notices, lock }: Locked,
  policies: Policies,
  input: Input,
  scanned: Scanned,
  files: GateFiles,
): Promise<Report> {
  const { set } = policies;
  const folder = folderInRepository(options.cwd);
  const { tally } = scanned;
  const problems = [...policies.problems, ...input.problems].map(placeProblemIn(folder));
  for (const problem of problems) count(tally, problem);
  if (tally.resources === 0 && tally.verdicts.error === 0 && !options.allowEmpty) throw nothingFound(options);
  const judging = new Map(
    set.policies.filter(judges).map(({ info }): [string, PolicyInfo] => [info.id, info]),
  );
  const gate = await openGate(options, {
    set,
    scanned,
    ids: new Set(judging.keys()),
    folder,
    files,
    differences: findings,
    staging: lock === undefined ? undefined : openStaging(lock, set),
  });
  const gated = throughGate([...scanned.results, ...problems], gate);
  return {
    results: [...gated.results].sort(compareResults),
    summary: summarize(recount(tally, gated.results), judging.size, options.failOn, gated.unchanged),
    policies: withGateRules(judging, gated.results),
    notices: [...noticesOf(set), ...notices, ...gated.notices],
  };
}

/** The gate's own rules are listed where they found something. */
function withGateRules(
  policies: ReadonlyMap<string, PolicyInfo>,
  results: readonly Reported[],
): ReadonlyMap<string, PolicyInfo> {
  const found = new Set(results.filter(({ reason }) => reason === 'gate').map(({ policy }) => policy ?? ''));
  return new Map([...policies, ...[...GATE_RULES].filter(([id]) => found.has(id))]);
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
function paths(
  { files, given }: Input,
  setup: CompileSetup,
  renderedFrom: (file: string) => string | undefined,
): (file: string) => string | undefined {
  const byName = new Map([...setup.paths, ...files.map(({ file, path }): [string, string] => [file, path])]);
  return (file) => (given.has(file) ? undefined : (byName.get(file) ?? renderedFrom(file)));
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
