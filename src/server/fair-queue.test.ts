import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createFairQueue } from './fair-queue.ts';

interface Item {
  readonly user: string;
  readonly number: number;
}

const item = (user: string, number: number): Item => ({ user, number });
const name = ({ user, number }: Item) => `${user}${number}`;

function takeAll(queue: { take(): Item | undefined }): string[] {
  const names: string[] = [];
  for (let next = queue.take(); next !== undefined; next = queue.take()) names.push(name(next));
  return names;
}

test('users take turns, each with its oldest item first', () => {
  const queue = createFairQueue<Item>(10);
  for (const [user, number] of [
    ['a', 1],
    ['a', 2],
    ['a', 3],
    ['b', 1],
    ['c', 1],
    ['c', 2],
  ] as const)
    assert.deepEqual(queue.add(user, item(user, number)), { displaced: null });
  assert.deepEqual(takeAll(queue), ['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
  assert.equal(queue.size(), 0);
});

test('a full queue makes room at the cost of who has the most, with its newest item', () => {
  const queue = createFairQueue<Item>(4);
  for (let number = 1; number <= 4; number++) queue.add('a', item('a', number));
  assert.equal(queue.add('a', item('a', 5)), 'full');
  assert.deepEqual(queue.add('b', item('b', 1)), { displaced: item('a', 4) });
  assert.deepEqual(queue.add('b', item('b', 2)), { displaced: item('a', 3) });
  assert.equal(queue.add('b', item('b', 3)), 'full');
  assert.deepEqual(takeAll(queue), ['a1', 'b1', 'a2', 'b2']);
});

test('a queue for nothing takes nothing', () => {
  assert.equal(createFairQueue<Item>(0).add('a', item('a', 1)), 'full');
});

test('what is removed is never taken', () => {
  const queue = createFairQueue<Item>(4);
  const [first, second] = [item('a', 1), item('a', 2)];
  queue.add('a', first);
  queue.add('a', second);
  assert.equal(queue.remove('a', first), true);
  assert.equal(queue.remove('a', first), false);
  assert.equal(queue.remove('b', second), false);
  assert.deepEqual(takeAll(queue), ['a2']);
});

test('never over its limit, nothing lost, no user waits for more than one turn of each other', () => {
  const action = fc.record({ user: fc.constantFrom('a', 'b', 'c', 'd'), takes: fc.boolean() });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200 }), fc.integer({ min: 1, max: 20 }), (actions, limit) => {
      const queue = createFairQueue<Item>(limit);
      const waiting = new Set<Item>();
      let last: string | undefined;
      actions.forEach(({ user, takes }, number) => {
        if (takes) {
          const taken = queue.take();
          assert.equal(taken === undefined, waiting.size === 0);
          if (taken === undefined) return;
          const others = [...waiting].some((one) => one.user !== taken.user);
          // Whoever was served last is not served again before another that waited already.
          assert.ok(taken.user !== last || !others || actions[number - 1]?.takes !== true);
          waiting.delete(taken);
          last = taken.user;
        } else {
          const added = item(user, number);
          const answer = queue.add(user, added);
          if (answer === 'full') return;
          waiting.add(added);
          if (answer.displaced !== null) assert.ok(waiting.delete(answer.displaced));
        }
        assert.equal(queue.size(), waiting.size);
        assert.ok(waiting.size <= limit);
      });
    }),
  );
});
