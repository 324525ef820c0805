/** Threads know nothing of what surrounds a request, and say of it what everybody says. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  ask,
  bodyOf,
  CONTEXT,
  kyverno,
  make,
  native,
  policy,
  responseOf,
  SLOW,
  slowObject,
} from '../../../test/fakes/gate.ts';
import { readReview } from '../../gates/index.ts';
import type { JsonMap } from '../../model/index.ts';
import { binding, DENY, pod, policies, resource, vap } from '../../policy/fixture.ts';
import {
  createEvaluator,
  createSurroundings,
  type EvaluationContext,
  type RelatedCoverage,
  relativeOf,
  wantedBy,
} from '../../policy/index.ts';
import { createFolderLive } from '../environment/folder-live.ts';
import { liveNamespaces, liveParams } from '../environment/sources.ts';
import { createAuthorizer } from './authorizer.ts';
import { parseBody } from './parse.ts';

/** Of a machine that others use as well. */
const PATIENT = { limitMs: 20_000 };

/** What is answered here with all the time in the world, and by a thread for want of it. */
async function bothAnswers(
  t: TestContext,
  text: string,
  context: EvaluationContext,
  askFor?: ReturnType<typeof createAuthorizer>['askFor'],
) {
  const more = askFor === undefined ? { context } : { context, askFor };
  const body = bodyOf(slowObject());
  const here = await ask(make(t, text, { ...more, holdMs: 60_000 }), body);
  const made = make(t, text, { ...more, ...PATIENT, holdMs: 5 });
  const there = await ask(made, body);
  assert.deepEqual([made.elsewhere.counts.asked, made.elsewhere.counts.ranOut], [1, 0]);
  assert.equal(there.body, here.body);
  return responseOf(there);
}

function requestIn(body: Buffer) {
  const review = readReview(parseBody(body));
  assert.ok('request' in review);
  return review;
}

const namespace = (labels: JsonMap) =>
  resource({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels } });

const limits = (name: string, most: number) =>
  resource({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'shop', labels: { role: 'limits' } },
    data: { most: String(most) },
  });

test('a namespace, and parameters of a selector', async (t) => {
  const text = `---${vap(
    `  paramKind: {apiVersion: v1, kind: ConfigMap}
  validations: [{expression: '${SLOW} && size(object.spec.containers) <= int(params.data.most) && namespaceObject.metadata.labels.team == "red"', messageExpression: '"at most " + params.data.most'}]`,
    undefined,
    'limits',
  )}${binding(
    `${DENY}\n  paramRef: {selector: {matchLabels: {role: limits}}, parameterNotFoundAction: Deny}\n  matchResources: {namespaceSelector: {matchLabels: {team: red}}}`,
    'b',
    'limits',
  )}`;
  const objects = [namespace({ team: 'red' }), limits('a', 3), limits('b', 0)];
  const found = await bothAnswers(t, text, { ...CONTEXT, objects, complete: true });
  assert.equal(found.allowed, false);
  assert.match(found.status!.message, /^violates limits .*at most 0$/m);
  assert.doesNotMatch(found.status!.message, /at most 3/);
  const other = [namespace({ team: 'blue' }), ...objects.slice(1)];
  const { allowed } = await bothAnswersUnasked(t, text, { ...CONTEXT, objects: other, complete: true });
  assert.equal(allowed, true, 'the binding does not select it');
});

/** The same where nobody takes long, so that threads are asked only for want of any time. */
async function bothAnswersUnasked(t: TestContext, text: string, context: EvaluationContext) {
  const body = bodyOf(slowObject());
  const here = await ask(make(t, text, { context, holdMs: 60_000 }), body);
  const there = await ask(make(t, text, { context, ...PATIENT, holdMs: 0 }), body);
  assert.equal(there.body, here.body);
  return responseOf(there);
}

test('what nobody knows is an error there, too, never something that is missing', async (t) => {
  const live = await createFolderLive([], { cwd: '/', discovery: CONTEXT.discovery });
  t.after(() => live.close());
  const params = liveParams(live, { complete: false });
  const namespaces = liveNamespaces(live, { complete: false });
  const context = { ...CONTEXT, namespaces, params };
  const text =
    policy('a', `${SLOW} && namespaceObject.metadata.labels.team == "red"`) +
    `---${vap("  paramKind: {apiVersion: v1, kind: ConfigMap}\n  validations: [{expression: 'true'}]", undefined, 'b')}` +
    binding(`${DENY}\n  paramRef: {name: a, parameterNotFoundAction: Allow}`, 'b', 'b');
  const { allowed, status } = await bothAnswers(t, text, context);
  assert.equal(allowed, false);
  assert.match(status!.message, /by a: .*"shop", which may exist outside of the watched files/);
  const { status: other } = await bothAnswersUnasked(t, text, context);
  assert.match(other!.message, /by b: .*one may exist outside of the watched files/);
});

const LOOKING = (expression: string) =>
  native(
    'looks',
    `  related:
    - {name: maps, kinds: [ConfigMap], named: "['a', 'b', 'c']"}
    - {name: all, kinds: [ConfigMap]}
    - {name: services, kinds: [Service], selecting: 'object.metadata.?labels.orValue({})', selector: item.spec.selector}
  validations:
    - {expression: '${expression}', message: "not so"}`,
  );

function surroundingsOf(text: string, objects: readonly JsonMap[], coverage: RelatedCoverage) {
  const { policies: looking } = policies(text);
  const wanted = wantedBy(looking);
  const reader = createEvaluator({ policies: looking }, CONTEXT);
  const relatives = objects.map((object) => {
    const { resource: read, request } = reader.begin(resource(object));
    return relativeOf(wanted, read, request);
  });
  return createSurroundings(relatives, () => coverage);
}

const map = (name: string, value: string): JsonMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'shop' },
  data: { value },
});

test('objects that policies look up, of which there may be more', async (t) => {
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's', namespace: 'shop' },
    spec: { selector: { app: 'web' } },
  };
  const objects = [map('a', '1'), map('b', '2'), service];
  const detail = 'there may be others';
  const cases = [
    ['related.maps.exists(m, m.data.value == "2")', { kind: 'whole' }, undefined],
    ['related.maps.exists(m, m.data.value == "3")', { kind: 'whole' }, 'not so'],
    ['related.maps.exists(m, m.data.value == "2")', { kind: 'open', detail }, undefined],
    ['related.maps.exists(m, m.data.value == "3")', { kind: 'open', detail }, detail],
    ['related.services.exists(s, s.metadata.name == "s")', { kind: 'open', detail }, undefined],
    ['related.services.exists(s, s.metadata.name == "t")', { kind: 'open', detail }, detail],
  ] as const;
  const body = bodyOf(slowObject({ labels: { app: 'web' } }));
  const { request } = requestIn(body);
  for (const [expression, coverage, expected] of cases) {
    const text = LOOKING(`${SLOW} && ${expression}`);
    const context = { ...CONTEXT, surroundings: surroundingsOf(text, objects, coverage) };
    const { elsewhere } = make(t, text, { ...PATIENT, context });
    const { findings } = await elsewhere.ask(request, ['looks'], body);
    assert.equal(findings[0]?.detail, expected, expression);
    const isUnknown = expected === detail;
    assert.equal(findings[0]?.verdict, isUnknown ? 'error' : expected && 'violation', expression);
    const here = await ask(make(t, text, { context, holdMs: 60_000 }), body);
    const there = await ask(make(t, text, { ...PATIENT, context, holdMs: 0 }), body);
    assert.equal(there.body, here.body);
    const { allowed, status } = responseOf(here);
    assert.equal(allowed, expected === undefined);
    if (isUnknown) assert.equal(status!.message, `cannot be checked by looks: ${detail}`);
  }
});

test('ten thousand objects reach the thread, and others have their turn meanwhile', async (t) => {
  const text = LOOKING(
    'related.all.exists(m, m.metadata.name == "m9999") && !related.all.exists(m, m.data.value == "")',
  );
  const objects = Array.from({ length: 10_000 }, (_, i) => map(`m${i}`, 'x'.repeat(500)));
  const surroundings = surroundingsOf(text, objects, { kind: 'whole' });
  const made = make(t, text, { context: { ...CONTEXT, surroundings }, ...PATIENT, holdMs: 0 });
  let turns = 0;
  const counting = setInterval(() => turns++, 1);
  const { allowed, status } = responseOf(await ask(made, bodyOf(pod())));
  clearInterval(counting);
  assert.equal(allowed, true, status?.message);
  assert.ok(turns > 5, `${turns} turns of others`);
});

test('an authorizer, who is asked by the API of a cluster', async (t) => {
  for (const allowed of [true, false]) {
    const sent: unknown[] = [];
    const cluster = {
      send: async ({ body }: { readonly body?: unknown }) => {
        sent.push(body);
        return { status: { allowed, reason: 'because' } };
      },
    };
    const { authorize, askFor } = createAuthorizer(cluster, Date.now);
    const text = policy(
      'asks',
      `${SLOW} && authorizer.group("").resource("secrets").namespace("shop").check("list").allowed()`,
    );
    const answered = await bothAnswers(t, text, { ...CONTEXT, authorize }, askFor);
    assert.equal(answered.allowed, allowed);
    assert.equal(sent.length, 1, 'the answer is kept for both');
    const [spec] = sent as { readonly spec: { readonly user: string } }[];
    assert.equal(spec!.spec.user, 'alice');
  }
});

test('what nobody knows follows the failure rule of the policy that needs it', async (t) => {
  const asks = 'authorizer.group("").resource("secrets").namespace("shop").check("list").allowed()';
  const open = { ...CONTEXT, surroundings: surroundingsOf(LOOKING('true'), [], OPEN) };
  const ignoring = (text: string) => text.replace(/\nspec:\n/g, '\nspec:\n  failurePolicy: Ignore\n');
  const cases = [
    [policy('asks', asks), CONTEXT, /^cannot be checked by asks: no answer to the authorization check/],
    [
      LOOKING('related.maps.exists(m, m.data.value == "1")'),
      open,
      /^cannot be checked by looks: there may be others$/,
    ],
  ] as const;
  for (const [text, context, expected] of cases) {
    const denied = responseOf(await ask(make(t, text, { context }), bodyOf(pod())));
    assert.match(denied.status!.message, expected);
    const ignored = responseOf(await ask(make(t, ignoring(text), { context }), bodyOf(pod())));
    assert.equal(ignored.allowed, true);
    assert.match(
      ignored.auditAnnotations!['outcomes']!,
      /"verdict":"error","stage":"enforce","effect":"none"/,
    );
  }
});

const OPEN: RelatedCoverage = { kind: 'open', detail: 'there may be others' };

const KYVERNO = (expression: string) =>
  kyverno(`  validations: [{expression: '${expression}', message: "not so"}]`);

test("Kyverno's look-ups", async (t) => {
  const asked: unknown[] = [];
  const context: EvaluationContext = {
    ...CONTEXT,
    ask(question) {
      asked.push(question);
      if (question.kind !== 'resource-get' || question.name === 'unknown') return undefined;
      return question.name === 'a' ? { value: map('a', '1') } : { error: 'forbidden' };
    },
  };
  const get = (name: string) =>
    KYVERNO(`${SLOW} && resource.get("v1", "configmaps", "shop", "${name}").data.value == "1"`);
  assert.equal((await bothAnswers(t, get('a'), context)).allowed, true);
  const refused = await bothAnswers(t, get('b'), context);
  assert.match(refused.status!.message, /by kyverno: .*forbidden/);
  const unknown = await bothAnswers(t, get('unknown'), context);
  assert.match(unknown.status!.message, /by kyverno: .*no answer to the call: resource.get/);
  assert.deepEqual(asked[0], asked[1], 'the thread asks the same');
});

test('nobody is quarantined for answers that do not come', async (t) => {
  const never = new Promise<void>(() => {});
  const text =
    policy('asks', 'authorizer.group("").resource("secrets").check("list").allowed()') +
    policy('other', 'object.metadata.name == "other"');
  const context = { ...CONTEXT, authorize: () => undefined };
  const made = make(t, text, { context, limitMs: 5_000, quarantine: { times: 1 } });
  const body = bodyOf(pod());
  const { request } = requestIn(body);
  const elsewhere = make(t, text, {
    context,
    askFor: () => never,
    limitMs: 5_000,
    quarantine: { times: 1 },
  }).elsewhere;
  const { findings } = await elsewhere.ask(request, ['asks', 'other'], body);
  assert.deepEqual(
    findings.map(({ policy: id, verdict, reason }) => [id, verdict, reason]),
    [
      ['asks', 'error', 'budget-exceeded'],
      ['other', 'violation', 'validation-failed'],
    ],
  );
  assert.equal(elsewhere.counts.ranOut, 1);
  assert.deepEqual(elsewhere.quarantined(), []);
  const { status } = responseOf(await ask(made, body));
  assert.match(status!.message, /by asks: .*no answer to the authorization check/);
});

test('who asks without end has no time, as who evaluates without end', async (t) => {
  const text = KYVERNO(
    'object.spec.list.all(i, size(resource.get("v1", "configmaps", "shop", string(i))) > 0)',
  );
  const context: EvaluationContext = { ...CONTEXT, ask: () => ({ value: map('a', '1') }) };
  const made = make(t, text, { ...PATIENT, context, holdMs: 0 });
  const { status } = responseOf(await ask(made, bodyOf(slowObject())));
  assert.match(status!.message, /by kyverno: it took longer/);
  assert.equal(made.elsewhere.counts.ranOut, 1);
});

test('of rules of which one counts, the first that applies does', async (t) => {
  const rule = (name: string) => `
    - name: ${name}
      match: {any: [{resources: {kinds: [Pod]}}]}
      validate:
        failureAction: Enforce
        cel: {expressions: [{expression: '${SLOW} && false', message: "${name} says no"}]}`;
  const text = `
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: one}
spec:
  applyRules: One
  rules:${rule('first')}${rule('second')}
`;
  const { status } = await bothAnswers(t, text, CONTEXT);
  assert.match(status!.message, /first says no/);
  assert.doesNotMatch(status!.message, /second/);
});

test('which roles whoever asks has, an API server does not say: a rule that hangs on it is an error', async (t) => {
  const text = (who: string) => `
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: roles}
spec:
  background: false
  rules:
    - name: r
      match: {any: [{resources: {kinds: [Pod]}, ${who}}]}
      validate:
        failureAction: Enforce
        cel: {expressions: [{expression: 'false', message: no}]}
`;
  const said = async (who: string) => responseOf(await ask(make(t, text(who)), bodyOf(pod())));
  const unknown = await said('clusterRoles: [admin]');
  assert.match(unknown.status!.message, /^cannot be checked by roles\/r: the rule asks for roles/);
  const other = await said('clusterRoles: [admin], subjects: [{kind: User, name: bob}]');
  assert.equal(other.allowed, true, 'whoever it is not about');
  assert.match((await said('subjects: [{kind: User, name: alice}]')).status!.message, /violates roles\/r/);
});
