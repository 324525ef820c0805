import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { add, divide, modulo, multiply, negate, subtract } from './arithmetic.ts';
import { CelError } from './errors.ts';
import { Exhausted, MAX_LIST } from './runtime/limits.ts';
import { double, int, Uint, type Value } from './values.ts';

const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

/** Integers of all sizes, those at the edges of double and int64 more often. */
const integer = fc.oneof(
  fc.bigInt({ min: MIN, max: MAX }),
  fc.bigInt({ min: -1000n, max: 1000n }),
  fc.constantFrom(MIN, MAX, 0n, -1n, 2n ** 53n, 2n ** 53n - 1n, -(2n ** 53n), 2n ** 31n),
);

function attempt(run: () => Value): Value | string {
  try {
    return run();
  } catch (error) {
    if (error instanceof CelError) return error.$message;
    throw error;
  }
}

const OPERATIONS: readonly (readonly [
  (a: Value, b: Value) => Value,
  (a: bigint, b: bigint) => bigint,
  string,
])[] = [
  [add, (a, b) => a + b, ''],
  [subtract, (a, b) => a - b, ''],
  [multiply, (a, b) => a * b, ''],
  [divide, (a, b) => a / b, 'division by zero'],
  [modulo, (a, b) => a % b, 'modulus by zero'],
];

test('integers: exact, and an error beyond 64 bits', () => {
  fc.assert(
    fc.property(integer, integer, fc.constantFrom(...OPERATIONS), (a, b, [operate, exact, byZero]) => {
      const actual = attempt(() => operate(int(a), int(b)));
      if (byZero !== '' && b === 0n) return assert.equal(actual, byZero);
      // Go calls MIN % -1 an overflow too.
      if (operate === modulo && a === MIN && b === -1n) return assert.equal(actual, 'integer overflow');
      const expected = exact(a, b);
      const inRange = expected >= MIN && expected <= MAX;
      assert.ok(
        Object.is(actual, inRange ? int(expected) : 'integer overflow'),
        `${a} ${b}: ${String(actual)}`,
      );
    }),
    { numRuns: 2_000 },
  );
});

test('negation', () => {
  assert.ok(Object.is(negate(0), 0));
  assert.equal(negate(9007199254740992n), -9007199254740992n);
  assert.equal(
    attempt(() => negate(MIN)),
    'integer overflow',
  );
  assert.ok(Object.is(Number(negate(double(0))), -0));
  assert.equal(
    attempt(() => negate(true)),
    'no such overload',
  );
  assert.equal(
    attempt(() => negate(new Uint(1n))),
    'no such overload: -_',
  );
});

test('unsigned integers', () => {
  const u = (value: bigint) => new Uint(value);
  assert.deepEqual(add(u(1n), u(2n)), u(3n));
  assert.equal(
    attempt(() => subtract(u(1n), u(2n))),
    'unsigned integer overflow',
  );
  assert.equal(
    attempt(() => multiply(u(2n ** 63n), u(2n))),
    'unsigned integer overflow',
  );
  assert.equal(
    attempt(() => divide(u(1n), u(0n))),
    'division by zero',
  );
  assert.equal(
    attempt(() => modulo(u(1n), u(0n))),
    'modulus by zero',
  );
});

test('doubles stay boxed, and divide by zero', () => {
  assert.ok(add(double(1), double(2)) instanceof Number);
  assert.equal(Number(divide(double(1), double(0))), Number.POSITIVE_INFINITY);
});

test('operands of different types have no sum', () => {
  assert.equal(
    attempt(() => add(1, double(1))),
    'no such overload',
  );
  assert.equal(
    attempt(() => add(1, 'a')),
    'no such overload',
  );
  assert.equal(
    attempt(() => add(null, 1)),
    'no such overload: _+_',
  );
  assert.equal(
    attempt(() => add({}, {})),
    'no such overload: _+_',
  );
});

test('lists are joined without touching either', () => {
  const a = [1];
  const b = [2];
  assert.deepEqual(add(a, b), [1, 2]);
  assert.deepEqual([a, b], [[1], [2]]);
  const half = new Array<Value>(MAX_LIST / 2 + 1).fill(0);
  assert.throws(() => add(half, half), Exhausted);
});
