import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { double } from '../../cel/values.ts';
import type { JsonMap } from '../../model/index.ts';
import { schemas } from '../fixture.ts';
import { decode, isBuiltIn } from './decode.ts';

const asPod = (object: JsonMap) => decode(object, () => schemas.ofKind('v1', 'Pod'));

test('an object without nulls is the very same object, and no schema is asked for', () => {
  const object = { spec: { containers: [{ name: 'a', weight: double(1.5) }] } };
  const never = () => assert.fail('asked for the schema');
  assert.equal(decode(object, never), object);
});

test('null fields are absent, null values of string maps are empty strings', () => {
  const object = {
    metadata: { name: 'x', labels: { a: null, b: 'c' } },
    spec: { hostNetwork: null, nodeSelector: null },
  };
  assert.deepEqual(asPod(object), { metadata: { name: 'x', labels: { a: '', b: 'c' } }, spec: {} });
});

test('a null among items stays for somebody to notice', () => {
  assert.deepEqual(asPod({ spec: { containers: [null, { name: 'a', image: null }] } }), {
    spec: { containers: [null, { name: 'a' }] },
  });
});

test('without a schema nulls go by their place alone', () => {
  assert.deepEqual(
    decode({ a: null, b: [{ c: null, d: 1 }] }, () => undefined),
    { b: [{ d: 1 }] },
  );
});

test('a key __proto__ sets no prototype', () => {
  const object = JSON.parse('{"a": null, "__proto__": {"x": 1}}') as JsonMap;
  const decoded = decode(object, () => undefined);
  assert.deepEqual(Object.keys(decoded), ['__proto__']);
  assert.equal(Object.getPrototypeOf(decoded), Object.prototype);
});

test('nothing but nulls is lost', () => {
  const clean = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.array(tie('value')),
      fc.dictionary(fc.string(), tie('value'), { noNullPrototype: true }),
    ),
  })).value;
  fc.assert(
    fc.property(fc.dictionary(fc.string(), clean, { noNullPrototype: true }), (object) => {
      const withNull = { ...object, added: null };
      const { added: _, ...expected } = withNull;
      assert.deepEqual(
        decode(withNull, () => undefined),
        expected,
      );
    }),
  );
});

test('custom resources are not built in', () => {
  assert.equal(isBuiltIn('apps'), true);
  assert.equal(isBuiltIn('gateway.networking.k8s.io'), false);
  assert.equal(isBuiltIn('constructor'), false);
});
