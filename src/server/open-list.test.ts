import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createOpenList, type Placed } from './open-list.ts';

test('what was added and not removed is there, once', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 100 }), (choices) => {
      const list = createOpenList<Placed>();
      const there = new Set<Placed>();
      for (const choice of choices) {
        const known = [...there][choice % 7];
        if (known === undefined) {
          const item = { place: -1 };
          list.add(item);
          there.add(item);
        } else {
          list.remove(known);
          there.delete(known);
        }
        assert.equal(list.all().length, there.size);
        assert.deepEqual(new Set(list.all()), there);
      }
    }),
  );
});
