import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CelError } from '../errors.ts';
import { double, Uint, type Value } from '../values.ts';
import { membership } from './membership.ts';
import { isSame } from './order.ts';
import { evaluate } from './testing.ts';

const value: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom<Value>('a', '1', 'true', '', null, true, false, [], ['a'], { a: 1 }, {}),
  fc.constantFrom<Value>(0, 1, -1, 9007199254740991, 9007199254740993n, -(2n ** 63n)),
  fc
    .constantFrom(0, -0, 1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 9007199254740992, -(2 ** 63))
    .map((number): Value => double(number)),
  fc.constantFrom(0n, 1n, 2n ** 53n, 2n ** 64n - 1n).map((number): Value => new Uint(number)),
);

it('finds what a loop finds', () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 12 }), value, (list, wanted) => {
      const expected = list.some((element) => isSame(wanted, element));
      assert.equal(membership(list, 1)(wanted), expected);
      assert.equal(membership(list, 1e9)(wanted), expected);
    }),
  );
});

describe('large lists', () => {
  const strings = Array.from({ length: 100_000 }, (_, i) => `item-${i}`);
  it('of strings and numbers are looked up, not searched', () => {
    const has = membership([...strings, ...strings.keys()], 100_000);
    assert.ok(strings.every((text) => has(text)) && !has('item-x') && has(99_999) && !has(-1));
  });
  it('of anything else are given up when the call cannot be paid for', () => {
    const lists = Array.from({ length: 10_000 }, (_, i) => [i]);
    const has = membership(lists, 10_000);
    assert.throws(
      () => lists.map((_, i) => has([-i - 1])),
      (error) => error instanceof CelError && error.$code === 'cost-exceeded',
    );
  });
  for (const call of ['x.distinct()', 'sets.equivalent(x, x)', 'sets.intersects(x, x.map(e, [e]))']) {
    it(`${call} ends on its cost`, () => {
      const list = Array.from({ length: 30_000 }, (_, i) => [i]);
      const outcome = evaluate(call, { variables: { x: [{ kind: 'dyn' }, list] } });
      assert.ok('ok' in outcome && !outcome.ok);
      assert.equal(outcome.error.$code, 'cost-exceeded');
    });
  }
});
