/** Runs the pass/ and fail/ cases beside a native policy. */
import type { Finding, Origin, Problem, Resource } from '../../model/index.ts';
import { isForeign } from '../dialects/kinds.ts';
import type { EvaluationContext } from '../evaluate/context.ts';
import { createEvaluator } from '../evaluate/evaluator.ts';
import { isMap, mapAt, own, stringAt } from '../json.ts';
import type { PolicySet } from '../load.ts';
import { didYouMean } from '../nearest.ts';
import { isWanted, relativeOf, wantedBy } from '../related/relative.ts';
import { createSurroundings } from '../related/surroundings.ts';
import { parseSettings } from '../settings/settings.ts';
import { type Case, type Expected, findCases, type PolicyFolder, validationOf } from './folders.ts';
import type { TestIo } from './io.ts';
import type { TestOutcome, TestResult } from './report.ts';

/** A policy.yaml of another engine, without cases of ours beside it, is no test. */
export function isNative({ path, file }: PolicyFolder, io: TestIo): boolean {
  const entries = io.list(path) ?? [];
  if (entries.some(({ name, folder }) => folder && (name === 'pass' || name === 'fail'))) return true;
  const { resources } = parse(file, io);
  return !resources.some(({ ref }) => isForeign(ref.apiVersion, ref.kind));
}

/** A folder while it is tested. */
interface Suite {
  readonly folder: PolicyFolder;
  readonly io: TestIo;
  readonly policy: string;
  readonly document: Resource;
  /** Names of all validations, whatever the settings. */
  readonly validations: readonly string[];
  readonly results: TestResult[];
  /** Validations that a case made fail. */
  readonly seen: Set<string>;
}

export function testFolder(folder: PolicyFolder, io: TestIo): TestOutcome {
  const opened = openSuite(folder, io);
  if ('covered' in opened) return opened;
  const suite = opened;
  const { cases, faults } = findCases(folder, io);
  for (const { path, detail } of faults) {
    suite.results.push(row(suite, { detail, origin: { file: path, line: 1, column: 1 } }));
  }
  for (const testCase of cases) suite.results.push(...runCase(suite, testCase));
  const missing = (['pass', 'fail'] as const).filter((kind) => !cases.some((c) => c.expected === kind));
  for (const name of suite.validations) {
    if (!suite.seen.has(name)) suite.results.push(uncovered(suite, name));
  }
  const { policy, results, validations, seen } = suite;
  return { results, covered: [{ policy, validations: validations.length, failed: seen.size, missing }] };
}

/** Reads the policy; without a good one there is nothing to test. */
function openSuite(folder: PolicyFolder, io: TestIo): Suite | TestOutcome {
  const name = folder.path.split('/').at(-1)!;
  const refused = (problems: readonly Pick<Problem, 'detail' | 'origin'>[]): TestOutcome => ({
    results: problems.map(({ detail, origin }) => row({ folder, policy: name }, { detail, origin })),
    covered: [{ policy: name, validations: 0, failed: 0, missing: ['pass', 'fail'] }],
  });
  const origin: Origin = { file: folder.file, line: 1, column: 1 };
  const parsed = parse(folder.file, io);
  if (parsed.problems.length > 0) return refused(parsed.problems);
  const [document] = parsed.resources;
  if (document === undefined || parsed.resources.length > 1) {
    return refused([{ detail: `expected one policy, got ${parsed.resources.length} objects`, origin }]);
  }
  const settings = parseSettings([]);
  const set = io.compile([document], settings.ok ? settings.settings : never());
  if (set.problems.length > 0) return refused(set.problems);
  if (document.ref.kind !== 'HardeningPolicy') {
    return refused([{ detail: `expected a HardeningPolicy, got a ${document.ref.kind}`, origin }]);
  }
  if (document.ref.name !== name && name !== '.') {
    return refused([
      { detail: `the policy's id "${document.ref.name}" is not its folder's name "${name}"`, origin },
    ]);
  }
  const validations = validationNames(document);
  return { folder, io, policy: document.ref.name, document, validations, results: [], seen: new Set() };
}

function never(): never {
  throw new Error('the default settings are valid');
}

function parse(
  path: string,
  io: TestIo,
): { resources: readonly Resource[]; problems: readonly Pick<Problem, 'detail' | 'origin'>[] } {
  try {
    return io.parse(io.read(path), path);
  } catch (thrown) {
    const detail = thrown instanceof Error ? thrown.message : String(thrown);
    return { resources: [], problems: [{ detail, origin: { file: path, line: 1, column: 1 } }] };
  }
}

/** From the source: settings may have removed some from the compiled policy. */
function validationNames({ object }: Resource): string[] {
  const spec = mapAt(object, 'spec') ?? {};
  const validations = own(spec, 'validations');
  if (!Array.isArray(validations)) return [];
  return validations.map(
    (validation, i) => (isMap(validation) && stringAt(validation, 'name')) || `validations[${i}]`,
  );
}

function runCase(suite: Suite, testCase: Case): TestResult[] {
  const origin = { file: testCase.path, line: 1, column: 1 };
  const failed = (detail: string): TestResult[] => [row(suite, { case: testCase, detail, origin })];
  const settings = parseSettings(testCase.settings);
  if (!settings.ok) return failed(settings.errors.join('; '));
  const expectation = expectationOf(suite, testCase);
  if ('fault' in expectation) return failed(expectation.fault);
  const parsed = parse(testCase.path, suite.io);
  if (parsed.problems.length > 0) {
    return parsed.problems.map((p) => row(suite, { case: testCase, detail: p.detail, origin: p.origin }));
  }
  if (parsed.resources.length === 0) return failed('the case holds no Kubernetes object');
  const set = suite.io.compile([suite.document], settings.settings);
  const [policy] = set.policies;
  const { validation } = expectation;
  if (validation !== null && !policy?.validations.some(({ name }) => name === validation)) {
    const under = testCase.settings.join(' ') || 'the default settings';
    return failed(`validation ${validation} does not apply under ${under}`);
  }
  const findings = scanTogether(set, suite.io.context(settings.settings), parsed.resources);
  // A policy that does not exist under the settings lets everything pass; else a case must meet it at least once.
  const met = policy === undefined || findings.some((found) => found.length > 0);
  // Objects that a policy only looks up are no cases.
  const around = met && policy?.related !== undefined;
  return parsed.resources.flatMap((resource, i) =>
    around && findings[i]!.length === 0
      ? []
      : [judge(suite, testCase, validation, resource, findings[i]!, met)],
  );
}

/** The objects of a case are all there is. */
function scanTogether(
  set: PolicySet,
  context: EvaluationContext,
  resources: readonly Resource[],
): (readonly Finding[])[] {
  const options = { passes: true, skips: true };
  const wanted = wantedBy(set.policies);
  const alone = createEvaluator(set, context, options);
  const begun = resources.map((resource) => alone.begin(resource));
  const relatives = begun
    .map(({ resource, request }) => relativeOf(wanted, resource, request))
    .filter((relative) => isWanted(wanted, relative));
  const surroundings = createSurroundings(relatives, () => ({ kind: 'whole' }));
  const evaluator = createEvaluator(set, { ...context, surroundings }, options);
  return resources.map((resource) => evaluator.scan(resource));
}

/** Which validation a case is about: null for passing cases and when the policy has but one. */
function expectationOf(
  suite: Suite,
  { expected, stem }: Case,
): { validation: string | null } | { fault: string } {
  if (expected === 'pass') return { validation: null };
  const [only, ...others] = suite.validations;
  if (others.length === 0 && only === 'validations[0]') return { validation: only };
  const name = validationOf(stem);
  if (suite.validations.includes(name)) return { validation: name };
  const hint = didYouMean(name, suite.validations);
  return { fault: `the file names the validation it must fail, and the policy has no "${name}".${hint}` };
}

function judge(
  suite: Suite,
  testCase: Case,
  validation: string | null,
  resource: Resource,
  findings: readonly Finding[],
  met: boolean,
): TestResult {
  const { file, line } = resource.origin;
  const violations = findings.filter(({ verdict }) => verdict === 'violation');
  for (const finding of violations)
    if (testCase.expected === 'fail') suite.seen.add(finding.validation ?? '');
  const errors = findings.filter(({ verdict, reason }) => verdict === 'error' || reason.startsWith('needs-'));
  const base = { case: testCase, validation, resource, origin: { file, line, column: 1 } };
  if (findings.length === 0) {
    const detail = `the policy does not match ${resource.ref.apiVersion} ${resource.ref.kind}`;
    const result = testCase.expected === 'pass' && met ? 'pass' : 'error';
    return row(suite, { ...base, actual: 'not matched', result, detail });
  }
  if (errors.length > 0) return row(suite, { ...base, actual: 'error', detail: details(errors) });
  const actual: Expected = violations.length > 0 ? 'fail' : 'pass';
  if (testCase.expected === 'pass' || actual === 'pass') {
    const detail = actual === 'fail' ? details(violations) : findings[0]!.detail;
    return row(suite, { ...base, actual, result: actual === testCase.expected ? 'pass' : 'fail', detail });
  }
  const meant = violations.filter((finding) => finding.validation === validation);
  if (meant.length > 0) return row(suite, { ...base, actual, result: 'pass', detail: details(meant) });
  return row(suite, {
    ...base,
    actual,
    result: 'fail',
    detail: `fails for another reason: ${details(violations)}`,
  });
}

function details(findings: readonly Finding[]): string {
  return findings
    .map(({ validation, detail }) => (validation === undefined ? detail : `${validation}: ${detail}`))
    .join('; ');
}

function uncovered(suite: Suite, validation: string): TestResult {
  return row(suite, {
    validation,
    expected: 'fail',
    actual: 'no case',
    detail: `no case in fail/ makes ${validation} fail`,
    origin: { file: suite.folder.file, line: 1, column: 1 },
  });
}

interface Row {
  readonly case?: Case;
  readonly validation?: string | null;
  readonly resource?: Resource;
  readonly expected?: string;
  readonly actual?: string;
  readonly result?: TestResult['result'];
  readonly detail: string;
  readonly origin: Origin;
}

/** An error unless told otherwise. */
function row(suite: Pick<Suite, 'folder' | 'policy'>, of: Row): TestResult {
  const ref = of.resource?.ref;
  return {
    suite: suite.folder.file,
    ...(of.case === undefined ? {} : { case: of.case.name }),
    policy: suite.policy,
    ...(of.validation == null ? {} : { validation: of.validation }),
    resource: ref === undefined ? null : { kind: ref.kind, namespace: ref.namespace, name: ref.name },
    expected: of.expected ?? of.case?.expected ?? 'pass',
    actual: of.actual ?? 'error',
    result: of.result ?? 'error',
    detail: of.detail,
    origin: of.origin,
  };
}
