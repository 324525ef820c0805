/** What one policy, or one request, can do to others: nothing. */
import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { admissionReview } from '../../../test/fakes/review.ts';
import { type AdmissionGate, createAdmissionGate, createTally, type GateReply } from '../../gates/index.ts';
import type { JsonMap, StageEntry } from '../../model/index.ts';
import { discovery, pod, policies, schemas, vap } from '../../policy/fixture.ts';
import { createEvaluator } from '../../policy/index.ts';
import { createElsewhere, type Elsewhere, type ElsewhereOptions } from './elsewhere.ts';
import { parseBody } from './parse.ts';

const SETUP = { minor: 37, definitions: [], podPaths: [], defaults: false, defaultNamespace: 'default' };

const policy = (name: string, expression: string, more = ''): string =>
  `---${vap(`${more}  validations: [{expression: '${expression}', message: no}]`, undefined, name)}`;

const ENFORCED: readonly StageEntry[] = [{ stage: 'enforce' }];

interface Made {
  readonly gate: AdmissionGate;
  readonly elsewhere: Elsewhere;
}

function make(t: TestContext, text: string, options: Partial<ElsewhereOptions> = {}): Made {
  const set = policies(text);
  assert.deepEqual(set.problems, []);
  const elsewhere = createElsewhere({
    set,
    setup: SETUP,
    context: { discovery, schemas },
    now: Date.now,
    ...options,
  });
  t.after(() => elsewhere.drain());
  const gate = createAdmissionGate({
    snapshot: {
      digest: 'sha256:00',
      policies: set.policies,
      evaluator: createEvaluator(set, { discovery, schemas }, { quarantined: elsewhere.quarantineOf }),
      stages: Object.fromEntries(set.policies.map(({ id }) => [id, ENFORCED])),
      tiers: { default: 'high', namespaces: {} },
      exemptions: [],
      observed: new Set(),
      digests: new Map(),
    },
    tally: createTally(),
    parse: parseBody,
    namespaceLabels: () => ({}),
    record: () => {},
    elsewhere,
    now: Date.now,
  });
  return { gate, elsewhere };
}

function bodyOf(object: JsonMap | string, uid = 'u'): Buffer {
  const review = admissionReview({ uid, object: 0 });
  const text = typeof object === 'string' ? object : JSON.stringify(object);
  return Buffer.from(JSON.stringify(review).replace('"object":0', `"object":${text}`));
}

async function ask({ gate }: Made, body: Buffer): Promise<GateReply> {
  const job = gate.accept('validate', body);
  return 'run' in job ? await job.run() : job;
}

interface Response {
  readonly allowed: boolean;
  readonly status?: { readonly message: string };
}

function responseOf({ status, body }: GateReply): Response {
  assert.equal(status, 200, body);
  return JSON.parse(body).response;
}

const tree = (depth: number): JsonMap =>
  Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`k${i}`, depth === 0 ? i : tree(depth - 1)]));

/** Legal, within the cost that an expression may have, and minutes long. */
const WORST = 'object.spec.list.all(x, object.spec.list.all(y, object.spec.tree == object.spec.copy))';

/** 3 MiB, as much as the API server takes. */
function worstObject(): JsonMap {
  const spec = {
    containers: [{ name: 'app', image: 'a' }],
    list: Array.from({ length: 10_000 }, (_, i) => i),
    tree: tree(4),
    copy: tree(4),
  };
  const left = 3 * 2 ** 20 - JSON.stringify(spec).length - 1_000;
  return pod({ spec: { ...spec, text: 'a'.repeat(left) } });
}

/** Requests that are there at once and have their turn one after the other, as a server runs them. */
async function serve(made: Made, bodies: readonly Buffer[]): Promise<{ reply: GateReply; took: number }[]> {
  const start = performance.now();
  const replies: Promise<{ reply: GateReply; took: number }>[] = [];
  for (const body of bodies) {
    replies.push(ask(made, body).then((reply) => ({ reply, took: performance.now() - start })));
    await new Promise((turn) => setImmediate(turn));
  }
  return Promise.all(replies);
}

test('fifty requests wait behind a policy that would take minutes, and are answered at once', async (t) => {
  const ordinary = Array.from({ length: 20 }, (_, i) =>
    policy(`p${i}`, `object.spec.containers.all(c, c.image != "bad${i}")`),
  );
  const made = make(t, policy('a-worst', WORST) + ordinary.join(''));
  const small = bodyOf(
    pod({ spec: { containers: [{ name: 'app', image: 'a' }], list: [], tree: {}, copy: {} } }),
  );
  // Whatever is compiled or started late is not what is measured.
  assert.equal(responseOf(await ask(made, small)).allowed, true);
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  // It counts from its first tick.
  await setTimeout(30);
  const [worst, ...others] = await serve(made, [
    bodyOf(worstObject()),
    ...Array.from({ length: 50 }, () => small),
  ]);
  delay.disable();
  for (const { reply, took } of others) {
    assert.equal(responseOf(reply).allowed, true);
    // A fifth of a second, and as long again for each who shares the machine.
    assert.ok(took < 1_500, `one waited ${took} ms`);
  }
  const { allowed, status } = responseOf(worst!.reply);
  assert.equal(allowed, false);
  assert.match(status!.message, /cannot be checked by a-worst: it took longer/);
  t.diagnostic(
    `it took ${worst!.took} ms, others ${Math.max(...others.map(({ took }) => took))} ms, the thread was held ${delay.max / 1e6} ms, ${JSON.stringify(made.elsewhere.counts)}`,
  );
  assert.ok(worst!.took < 4_000, `its own answer took ${worst!.took} ms`);
  // 100 ms of evaluation, and reading 3 MiB; the machine may be busy.
  assert.ok(delay.max / 1e6 < 800, `the thread was held ${delay.max / 1e6} ms`);
});

test('a policy that keeps running out is quarantined, and costs nobody any more time', async (t) => {
  const text = policy('a-worst', WORST) + policy('b', 'object.metadata.name != "web"');
  const made = make(t, text, { limitMs: 4_000, quarantine: { times: 2 } });
  const body = bodyOf(worstObject());
  const messages = [];
  for (let i = 0; i < 3; i++) messages.push(responseOf(await ask(made, body)).status!.message);
  assert.match(messages[1]!, /cannot be checked by a-worst: it took longer/);
  assert.match(messages[2]!, /cannot be checked by a-worst: quarantined: it ran out of time 2 times/);
  for (const message of messages) assert.match(message, /violates b .*no/);
  assert.deepEqual(
    made.elsewhere.quarantined().map(({ policy: id, times }) => [id, times]),
    [['a-worst', 2]],
  );
});

const DEEP = 9_000;

test('nested 9,000 deep, an object is an error of the policies that look so deep, and of no other', async (t) => {
  const text =
    policy('deep', 'object.spec.nest == object.spec.same') +
    policy('flat', 'object.metadata.name != "web"') +
    policy('other', 'object.metadata.name == "web"');
  const made = make(t, text);
  const nest = `${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`;
  const object = JSON.stringify(pod()).replace('"spec":{', `"spec":{"nest":${nest},"same":${nest},`);
  const reply = await ask(made, bodyOf(object));
  const { allowed, status } = responseOf(reply);
  assert.equal(allowed, false);
  assert.match(status!.message, /violates flat .*no/);
  assert.doesNotMatch(status!.message, /by other|violates other/);
});

test('a policy nested 9,000 deep is a problem of its own, or an error of its own', async (t) => {
  const deep = `${'('.repeat(DEEP)}true${')'.repeat(DEEP)}`;
  const long = `${'!'.repeat(DEEP)}true`;
  const text = policy('flat', 'object.metadata.name != "web"');
  const set = policies(text + policy('deep', deep) + policy('long', long));
  assert.ok(set.policies.some(({ id }) => id === 'flat'));
  assert.deepEqual(
    set.problems.map(({ policy: id }) => id).filter((id) => id !== 'deep' && id !== 'long'),
    [],
  );
  const made = make(t, text);
  assert.match(responseOf(await ask(made, bodyOf(pod()))).status!.message, /violates flat/);
});

test('a defect in one policy is its own error', async (t) => {
  const set = policies(policy('broken', 'object.metadata.name == "web"') + policy('flat', 'false'));
  const [broken, flat] = set.policies;
  const fails = {
    ...broken!,
    code: () => {
      const code = broken!.code();
      const validations = [{ ...code.validations[0]!, evaluate: () => assert.fail('a defect') }];
      return { ...code, validations };
    },
  };
  const evaluator = createEvaluator({ ...set, policies: [fails, flat!] }, { discovery, schemas });
  const { gate } = make(t, policy('unused', 'true'));
  assert.ok(gate);
  const findings = evaluator.findings({
    operation: 'CREATE',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    resource: { group: '', version: 'v1', resource: 'pods' },
    subresource: '',
    name: 'web',
    namespace: 'shop',
    dryRun: false,
    options: null,
    object: pod(),
    oldObject: null,
    ref: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web' },
  });
  assert.deepEqual(
    findings.map(({ policy: id, verdict }) => [id, verdict]),
    [
      ['broken', 'error'],
      ['flat', 'violation'],
    ],
  );
});
