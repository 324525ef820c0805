/**
 * Runs Kyverno's suites as `kyverno test` does: resources as they stand, every policy on every resource, and the results
 * that the suite expects. Unlike there, a policy, rule or resource that nothing is known of is an error.
 */
import type { Resource } from '../../../../model/index.ts';
import { type CompiledPolicy, TARGET } from '../../../form.ts';
import { mapAt, own } from '../../../json.ts';
import type { PolicySet } from '../../../load.ts';
import { DEFAULT_SETTINGS } from '../../../settings/settings.ts';
import { read } from '../../../shape/read.ts';
import type { TestIo } from '../../io.ts';
import type { SuiteOutcome, TestedPolicy, TestResult } from '../../report.ts';
import type { Responses } from './answers.ts';
import { askWorld } from './ask.ts';
import { createReader, SuiteFault } from './files.ts';
import { type Inputs, readInputs, resourceOf } from './inputs.ts';
import { type Judged, judge } from './judge.ts';
import { OPERATIONS, requestFor, type SuiteOperation } from './requests.ts';
import { createResponder, nameIn, namespaceObjects } from './respond.ts';
import { type ExpectedResult, type Suite, testShape } from './shape.ts';
import { chooseResources, type Subject } from './subjects.ts';

export function runKyvernoSuite(file: string, io: TestIo): SuiteOutcome {
  const rows = createRows(file, io);
  try {
    const { value: suite, issues } = read(testShape, rows.document);
    if (issues.length > 0) return only(issues.map(({ pointer, message }) => rows.error(pointer, message)));
    return runSuite(suite, file, io, rows);
  } catch (thrown) {
    const pointer = thrown instanceof SuiteFault ? thrown.pointer : '';
    return only([rows.error(pointer, thrown instanceof Error ? thrown.message : String(thrown))]);
  }
}

function only(results: readonly TestResult[]): SuiteOutcome {
  return { results, policies: new Map() };
}

/** Results of one suite, each with its place. */
export interface Rows {
  readonly document: unknown;
  row(pointer: string, of: Omit<TestResult, 'suite' | 'origin'>): TestResult;
  error(pointer: string, detail: string): TestResult;
}

function createRows(file: string, io: TestIo): Rows {
  let text = '';
  let document: unknown;
  let fault: unknown;
  try {
    text = io.read(file);
    document = io.value(text, file);
  } catch (thrown) {
    fault = thrown;
  }
  const row: Rows['row'] = (pointer, of) => {
    const { line, column } = fault === undefined ? io.locate(text, 0, pointer) : { line: 1, column: 1 };
    return { suite: file, ...of, origin: { file, line, column } };
  };
  return {
    get document() {
      if (fault !== undefined) throw fault;
      return document;
    },
    row,
    error: (pointer, detail) =>
      row(pointer, { policy: '', resource: null, expected: '', actual: 'error', result: 'error', detail }),
  };
}

function runSuite(suite: Suite, file: string, io: TestIo, rows: Rows): SuiteOutcome {
  if ((suite.results?.length ?? 0) === 0) return only([rows.error('', 'the suite expects no result')]);
  const inputs = readInputs(suite, file, io);
  const set = io.compile(inputs.policies, DEFAULT_SETTINGS);
  const subjects = subjectsOf(inputs, io);
  const respond = responder(inputs, set, io);
  const tested = new Map<string, TestedPolicy>();
  const results = [
    ...faultsOf(set, inputs, rows),
    ...(suite.results ?? []).flatMap((expected, i) => {
      const pointer = `/results/${i}`;
      const operation = operationOf(expected, inputs);
      if (operation === undefined)
        return [rows.error(`${pointer}/operation`, `operation is one of ${OPERATIONS.join(', ')}`)];
      const named = policiesNamed(expected, suite, set, inputs);
      const patched = 'policies' in named ? patchedBy(expected, pointer, file, io) : null;
      if ('policies' in named) testedAs(expected.policy, named.policies, tested);
      const concerned =
        'policies' in named
          ? subjects.filter((one) => readingsFor(one, named.policies).length > 0)
          : subjects;
      return chooseResources(expected, concerned, pointer).map((choice) => {
        if ('detail' in choice)
          return rows.row(choice.pointer, {
            ...head(expected),
            ...('policies' in named ? notFound(choice.detail) : named),
          });
        const judged =
          'policies' in named
            ? judge(
                expected,
                respond(readingsFor(choice.subject, named.policies), choice.subject, operation),
                patched,
                io.diff,
              )
            : named;
        if (judged.validation !== undefined) tested.get(expected.policy)?.failed.add(judged.validation);
        return rows.row(choice.pointer, { ...head(expected), resource: nameOf(choice.subject), ...judged });
      });
    }),
  ];
  return { results, policies: tested };
}

/** Policies that change objects which exist have a reading for those, and another for what is asked for. */
function readingsFor(subject: Subject, policies: readonly CompiledPolicy[]): readonly CompiledPolicy[] {
  const existing = 'existing' in subject && subject.existing;
  return policies.filter(({ variant }) => (variant === TARGET) === existing);
}

/** Objects as a result says they must be afterwards; null when it does not say. */
function patchedBy(expected: ExpectedResult, at: string, file: string, io: TestIo): Resource[] | null {
  const { patchedResources: path = expected.patchedResource } = expected;
  if (path === undefined || path === '') return null;
  const field = expected.patchedResources === undefined ? 'patchedResource' : 'patchedResources';
  return createReader(file, io).objects([path], `${at}/${field}`);
}

/** Readings of one policy have the same validations; rules of one have their own. What mutates has none. */
function testedAs(
  name: string,
  policies: readonly CompiledPolicy[],
  tested: Map<string, TestedPolicy>,
): void {
  if (policies.every(({ mutations }) => mutations.length > 0)) return;
  const validations = policies.flatMap((policy) => policy.validations.map((v) => nameIn(policy, v.name)));
  const known = tested.get(name) ?? { validations: [], failed: new Set() };
  tested.set(name, { ...known, validations: [...new Set([...known.validations, ...validations])] });
}

/** Policies that were refused are told where a result names them; what belongs to policies is told here. */
function faultsOf(set: PolicySet, { policies }: Inputs, rows: Rows): TestResult[] {
  const helpers = policies.filter(({ ref }) => /^PolicyException$|Binding$/.test(ref.kind));
  return set.problems.flatMap(({ policy, origin, detail }) => {
    const helper = helpers.find((one) => one.ref.name === policy && one.origin.file === origin.file);
    if (helper === undefined) return [];
    const pointer = helper.ref.kind === 'PolicyException' ? '/exceptions' : '/policies';
    return [rows.error(pointer, `${origin.file}: ${helper.ref.kind} ${helper.ref.name}: ${detail}`)];
  });
}

function nameOf({ ref }: Subject): TestResult['resource'] {
  return ref === null ? null : { kind: ref.kind, namespace: ref.namespace, name: ref.name };
}

function notFound(detail: string): Judged {
  return { actual: 'not found', result: 'error', detail };
}

function head({
  policy,
  rule,
  result,
}: ExpectedResult): Pick<TestResult, 'policy' | 'rule' | 'resource' | 'expected'> {
  return { policy, ...(rule === undefined ? {} : { rule }), resource: null, expected: result };
}

function unsupportedOf(suite: Suite, expected: ExpectedResult): string | undefined {
  if ((suite.httpPayloads?.length ?? 0) > 0) return 'policies on HTTP requests are not run';
  if ((suite.envoyPayloads?.length ?? 0) > 0) return "policies on Envoy's requests are not run";
  if (expected.generatedResource !== undefined || expected.generatedResources !== undefined)
    return 'policies that generate resources are not run';
  return undefined;
}

function subjectsOf({ resources, targets, payloads }: Inputs, io: TestIo): Subject[] {
  const { discovery } = io.context(DEFAULT_SETTINGS);
  return [
    ...[...resources, ...targets].map((resource, i): Subject => {
      const { apiVersion, kind, namespace } = resource.ref;
      const { namespaced } = discovery.ofKind(apiVersion, kind, namespace || 'default');
      return {
        name: resource.ref.name,
        resource,
        ref: { ...resource.ref, namespace: namespaced ? namespace || 'default' : '' },
        existing: i >= resources.length,
      };
    }),
    ...[...payloads].map(([name, payload]): Subject => ({ name, payload, ref: null })),
  ];
}

type Respond = (
  policies: readonly CompiledPolicy[],
  subject: Subject,
  operation: SuiteOperation,
) => Responses;

function responder(inputs: Inputs, set: PolicySet, io: TestIo): Respond {
  const { values, resources, targets, world, params } = inputs;
  // The CLI takes resources as they stand.
  const { defaults: _, ...base } = io.context(DEFAULT_SETTINGS, world.definitions);
  const declared = [
    ...(values.namespaces ?? []).map((namespace) =>
      // Whatever they are called: the list holds nothing else.
      resourceOf({ ...namespace, apiVersion: 'v1', kind: 'Namespace' }),
    ),
    ...(values.namespaceSelector ?? []).map(({ name, labels = {} }) =>
      resourceOf({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }),
    ),
    ...world.objects.filter(({ ref }) => ref.kind === 'Namespace' && ref.apiVersion === 'v1'),
  ];
  const mentioned = new Set(['default', ...resources.map(({ ref }) => ref.namespace)]);
  const context = {
    ...base,
    objects: [...namespaceObjects(declared, mentioned), ...params, ...set.objects],
    complete: true,
    ask: askWorld(world, base.discovery),
  };
  // With a cluster they are among its objects anyhow.
  const found = world.cluster ? world : { ...world, objects: [...world.objects, ...targets] };
  const existing = { ...context, ask: askWorld(found, base.discovery) };
  const asking = { discovery: base.discovery, user: inputs.user, values, cluster: world.cluster };
  const responders = new Map<string, ReturnType<typeof createResponder>>();
  return (policies, subject, operation) => {
    const [first] = policies;
    if (first === undefined) return null;
    const key = JSON.stringify(policies.map(({ id, variant, origin }) => [id, variant, origin]));
    let known = responders.get(key);
    if (known === undefined) {
      const scored = isScored(inputs.policies, first);
      const mutating = set.policies.filter(({ mutations }) => mutations.length > 0);
      known = createResponder(policies, {
        context,
        existing,
        cluster: world.cluster,
        params,
        scored,
        mutating,
      });
      responders.set(key, known);
    }
    if ('payload' in subject) return known.askPayload(subject.payload);
    if (!subject.existing) return known.ask(requestFor(subject.resource, operation, asking), null);
    const triggers = resources.map((resource) => requestFor(resource, operation, asking));
    return known.ask(requestFor(subject.resource, 'CREATE', asking), triggers);
  };
}

function isScored(documents: readonly Resource[], { origin }: CompiledPolicy): boolean {
  const document = documents.find((one) => one.origin === origin);
  const annotations = mapAt(mapAt(document?.object ?? {}, 'metadata') ?? {}, 'annotations') ?? {};
  return own(annotations, 'policies.kyverno.io/scored') !== 'false';
}

type Named = { readonly policies: readonly CompiledPolicy[] } | Judged;

/** The policy of that name in all its readings, or what becomes of the result without one. */
function policiesNamed(
  expected: ExpectedResult,
  suite: Suite,
  set: PolicySet,
  { policies: documents }: Inputs,
): Named {
  const unsupported = unsupportedOf(suite, expected);
  if (unsupported !== undefined) return { actual: 'unsupported', result: 'unsupported', detail: unsupported };
  const [last, namespace] = expected.policy.split('/').reverse() as [string, string?];
  const named = documents.filter(
    ({ ref }) => ref.name === last && (namespace === undefined || (ref.namespace || 'default') === namespace),
  );
  const origins = new Set(named.map(({ origin }) => origin));
  const policies = [...set.policies, ...set.inactive].filter(({ origin }) => origins.has(origin));
  const rules = ruleNamed(expected, policies);
  if (rules.length > 0) return { policies: rules };
  const refusals = set.problems.filter(({ policy }) => policy === last || policy === expected.policy);
  if (refusals.length > 0) {
    const kind = refusals.some(({ reason }) => reason === 'unsupported') ? 'unsupported' : 'error';
    return { actual: kind, result: kind, detail: refusals.map(({ detail }) => detail).join('; ') };
  }
  if (policies.length > 0) return notFound(`the policy has no rule "${expected.rule}"`);
  const exists = named.length > 0;
  return notFound(
    exists ? `"${expected.policy}" is not a policy that is run` : `there is no policy "${expected.policy}"`,
  );
}

/** Rules have names, and those that are made of them names of their own; policies of other kinds have no rules. */
function ruleNamed({ rule = '' }: ExpectedResult, policies: readonly CompiledPolicy[]): CompiledPolicy[] {
  return policies.filter(({ dialect, id, variant }) => {
    if (dialect !== 'clusterpolicy' || rule === '') return true;
    const name = variant === '' ? id.slice(id.lastIndexOf('/') + 1) : variant;
    return [rule, `autogen-${rule}`, `autogen-cronjob-${rule}`].some((one) => one.slice(0, 63) === name);
  });
}

/** What the result says, else the values; undefined when that is no operation. */
function operationOf({ operation }: ExpectedResult, { values }: Inputs): SuiteOperation | undefined {
  const given = operation ?? own(values.globalValues ?? {}, 'request.operation') ?? 'CREATE';
  if (operation === undefined && given === 'CONNECT') return 'CREATE';
  return OPERATIONS.find((known) => known === given);
}
