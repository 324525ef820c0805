import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import type { JsonMap } from '../model/index.ts';
import {
  compilePolicies,
  createTestSession,
  type Entry,
  type EvaluationContext,
  type PolicySource,
  runPolicyTests,
  type SessionRun,
  type Settings,
  type TestIo,
  type TestReport,
} from '../policy/index.ts';
import { createDefaults, createDiscovery, createSchemas, locate, readManifest } from '../sources/index.ts';
import { type Answers, authorizeBy, readAnswers } from './answers.ts';
import { askBy } from './ask.ts';
import { objectDiff } from './object-diff.ts';
import { UsageError } from './usage.ts';
import { parseValue, parseValues, parseYaml } from './value.ts';

export interface TestOptions {
  readonly cwd: string;
  /** File with answers that need a cluster, to what a suite does not answer itself. */
  readonly answers: string | undefined;
}

/** Runs the tests beside the policies at or below the paths. No policy with tests there is the caller's mistake. */
export function testPolicies(paths: readonly string[], options: TestOptions): TestReport {
  const report = reportTests(paths, options);
  if (report.results.length === 0) throw noTest(paths);
  return report;
}

/** The same, whether there are tests or not. */
export function reportTests(paths: readonly string[], options: TestOptions): TestReport {
  return runPolicyTests(existing(paths, options.cwd), testIo(options));
}

/**
 * The same again and again: the function it gives runs the tests that a change touches.
 *
 * @param changed Paths relative to the working directory; empty the first time.
 */
export function testSession(
  paths: readonly string[],
  options: TestOptions,
): (changed: readonly string[]) => SessionRun {
  const { cwd } = options;
  const session = createTestSession(existing(paths, cwd), testIo(options));
  return (changed) => {
    const run = session.run(new Set(changed.flatMap((path) => [path, resolve(cwd, path)])));
    if (run.tests === 0) throw noTest(paths);
    return run;
  };
}

/** Paths as results name them. */
function existing(paths: readonly string[], cwd: string): string[] {
  for (const path of paths) if (!existsSync(resolve(cwd, path))) throw new UsageError(`there is no ${path}`);
  return paths.map((path) => relative(cwd, resolve(cwd, path)) || '.');
}

function noTest(paths: readonly string[]): UsageError {
  return new UsageError(
    `no test at or below ${paths.join(', ')}`,
    "a test is a folder with policy.yaml, pass/ and fail/, or a suite.yaml of Gatekeeper's, or a kyverno-test.yaml",
  );
}

function testIo({ cwd, answers: file }: TestOptions): TestIo {
  const contexts = new Map<number, EvaluationContext>();
  const answers = file === undefined ? undefined : readAnswers(file, cwd);
  const source: PolicySource = { text: (path) => textOf(resolve(cwd, path)), locate };
  return {
    list: (path) => entriesOf(resolve(cwd, path)),
    read: (path) => readFileSync(resolve(cwd, path), 'utf8'),
    parse: (text, file) => readManifest(text, { file, named: true }),
    locate,
    diff: objectDiff,
    value: parseValue,
    values: parseValues,
    compile: (documents, settings) => compilePolicies(documents, { settings, source }),
    context: (settings, definitions = []) =>
      definitions.length === 0
        ? contextOf(settings, contexts, answers)
        : describedBy(settings, definitions, answers),
  };
}

function contextOf(
  settings: Settings,
  known: Map<number, EvaluationContext>,
  answers: Answers | undefined,
): EvaluationContext {
  const minor = settings['kubernetes.version'];
  let context = known.get(minor);
  if (context === undefined) {
    context = describedBy(settings, [], answers);
    known.set(minor, context);
  }
  return context;
}

function describedBy(
  settings: Settings,
  definitions: readonly JsonMap[],
  answers: Answers | undefined,
): EvaluationContext {
  const minor = settings['kubernetes.version'];
  const schemas = createSchemas(minor, definitions);
  const discovery = createDiscovery(minor, definitions);
  const known = { discovery, schemas, defaults: createDefaults(minor, schemas), parseYaml };
  if (answers === undefined) return known;
  return { ...known, ask: askBy(answers, discovery), authorize: authorizeBy(answers) };
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function entriesOf(path: string): Entry[] | null {
  try {
    return readdirSync(path, { withFileTypes: true })
      .map((entry) => ({ name: entry.name, folder: entry.isDirectory() }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return null;
  }
}
