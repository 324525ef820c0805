import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOfValue } from './traces.ts';

test('a value has the same digest wherever it comes from, and every other has another', () => {
  const value = { a: ['x', 1, true, null], b: { c: 2n ** 60n, d: new Number(1) } };
  assert.equal(digestOfValue(structuredClone(value)), digestOfValue(value));
  const others = [
    '1',
    1,
    1n,
    new Number(1),
    new Number(0),
    new Number(-0),
    'd1',
    'i1',
    's1',
    ['1'],
    { a: '1' },
    null,
    true,
  ];
  assert.equal(new Set(others.map(digestOfValue)).size, others.length);
});
