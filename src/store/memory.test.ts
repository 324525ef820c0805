import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DecisionBatch, DecisionRecord } from '../model/index.ts';
import { createMemoryDecisions } from './memory.ts';

const COUNTS = { pass: 1, violation: 2, error: 0, exempted: 0, denied: 1, warned: 0 };

function batch(key: string, of: Partial<DecisionBatch> = {}): DecisionBatch {
  return {
    key,
    counts: { policies: { p: COUNTS }, requests: 3, dryRuns: 1 },
    records: [],
    dropped: 0,
    ...of,
  };
}

const record = (uid: string): DecisionRecord => ({
  answer: 'allow',
  outcomes: [],
  tier: 'high',
  snapshot: 'sha256:0',
  time: 0,
  uid,
  operation: 'CREATE',
  resource: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web' },
  subresource: '',
  user: 'alice',
});

test('a batch counts once, however often it comes', () => {
  const store = createMemoryDecisions(7);
  assert.equal(store.add(batch('a')), true);
  assert.equal(store.add(batch('a')), false);
  assert.equal(store.add(batch('b')), true);
  const { policies, requests, dryRuns, since } = store.totals();
  assert.deepEqual([policies['p']!.violation, requests, dryRuns, since], [4, 6, 2, 7]);
});

test('records are bounded, the newest stay, the others are counted', () => {
  const store = createMemoryDecisions(0);
  const many = Array.from({ length: 10_001 }, (_, i) => record(`u${i}`));
  store.add(batch('a', { records: many, dropped: 2 }));
  assert.deepEqual(
    store.recent(2).map(({ uid }) => uid),
    ['u10000', 'u9999'],
  );
  assert.equal(store.recent(20_000).length, 10_000);
  assert.equal(store.totals().dropped, 3);
});
