import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LiveRef, Observation } from '../../model/index.ts';
import { createCoverage } from './coverage.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const at = (second: number) => new Date(START + second * 1_000).toISOString().replace('.000', '');

function begin() {
  let now = START + 1;
  const marks: string[] = [];
  const store = {
    mark: ({ uid }: LiveRef, unevaluated: boolean) => void marks.push(`${uid} ${unevaluated}`),
  };
  const coverage = createCoverage({ store, since: START, now: () => now, settleMs: 10_000 });
  const changed = (uid: string, second: number, due = true, namespace = 'shop') =>
    coverage.observed({
      resource: { apiVersion: 'v1', kind: 'Pod', namespace, name: uid, uid },
      change: { at: at(second), due },
    } as Observation);
  const asked = (uid: string, second: number, namespace = 'shop', dropped = 0) =>
    coverage.asked({ objects: [`${uid} ${at(second)}`], namespaces: { [namespace]: 1 }, dropped });
  const wait = (seconds: number) => {
    now += seconds * 1_000;
    coverage.settle();
  };
  return { coverage, marks, changed, asked, wait };
}

test('what nobody was asked about is marked after a while', () => {
  const { marks, changed, asked, wait } = begin();
  changed('a', 5);
  changed('b', 5);
  asked('b', 5);
  wait(9);
  assert.deepEqual(marks, []);
  wait(2);
  assert.deepEqual(marks, ['a true']);
  changed('a', 5);
  wait(20);
  assert.deepEqual(marks, ['a true']);
});

test('who was asked first, or late, was asked; about an older change does not count', () => {
  const { marks, changed, asked, wait } = begin();
  asked('a', 5);
  changed('a', 5);
  asked('b', 5);
  changed('b', 7);
  wait(11);
  assert.deepEqual(marks, ['b true']);
  asked('b', 7);
  assert.deepEqual(marks, ['b true', 'b false']);
});

test('a change that is asked about takes the mark away', () => {
  const { marks, changed, asked, wait } = begin();
  changed('a', 5);
  wait(11);
  asked('a', 20);
  changed('a', 20);
  wait(11);
  assert.deepEqual(marks, ['a true', 'a false']);
});

test('nothing is known of what was before, of what is gone, of what is not due, or where something was dropped', () => {
  const { coverage, marks, changed, asked, wait } = begin();
  changed('old', 0);
  changed('gone', 5);
  coverage.gone({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'gone', uid: 'gone' });
  changed('free', 5, false);
  wait(11);
  assert.deepEqual(marks, []);
  changed('lost', 20);
  asked('another', 20, 'shop', 1);
  wait(11);
  assert.deepEqual(marks, []);
});

test('a namespace in which objects change without a question, until there is one', () => {
  const { coverage, changed, asked, wait } = begin();
  changed('a', 5, false, 'aside');
  changed('b', 5, true, 'shop');
  changed('c', 5, true, '');
  asked('b', 5, 'shop');
  assert.deepEqual(coverage.unasked(), []);
  wait(11);
  assert.deepEqual(coverage.unasked(), ['aside']);
  asked('z', 30, 'aside');
  assert.deepEqual(coverage.unasked(), []);
});

test('a namespace that is no longer asked about is found after ten minutes, not for one change that went past', () => {
  const { coverage, changed, asked, wait } = begin();
  asked('a', 5);
  changed('b', 60, false);
  wait(60);
  assert.deepEqual(coverage.unasked(), []);
  wait(600);
  changed('c', 660, false);
  wait(11);
  assert.deepEqual(coverage.unasked(), ['shop']);
  asked('d', 700);
  assert.deepEqual(coverage.unasked(), []);
});

test('whatever comes when, marked in the end is what changed last without a question', () => {
  const change = fc.record({
    uid: fc.constantFrom('a', 'b', 'c'),
    isAsked: fc.boolean(),
    /** Seconds until the controller hears of it. */
    seenAfter: fc.nat(30),
    askedAfter: fc.nat(30),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 25 }), (changes) => {
      const { marks, changed, asked, wait } = begin();
      const events = changes.flatMap(({ uid, isAsked, seenAfter, askedAfter }, i) => {
        const second = 2 * i + 1;
        const seen = { at: second + seenAfter, tell: () => changed(uid, second) };
        return isAsked ? [seen, { at: second + askedAfter, tell: () => asked(uid, second) }] : [seen];
      });
      // The watch shows changes of one object in their order, and may leave out all but the last.
      const last = new Map(changes.map(({ uid }, i) => [uid, i]));
      const shown = changes.flatMap(({ uid, seenAfter }, i) =>
        last.get(uid) === i ? [{ at: 2 * i + 1 + seenAfter + 30, tell: () => changed(uid, 2 * i + 1) }] : [],
      );
      let now = 0;
      for (const { at, tell } of [...events, ...shown].sort((a, b) => a.at - b.at)) {
        wait(at - now);
        now = at;
        tell();
      }
      wait(60);
      const marked = new Map(marks.map((mark) => mark.split(' ') as [string, string]));
      const actual = [...marked].filter(([, is]) => is === 'true').map(([uid]) => uid);
      const expected = [...last].filter(([, i]) => !changes[i]!.isAsked).map(([uid]) => uid);
      assert.deepEqual(actual.sort(), expected.sort());
    }),
    { numRuns: 500 },
  );
});
