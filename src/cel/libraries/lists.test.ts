import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { costs, evaluate, fails, holds } from './testing.ts';

describe('isSorted, sum, min, max', () => {
  holds([
    '[1, 2, 2].isSorted() && !["b", "a"].isSorted() && [].isSorted()',
    '["\\uffff", "😀"].isSorted()',
    '[1.0, 0.0 / 0.0, 0.5].isSorted()',
    '[1, 3].sum() == 4 && [1u, 3u].sum() == 4u && [1.5, 3.0].sum() == 4.5',
    '[duration("1m"), duration("1s")].sum() == duration("61s")',
    '[].sum() == 0',
    '[dyn(1.5), dyn(2.5)].sum() == 4.0',
    '["b", "a"].max() == "b" && [true, false].min() == false',
    '[dyn(1), dyn(2.5), dyn(2u)].max() == 2.5',
    '[dyn(1), dyn("a")].max() == 1',
  ]);
  fails({
    '[].max()': 'max called on empty list',
    '[].min()': 'min called on empty list',
    '[9223372036854775807, 1].sum()': 'integer overflow',
    '[dyn(1), dyn(null)].isSorted()': 'no such overload',
  });
});

describe('indexOf, lastIndexOf, includes', () => {
  holds([
    '[1, 2, 2].indexOf(2) == 1 && [1, 2, 2].lastIndexOf(2) == 2 && [1].indexOf(9) == -1',
    '[[1], [2]].indexOf([2]) == 1',
    'dyn([1, 2]).indexOf(2.0) == 1',
    '[1, 2].includes(2) && ![1, 2].includes(3)',
    '"a".includes("a") && !"ab".includes("a")',
    // Comparing with a quantity is an error, which counts as not found.
    '!dyn([quantity("1")]).includes("1") && dyn([quantity("1")]).indexOf(1) == -1',
  ]);
});

describe('the lists extension', () => {
  holds([
    '[1, 2, 3, 4].slice(1, 3) == [2, 3] && [1].slice(1, 1) == []',
    '[[1], [2, 3]].flatten() == [1, 2, 3]',
    '[dyn(1), dyn([dyn(2), dyn([dyn(3), dyn([4])])])].flatten(2) == [dyn(1), dyn(2), dyn(3), dyn([4])]',
    '[3, 1, 2].sort() == [1, 2, 3] && ["é", "a"].sort() == ["a", "é"]',
    '["bbb", "a", "cc"].sortBy(s, size(s)) == ["a", "cc", "bbb"]',
    'lists.range(3) == [0, 1, 2] && lists.range(0) == []',
    '[1, 2].reverse() == [2, 1]',
    '["b", "b", "c"].distinct() == ["b", "c"] && [dyn(1), dyn(1.0), dyn("1")].distinct() == [dyn(1), dyn("1")]',
  ]);
  fails({
    '[1].slice(0, 2)': 'cannot slice(0, 2), list is length 1',
    '[1].slice(1, 0)': 'cannot slice(1, 0), start index must be less than or equal to end index',
    '[1].slice(-1, 0)': 'cannot slice(-1, 0), negative indexes not supported',
    '[[1]].flatten(-1)': 'level must be non-negative',
    'lists.range(-1)': 'lists.range: size must be non-negative, got -1',
    'lists.range(1000001)': 'lists.range: size 1000001 exceeds maximum allowed (1000000)',
    '[dyn(1), dyn("a")].sort()': 'list elements must have the same type',
    'dyn([{}]).sort()': 'list elements must be comparable',
  });
  it('sortBy wants something that can be a list', () => {
    assert.deepEqual(evaluate('{}.sortBy(e, e)'), {
      issues: ['sortBy can only be applied to a list, identifier, comprehension, call or select expression'],
    });
  });
});

describe('sets', () => {
  holds([
    'sets.contains([], []) && !sets.contains([], [1]) && sets.contains([1, 2, 3], [2])',
    'sets.equivalent([1], [1, 1]) && !sets.equivalent([1], [1, 2])',
    'sets.intersects([1, 2], [2]) && !sets.intersects([], [1])',
    'sets.contains([dyn(1), dyn(2.0)], [dyn(1.0), dyn(2u)])',
    '!sets.intersects(dyn([quantity("1")]), dyn(["1"]))',
  ]);
});

describe('costs', () => {
  costs({
    '["aaaaaaaaaaaaaaaaaaaa", "b"].isSorted()': 2,
    '[1, 2, 3].includes(9)': 3,
    '[3, 1, 2].sort()': 29,
    '["b", "a"].sort()': 19,
    '[1, 2].reverse()': 13,
    'lists.range(3)': 14,
    'sets.contains([1, 2, 3], [1, 2])': 7,
    'sets.equivalent([1, 2, 3], [1, 2])': 13,
  });
});

it('sortBy keeps the order of equal keys', () => {
  const items = fc.array(fc.record({ key: fc.nat(4), id: fc.nat() }), { maxLength: 12 });
  fc.assert(
    fc.property(items, (list) => {
      const outcome = evaluate(`${JSON.stringify(list)}.sortBy(e, e.key).map(e, e.id)`);
      assert.ok('ok' in outcome && outcome.ok);
      assert.deepEqual(
        outcome.value,
        list.toSorted((a, b) => a.key - b.key).map(({ id }) => id),
      );
    }),
    { numRuns: 50 },
  );
});
