import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEnvironment } from '../environment.ts';
import type { Value } from '../values.ts';
import { jsonpatch } from './jsonpatch.ts';
import { JsonPatchValue, ObjectValue, patchTypes } from './patch-types.ts';

const environment = createEnvironment({ variables: {}, libraries: [jsonpatch], objects: patchTypes });

function value(text: string): Value {
  const compiled = environment.compile(text);
  assert.ok(compiled.ok, text);
  const outcome = compiled.program.evaluate({});
  assert.ok(outcome.ok, text);
  return outcome.value;
}

function refused(text: string): string {
  const compiled = environment.compile(text);
  assert.equal(compiled.ok, false, text);
  return compiled.ok ? '' : compiled.issues.map(({ message }) => message).join();
}

test('objects have the type they are called by, and any field', () => {
  const made = value('Object{spec: Object.spec{replicas: 1}}');
  assert.ok(made instanceof ObjectValue);
  assert.equal(made.$type.name, 'Object');
  assert.equal((made.$fields.get('spec') as ObjectValue).$type.name, 'Object.spec');
  assert.equal(value('Object{a: 1}.a'), 1);
  assert.equal(value('has(Object{}.a)'), false);
  assert.match(refused('Objects{}'), /undeclared reference to 'Objects'/);
  assert.match(refused('Object'), /reference to undefined type: Object/);
});

test('objects are equal when they are of one type and hold the very same values', () => {
  assert.equal(value("Object{a: [1, {'b': 2.0}]} == Object{a: [1, {'b': 2.0}]}"), true);
  assert.equal(value('Object{a: 1} == Object{a: 1.0}'), false);
  assert.equal(value('dyn(Object{}) == dyn(Object.a{})'), false);
  assert.equal(value('dyn(Object{}) == dyn(1)'), false);
});

test('operations take texts, and any value', () => {
  const made = value("JSONPatch{op: 'add', path: '/' + jsonpatch.escapeKey('a/b~c'), value: {'x': [1]}}");
  assert.ok(made instanceof JsonPatchValue);
  assert.deepEqual([made.$op, made.$path, made.$from], ['add', '/a~1b~0c', '']);
  assert.match(refused('JSONPatch{op: 1}'), /expected type of field 'op' is 'string'/);
  assert.match(refused("JSONPatch{operation: 'add'}"), /undefined field 'operation'/);
  assert.equal(value("JSONPatch{op: 'add'} == JSONPatch{op: 'add', value: 1}"), false);
});
