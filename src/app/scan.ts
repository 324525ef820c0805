import type { Report } from '../model/index.ts';
import { type LiveFacts, openLive } from './cluster/scanned.ts';
import { withCommits } from './commits.ts';
import { type GivenContext, readContext } from './context.ts';
import { withFetched } from './fetch-context.ts';
import { type Input, listFiles, withoutConfig } from './input.ts';
import { withLock, withSet } from './locked.ts';
import { openCache } from './open-cache.ts';
import type { ScanOptions } from './options.ts';
import { openProfiles, type Profiles } from './profiles.ts';
import { prepareRenderer, type Renderer } from './renderer.ts';
import { reportOf } from './reporting.ts';
import { folderInRepository } from './repository-file.ts';
import type { KeyedSuppression } from './suppressions.ts';
import { sourceReader } from './text.ts';
import { type OnStep, scanFiles } from './threads.ts';
import { trust } from './trust.ts';
import type { Walked } from './walk-sources.ts';

export interface ScanOutcome {
  readonly report: Report;
  /** Text of a scanned or policy file by the name it has in results, read again. */
  readonly source: (file: string) => string | undefined;
  /** What manifests tell other tools not to report; empty unless it is looked for. */
  readonly suppressions: readonly KeyedSuppression[];
}

/** Reads, compiles, evaluates and reports. Throws UsageError for what is the caller's mistake (exit code 2). */
export async function scan(given: ScanOptions, onStep: OnStep = () => {}): Promise<ScanOutcome> {
  const gated = withLock(trust(await withFetched(given)));
  const context = readContext(gated.options);
  const live = await openLive(withSettings(gated.options, context.settings));
  const { options } = live;
  const profiles = openProfiles(options, context.bindings);
  const { walked, ...standardInput } = listFiles(options);
  const renderer = await rendererOf(walked, options, profiles.sets[0]!.settings, onStep);
  const files = withoutConfig(standardInput, renderer.files, options.config);
  for (const { file } of files.files) profiles.numberOf(file);
  const { input, facts, settle, quotable } = await live.read(profiles.sets[0]!, files);
  const setup = setupOf(options, profiles, context, input, facts);
  const cache = openCache(options, setup, profiles);
  const scanned = settle(
    await scanFiles(
      setup,
      profiles.sets,
      options.jobs,
      onStep,
      renderer.render,
      profiles.numberOf,
      cache?.pack,
    ),
  );
  profiles.keep();
  cache?.keep(scanned.fresh);
  const pathOf = paths(input, profiles, renderer.pathOf);
  const source = quotable(sourceReader(input.given, pathOf));
  const listed = [...input.files, ...renderer.rendered()];
  const report = await reportOf(
    { ...gated, options },
    {
      profiles,
      input,
      scanned,
      files: { source, pathOf, listed, makings: renderer.makings, isExact: renderer.isExact },
    },
  );
  return {
    report: options.commits
      ? { ...report, results: withCommits(report.results, pathOf, commitsOf(walked, renderer)) }
      : report,
    source,
    suppressions: scanned.suppressions,
  };
}

async function rendererOf(...given: Parameters<typeof prepareRenderer>): Promise<Renderer> {
  const renderer = await prepareRenderer(...given);
  const [, options, settings] = given;
  if (options.gate.changed === undefined) return renderer;
  const { comparedRenderer } = await import('./rendered-changes.ts');
  return comparedRenderer(renderer, options, settings);
}

/** Before what the call sets, for all files. */
function withSettings(options: ScanOptions, settings: readonly string[]): ScanOptions {
  return settings.length === 0 ? options : { ...options, ...withSet(options, settings) };
}

function commitsOf(walked: Walked, { rendered }: Renderer): ReadonlyMap<string, string> {
  const found = rendered().flatMap(({ file, path }) => {
    const commit = walked.commitAt(path);
    return commit === undefined ? [] : [[file, commit] as const];
  });
  return new Map([...walked.commits, ...found]);
}

function setupOf(
  options: ScanOptions,
  { all, sets, of }: Profiles,
  context: GivenContext,
  { files, given, problems }: Input,
  live: LiveFacts,
): Parameters<typeof scanFiles>[0] {
  const { objects, exemptions } = sets[0]!;
  const { baseline } = options.gate;
  return {
    files,
    given,
    profiles: all,
    profileOf: of,
    objects: [...objects, ...context.objects, ...live.objects],
    context: context.objects,
    complete: options.complete,
    unlisted: problems.length,
    definitions: [...context.definitions, ...live.definitions],
    userInfo: context.userInfo,
    answers: context.answers,
    defaults: options.defaults,
    all: options.all,
    strict: options.strict,
    fingerprints:
      options.fingerprints || baseline !== undefined
        ? { folder: folderInRepository(options.cwd), identities: baseline !== undefined }
        : undefined,
    exemptions,
    podPaths: options.podPaths,
    suppressions: options.suppressions,
  };
}

/** Where a scanned or policy file lies, by its name in results; undefined for standard input. */
function paths(
  { files, given }: Input,
  { all }: Profiles,
  renderedFrom: (file: string) => string | undefined,
): (file: string) => string | undefined {
  const byName = new Map([
    ...all[0]!.policies.paths,
    ...files.map(({ file, path }): [string, string] => [file, path]),
  ]);
  return (file) => (given.has(file) ? undefined : (byName.get(file) ?? renderedFrom(file)));
}
