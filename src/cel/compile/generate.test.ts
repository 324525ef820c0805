/** Generated code against the exact engine, which it has to equal: value, error and cost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createEnvironment } from '../environment.ts';
import { bindings, kubernetesLibraries } from '../libraries/index.ts';
import { Optional } from '../optional.ts';
import type { Engine } from '../program.ts';
import { DYN } from '../types.ts';
import { CelMap, double, Uint, type Value } from '../values.ts';

function environmentOf(engine: Engine) {
  return createEnvironment({
    variables: { object: DYN, x: DYN, y: DYN },
    libraries: [...kubernetesLibraries(37), bindings],
    engine,
  });
}

const ENVIRONMENTS = { exact: environmentOf('interpret'), generated: environmentOf('generate') };

const FIELDS = ['a', 'b', 'a', 'b', 'a', 'b', 'constructor', '__proto__', 'length', 'name', 'x-y'] as const;

/** Values of every kind, nested; also those that only expressions make. */
const values = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<Value>(
      null,
      true,
      false,
      0,
      1,
      -1,
      2 ** 53 - 1,
      2n ** 63n - 1n,
      '',
      'a',
      'ALL',
      'a longer text than ten',
      '😀😀😀😀😀😀😀😀😀😀😀😀',
      double(0),
      double(1),
      double(Number.NaN),
      new Uint(1n),
      new Uint8Array([1]),
    ),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...FIELDS), tie('value'), { maxKeys: 3 }) as fc.Arbitrary<Value>,
    tie('value').map((value) => new CelMap(new Map([['a', ['a', value]]]))),
    tie('value').map((value) => new Optional(value)),
  ),
})).value;

const field = fc.constantFrom('a', 'b', 'a', 'b', 'a', 'b', 'constructor', '`x-y`', 'length', 'name');

const keys = fc.constantFrom('"a"', '"b"', '"x-y"', '"constructor"', '"A"');

const constants = fc.constantFrom(
  '["a", "b"]',
  '["constructor", "x-y", "a", "a"]',
  '[1, 2]',
  '[["a"], []]',
  '[null]',
);

/** Expressions over `object`, `x`, `y`, mostly well-typed for dyn operands. */
const expressions = fc.letrec<{ path: string; any: string; bool: string; list: string }>((tie) => ({
  path: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom('object', 'x', 'y', 'e'),
    fc.tuple(tie('path'), field).map(([operand, name]) => `${operand}.${name}`),
    fc.tuple(tie('path'), field).map(([operand, name]) => `${operand}.?${name}`),
    fc.tuple(tie('path'), tie('any')).map(([operand, key]) => `${operand}[${key}]`),
    fc
      .tuple(tie('path'), fc.constantFrom('0', '"a"', '?0', '?"b"'))
      .map(([operand, key]) => `${operand}[${key}]`),
  ),
  any: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(
      '1',
      '"a"',
      '"ALL"',
      '""',
      'null',
      '2.0',
      '1u',
      'true',
      '[1, 2]',
      '{"a": 1}',
      '"a longer text than ten"',
    ),
    tie('path'),
    tie('bool'),
    fc.tuple(tie('bool'), tie('any'), tie('any')).map(([c, a, b]) => `(${c} ? dyn(${a}) : dyn(${b}))`),
    fc
      .tuple(tie('any'), fc.constantFrom('+', '-', '*', '/', '%'), tie('any'))
      .map(([a, o, b]) => `(dyn(${a}) ${o} dyn(${b}))`),
    tie('any').map((a) => `size(dyn(${a}))`),
    fc.tuple(tie('path'), tie('any')).map(([a, b]) => `dyn(${a}.?a.orValue(${b}))`),
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => `cel.bind(e, dyn(${a}), ${b})`),
    tie('list'),
  ),
  list: fc.oneof(
    fc.tuple(tie('path'), tie('any')).map(([l, a]) => `${l}.map(e, dyn(${a}))`),
    fc.tuple(tie('path'), tie('bool')).map(([l, p]) => `${l}.filter(e, ${p})`),
    fc
      .tuple(tie('path'), tie('bool'), tie('any'))
      .map(([l, p, a]) => `${l}.transformMap(k, e, ${p}, dyn(${a}))`),
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => `[dyn(${a}), dyn(${b})]`),
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => `{"a": dyn(${a}), "b": dyn(${b})}`),
  ),
  bool: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('true', 'false'),
    fc.tuple(tie('path'), field).map(([operand, name]) => `has(${operand}.${name})`),
    tie('bool').map((a) => `!${a}`),
    fc.tuple(tie('bool'), fc.constantFrom('&&', '||'), tie('bool')).map(([a, o, b]) => `(${a} ${o} ${b})`),
    fc
      .tuple(tie('any'), fc.constantFrom('==', '!=', '<', '<=', '>', '>='), tie('any'))
      .map(([a, o, b]) => `(dyn(${a}) ${o} dyn(${b}))`),
    fc
      .tuple(
        tie('path'),
        fc.constantFrom('==', '!='),
        fc.constantFrom('"a"', '""', '1', 'null', 'false', '"a longer text than ten"'),
      )
      .map(([a, o, b]) => `(${a} ${o} ${b})`),
    fc.tuple(tie('path'), tie('bool')).map(([l, p]) => `${l}.all(e, ${p})`),
    fc.tuple(tie('path'), tie('bool')).map(([l, p]) => `${l}.exists(e, ${p})`),
    fc.tuple(tie('path'), tie('bool')).map(([l, p]) => `${l}.exists_one(e, ${p})`),
    fc.tuple(tie('path'), tie('bool')).map(([l, p]) => `${l}.all(i, e, ${p})`),
    fc.tuple(tie('list'), tie('bool')).map(([l, p]) => `${l}.all(e, ${p})`),
    fc.tuple(tie('list'), tie('bool')).map(([l, p]) => `${l}.exists(e, ${p})`),
    fc.tuple(constants, tie('bool')).map(([l, p]) => `${l}.all(e, ${p})`),
    fc.tuple(constants, tie('bool')).map(([l, p]) => `${l}.exists(e, ${p})`),
    fc.tuple(constants, tie('bool')).map(([l, p]) => `${l}.all(i, e, i > 0 || ${p})`),
    fc.tuple(constants, tie('path')).map(([l, a]) => `${l}.all(k, k in ${a} && ${a}[k] != "")`),
    fc.tuple(tie('any'), tie('path')).map(([a, l]) => `(dyn(${a}) in ${l})`),
    fc.tuple(keys, tie('path')).map(([a, l]) => `(${a} in ${l} && ${l}[${a}] == "a")`),
    fc.tuple(keys, tie('path')).map(([a, l]) => `(${a} in ${l}.split("L"))`),
    tie('path').map((a) => `(${a} in ["a", "ALL"])`),
    tie('path').map((a) => `${a}.startsWith("a")`),
    tie('path').map((a) => `${a}.contains("LL")`),
    tie('path').map((a) => `${a}.matches("^a")`),
    tie('path').map((a) => `(${a}.lowerAscii() == "all" || ${a}.lowerAscii() == "a")`),
    tie('path').map((a) => `${a}.hasValue()`),
    tie('path').map((a) => `isQuantity(${a})`),
  ),
}));

test('generated code answers as the exact engine does, or leaves it to it', () => {
  fc.assert(
    fc.property(
      fc.oneof(expressions.bool, expressions.any),
      values,
      values,
      fc.option(fc.nat(60), { nil: undefined }),
      (body, object, x, limit) => {
        // `e` is bound everywhere, so that every part may name it.
        const text = `cel.bind(e, x, ${body})`;
        const [exact, generated] = [ENVIRONMENTS.exact, ENVIRONMENTS.generated].map((environment) => {
          const compiled = environment.compile(text);
          return compiled.ok ? compiled.program.evaluate({ object, x, y: object }, limit) : undefined;
        });
        assert.deepEqual(generated, exact, text);
      },
    ),
    { numRuns: 3_000 },
  );
});

test('most random expressions compile and many have a value, so that the comparison means something', () => {
  let compiled = 0;
  let valued = 0;
  const sample = fc.sample(fc.tuple(expressions.bool, values), { numRuns: 500, seed: 1 });
  for (const [body, x] of sample) {
    const result = ENVIRONMENTS.exact.compile(`cel.bind(e, x, ${body})`);
    if (!result.ok) continue;
    compiled++;
    if (result.program.evaluate({ object: x, x, y: x }).ok) valued++;
  }
  assert.ok(compiled > 300, `${compiled} of 500 compile`);
  assert.ok(valued > 50, `${valued} of 500 have a value`);
});

/** Forms that have code of their own, each with objects that take every way through it. */
const FORMS: readonly (readonly [expression: string, ...xs: readonly Value[]])[] = [
  // One element after the other instead of a loop.
  [
    '["a", "b"].all(k, k in x && x[k] != "")',
    { a: 'v', b: 'w' },
    { a: 'v' },
    { b: '' },
    { a: '', b: 'w' },
    ['a', 'b'],
    'a',
  ],
  ['["x-y", "constructor"].exists(k, k in x)', { 'x-y': 1 }, { constructor: 1 }, {}, ['constructor'], 1],
  ['["a", "b"].exists(i, k, i == 1 && has(x.a) && x.a == k)', { a: 'b' }, { a: 'a' }, {}],
  ['[1, 2].all(k, x[k] > k)', [0, 2, 3], [0, 1, 3], [0, 2, 2], []],
  // One loop for two.
  ['x.filter(e, e > 1).all(e, e < 3)', [1, 2], [0, 3, 1, 2, 4], [3], [], [1, 'a'], [3, 'a']],
  ['x.filter(e, e > 1).exists(e, e > 2)', [1, 2], [0, 3, 1, 2, 4], [3], [], [1, 'a'], [3, 'a']],
  [
    'x.map(e, e.a).exists(e, e == "b")',
    [{ a: 'a' }, { a: 'b' }, { a: 'c' }, { a: 'd' }],
    [{ a: 'b' }],
    [],
    [{ a: 'b' }, {}],
  ],
  ['x.map(e, e > 1, [e]).all(e, e[0] > 2)', [1, 2, 3], [3, 4], [3, 2, 3, 4]],
  ['x.filter(e, e > 0).filter(e, e > 1).all(e, x.filter(f, f > e).all(f, f > 2))', [1, 2, 3], [], [2, 2, 1]],
  ['x.filter(e, e > 1).size() == 2 || x.map(e, e + 1).size() == 1', [1, 2, 3], [1], [], ['a'], 1],
  // Searches.
  [
    '"a" in x',
    ['b', 'a'],
    ['b', 1, null],
    [],
    { a: 1 },
    { b: 1 },
    new CelMap(new Map([['a', ['a', 1]]])),
    'a',
    null,
  ],
  ['"*" in x && x["*"] == 1', ['*'], { '*': 1 }, { '*': 2 }, {}],
  ['"a" in x.split(",")', 'b,a', 'b,c,d', ''],
  // Overloads found by the type of the argument.
  ['x.isSorted()', ['a', 'b'], ['b', 'a'], [], [2, 1], [double(1), double(2)], [[1]], [{}], [null], 1, {}],
  ['[x.sum(), x.sum()]', [1, 2], [], [double(1)], [new Uint(1n)], ['a'], [[1]]],
  ['string(x) == "1"', 'a', 1, '1', true, double(1), new Uint(1n), [1], {}, null],
  ['sets.intersects(x, ["a", "b"])', ['b'], ['c'], [], [1], 'a', {}],
  [
    'sets.contains(x, ["a", "b"]) && sets.equivalent(x, ["b", "a"])',
    ['b', 'a'],
    ['a'],
    [],
    ['a', 'b', 'c'],
    1,
  ],
  ['x.indexOf("a") + x.lastIndexOf("a")', ['b', 'a', 'a'], [1, 'a'], [], 'banana', 1],
  ['!format.dns1123Label().validate(x).hasValue()', 'a-b', 'A', 'é'.repeat(40), 'a'.repeat(64), 1],
  ['x.lowerAscii().contains("password")', 'DB_PASSWORD', '😀😀😀😀😀😀😀😀😀😀PASSWORD', '', 1],
  // Texts beyond ten characters, also of two units each.
  [
    'x == "a longer text than ten"',
    'a longer text than ten',
    'eleven char',
    '😀😀😀😀😀😀',
    '😀'.repeat(11),
    'ab'.repeat(30),
    1,
  ],
];

for (const [text, ...xs] of FORMS) {
  test(`code of its own: ${text}`, () => {
    for (const x of xs) {
      const [exact, generated] = [ENVIRONMENTS.exact, ENVIRONMENTS.generated].map((environment) => {
        const compiled = environment.compile(text);
        assert.ok(compiled.ok, text);
        return compiled.program.evaluate({ object: x, x, y: x });
      });
      assert.deepEqual(generated, exact);
    }
  });
}
