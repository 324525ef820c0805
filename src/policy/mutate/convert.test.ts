import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEnvironment, double } from '../../cel/index.ts';
import {
  kubernetesLibraries,
  LATEST_MINOR,
  type ObjectValue,
  patchTypes,
} from '../../cel/libraries/index.ts';
import { DYN } from '../../cel/types.ts';
import type { Value } from '../../cel/values.ts';
import { configurationOf, jsonOf, misnamedTypes } from './convert.ts';
import { Unconverted } from './values.ts';

const environment = createEnvironment({
  variables: { object: DYN },
  libraries: kubernetesLibraries(LATEST_MINOR),
  objects: patchTypes,
});

function value(text: string, object: Value = null): Value {
  const compiled = environment.compile(text);
  assert.ok(compiled.ok, text);
  const outcome = compiled.program.evaluate({ object });
  assert.ok(outcome.ok, text);
  return outcome.value;
}

const configuration = (text: string, object?: Value) => configurationOf(value(text, object) as ObjectValue);

test('objects, lists, and maps in fields become JSON', () => {
  assert.deepEqual(
    configuration("Object{a: 1, b: {'x': 'y'}, c: [Object.c{d: [true]}], e: object.f}", {
      f: { g: [{ h: 1 }] },
    }),
    { a: 1, b: { x: 'y' }, c: [{ d: [true] }], e: { g: [{ h: 1 }] } },
  );
});

test('what the API server leaves as a value of CEL stays one', () => {
  const { a, b, c } = configuration("Object{a: [{'x': 'y'}], b: dyn(null), c: 1u}");
  assert.deepEqual(a, [new Unconverted('map[ref.Val]ref.Val', 'map[x:y]')]);
  assert.ok(b instanceof Unconverted && c instanceof Unconverted);
  assert.throws(() => configuration("Object{a: {1: 'x'}}"), /invalid return type/);
});

test('values of JSON patches are written as protobuf writes them', () => {
  assert.deepEqual(jsonOf(value("[1, 2].map(i, {'n': i})")), [{ n: 1 }, { n: 2 }]);
  assert.deepEqual(jsonOf(value('1.0')), 1);
  assert.deepEqual(jsonOf(value('1.5')), double(1.5));
  assert.equal(jsonOf(value('9007199254740993')), '9007199254740993');
  assert.equal(jsonOf(value('7u')), 7);
  assert.equal(jsonOf(value("b'abc'")), 'YWJj');
  assert.equal(jsonOf(value("duration('1h')")), '3600s');
  assert.equal(jsonOf(value("timestamp('2024-01-01T00:00:00Z')")), '2024-01-01T00:00:00Z');
  assert.deepEqual(jsonOf(value("Object{a: {'b': 1.0}}")), { a: { b: 1 } });
  assert.throws(
    () => jsonOf(value("quantity('1Gi')")),
    /could not marshal to JSON: type conversion error from 'Quantity'/,
  );
  assert.throws(() => jsonOf(value('{1: 2}')), /could not marshal to JSON/);
  assert.throws(() => jsonOf(value("Object{a: [{'b': 1}]}")), /invalid type: map\[ref\.Val\]ref\.Val/);
});

test('types must be called after the fields they stand in', () => {
  const said = (text: string) => misnamedTypes(value(text) as ObjectValue);
  assert.equal(said("Object{a: Object.a{b: [Object.a.b{}], c: {'x': Object.a.c{}}}}"), undefined);
  assert.equal(
    said('Object{a: [dyn(Object.b{}), dyn(Object.a.item{})]}'),
    ['Object.b', 'Object.a.item']
      .map(
        (name) =>
          `unexpected type name "${name}", expected "Object.a", which matches field name path from root Object type`,
      )
      .join('\n'),
  );
});
