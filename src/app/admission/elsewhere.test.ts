import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CONTEXT, policy, SETUP, tree, WORST } from '../../../test/fakes/gate.ts';
import { admissionReview } from '../../../test/fakes/review.ts';
import { readReview } from '../../gates/index.ts';
import type { JsonMap } from '../../model/index.ts';
import { pod, policies, vap } from '../../policy/fixture.ts';
import { createElsewhere, type ElsewhereOptions } from './elsewhere.ts';

const BIG = pod({
  spec: {
    containers: [{ name: 'app', image: 'a' }],
    list: Array.from({ length: 10_000 }, (_, i) => i),
    tree: tree(4),
    copy: tree(4),
  },
});

function elsewhere(t: TestContext, text: string, options: Partial<ElsewhereOptions> = {}) {
  const set = policies(text);
  assert.deepEqual(set.problems, []);
  const made = createElsewhere({
    set,
    setup: SETUP,
    context: CONTEXT,
    now: Date.now,
    ...options,
  });
  t.after(() => made.drain());
  return made;
}

/** Starting a thread takes its time, on a machine that is busy more than a request has. */
const PATIENT = { limitMs: 60_000 };

/** Asks until a thread is there. @param id Of a policy that is quick, and violated. */
async function started(made: ReturnType<typeof elsewhere>, id: string): Promise<void> {
  const { request, body } = review(pod());
  for (let tries = 0; (await made.ask(request, [id], body)).findings[0]?.verdict !== 'violation'; tries++)
    assert.ok(tries < 20, 'no thread starts');
}

function review(object: JsonMap) {
  const body = Buffer.from(JSON.stringify(admissionReview({ object })));
  const read = readReview(JSON.parse(body.toString()));
  assert.ok('request' in read);
  return { body, request: read.request };
}

test('a policy is evaluated as here, with namespaces and findings', async (t) => {
  const namespace = {
    ref: { apiVersion: 'v1', kind: 'Namespace', namespace: '', name: 'shop' },
    object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { team: 'red' } } },
    origin: { file: 'cluster:', document: 0, line: 1, pointer: '' },
  };
  const text =
    policy('fails', 'object.metadata.name == "other"') +
    policy('holds', 'namespaceObject.metadata.labels["team"] == "red"');
  const made = elsewhere(t, text, {
    ...PATIENT,
    context: { ...CONTEXT, objects: [namespace], complete: true },
  });
  const { request, body } = review(pod());
  const { findings } = await made.ask(request, ['fails', 'holds'], body);
  assert.deepEqual(
    findings.map(({ policy: id, verdict, detail, path }) => [id, verdict, detail, path]),
    [['fails', 'violation', 'no', '/metadata/name']],
  );
  assert.deepEqual(made.quarantined(), []);
});

test('an endless policy is answered by its failure rule; others have their answers, and it ends in quarantine', async (t) => {
  const text = policy('a', WORST) + policy('b', 'object.metadata.name == "other"');
  const made = elsewhere(t, text, { limitMs: 3_000, quarantine: { times: 2 } });
  await started(made, 'b');
  const { ranOut } = made.counts;
  const { request, body } = review(BIG);
  const ask = async () => {
    const { findings } = await made.ask(request, ['a', 'b'], body);
    return findings.map(({ policy: id, verdict, reason, action }) => [id, verdict, reason, action]);
  };
  const expected = [
    ['a', 'error', 'budget-exceeded', 'deny'],
    ['b', 'violation', 'validation-failed', 'deny'],
  ];
  assert.deepEqual(await ask(), expected);
  assert.equal(made.quarantineOf('a'), undefined);
  assert.deepEqual(await ask(), expected);
  assert.equal(made.quarantineOf('a'), 'quarantined: it ran out of time 2 times');
  assert.equal(made.quarantineOf('b'), undefined);
  assert.deepEqual([made.counts.ranOut - ranOut, made.counts.lost], [2, 0], 'it stopped by itself');
});

test('memory runs out in the thread alone, which is replaced', async (t) => {
  const growing = 'object.spec.list.map(x, dyn(object.spec.list) + dyn(object.spec.list)).size() > 0';
  const text = policy('hungry', growing) + policy('modest', 'object.metadata.name == "other"');
  const made = elsewhere(t, text, { ...PATIENT, memory: 32, quarantine: { times: 1 } });
  const object = {
    ...BIG,
    spec: { list: Array.from({ length: 8_000 }, (_, i) => i), containers: [] },
  };
  const { request, body } = review(object);
  const { findings } = await made.ask(request, ['hungry'], body);
  assert.equal(findings[0]?.reason, 'budget-exceeded');
  assert.equal(made.quarantineOf('hungry'), 'quarantined: it ran out of time or memory 1 times');
  assert.equal(made.counts.lost, 1);
  const { request: small, body: smallBody } = review(pod());
  const [finding] = (await made.ask(small, ['modest'], smallBody)).findings;
  assert.equal(finding?.verdict, 'violation');
});

test('who had no turn when a thread ended is asked about again, without the one it ended with', async (t) => {
  const growing = 'object.spec.list.map(x, dyn(object.spec.list) + dyn(object.spec.list)).size() > 0';
  const text =
    policy('hungry', growing) +
    policy('modest', 'object.metadata.name == "other"') +
    `---${vap(
      `  validations: [{expression: 'object.metadata.name == "web"'}]
  auditAnnotations: [{key: who, valueExpression: string(object.metadata.name)}]`,
      undefined,
      'publishes',
    )}`;
  const made = elsewhere(t, text, { memory: 32, limitMs: 10_000 });
  const { request, body } = review({
    ...BIG,
    spec: { list: Array.from({ length: 8_000 }, (_, i) => i), containers: [] },
  });
  // The last one named has its turn first.
  const said = await made.ask(request, ['publishes', 'modest', 'hungry'], body);
  assert.deepEqual(
    said.findings.map(({ policy: id, verdict, reason, detail }) => [id, verdict, reason, detail]),
    [
      ['modest', 'violation', 'validation-failed', 'no'],
      ['hungry', 'error', 'budget-exceeded', 'it took longer than a request may take'],
    ],
  );
  assert.deepEqual(said.annotations, { 'publishes/who': 'web' });
  assert.deepEqual(said.passed, ['publishes']);
  assert.deepEqual([made.counts.asked, made.counts.lost, made.counts.ranOut], [1, 1, 1]);
});

const ONE = (name: string, expression: string, more = '') => `
    - name: ${name}
      match: {any: [{resources: {kinds: [Pod]}}]}${more}
      validate:
        failureAction: Enforce
        cel: {expressions: [{expression: '${expression}', message: "${name} says no"}]}`;

test('of rules of which one counts, the one that ran out is named and quarantined, not the first', async (t) => {
  const text = `
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: one}
spec:
  applyRules: One
  rules:${ONE('first', 'false', '\n      celPreconditions: [{name: never, expression: "false"}]')}${ONE('second', WORST)}${ONE('third', 'false')}
${policy('quick', 'object.metadata.name == "other"')}`;
  const made = elsewhere(t, text, { limitMs: 3_000, quarantine: { times: 1 } });
  await started(made, 'quick');
  const { request, body } = review(BIG);
  const { findings } = await made.ask(request, ['one/first', 'one/second', 'one/third'], body);
  assert.deepEqual(
    findings.map(({ policy: id, verdict, reason, detail }) => [id, verdict, reason, detail]),
    [
      ['one/second', 'error', 'budget-exceeded', 'it took longer than a request may take'],
      ['one/third', 'error', 'budget-exceeded', 'it hangs on one/second, which took longer'],
    ],
  );
  assert.deepEqual(
    made.quarantined().map(({ policy: id }) => id),
    ['one/second'],
  );
});

test('a policy is not blamed for the time that another one left it', async (t) => {
  const text = policy('a', WORST) + policy('b', WORST) + policy('quick', 'object.metadata.name == "other"');
  const made = elsewhere(t, text, { threads: 1, limitMs: 4_000, quarantine: { times: 1 } });
  await started(made, 'quick');
  const { request, body } = review(BIG);
  const first = made.ask(request, ['a'], body);
  await sleep(200);
  const { findings } = await made.ask(request, ['b'], body);
  await first;
  assert.equal(findings[0]?.reason, 'budget-exceeded');
  assert.deepEqual(
    made.quarantined().map(({ policy: id }) => id),
    ['a'],
  );
});

test('what finds no place to wait is answered at once, and counted', async (t) => {
  const made = elsewhere(t, policy('a', WORST), { threads: 1, waiting: 1, limitMs: 800 });
  const { request, body } = review(BIG);
  const answers: string[] = [];
  const ask = async (name: string) => {
    const [finding] = (await made.ask(request, ['a'], body)).findings;
    answers.push(name);
    return finding;
  };
  const first = ask('first');
  const second = ask('second');
  const finding = await ask('third');
  assert.equal(finding?.detail, 'it took longer than a request may take');
  await Promise.all([first, second]);
  assert.equal(answers[0], 'third');
  assert.equal(made.counts.refused, 1);
});

test('drained, it answers what was asked, and refuses the rest', async (t) => {
  const made = elsewhere(t, policy('a', 'object.metadata.name == "other"'), PATIENT);
  const { request, body } = review(pod());
  const asked = made.ask(request, ['a'], body);
  await made.drain();
  assert.equal((await asked).findings[0]?.verdict, 'violation');
  assert.equal((await made.ask(request, ['a'], body)).findings[0]?.verdict, 'error');
});
