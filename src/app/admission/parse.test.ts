import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readJson } from '../../sources/manifests/json.ts';
import { parseBody } from './parse.ts';

const parsed = (text: string) => parseBody(Buffer.from(text));

test('numbers keep their kind', () => {
  const { a, b, c, d } = parsed('{"a": 9007199254740993, "b": 1.5, "c": [-0], "d": 1e21}') as Record<
    string,
    unknown
  >;
  assert.equal(a, 9007199254740993n);
  assert.ok(b instanceof Number && b.valueOf() === 1.5);
  assert.ok(Object.is((c as unknown[])[0], 0));
  assert.ok(d instanceof Number);
});

test('what the API server writes is read as files are', () => {
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string(), fc.boolean()),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(value, (of) => {
      const text = JSON.stringify(of);
      assert.deepEqual(parsed(text), readJson(text, 0, 100).value);
    }),
  );
});

test('names of JavaScript are ordinary keys', () => {
  const value = parsed('{"__proto__": {"privileged": true}, "constructor": 1}') as object;
  assert.deepEqual(Object.keys(value), ['__proto__', 'constructor']);
  assert.equal((value as { privileged?: boolean }).privileged, undefined);
});

test('what is no JSON in UTF-8 is refused, and depth alone is not', () => {
  for (const text of ['', '{', '{}{}', '\ufeff{}', 'nul', "{'a': 1}", '{"a": 1.5}x'])
    assert.throws(() => parsed(text), text);
  assert.throws(() => parseBody(Buffer.from([0x22, 0xff, 0x22])), /UTF-8/);
  assert.doesNotThrow(() => parsed(`${'['.repeat(9_000)}1.5${']'.repeat(9_000)}`));
});
