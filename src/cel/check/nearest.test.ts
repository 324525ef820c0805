import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { editDistance, nearest } from './nearest.ts';

test('slips of the fingers are understood', () => {
  const fields = ['failurePolicy', 'matchConditions', 'matchConstraints', 'variables'];
  assert.equal(nearest('failurePolcy', fields), 'failurePolicy');
  assert.equal(nearest('matchcondition', fields), 'matchConditions');
  assert.equal(nearest('varaibles', fields), 'variables');
  assert.equal(nearest('rules', fields), undefined);
});

test('of several equally near the first in code-unit order is taken', () => {
  assert.equal(nearest('cat', ['cut', 'bat', 'car']), 'bat');
});

test('the distance is a metric as far as it is used as one', () => {
  const word = fc.string({ maxLength: 8 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      assert.equal(editDistance(a, a), 0);
      assert.equal(editDistance(a, b), editDistance(b, a));
      assert.ok(editDistance(a, b) <= Math.max(a.length, b.length));
    }),
  );
});

test('a megabyte of key is never near, and costs nothing', () => {
  assert.equal(nearest('x'.repeat(1_000_000), ['x'.repeat(999_999)]), undefined);
});
