import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonMap } from '../../model/index.ts';
import { type PatchOperation, patchBetween } from './diff.ts';

/** RFC 6902, for what is asked here: a second opinion, kept as plain as can be. */
function apply(object: JsonMap, operations: readonly PatchOperation[]): unknown {
  const copy = structuredClone(object) as unknown as Record<string, unknown>;
  for (const { op, path, value } of operations) {
    const steps = path
      .slice(1)
      .split('/')
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = steps.pop()!;
    const parent = steps.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], copy);
    if (Array.isArray(parent))
      parent.splice(Number(last), op === 'add' ? 0 : 1, ...(op === 'remove' ? [] : [value]));
    else if (op === 'remove') delete (parent as Record<string, unknown>)[last];
    else (parent as Record<string, unknown>)[last] = value;
  }
  return copy;
}

const key = fc.constantFrom('a', 'b', 'a/b', 'm~n', '', '0');
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(null, true, 1, 2, 'x'),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));
const map = fc.dictionary(key, value, { maxKeys: 4, noNullPrototype: true }) as fc.Arbitrary<JsonMap>;

test('the patch turns one object into the other', () => {
  fc.assert(fc.property(map, map, (a, b) => assert.deepEqual(apply(a, patchBetween(a, b)), b)));
});

test('what is equal needs no patch', () => {
  fc.assert(fc.property(map, (a) => assert.deepEqual(patchBetween(a, structuredClone(a)), [])));
});

test('an item put into a list leaves the others alone', () => {
  const of = (...names: string[]) => ({ spec: { containers: names.map((name) => ({ name })) } });
  assert.deepEqual(patchBetween(of('a', 'c'), of('a', 'b', 'c')), [
    { op: 'add', path: '/spec/containers/1', value: { name: 'b' } },
  ]);
  assert.deepEqual(patchBetween(of('a', 'b', 'c'), of('a', 'c')), [
    { op: 'remove', path: '/spec/containers/1' },
  ]);
});
