/** What one policy, or one request, can do to others: nothing. */
import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import {
  ask,
  bodyOf,
  type Made,
  make,
  policy,
  responseOf,
  WORST,
  worstObject,
} from '../../../test/fakes/gate.ts';
import type { GateReply } from '../../gates/index.ts';
import { discovery, pod, policies, request, schemas } from '../../policy/fixture.ts';
import { createEvaluator } from '../../policy/index.ts';

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

test('a defect in one policy is its own error', () => {
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
  const findings = evaluator.findings(request());
  assert.deepEqual(
    findings.map(({ policy: id, verdict }) => [id, verdict]),
    [
      ['broken', 'error'],
      ['flat', 'violation'],
    ],
  );
});
