import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { walkCost } from './compile/helpers.ts';
import { equalCost, notEqualCost, sizeOf, stringEqualCost, stringSize, traversal } from './cost.ts';
import { createEnvironment } from './environment.ts';
import { visit } from './libraries/costs.ts';
import { kubernetesLibraries } from './libraries/index.ts';
import { NONE, optional } from './optional.ts';
import { DYN } from './types.ts';

const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 80 }), fc.string({ maxLength: 80 }));

test('sizes count code points', () => {
  fc.assert(fc.property(text, (t) => assert.equal(stringSize(t), Array.from(t).length)));
  assert.equal(sizeOf('日本語'), 3);
  assert.equal(sizeOf(new Uint8Array(4)), 4);
  assert.equal(sizeOf({ a: 1, b: 2 }), 2);
  assert.equal(sizeOf(null), 1);
  assert.equal(sizeOf(optional([1, 2, 3])), 3);
  assert.equal(sizeOf(NONE), 1);
});

test('costs in closed form are those of the rule', () => {
  fc.assert(
    fc.property(text, fc.nat(60), (t, size) => {
      assert.equal(stringEqualCost(t, size), traversal(Math.min(stringSize(t), size)));
      assert.equal(walkCost(t, 0), traversal(stringSize(t)));
      assert.equal(walkCost(t, 1), Math.ceil((1 + stringSize(t)) * 0.1));
      assert.equal(traversal(size), Math.ceil(size * 0.1));
      assert.equal(visit([t]), Math.floor(Buffer.byteLength(t) * 0.1));
    }),
    { numRuns: 500 },
  );
});

test('equality costs as much as the smaller side is long', () => {
  assert.equal(equalCost('', 'abc'), 0);
  assert.equal(equalCost('a'.repeat(25), 'a'.repeat(70)), 3);
  assert.equal(notEqualCost({}, true), 0);
  assert.equal(equalCost(1, 2), 1);
});

/** Costs of cel-go in the API server (test/interop compares many more). */
const CASES: readonly (readonly [expression: string, cost: number])[] = [
  ['true', 0],
  ['object', 1],
  ['object.a.b', 3],
  ['has(object.a.b)', 2],
  ['object.l[0]', 3],
  ['object.m[object.k]', 4],
  ['object.a.b ? object.k : object.l', 4],
  ['[1, 2, 3].all(x, x > 0)', 16],
  ['[1, 2, 3].exists(x, x > 2)', 19],
  ['[1, 2, 3].map(x, x * 2)', 43],
  ['[1, 2] == [1, 2]', 1],
  ['object.k in ["a", "b"]', 2],
  ['object.k == "a"', 3],
  ['object.k.startsWith("abcdefghijk")', 4],
  ['object.k + "abc" == "x"', 4],
  ['{"a": object.k}', 32],
  ['object.?nothing.b', 1],
  ['object.?a.b', 3],
  ['object.missing == 1 || true', 3],
];

const environment = createEnvironment({ variables: { object: DYN }, libraries: kubernetesLibraries(37) });
const object = { a: { b: true }, l: [1], m: { k: 1 }, k: 'k' };

for (const [expression, cost] of CASES) {
  test(`${expression} costs ${cost}`, () => {
    const compiled = environment.compile(expression);
    assert.ok(compiled.ok, expression);
    assert.equal(compiled.program.evaluate({ object }).cost, cost);
  });
}
