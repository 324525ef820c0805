import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileSelector, type Selector, selects, selectsPartially } from './labels.ts';

const expression = (operator: string, ...values: string[]): Selector =>
  compileSelector({ matchExpressions: [{ key: 'env', operator, values }] });

test('an absent and an empty selector select everything', () => {
  assert.equal(selects(compileSelector(undefined), {}), true);
  assert.equal(selects(compileSelector({}), { a: 'b' }), true);
});

test('matchLabels and matchExpressions must all hold', () => {
  const selector = compileSelector({
    matchLabels: { app: 'shop' },
    matchExpressions: [{ key: 'env', operator: 'In', values: ['prod'] }],
  });
  assert.equal(selects(selector, { app: 'shop', env: 'prod' }), true);
  assert.equal(selects(selector, { app: 'shop' }), false);
  assert.equal(selects(selector, { env: 'prod' }), false);
});

test('operators on a label that is there, has another value, and is absent', () => {
  const table: [string, string[], boolean, boolean, boolean][] = [
    ['In', ['prod', 'test'], true, false, false],
    ['NotIn', ['prod', 'test'], false, true, true],
    ['Exists', [], true, true, false],
    ['DoesNotExist', [], false, false, true],
  ];
  for (const [operator, values, there, other, absent] of table) {
    const selector = expression(operator, ...values);
    assert.equal(selects(selector, { env: 'prod' }), there, operator);
    assert.equal(selects(selector, { env: 'dev' }), other, operator);
    assert.equal(selects(selector, {}), absent, operator);
  }
});

test('names of Object.prototype are labels like others', () => {
  const selector = compileSelector({ matchExpressions: [{ key: 'constructor', operator: 'Exists' }] });
  assert.equal(selects(selector, {}), false);
  assert.equal(selects(selector, { constructor: 'x' }), true);
});

test('a partial answer is the full one whenever it is decided', () => {
  const key = fc.constantFrom('a', 'b', 'c');
  const value = fc.constantFrom('x', 'y');
  const requirement = fc.record({
    key,
    operator: fc.constantFrom('In', 'NotIn', 'Exists', 'DoesNotExist'),
    values: fc.array(value, { minLength: 1, maxLength: 2 }),
  });
  const labels = fc.dictionary(key, value, { noNullPrototype: true });
  fc.assert(
    fc.property(
      fc.array(requirement),
      labels,
      fc.subarray(['a', 'b', 'c']),
      (matchExpressions, all, known) => {
        const selector = compileSelector({ matchExpressions });
        // Known means: known to be there; that a label is absent is never known of a namespace that is not at hand.
        const part = Object.fromEntries(Object.entries(all).filter(([name]) => known.includes(name)));
        const answer = selectsPartially(selector, part);
        if ('decided' in answer) assert.equal(answer.decided, selects(selector, all));
        else assert.ok(!Object.hasOwn(part, answer.undecided));
      },
    ),
  );
});
