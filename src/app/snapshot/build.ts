/** Policies, stages, tiers and exemptions of a configuration → the content of a snapshot. */
import { statSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { StageRule, TierSettings } from '../../config/index.ts';
import type { Problem, Resource, SnapshotContent, SnapshotDocument } from '../../model/index.ts';
import {
  type CompiledPolicy,
  type PodPath,
  type PolicySet,
  roleOf,
  SETTINGS,
  type Settings,
} from '../../policy/index.ts';
import { isGitAddress } from '../../sources/index.ts';
import { acknowledge } from '../acknowledged.ts';
import { choose, compileSet, readCompileSetup } from '../compile.ts';
import { lockedSettings, lockOf, type NamedLock, noticesOfUnaccepted, unacceptedChecks } from '../lock.ts';
import type { ScanOptions } from '../options.ts';
import { podPathText } from '../pod-paths.ts';
import { BUILTIN } from '../policies.ts';
import { openSource } from '../source.ts';
import { UsageError } from '../usage.ts';
import { canonicalJson } from './canonical.ts';
import { byCodeUnit, digesting, inOrder, writingContent } from './content.ts';
import { type SaysIn, stagesOf } from './stages.ts';
import { atOnce } from './steps.ts';

export interface SnapshotOptions
  extends Pick<
    ScanOptions,
    | 'policies'
    | 'select'
    | 'skip'
    | 'set'
    | 'severity'
    | 'podPaths'
    | 'namespace'
    | 'unsupported'
    | 'says'
    | 'cwd'
    | 'cache'
  > {
  /** Of the configuration, absolute: files are named from here. */
  readonly folder: string;
  readonly stages: readonly StageRule[];
  readonly tiers: TierSettings;
  /** Whether policies of a cluster decide besides: then stages may name those that come later. Default false. */
  readonly watchesCluster?: boolean;
  /** Places of what stands inside `stages`. */
  readonly saysIn: SaysIn;
}

export interface BuiltSnapshot {
  readonly content: SnapshotContent;
  /** Of the content, as it is kept and sent. */
  readonly text: string;
  readonly digest: string;
  /** What is proved, digested: stages, tiers and exemptions are no part of it. One proof holds for all that have the same. */
  readonly proof: string;
  /** Absolute paths at or below which the policies' own tests lie; those of the built-in library ran when it was made. */
  readonly tests: readonly string[];
  /** For policies that are watched in the cluster besides. */
  readonly stages: readonly StageRule[];
  /** Documents that were left out because `unsupported` says so. */
  readonly acknowledged: number;
  /** To be told once. */
  readonly notices: readonly string[];
}

export type Build =
  | ({ readonly ok: true } & BuiltSnapshot)
  /** Places are relative to the working directory. */
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Policies as they were read, with what could not be. */
export interface ReadPolicies {
  readonly documents: readonly Resource[];
  readonly problems: readonly Problem[];
}

/** With the lock that lies beside the configuration or above it, read once: all that hangs on it hangs on the same one. */
export interface LockedOptions extends SnapshotOptions {
  readonly lock: NamedLock | undefined;
}

export function withLock(options: SnapshotOptions): LockedOptions {
  return { ...options, lock: lockOf({ cwd: options.folder, gate: NO_LOCK_NAMED }) };
}

const NO_LOCK_NAMED = { lock: undefined } as ScanOptions['gate'];

/** What is wrong with one policy refuses all of them. What is wrong with the configuration is a UsageError. */
export function buildSnapshot(given: SnapshotOptions): Build {
  const options = withLock(given);
  const { cache } = options;
  const { setup } = readCompileSetup({
    policies: sourcesOf(options),
    cwd: options.folder,
    set: assignmentsOf(options),
    // The set that came with the bundle has no documents.
    cache: cache === undefined ? undefined : { ...cache, prepared: undefined },
  });
  return atOnce(freezing(setup, compileSet(setup, undefined), setup.settings, options));
}

/** @param textOf Of a document, for who has some of them already. */
export function* freezing(
  read: ReadPolicies,
  compiled: PolicySet,
  settings: Settings,
  options: LockedOptions,
  textOf: (resource: Resource) => string = ({ object }) => canonicalJson(object),
): Generator<void, Build> {
  const all = [...read.problems, ...compiled.problems];
  const { reasonOf, notices } = acknowledge(options, all);
  const problems = all.filter((problem) => reasonOf(problem) === undefined);
  if (problems.length > 0) return { ok: false, problems: problems.map((one) => placedFrom(one, options)) };
  const resources = withoutRefused(read.documents, all);
  const documents = yield* placing(resources, options, textOf);
  const { content, pending } = contentOf(inOrder(documents), chosen(compiled, options), settings, options);
  yield;
  const text = yield* writingContent(content);
  const tests = testsOf(options);
  return {
    ok: true,
    content,
    text,
    digest: yield* digesting(text),
    proof: yield* digesting(provedText(content, policiesAmong(resources, documents), tests)),
    tests,
    stages: options.stages,
    acknowledged: read.documents.length - resources.length,
    notices: [...notices, ...pending],
  };
}

/** Files are read from the folder of the configuration, so that their names do not hang on where the command was called. */
export function assignmentsOf({ lock, set }: LockedOptions): string[] {
  return [...(lock === undefined ? [] : lockedSettings(lock)), ...set];
}

export function sourcesOf({ policies, cwd, folder }: SnapshotOptions): string[] {
  return policies.map((source) =>
    source === 'builtin' || isGitAddress(source) ? source : relative(folder, resolve(cwd, source)) || '.',
  );
}

function chosen(compiled: PolicySet, options: SnapshotOptions): PolicySet {
  if (compiled.policies.length === 0 && compiled.inactive.length === 0)
    throw new UsageError('no policy among --policies', 'SRC is builtin, a file, or a folder');
  return choose(compiled, options);
}

/** Those that nobody can run and somebody acknowledged. */
function withoutRefused(documents: readonly Resource[], problems: readonly Problem[]): Resource[] {
  const refused = new Set(problems.map(({ origin, policy }) => `${origin.file}\n${policy}`));
  return documents.filter(
    ({ origin, ref }) =>
      !refused.has(`${origin.file}\n${ref.name}`) && !refused.has(`${origin.file}\n${ref.kind}/${ref.name}`),
  );
}

function* placing(
  resources: readonly Resource[],
  options: SnapshotOptions,
  textOf: (resource: Resource) => string,
): Generator<void, SnapshotDocument[]> {
  const placeOf = placesIn(options);
  const documents: SnapshotDocument[] = [];
  for (const resource of resources) {
    documents.push({ text: textOf(resource), origin: placeOf(resource), decides: true });
    yield;
  }
  return documents;
}

/** Those that are no exemptions: what an exemption says decides nothing about whether policies compile or pass their tests. */
function policiesAmong(
  resources: readonly Resource[],
  documents: readonly SnapshotDocument[],
): readonly SnapshotDocument[] {
  return documents.filter(
    (_, i) => roleOf(resources[i]!.ref.apiVersion, resources[i]!.ref.kind) !== 'exemption',
  );
}

function provedText(
  { settings, policies, severities, podPaths, namespace }: SnapshotContent,
  documents: readonly SnapshotDocument[],
  tests: readonly string[],
): string {
  const proved = documents.map(({ text, origin: { file, line } }) => `${file}:${line}\n${text}`);
  return [canonicalJson({ settings, policies, severities, podPaths, namespace, tests }), ...proved].join(
    '\n',
  );
}

/** `pending`: what is to be said of what the content holds back. */
function contentOf(
  documents: readonly SnapshotDocument[],
  set: PolicySet,
  settings: Settings,
  options: LockedOptions,
): { readonly content: SnapshotContent; readonly pending: readonly string[] } {
  const { severity = {}, saysIn, tiers, podPaths, namespace, lock } = options;
  const awaited = options.watchesCluster === true ? [] : undefined;
  const stages = stagesOf(options.stages, set, saysIn, awaited);
  const unaccepted =
    lock === undefined ? {} : unacceptedChecks(lock, set.policies.filter(beyondAudit(stages)));
  const content: SnapshotContent = {
    format: 1,
    settings: Object.fromEntries(
      Object.keys(SETTINGS).map((name) => [name, `v1.${settings[name as keyof typeof settings]}`]),
    ),
    documents,
    policies: [...new Set(set.policies.map(({ id }) => id))].sort(byCodeUnit),
    severities: severity,
    stages,
    ...(Object.keys(unaccepted).length > 0 && { unaccepted }),
    tiers: { default: tiers.default ?? 'high', namespaces: tiers.namespaces ?? {} },
    podPaths: podPaths.map((path: PodPath) => podPathText(path)).sort(byCodeUnit),
    namespace,
  };
  const pending = lock === undefined ? [] : noticesOfUnaccepted(lock, unaccepted);
  return { content, pending: [...(awaited ?? []), ...pending] };
}

function beyondAudit(stages: SnapshotContent['stages']): (policy: CompiledPolicy) => boolean {
  return ({ id }) => stages[id]?.some(({ stage }) => stage !== 'audit') === true;
}

/** Names of files that say the same on every machine, and the commit of those that are of one. */
function placesIn(options: SnapshotOptions): (resource: Resource) => SnapshotDocument['origin'] {
  const { folder } = options;
  const commits = options.policies.filter(isGitAddress).map((source) => {
    const { path, name, commit } = openSource(source, { flag: '--policies', cwd: folder });
    return { name: name(path), commit };
  });
  return ({ origin: { file, line } }) => {
    const commit = commits.find(({ name }) => isAtOrBelow(file, name))?.commit;
    const shown = isAbsolute(file) ? relative(folder, file).split(sep).join('/') : file;
    return { file: shown, line, ...(commit === undefined ? {} : { commit }) };
  };
}

/** The root of a commit ends with the colon behind its name. */
function isAtOrBelow(file: string, name: string): boolean {
  return file === name || file.startsWith(name.endsWith(':') ? name : `${name}/`);
}

/** Folders of policies: what lies beside a single file is not given. */
function testsOf(options: SnapshotOptions): string[] {
  const { folder } = options;
  return sourcesOf(options)
    .filter((source) => source !== 'builtin')
    .map((source) => openSource(source, { flag: '--policies', cwd: folder }).path)
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true);
}

/** As whoever called finds the file. */
function placedFrom(problem: Problem, { folder, cwd }: SnapshotOptions): Problem {
  const { file } = problem.origin;
  if (file.startsWith(BUILTIN) || isAbsolute(file) || file.includes(':') || folder === cwd) return problem;
  const shown = relative(cwd, resolve(folder, file)).split(sep).join('/');
  return { ...problem, origin: { ...problem.origin, file: shown } };
}
