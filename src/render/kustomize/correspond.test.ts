import assert from 'node:assert/strict';
import { test } from 'node:test';
import { correspond } from './correspond.ts';

test('items are found by what tells them apart, wherever they stand', () => {
  const from = { containers: [{ name: 'a', image: 'x' }, { name: 'b' }], args: ['p', 'q'] };
  const to = { containers: [{ name: 'b' }, { name: 'a', image: 'y' }], args: ['q', 'r'] };
  assert.deepEqual(correspond(from, ['containers', '0', 'image'], to), ['containers', '1', 'image']);
  assert.deepEqual(correspond(from, ['args', '1'], to), ['args', '0']);
  assert.equal(correspond(from, ['args', '0'], to), undefined);
});

test('what is there twice corresponds to nothing', () => {
  const twice = { ports: [{ port: 1 }, { port: 1 }] };
  assert.equal(correspond(twice, ['ports', '0'], twice), undefined);
});

test('names of Object.prototype are no fields', () => {
  assert.equal(correspond({ constructor: 1 }, ['constructor'], {}), undefined);
});
