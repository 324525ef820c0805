import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDenominator } from './denominator.ts';

test('counts the objects that each policy looks at now', () => {
  const denominator = createDenominator();
  denominator.set('a', ['p', 'q']);
  denominator.set('b', ['p', 'q']);
  denominator.set('b', ['p', 'q']);
  denominator.set('c', []);
  assert.deepEqual(denominator.counts(), { p: 2, q: 2 });
  denominator.set('b', ['p']);
  denominator.delete('a');
  denominator.delete('unknown');
  assert.deepEqual(denominator.counts(), { p: 1 });
});
