import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { FindingBatch, LiveRef } from '../../model/index.ts';
import { createOutbox, type Heard } from './outbox.ts';

function refOf(name: string, uid = name): LiveRef {
  return { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name, uid };
}

const seen = (name: string, time = 1) => ({
  resource: refOf(name),
  findings: [],
  policies: 1,
  time,
  snapshot: 's',
});

interface Failure {
  readonly status: number;
}

function begin(t: TestContext, answers: (Heard | Failure)[] = []) {
  const sent: FindingBatch[] = [];
  const heard: boolean[] = [];
  const outbox = createOutbox({
    run: 'r',
    async send(batch) {
      sent.push(batch);
      const answer = answers.shift() ?? { since: 1 };
      if ('status' in answer) throw Object.assign(new Error('no'), answer);
      return answer;
    },
    looked: () => ({ p: 3 }),
    heard: (_, forgotten) => heard.push(forgotten),
    now: () => 5,
    everyMs: 1_000_000,
  });
  t.after(outbox.close);
  return { outbox, sent, heard };
}

test('the last news of an object are sent, and with the last of them what was looked at', async (t) => {
  const { outbox, sent } = begin(t);
  outbox.observed(seen('a', 1));
  outbox.observed(seen('b'));
  outbox.observed(seen('a', 2));
  outbox.gone({ resource: refOf('b'), time: 3 });
  outbox.complete();
  assert.equal(outbox.waiting, 2);
  await outbox.flush();
  assert.equal(sent.length, 1);
  assert.deepEqual(
    sent[0]!.observed.map(({ time }) => time),
    [2],
  );
  assert.deepEqual(sent[0]!.gone, [{ resource: refOf('b'), time: 3 }]);
  assert.deepEqual([sent[0]!.complete, sent[0]!.looked, sent[0]!.run], [true, { p: 3 }, 'r']);
  assert.equal(outbox.waiting, 0);
  await outbox.flush();
  assert.equal(sent.length, 1);
});

test('a batch is sent again as it was until it arrives', async (t) => {
  const { outbox, sent } = begin(t, [{ status: 0 }, { status: 503 }]);
  outbox.observed(seen('a'));
  await outbox.flush();
  outbox.observed(seen('b'));
  await outbox.flush();
  await outbox.flush();
  assert.deepEqual(
    sent.map(({ observed }) => observed.map(({ resource }) => resource.name).join()),
    ['a', 'a', 'a', 'b'],
  );
  assert.equal(new Set(sent.map(({ key }) => key)).size, 2);
});

test('one that is refused is counted, and holds up nothing', async (t) => {
  const { outbox, sent } = begin(t, [{ status: 400 }]);
  outbox.observed(seen('a'));
  await outbox.flush();
  outbox.observed(seen('b'));
  await outbox.flush();
  assert.equal(sent.length, 2);
  assert.equal(outbox.refused, 1);
});

test('batches are bounded, and only the last one completes', async (t) => {
  const { outbox, sent } = begin(t);
  for (let i = 0; i < 1_200; i++) outbox.observed(seen(`p${i}`));
  outbox.complete();
  await outbox.flush();
  assert.deepEqual(
    sent.map(({ observed }) => observed.length),
    [500, 500, 200],
  );
  assert.deepEqual(
    sent.map(({ complete }) => complete),
    [false, false, true],
  );
  for (let i = 0; i < 5_000; i++) outbox.observed(seen(`p${i}`));
  assert.equal(outbox.hasRoom, false);
});

test('a controller that begins anew has forgotten', async (t) => {
  const { outbox, heard } = begin(t, [{ since: 1 }, { since: 1 }, { since: 2 }]);
  for (const name of ['a', 'b', 'c']) {
    outbox.observed(seen(name));
    await outbox.flush();
  }
  assert.deepEqual(heard, [false, false, true]);
});
