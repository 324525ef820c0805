import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DecisionBatch, DecisionCounts, DecisionRecord, PolicyCounts } from '../../model/index.ts';
import { createLedger } from './ledger.ts';

const record = (uid: string) => ({ uid }) as DecisionRecord;

function counted(requests: number): DecisionCounts {
  const p: PolicyCounts = { pass: requests, violation: 0, error: 0, exempted: 0, denied: 0, warned: 0 };
  return { policies: { p }, requests, dryRuns: 0 };
}

function ledger(left: readonly DecisionBatch[] = []) {
  const sent: DecisionBatch[] = [];
  const state = { requests: 0, fails: false };
  const of = createLedger({
    send: async (batch) => {
      if (state.fails) throw new Error('nobody answers');
      sent.push(batch);
    },
    counts: () => counted(state.requests),
    left,
    everyMs: 3_600_000,
  });
  return { of, sent, state };
}

test('batches hold what was counted since the one before; nothing new is no batch', async () => {
  const { of, sent, state } = ledger();
  await of.flush();
  assert.equal(sent.length, 0);
  state.requests = 3;
  of.record(record('a'));
  await of.flush();
  state.requests = 5;
  await of.flush();
  await of.flush();
  assert.deepEqual(
    sent.map(({ counts, records }) => [counts.requests, counts.policies['p']?.pass, records.length]),
    [
      [3, 3, 1],
      [2, 2, 0],
    ],
  );
  of.close();
});

test('what did not arrive is sent again as it was, before what came after it', async () => {
  const { of, sent, state } = ledger();
  state.fails = true;
  state.requests = 1;
  of.record(record('a'));
  await of.flush();
  of.record(record('b'));
  state.requests = 2;
  await of.flush();
  assert.equal(of.waiting(), 2);
  state.fails = false;
  await of.flush();
  assert.deepEqual(
    sent.map(({ records }) => records.map(({ uid }) => uid)),
    [['a'], ['b']],
  );
  of.close();
});

test('records that find no room are counted, and their requests are', async () => {
  const { of, sent, state } = ledger();
  for (let i = 0; i < 10_005; i++) of.record(record(`r${i}`));
  state.requests = 10_005;
  await of.flush();
  assert.equal(
    sent.reduce((sum, { records }) => sum + records.length, 0),
    10_000,
  );
  assert.equal(
    sent.reduce((sum, { dropped }) => sum + dropped, 0),
    5,
  );
  assert.equal(
    sent.reduce((sum, { counts }) => sum + counts.requests, 0),
    10_005,
  );
  of.close();
});

test('a restart goes on with what was left', async () => {
  const before = ledger();
  before.state.fails = true;
  before.state.requests = 2;
  await before.of.flush();
  before.state.requests = 3;
  const left = before.of.left();
  before.of.close();
  const after = ledger(left);
  await after.of.flush();
  assert.deepEqual(
    after.sent.map(({ counts }) => counts.requests),
    [2, 1],
  );
  after.of.close();
});
