import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compare, compareStrings } from './compare.ts';
import { compareEqual, equals, listContains } from './equality.ts';
import { Ip, Quantity } from './libraries/index.ts';
import { NONE, optional } from './optional.ts';
import { mapOfEntries } from './runtime/maps.ts';
import { Duration } from './stdlib/index.ts';
import { double, Uint, type Value } from './values.ts';

test('numbers are equal by value, whatever their types', () => {
  const ones: Value[] = [1, double(1), new Uint(1n)];
  for (const a of ones) for (const b of ones) assert.ok(equals(a, b));
  assert.ok(equals(2n ** 63n - 1n, new Uint(2n ** 63n - 1n)));
  assert.ok(!equals(9007199254740993n, 9007199254740992));
  // cel-go rounds an int before it compares it with a double.
  assert.ok(equals(9007199254740993n, double(9007199254740992)));
  assert.ok(equals(double(-0), double(0)));
});

test('NaN is equal to nothing, nor is a list that holds it', () => {
  const nan = double(Number.NaN);
  assert.ok(!equals(nan, nan));
  assert.ok(!equals([nan], [nan]));
  assert.ok(!listContains([nan], nan));
});

test('values of other types are unequal', () => {
  const values: Value[] = [null, true, 1, 'a', new Uint8Array([1]), [1], { a: 1 }, new Duration(1n), NONE];
  for (const [i, a] of values.entries()) {
    for (const [j, b] of values.entries()) assert.equal(equals(a, b), i === j, `${i} ${j}`);
  }
});

test('parsed maps and built maps are the same thing', () => {
  assert.ok(equals({ a: [1, { b: null }] }, mapOfEntries([['a', [1, mapOfEntries([['b', null]])]]])));
  assert.ok(!equals({ a: 1 }, { a: 1, b: 2 }));
  assert.ok(!equals({ a: 1 }, { b: 1 }));
  assert.ok(!equals(JSON.parse('{"__proto__": 1}'), {}));
  assert.ok(equals(mapOfEntries([[1, 'a']]), mapOfEntries([[double(1), 'a']])));
});

test('optionals are equal when what they hold is', () => {
  assert.ok(equals(optional([1]), optional([double(1)])));
  assert.ok(!equals(optional(null), NONE));
  assert.ok(equals(NONE, optional(undefined)));
});

test('a Kubernetes type on the left refuses values of other types', () => {
  const [quantity] = [Quantity, Ip] as const;
  assert.equal(typeof quantity, 'function');
  const value = {
    $type: { kind: 'object', name: 'kubernetes.Quantity' },
    $equals: () => true,
  } as unknown as Value;
  assert.equal(compareEqual(value, 'x'), undefined);
  assert.equal(compareEqual('x', value), false);
  assert.equal(compareEqual(value, null), false);
  assert.equal(compareEqual(value, value), true);
});

test('equality is symmetric', () => {
  const value = fc.oneof(
    fc.constantFrom<Value>(null, true, 0, 1, 2n ** 60n, 'a', double(1), double(1.5), new Uint(1n)),
    fc.array(fc.constantFrom<Value>(1, 'a', double(1)), { maxLength: 2 }),
  );
  fc.assert(fc.property(value, value, (a, b) => assert.equal(equals(a, b), equals(b, a))));
});

test('strings are ordered by code points', () => {
  const byCodePoint = (a: string, b: string): number => {
    const x = Array.from(a, (c) => c.codePointAt(0)!);
    const y = Array.from(b, (c) => c.codePointAt(0)!);
    for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return x[i]! - y[i]!;
    return x.length - y.length;
  };
  assert.ok(compareStrings('\uffff', '😀') < 0);
  const text = fc.string({ unit: 'binary' }).map((s) => s.toWellFormed());
  fc.assert(
    fc.property(text, text, (a, b) =>
      assert.equal(Math.sign(compareStrings(a, b)), Math.sign(byCodePoint(a, b))),
    ),
  );
});

test('order', () => {
  assert.ok(compare(1, double(1.5), '_<_') < 0);
  assert.ok(compare(new Uint(2n ** 64n - 1n), 2n ** 63n - 1n, '_<_') > 0);
  assert.ok(compare(false, true, '_<_') < 0);
  assert.ok(compare(new Uint8Array([1]), new Uint8Array([1, 0]), '_<_') < 0);
  assert.ok(compare(new Duration(1n), new Duration(2n), '_<_') < 0);
  assert.throws(() => compare(double(Number.NaN), 1, '_<_'), { $message: 'NaN values cannot be ordered' });
  assert.throws(() => compare(1, 'a', '_<_'), { $message: 'no such overload' });
  assert.throws(() => compare(null, 1, '_<_'), { $message: 'no such overload: _<_' });
});
