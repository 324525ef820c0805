import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nativeShape } from '../dialects/native/shape.ts';
import { vapShape } from '../dialects/vap/shape.ts';
import { read } from './read.ts';
import { choice, list, mapOf, object, oneOf, open, text } from './shape.ts';

const shape = object(
  'A thing.',
  {
    name: text('Name.'),
    size: choice(['small', 'large'], 'Size.'),
    tags: list(text('Tag.'), 'Tags.'),
    labels: mapOf(text('Value.'), 'Labels.'),
    who: oneOf([text('A name.'), list(text('A name.'), 'Names.')], 'Who.'),
    meta: open('Open.', { id: text('Id.') }),
  },
  ['name'],
);

const issues = (value: unknown) =>
  read(shape, value).issues.map(({ pointer, message }) => `${pointer}: ${message}`);

test('what fits is read, null is absent, unknown keys of open maps are kept', () => {
  const { value, issues: found } = read(shape, {
    name: 'a',
    size: null,
    who: ['b'],
    meta: { id: 'x', more: 1 },
  });
  assert.deepEqual(found, []);
  assert.deepEqual(
    { ...value, meta: { ...value.meta } },
    { name: 'a', who: ['b'], meta: { id: 'x', more: 1 } },
  );
});

test('every issue has its place', () => {
  assert.deepEqual(
    issues({ nam: 'a', size: 'smal', tags: ['x', 1], labels: { a: null }, who: 1, meta: [] }),
    [
      '/nam: Unknown field "nam". Did you mean "name"?',
      '/size: "smal" is not one of "small", "large". Did you mean "small"?',
      '/tags/1: Expected a string, got a number.',
      '/labels/a: Expected a string, got null.',
      '/who: Expected a string or a list, got a number.',
      '/meta: Expected a map, got a list.',
      '/name: "name" is required.',
    ],
  );
  assert.deepEqual(issues('x'), [': Expected a map, got a string.']);
});

test('names of Object.prototype are unknown fields, and harmless map keys', () => {
  assert.deepEqual(issues({ name: 'a', constructor: 1 }), ['/constructor: Unknown field "constructor".']);
  const labels = JSON.parse('{"__proto__": "x", "toString": "y"}') as object;
  const { value, issues: found } = read(shape, { name: 'a', labels });
  assert.deepEqual(found, []);
  assert.deepEqual(Object.entries(value.labels!), [
    ['__proto__', 'x'],
    ['toString', 'y'],
  ]);
});

test('no document makes the reader throw', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      for (const s of [nativeShape, vapShape]) assert.ok(read(s, value).issues.length > 0);
    }),
  );
});
