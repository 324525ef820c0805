import assert from 'node:assert/strict';
import { test } from 'node:test';
import { list, mapOf, object, text } from './shape.ts';
import { zeroNulls } from './zero.ts';

const shape = object('A rule.', {
  groups: list(text('A group.'), 'Groups.'),
  labels: mapOf(text('A value.'), 'Labels.'),
  rules: list(object('A rule.', { name: text('Name.') }), 'Rules.'),
});

test('null items and map values are zero values, null fields stay null', () => {
  const value = {
    groups: [null, 'a'],
    labels: { a: null, b: 'c' },
    rules: [null, { name: null }],
    other: [null],
  };
  assert.deepEqual(zeroNulls(shape, value), {
    groups: ['', 'a'],
    labels: { a: '', b: 'c' },
    rules: [{}, { name: null }],
    other: [null],
  });
});

test('what does not fit stays as it is', () => {
  for (const value of [null, 'a', [1], { groups: 'a', labels: [null], rules: { a: null } }]) {
    assert.deepEqual(zeroNulls(shape, value), value);
  }
});

test('a key named __proto__ is a key', () => {
  const value = JSON.parse('{"labels": {"__proto__": null}}') as unknown;
  assert.equal(JSON.stringify(zeroNulls(shape, value)), '{"labels":{"__proto__":""}}');
});
