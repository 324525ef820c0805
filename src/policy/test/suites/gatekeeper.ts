/** Runs Gatekeeper's suites as `gator verify` does: objects as they stand, every constraint by itself. */
import type { Problem, Resource } from '../../../model/index.ts';
import { createEvaluator } from '../../evaluate/evaluator.ts';
import { expand } from '../../evaluate/expand.ts';
import type { BindingRun } from '../../evaluate/review.ts';
import type { CompiledPolicy, Expansion } from '../../form.ts';
import { isMap, mapAt, own } from '../../json.ts';
import { type AdmissionRequest, parseApiVersion } from '../../request.ts';
import { DEFAULT_SETTINGS } from '../../settings/settings.ts';
import { read } from '../../shape/read.ts';
import { beside } from '../folders.ts';
import type { TestIo } from '../io.ts';
import type { SuiteOutcome, TestedPolicy, TestResult } from '../report.ts';
import { assertMessages, wordsOf } from './assertion.ts';
import { type SuiteCase, type SuiteTest, suiteShape } from './gatekeeper-shape.ts';
import { requestOfObject, requestOfReview } from './review-request.ts';

/** Where gator enforces, for `scopedEnforcementActions`. */
const POINT = 'gator.gatekeeper.sh';

/** What results of one suite, test or case share. */
interface Place {
  readonly suite: string;
  readonly policy: string;
  readonly pointer: string;
  readonly case?: string;
  readonly expected?: string;
  readonly resource?: Resource['ref'];
}

interface Running {
  readonly io: TestIo;
  readonly file: string;
  readonly text: string;
  readonly document: Resource;
  /** Constraints that cases are about. */
  readonly tested: Map<string, TestedPolicy>;
}

export function runGatekeeperSuite(file: string, io: TestIo): SuiteOutcome {
  const policies = new Map<string, TestedPolicy>();
  return { results: resultsOf(file, io, policies), policies };
}

/** @param tested Filled with the constraints that cases are about. */
function resultsOf(file: string, io: TestIo, tested: Map<string, TestedPolicy>): TestResult[] {
  const opened = readObjects(file, io);
  if (!opened.ok) return [faulty(file, opened.detail)];
  const suites = opened.resources.filter(
    ({ ref }) => parseApiVersion(ref.apiVersion).group === 'test.gatekeeper.sh',
  );
  if (suites.length !== 1)
    return [faulty(file, `expected one Suite of test.gatekeeper.sh, got ${suites.length}`)];
  const document = suites[0]!;
  const running: Running = { io, file, text: io.read(file), document, tested };
  const { value, issues } = read(suiteShape, document.object);
  if (issues.length > 0)
    return issues.map(({ pointer, message }) =>
      result(running, { suite: file, policy: document.ref.name, pointer }, 'error', 'error', message),
    );
  const place = { suite: file, policy: document.ref.name, pointer: '' };
  if (value.skip === true) return [result(running, place, 'skipped', 'skipped', 'the suite is skipped')];
  return value.tests.flatMap((test, index) => runTest(test, `/tests/${index}`, running));
}

function faulty(file: string, detail: string): TestResult {
  return {
    suite: file,
    policy: '',
    resource: null,
    expected: '',
    actual: 'error',
    result: 'error',
    detail,
    origin: { file, line: 1, column: 1 },
  };
}

function runTest(test: SuiteTest, pointer: string, running: Running): TestResult[] {
  const { file } = running;
  const place: Place = { suite: file, policy: test.name ?? '', pointer };
  if (test.skip === true) return [result(running, place, 'skipped', 'skipped', 'the test is skipped')];
  const loaded = loadPolicy(test, running);
  if (test.invalid === true) return [judgeInvalid(loaded, place, running)];
  if ('problems' in loaded) {
    const unsupported = loaded.problems.some(({ reason }) => reason === 'unsupported');
    const kind = unsupported ? 'unsupported' : 'error';
    return [result(running, place, kind, kind, loaded.problems.map(({ detail }) => detail).join('; '))];
  }
  const { id, validations } = loaded.policy;
  running.tested.set(id, {
    validations: validations.map(({ name }) => name),
    failed: running.tested.get(id)?.failed ?? new Set(),
  });
  return (test.cases ?? []).map((one, index) =>
    runCase(
      one,
      loaded,
      {
        ...place,
        policy: loaded.policy.id,
        case: `${test.name ?? ''}/${one.name ?? ''}`,
        pointer: `${pointer}/cases/${index}`,
      },
      running,
    ),
  );
}

interface Loaded {
  readonly policy: CompiledPolicy;
  /** Whether gator enforces the constraint at all. */
  readonly enforced: boolean;
  readonly expansions: readonly Expansion[];
}

type Refused = {
  readonly problems: readonly Pick<Problem, 'detail' | 'reason'>[];
  readonly bySchema: boolean;
};

function loadPolicy(test: SuiteTest, { io, file }: Running): Loaded | Refused {
  const documents: Resource[] = [];
  for (const field of ['template', 'constraint'] as const) {
    const path = test[field];
    if (path === undefined) return refusal(`the test names no ${field}`);
    const objects = readObjects(beside(file, path), io);
    if (!objects.ok) return refusal(objects.detail);
    if (objects.resources.length !== 1)
      return refusal(`${path}: expected one ${field}, got ${objects.resources.length} objects`);
    documents.push(objects.resources[0]!);
  }
  const constraint = documents[1]!;
  if (test.expansion !== undefined) {
    const objects = readObjects(beside(file, test.expansion), io);
    if (!objects.ok) return refusal(objects.detail);
    documents.push(...objects.resources);
  }
  const set = io.compile(documents, DEFAULT_SETTINGS);
  if (set.problems.length > 0) {
    const id = idOf(constraint);
    return { problems: set.problems, bySchema: set.problems.every(({ policy }) => policy === id) };
  }
  const policy = [...set.policies, ...set.inactive].find(({ id }) => id === idOf(constraint));
  if (policy === undefined) return refusal(`${test.constraint} is no constraint of ${test.template}`);
  return { policy: forAnyOperation(policy), enforced: isEnforced(constraint), expansions: set.expansions };
}

function idOf({ ref }: Resource): string {
  return `${ref.kind}/${ref.name}`;
}

function refusal(detail: string): Refused {
  return { problems: [{ detail, reason: 'invalid-policy' }], bySchema: false };
}

/** Operations of a template count at the webhook only. */
function forAnyOperation(policy: CompiledPolicy): CompiledPolicy {
  const resourceRules = policy.match.resourceRules.map((rule) => ({ ...rule, operations: ['*'] }));
  return { ...policy, match: { ...policy.match, resourceRules } };
}

function isEnforced({ object }: Resource): boolean {
  const spec = mapAt(object, 'spec') ?? {};
  if (own(spec, 'enforcementAction') !== 'scoped') return true;
  const scoped = own(spec, 'scopedEnforcementActions');
  const points = (Array.isArray(scoped) ? scoped : []).flatMap((entry) => {
    const list = isMap(entry) ? own(entry, 'enforcementPoints') : undefined;
    return Array.isArray(list) ? list.filter(isMap).map((point) => own(point, 'name')) : [];
  });
  return points.includes(POINT) || points.includes('*');
}

function judgeInvalid(loaded: Loaded | Refused, place: Place, running: Running): TestResult {
  const at = { ...place, expected: 'invalid' };
  if (!('problems' in loaded))
    return result(running, at, 'valid', 'fail', 'the constraint was expected to be refused, and is valid');
  const detail = loaded.problems.map((problem) => problem.detail).join('; ');
  return loaded.bySchema
    ? result(running, at, 'invalid', 'pass', detail)
    : result(running, at, 'error', 'error', detail);
}

function runCase(one: SuiteCase, loaded: Loaded, place: Place, running: Running): TestResult {
  const { io, file } = running;
  if (one.skip === true) return result(running, place, 'skipped', 'skipped', 'the case is skipped');
  const failed = (detail: string) => result(running, place, 'error', 'error', detail);
  const assertions = one.assertions ?? [];
  if (one.object === undefined) return failed('the case names no object');
  if (assertions.length === 0) return failed('the case asserts nothing');
  const objects = readObjects(beside(file, one.object), io);
  if (!objects.ok) return failed(objects.detail);
  if (objects.resources.length !== 1)
    return failed(`${one.object}: expected one object, got ${objects.resources.length}`);
  const inventory = readInventory(one, running);
  if ('detail' in inventory) return failed(inventory.detail);
  const request = requestOf(objects.resources[0]!);
  if ('error' in request) return failed(request.error);
  const messages = loaded.enforced ? messagesFor(loaded, request, inventory.objects, running) : [];
  if ('fault' in messages) return failed(messages.fault);
  const at = { ...place, expected: wordsOf(assertions), resource: request.ref };
  const actual = messages.length === 1 ? '1 violation' : `${messages.length} violations`;
  for (const assertion of assertions) {
    const wrong = assertMessages(assertion, messages);
    if (wrong !== null) return result(running, at, actual, wrong.kind, wrong.detail);
  }
  return result(running, at, actual, 'pass', messages.join('; '));
}

function requestOf(resource: Resource): AdmissionRequest | { error: string } {
  const { group } = parseApiVersion(resource.ref.apiVersion);
  const isReview = resource.ref.kind === 'AdmissionReview' && group === 'admission.k8s.io';
  return isReview ? requestOfReview(resource) : requestOfObject(resource);
}

function readInventory(one: SuiteCase, { io, file }: Running): { objects: Resource[] } | { detail: string } {
  const objects: Resource[] = [];
  for (const path of one.inventory ?? []) {
    const found = readObjects(beside(file, path), io);
    if (!found.ok) return { detail: found.detail };
    objects.push(...found.resources);
  }
  return { objects };
}

/** Of the request, and of what its object makes; reviews are asked as they are. */
function messagesFor(
  { policy, expansions }: Loaded,
  request: AdmissionRequest,
  objects: readonly Resource[],
  running: Running,
): string[] | { fault: string } {
  const { io } = running;
  const own = violationsOf(policy, request, objects, running);
  if (expansions.length === 0 || request.resource.resource !== '') return own;
  const { discovery } = io.context(DEFAULT_SETTINGS);
  const resultants = expand(request, expansions, discovery);
  const without = resultants.find(({ pointer }) => pointer === undefined);
  if (without !== undefined)
    return { fault: `the object has no ${without.expansion.source.join('.')} for ${without.expansion.name}` };
  const implied = resultants.flatMap(({ request: made, expansion }) =>
    violationsOf(policy, made, objects, running).map(
      (message) => `[Implied by ${expansion.name}] ${message}`,
    ),
  );
  return [...own, ...implied];
}

/** Messages of what Gatekeeper calls violations: errors among them, unless the template ignores those. */
function violationsOf(
  policy: CompiledPolicy,
  request: AdmissionRequest,
  objects: readonly Resource[],
  { io, tested }: Running,
): string[] {
  // gator takes objects as they stand.
  const { defaults: _, ...base } = io.context(DEFAULT_SETTINGS);
  const context = { ...base, objects, complete: true };
  const [reviewed] = createEvaluator({ policies: [policy] }, context).review(request);
  if (reviewed === undefined) return [];
  const { review } = reviewed;
  // What could not be matched is taken for a violation.
  if (review.kind === 'not-evaluated') return [review.detail];
  return review.kind === 'reviewed' ? review.runs.flatMap((run) => messagesOf(run, policy, tested)) : [];
}

function messagesOf(
  entry: BindingRun,
  policy: CompiledPolicy,
  tested: ReadonlyMap<string, TestedPolicy>,
): string[] {
  const onError = (message: string) => (policy.failurePolicy === 'Fail' ? [message] : []);
  if (entry.kind === 'configuration') return onError(entry.detail);
  if (entry.run.kind === 'condition-error') return onError(entry.run.message);
  if (entry.run.kind !== 'decided') return [];
  for (const { index } of entry.run.decisions)
    if (index !== null) tested.get(policy.id)?.failed.add(policy.validations[index]!.name);
  return entry.run.decisions.flatMap((decision) =>
    decision.kind === 'deny' ? [decision.message] : onError(decision.message),
  );
}

type Objects =
  | { readonly ok: true; readonly resources: readonly Resource[] }
  | { readonly ok: false; readonly detail: string };

function readObjects(path: string, io: TestIo): Objects {
  try {
    const { resources, problems } = io.parse(io.read(path), path);
    const [problem] = problems;
    if (problem !== undefined) return { ok: false, detail: `${path}: ${problem.detail}` };
    return { ok: true, resources };
  } catch (thrown) {
    return { ok: false, detail: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

function result(
  { io, file, text, document }: Running,
  { suite, policy, pointer, case: name, expected = '', resource }: Place,
  actual: string,
  outcome: TestResult['result'],
  detail: string,
): TestResult {
  const { line, column } = io.locate(text, document.origin.document, document.origin.pointer + pointer);
  return {
    suite,
    ...(name === undefined ? {} : { case: name }),
    policy,
    resource:
      resource === undefined
        ? null
        : { kind: resource.kind, namespace: resource.namespace, name: resource.name },
    expected,
    actual,
    result: outcome,
    detail,
    origin: { file, line, column },
  };
}
