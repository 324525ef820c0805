import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Resource } from '../../model/index.ts';
import { createWorkQueue } from './queue.ts';

function named(name: string): Resource {
  return {
    ref: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name },
    object: {},
    origin: { file: 'x', document: 0, line: 1, pointer: '' },
  };
}

test('each is there once, what changed first, and what is gone not at all', () => {
  const queue = createWorkQueue();
  for (const name of ['a', 'b', 'c']) queue.add(named(name), 'again');
  queue.add(named('d'), 'changed');
  queue.add(named('b'), 'changed');
  queue.add(named('d'), 'again');
  queue.remove(named('c'));
  assert.equal(queue.size, 3);
  const order = [queue.next(), queue.next(), queue.next()].map((one) => one?.ref.name);
  assert.deepEqual(order, ['d', 'b', 'a']);
  assert.equal(queue.next(), undefined);
});
