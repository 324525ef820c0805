/** What every store of findings has to do; each implementation's test calls it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { FindingBatch, LiveFinding, LiveRef, Observation } from '../model/index.ts';
import type { FindingStore, StoredFinding } from './store.ts';

const DAY = 86_400_000;

function refOf(name: string, uid = `${name}-1`): LiveRef {
  return { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name, uid };
}

function findingOf(policy: string, of: Partial<LiveFinding> = {}): LiveFinding {
  return {
    policy,
    validation: 'v',
    severity: 'high',
    verdict: 'violation',
    action: 'deny',
    reason: 'validation-failed',
    detail: 'd',
    stage: 'audit',
    effect: 'audit',
    ...of,
  };
}

function seen(resource: LiveRef, policies: readonly string[], time: number, snapshot = 's1'): Observation {
  return { resource, findings: policies.map((policy) => findingOf(policy)), policies: 5, time, snapshot };
}

let keys = 0;
function batch(of: Partial<FindingBatch>): FindingBatch {
  return { key: String(++keys), run: 'r1', time: 0, observed: [], gone: [], complete: false, ...of };
}

const brief = ({ policy, firstSeen, lastSeen, fixedAt, fixedBy, reopened }: StoredFinding) =>
  [policy, firstSeen, lastSeen, fixedAt ?? '-', fixedBy ?? '-', reopened].join(' ');

export function findingStoreSuite(newStore: (now: number) => FindingStore): void {
  test('a finding is first seen once, last seen again and again, and fixed when it is gone', () => {
    const store = newStore(0);
    store.add(batch({ observed: [seen(refOf('a'), ['p', 'q'], 1)] }));
    store.add(batch({ observed: [seen(refOf('a'), ['p'], 2)] }));
    assert.deepEqual(store.list({ state: 'open' }).map(brief), ['p 1 2 - - 0']);
    assert.deepEqual(store.list({ state: 'fixed' }).map(brief), ['q 1 1 2 object-changed 0']);
  });

  test('who fixed it: a change of the object, its end, or other policies', () => {
    const store = newStore(0);
    store.add(batch({ observed: [seen(refOf('a'), ['p'], 1), seen(refOf('b'), ['p'], 1)] }));
    store.add(
      batch({ observed: [seen(refOf('a'), [], 2, 's2')], gone: [{ resource: refOf('b'), time: 3 }] }),
    );
    assert.deepEqual(store.list().map(brief), ['p 1 1 2 policy-changed 0', 'p 1 1 3 object-deleted 0']);
  });

  test('what nobody may list is not gone because nobody saw it', () => {
    const store = newStore(0);
    store.add(batch({ run: 'r1', observed: [seen(refOf('a'), ['p'], 1)], complete: true }));
    const unlisted = [{ group: '', kind: 'Pod', detail: 'forbidden' }];
    store.add(batch({ run: 'r2', time: 2, unlisted, complete: true }));
    assert.deepEqual(store.list({ state: 'open' }).map(brief), ['p 1 1 - - 0']);
    assert.deepEqual(store.totals().unlisted, unlisted);
    store.add(batch({ run: 'r2', time: 3, unlisted: [], complete: true }));
    assert.deepEqual(store.list().map(brief), ['p 1 1 3 object-deleted 0']);
    assert.deepEqual(store.totals().unlisted, []);
  });

  test('a kind of the same name in another group is another kind', () => {
    const store = newStore(0);
    store.add(batch({ run: 'r1', observed: [seen(refOf('a'), ['p'], 1)], complete: true }));
    const unlisted = [{ group: 'example.com', kind: 'Pod', detail: 'forbidden' }];
    store.add(batch({ run: 'r2', time: 2, unlisted, complete: true }));
    assert.deepEqual(store.list({ state: 'open' }), []);
  });

  test('one that comes back is the same one, of the same object', () => {
    const store = newStore(0);
    store.add(batch({ observed: [seen(refOf('a'), ['p'], 1)] }));
    store.add(batch({ observed: [seen(refOf('a'), [], 2)] }));
    store.add(batch({ observed: [seen(refOf('a'), ['p'], 3)] }));
    assert.deepEqual(store.list().map(brief), ['p 1 3 - - 1']);
    store.add(batch({ observed: [seen(refOf('a', 'another'), ['p'], 4)] }));
    assert.deepEqual(store.list().map(brief).sort(), ['p 1 3 4 object-deleted 1', 'p 4 4 - - 0']);
  });

  test('the end of an object that was made again in the meantime ends nothing', () => {
    const store = newStore(0);
    store.add(
      batch({
        observed: [seen(refOf('a', 'new'), ['p'], 5)],
        gone: [{ resource: refOf('a', 'old'), time: 4 }],
      }),
    );
    assert.deepEqual(store.list().map(brief), ['p 5 5 - - 0']);
  });

  test('a batch counts once', () => {
    const store = newStore(0);
    const once = batch({ observed: [seen(refOf('a'), ['p'], 1)] });
    assert.equal(store.add(once), true);
    store.add(batch({ observed: [seen(refOf('a'), [], 2)] }));
    assert.equal(store.add(once), false);
    assert.equal(store.totals().open, 0);
  });

  test('fixed ones are kept for a week, and counted when they go', () => {
    const store = newStore(0);
    store.add(batch({ observed: [seen(refOf('a'), ['p'], 1)] }));
    store.add(batch({ observed: [seen(refOf('a'), ['q'], 2)] }));
    store.add(batch({ observed: [seen(refOf('a'), [], 3 + 7 * DAY)] }));
    assert.deepEqual(
      store.list({ state: 'fixed' }).map(({ policy }) => policy),
      ['q'],
    );
    assert.equal(store.totals().dropped, 1);
  });

  test('lists are filtered, the worst first; totals say whether all was seen', () => {
    const store = newStore(9);
    const low = {
      ...seen(refOf('a'), [], 1),
      findings: [findingOf('l', { severity: 'low' }), findingOf('c', { severity: 'critical' })],
    };
    const other = { ...refOf('x'), namespace: 'bank' };
    store.add(batch({ observed: [low, { ...seen(other, ['p'], 1), unevaluated: true }], complete: true }));
    assert.deepEqual(
      store.list().map(({ policy }) => policy),
      ['c', 'p', 'l'],
    );
    assert.equal(store.list({ namespace: 'bank' }).length, 1);
    assert.equal(store.list({ policy: 'l' }).length, 1);
    assert.equal(store.list({ verdict: 'error' }).length, 0);
    assert.deepEqual(store.totals(), {
      open: 3,
      fixed: 0,
      dropped: 0,
      objects: 2,
      unevaluated: 1,
      policies: { c: { looked: 0, open: 1 }, l: { looked: 0, open: 1 }, p: { looked: 0, open: 1 } },
      namespaces: { shop: 2, bank: 1 },
      since: 9,
      complete: true,
      unlisted: [],
    });
    assert.deepEqual(store.progress(), { since: 9, complete: true });
  });

  test('how many objects each policy looked at is what was said last', () => {
    const store = newStore(0);
    store.add(batch({ observed: [seen(refOf('a'), ['p'], 1)], looked: { p: 3, q: 2 } }));
    store.add(batch({ observed: [seen(refOf('b'), ['p'], 1)] }));
    assert.deepEqual(store.totals().policies, { p: { looked: 3, open: 2 }, q: { looked: 2, open: 0 } });
    store.add(batch({ looked: { q: 1 } }));
    assert.deepEqual(store.totals().policies, { p: { looked: 0, open: 2 }, q: { looked: 1, open: 0 } });
  });

  test('what a new run of the scan has not seen when it is complete is gone', () => {
    const store = newStore(0);
    store.add(batch({ observed: [seen(refOf('a'), ['p'], 1), seen(refOf('b'), ['p'], 1)], complete: true }));
    store.add(batch({ run: 'r2', observed: [seen(refOf('a'), ['p'], 5)] }));
    assert.equal(store.totals().open, 2);
    store.add(batch({ run: 'r2', time: 6, complete: true }));
    assert.deepEqual(store.list().map(brief), ['p 1 5 - - 0', 'p 1 1 6 object-deleted 0']);
  });

  test('an object is marked until somebody was asked about it', () => {
    const store = newStore(0);
    store.add(batch({ observed: [seen(refOf('a'), ['p'], 1)] }));
    store.mark(refOf('a'), true);
    store.mark(refOf('a', 'another'), false);
    store.mark(refOf('unknown'), true);
    assert.equal(store.totals().unevaluated, 1);
    store.add(batch({ observed: [seen(refOf('a'), ['p', 'q'], 2)] }));
    assert.deepEqual(
      store.list().map(({ unevaluated }) => unevaluated),
      [true, true],
    );
    store.mark(refOf('a'), false);
    assert.equal(store.totals().unevaluated, 0);
    assert.equal(store.list()[0]?.unevaluated, false);
  });

  test('what a controller is found to have is said once, at the controller', () => {
    const store = newStore(0);
    const owned = (name: string, owner: string, policies: readonly string[]) => ({
      ...seen(refOf(name), policies, 1),
      owner,
    });
    store.add(
      batch({
        observed: [
          seen(refOf('top'), ['p'], 1),
          owned('middle', 'top-1', []),
          owned('pod', 'middle-1', ['p', 'q']),
        ],
      }),
    );
    const once = store.list({ once: true }).map(({ resource, policy }) => `${resource.name} ${policy}`);
    assert.deepEqual(once.sort(), ['pod q', 'top p']);
    assert.equal(store.list().length, 3);
  });

  test('whatever happened, the open findings are those of what exists now', () => {
    const step = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      uid: fc.constantFrom('1', '2'),
      policies: fc.option(fc.subarray(['p', 'q', 'r']), { nil: undefined }),
      snapshot: fc.constantFrom('s1', 's2'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const store = newStore(0);
        const present = new Map<string, { uid: string; policies: readonly string[] }>();
        for (const [time, { name, uid, policies, snapshot }] of steps.entries()) {
          const resource = refOf(name, uid);
          if (policies === undefined) {
            store.add(batch({ gone: [{ resource, time }] }));
            if (present.get(name)?.uid === uid) present.delete(name);
          } else {
            store.add(batch({ observed: [seen(resource, policies, time, snapshot)] }));
            present.set(name, { uid, policies });
          }
        }
        const expected = [...present].flatMap(([name, { policies }]) =>
          policies.map((policy) => `${name} ${policy}`),
        );
        const actual = store
          .list({ state: 'open' })
          .map(({ resource, policy }) => `${resource.name} ${policy}`);
        assert.deepEqual(actual.sort(), expected.sort());
      }),
    );
  });
}
