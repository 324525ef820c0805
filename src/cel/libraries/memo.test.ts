import assert from 'node:assert/strict';
import { it } from 'node:test';
import { remember } from './memo.ts';

it('computes once for each text', () => {
  let calls = 0;
  const size = remember((text) => ({ size: text.length, call: ++calls }));
  assert.equal(size('abc'), size('abc'));
  assert.notEqual(size('abc'), size('abd'));
  assert.equal(calls, 2);
});

it('does not keep long texts, nor ever more of them', () => {
  let calls = 0;
  const count = remember(() => ++calls);
  const long = 'x'.repeat(201);
  assert.notEqual(count(long), count(long));
  const first = count('0');
  for (let i = 1; i <= 1_000; i++) count(String(i));
  assert.notEqual(count('0'), first);
});

it('does not keep failures', () => {
  let calls = 0;
  const fail = remember((): string => {
    calls++;
    throw new Error('no');
  });
  assert.throws(() => fail('a'));
  assert.throws(() => fail('a'));
  assert.equal(calls, 2);
});
