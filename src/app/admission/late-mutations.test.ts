/** Mutations that take longer than a request may hold the thread are made in another one, as they would be made here. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  ask,
  bodyOf,
  CONTEXT,
  type MadeOf,
  make,
  responseOf,
  SLOW,
  slowObject,
  WORST,
  worstObject,
} from '../../../test/fakes/gate.ts';
import type { JsonMap } from '../../model/index.ts';
import { mutating, mutatingBinding, resource } from '../../policy/fixture.ts';
import type { EvaluationContext } from '../../policy/index.ts';

/** Of a machine that others use as well. */
const PATIENT: MadeOf = { limitMs: 20_000, holdMs: 5 };

interface Spec {
  readonly name: string;
  /** Of the label, as an expression. */
  readonly value: string;
  readonly label?: string;
  readonly more?: string;
  readonly reinvocation?: 'IfNeeded';
}

/** A custom kind: of those that Kubernetes knows, a mutation sees no field that is not theirs. */
const WIDGETS =
  '{apiGroups: [example.com], apiVersions: [v1], resources: [widgets], operations: [CREATE, UPDATE]}';

function reviewOf(object: JsonMap): Buffer {
  return bodyOf(
    { ...object, apiVersion: 'example.com/v1', kind: 'Widget' },
    {
      kind: { group: 'example.com', version: 'v1', kind: 'Widget' },
      resource: { group: 'example.com', version: 'v1', resource: 'widgets' },
    },
  );
}

/** A policy that labels widgets. */
function labels({ name, value, label = name, more = '', reinvocation }: Spec): string {
  const text = mutating(
    `${more}  mutations:
    - patchType: JSONPatch
      jsonPatch: {expression: '[JSONPatch{op: "add", path: "/metadata/labels/${label}", value: ${value}}]'}`,
    WIDGETS,
    name,
  );
  const bound = text + mutatingBinding('', name, name);
  return reinvocation === undefined ? bound : bound.replace('Policy: Never', `Policy: ${reinvocation}`);
}

const labelOf = (name: string) => `object.metadata.?labels.?${name}.orValue("")`;

/** What the patch makes of the labels. */
function labelled({ patch }: { readonly patch?: string }): Readonly<Record<string, unknown>> {
  if (patch === undefined) return {};
  const operations: readonly { readonly path: string; readonly value: unknown }[] = JSON.parse(
    Buffer.from(patch, 'base64').toString(),
  );
  return Object.fromEntries(
    operations.map(({ path, value }) => [path.replace('/metadata/labels/', ''), value]),
  );
}

async function mutated(t: TestContext, text: string, options: MadeOf, object = slowObject({ labels: {} })) {
  const made = make(t, text, options);
  const reply = await ask(made, reviewOf(object), 'mutate');
  return { made, reply, response: responseOf(reply), labels: labelled(responseOf(reply)) };
}

/** What is answered here with all the time in the world, and by a thread for want of it. */
async function bothAnswers(t: TestContext, text: string, options: MadeOf = {}) {
  const here = await mutated(t, text, { ...options, holdMs: 60_000 });
  const there = await mutated(t, text, { ...options, ...PATIENT });
  assert.deepEqual([there.made.elsewhere.counts.asked, there.made.elsewhere.counts.ranOut], [1, 0]);
  assert.equal(there.reply.body, here.reply.body);
  return there;
}

test('in their order, each on what those before it made', async (t) => {
  const text =
    labels({ name: 'a', value: '"first"' }) +
    labels({ name: 'b', value: `${SLOW} ? ${labelOf('a')} + "-second" : ""` }) +
    labels({ name: 'c', value: `${labelOf('b')} + "-third"` });
  const { labels: made } = await bothAnswers(t, text);
  assert.deepEqual(made, { a: 'first', b: 'first-second', c: 'first-second-third' });
});

test('evaluated again because of a later one, and named where they are not idempotent', async (t) => {
  const text =
    labels({ name: 'a', value: `${SLOW} ? "saw" + ${labelOf('b')} : ""`, reinvocation: 'IfNeeded' }) +
    labels({ name: 'b', value: '"B"' }) +
    labels({ name: 'c', value: `${labelOf('c')} + "c"` });
  const { labels: made, response } = await bothAnswers(t, text);
  assert.deepEqual(made, { a: 'sawB', b: 'B', c: 'c' });
  assert.equal(response.warnings?.length, 1);
  assert.match(response.warnings[0]!, /by c: its change is not idempotent/);
});

test('what fails is its own error, and what it would deny is denied', async (t) => {
  const text =
    labels({ name: 'a', value: `${SLOW} ? "x" : ""` }) +
    labels({ name: 'b', value: 'object.spec.nothing', more: '  failurePolicy: Ignore\n' });
  assert.deepEqual((await bothAnswers(t, text)).labels, { a: 'x' });
  const { response } = await bothAnswers(t, text.replace('failurePolicy: Ignore', 'failurePolicy: Fail'));
  assert.match(response.status!.message, /^cannot be checked by b: /);
});

test("with parameters, and Kyverno's look-ups, of which the thread knows nothing", async (t) => {
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'limits', namespace: 'shop' },
    data: { team: 'red' },
  };
  const text =
    labels({
      name: 'a',
      value: `${SLOW} ? params.data.team : ""`,
      more: '  paramKind: {apiVersion: v1, kind: ConfigMap}\n',
    }).replace('policyName: a', 'policyName: a\n  paramRef: {name: limits, parameterNotFoundAction: Deny}') +
    `---
apiVersion: policies.kyverno.io/v1
kind: MutatingPolicy
metadata: {name: k}
spec:
  matchConstraints: {resourceRules: [${WIDGETS}]}
  mutations:
    - patchType: JSONPatch
      jsonPatch: {expression: '[JSONPatch{op: "add", path: "/metadata/labels/k", value: ${labelOf('a')} + resource.get("v1", "configmaps", "shop", "limits").data.team}]'}
`;
  const context: EvaluationContext = {
    ...CONTEXT,
    objects: [resource(object)],
    complete: true,
    ask: (question) => (question.kind === 'resource-get' ? { value: object } : undefined),
  };
  assert.deepEqual((await bothAnswers(t, text, { context })).labels, { a: 'red', k: 'redred' });
});

test('one without end is an error by its failure rule, the others are made; it ends in quarantine', async (t) => {
  for (const [rule, allowed] of [
    ['Ignore', true],
    ['Fail', false],
  ] as const) {
    const text =
      labels({ name: 'a', value: '"first"' }) +
      labels({ name: 'b', value: `${WORST} ? "x" : "y"`, more: `  failurePolicy: ${rule}\n` }) +
      labels({ name: 'c', value: `${labelOf('a')} + "-third"` });
    const made = make(t, text, { limitMs: 8_000, holdMs: 100, quarantine: { times: 1 } });
    const answers = [];
    const body = reviewOf(worstObject({ labels: {} }));
    for (let i = 0; i < 2; i++) answers.push(responseOf(await ask(made, body, 'mutate')));
    assert.deepEqual(
      answers.map((answer) => answer.allowed),
      [allowed, allowed],
    );
    if (allowed) {
      for (const answer of answers) assert.deepEqual(labelled(answer), { a: 'first', c: 'first-third' });
    } else {
      assert.match(answers[0]!.status!.message, /^cannot be checked by b: it took longer/);
      assert.match(answers[1]!.status!.message, /^cannot be checked by b: quarantined: it ran out of time 1/);
    }
    assert.deepEqual(
      made.elsewhere.quarantined().map(({ policy }) => policy),
      ['b'],
    );
  }
});

test('with whom a thread ends changes nothing; those after it are made all the same', async (t) => {
  const growing = `string(object.spec.list.map(x, dyn(object.spec.list) + dyn(object.spec.list)).size())`;
  for (const [rule, allowed] of [
    ['Ignore', true],
    ['Fail', false],
  ] as const) {
    const text =
      labels({ name: 'a', value: '"first"' }) +
      labels({ name: 'b', value: growing, more: `  failurePolicy: ${rule}\n` }) +
      labels({ name: 'c', value: `${labelOf('a')} + "-third"` });
    const made = make(t, text, { memory: 32, limitMs: 10_000, holdMs: 0 });
    const object = {
      ...slowObject({ labels: {} }),
      spec: { list: Array.from({ length: 8_000 }, (_, i) => i) },
    };
    const response = responseOf(await ask(made, reviewOf(object), 'mutate'));
    assert.equal(response.allowed, allowed);
    if (allowed) assert.deepEqual(labelled(response), { a: 'first', c: 'first-third' });
    else
      assert.equal(
        response.status!.message,
        'cannot be checked by b: it took longer than a request may take',
      );
    assert.deepEqual([made.elsewhere.counts.asked, made.elsewhere.counts.lost], [1, 1]);
  }
});

test('who is in quarantine stays there, whoever else takes long', async (t) => {
  const text =
    labels({ name: 'a', value: `has(object.spec.text) ? "" : ${SLOW} ? "slow" : ""` }) +
    labels({ name: 'b', value: `has(object.spec.text) ? (${WORST} ? "x" : "y") : "z"` }).replace(
      'mutations:',
      'failurePolicy: Ignore\n  mutations:',
    );
  const made = make(t, text, { limitMs: 6_000, holdMs: 5, quarantine: { times: 1 } });
  await ask(made, reviewOf(worstObject({ labels: {} })), 'mutate');
  assert.deepEqual(
    made.elsewhere.quarantined().map(({ policy }) => policy),
    ['b'],
  );
  const response = responseOf(await ask(made, reviewOf(slowObject({ labels: {} })), 'mutate'));
  assert.equal(response.allowed, true);
  assert.deepEqual(labelled(response), { a: 'slow' });
  assert.equal(made.elsewhere.counts.asked, 2);
});

test('each reading of a policy once', async (t) => {
  const text = `
apiVersion: policies.kyverno.io/v1
kind: MutatingPolicy
metadata: {name: k}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], resources: [pods], operations: [CREATE]}]
  mutations:
    - patchType: JSONPatch
      jsonPatch:
        expression: '[JSONPatch{op: "add", path: "/metadata/labels/k", value: ${labelOf('k')} + (${SLOW} ? "k" : "")}]'
`;
  const body = bodyOf(slowObject({ labels: {} }));
  const answers = [];
  for (const options of [{ holdMs: 60_000 }, PATIENT])
    answers.push(await ask(make(t, text, options), body, 'mutate'));
  assert.equal(answers[0]!.body, answers[1]!.body);
  assert.deepEqual(labelled(responseOf(answers[1]!)), { k: 'k' });
});
