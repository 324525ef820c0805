import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FieldSchema, JsonMap } from '../../model/index.ts';
import { applyConfiguration } from './configuration.ts';

interface Written {
  readonly type?: FieldSchema['type'];
  readonly fields?: Readonly<Record<string, Written>>;
  readonly items?: Written;
  readonly values?: Written;
  readonly keys?: readonly string[];
  readonly set?: true;
  readonly atomic?: true;
  readonly open?: true;
  readonly default?: unknown;
}

function schema(written: Written): FieldSchema {
  const { fields = {}, items, values, keys, set } = written;
  const built = new Map(Object.entries(fields).map(([name, field]) => [name, schema(field)]));
  const listType = keys === undefined ? (set ? 'set' : undefined) : 'map';
  return {
    type: written.type ?? (items ? 'array' : values ? 'map' : written.fields ? 'object' : 'string'),
    fieldNames: [...built.keys()],
    field: (name) => built.get(name),
    required: [],
    listMapKeys: keys ?? [],
    atomic: written.atomic === true,
    open: written.open === true,
    ...(listType === undefined ? {} : { listType }),
    ...(items === undefined ? {} : { items: schema(items) }),
    ...(values === undefined ? {} : { values: schema(values) }),
    ...(written.default === undefined ? {} : { default: written.default }),
  };
}

const THING = schema({
  fields: {
    name: {},
    count: { type: 'integer' },
    on: { type: 'boolean' },
    labels: { values: {} },
    selector: { values: {}, atomic: true },
    ref: { fields: { a: {}, b: {} }, atomic: true },
    args: { items: {} },
    tags: { items: {}, set: true },
    ports: {
      items: { fields: { port: { type: 'integer' }, protocol: { default: 'TCP' }, name: {} } },
      keys: ['port', 'protocol'],
    },
    parts: { items: { fields: { name: {}, value: {}, inner: { fields: { x: {} } } } }, keys: ['name'] },
    free: { type: 'object', open: true },
    anything: { type: 'any', open: true },
    status: { fields: { args: { items: {} } } },
  },
});

function merged(object: JsonMap, patch: JsonMap): unknown {
  const result = applyConfiguration(THING, object, patch);
  return result.ok ? result.object : result.message;
}

test('maps are merged field by field, scalars replaced', () => {
  const object = { name: 'a', count: 1, labels: { a: '1', b: '2' }, free: { x: { y: 1 }, z: [1, 2] } };
  assert.deepEqual(merged(object, { count: 2, labels: { b: '3', c: '4' } }), {
    ...object,
    count: 2,
    labels: { a: '1', b: '3', c: '4' },
  });
  assert.deepEqual(merged(object, { free: { x: { w: 2 }, z: [3] } }), {
    ...object,
    free: { x: { y: 1, w: 2 }, z: [3] },
  });
  assert.deepEqual(merged({}, { anything: { a: 1 } }), { anything: { a: 1 } });
  assert.deepEqual(merged({ anything: 'text' }, { anything: { a: 1 } }), { anything: { a: 1 } });
});

test('lists with keys are merged item by item, in the order of the patch where it names several', () => {
  const object = { parts: [{ name: 'a', value: '1' }, { name: 'b', inner: { x: '1' } }, { name: 'c' }] };
  assert.deepEqual(merged(object, { parts: [{ name: 'b', value: '2' }] }), {
    parts: [{ name: 'a', value: '1' }, { name: 'b', value: '2', inner: { x: '1' } }, { name: 'c' }],
  });
  assert.deepEqual(merged(object, { parts: [{ name: 'd' }] }), {
    parts: [...object.parts, { name: 'd' }],
  });
  const names = (patch: string[]) =>
    (merged(object, { parts: patch.map((name) => ({ name })) }) as { parts: { name: string }[] }).parts
      .map(({ name }) => name)
      .join('');
  assert.equal(names(['c', 'a']), 'bca');
  assert.equal(names(['d', 'a']), 'dabc');
  assert.equal(names(['a', 'd', 'c']), 'abdc');
});

test('keys have defaults, and a pair of keys is one', () => {
  const object = {
    ports: [
      { port: 80, protocol: 'TCP' },
      { port: 80, protocol: 'UDP' },
    ],
  };
  assert.deepEqual(merged(object, { ports: [{ port: 80, name: 'web' }] }), {
    ports: [
      { port: 80, protocol: 'TCP', name: 'web' },
      { port: 80, protocol: 'UDP' },
    ],
  });
  assert.match(
    String(merged(object, { parts: [{ value: 'x' }] })),
    /\.parts: element 0: associative list with keys has an element that omits all key fields \["name"\]/,
  );
});

test('sets are united; items that are there twice stay so unless the patch names them', () => {
  assert.deepEqual(merged({ tags: ['a', 'b'] }, { tags: ['c', 'a'] }), { tags: ['c', 'a', 'b'] });
  assert.deepEqual(merged({ tags: ['a', 'b', 'a'] }, { tags: ['c'] }), { tags: ['a', 'b', 'a', 'c'] });
  assert.deepEqual(merged({ tags: ['a', 'b', 'a'] }, { tags: ['a'] }), { tags: ['a', 'b'] });
  assert.match(String(merged({}, { tags: ['a', 'a'] })), /\.tags: duplicate entries for key \[="a"\]/);
});

test('what would be replaced as a whole is refused', () => {
  const refused =
    'error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ';
  assert.equal(merged({}, { args: ['x'] }), `${refused}.args`);
  assert.equal(merged({}, { selector: { a: 'b' } }), `${refused}.selector`);
  assert.equal(merged({}, { ref: { a: 'b' }, status: { args: [] } }), `${refused}.ref, .status.args`);
  // A null is no list.
  assert.deepEqual(merged({ args: ['x'] }, { args: null }), { args: null });
});

test('what does not fit the schema is refused, in the words of the API server', () => {
  const said = (patch: JsonMap) =>
    String(merged({}, patch)).replace(
      'error applying patch: failed to convert patch object to typed object: ',
      '',
    );
  assert.equal(said({ nmae: 'x' }), '.nmae: field not declared in schema');
  assert.equal(said({ count: 'x' }), '.count: expected numeric (int or float), got string');
  assert.equal(said({ name: 1 }), '.name: expected string, got &value.valueUnstructured{Value:1}');
  assert.equal(said({ on: 'yes' }), '.on: expected boolean, got &{yes}');
  assert.equal(said({ labels: ['x'] }), '.labels: expected map, got &{[x]}');
  assert.equal(said({ args: { b: 1, a: 'x' } }), '.args: expected list, got &{map[a:x b:1]}');
  assert.equal(
    said({ count: 'x', on: 1 }),
    'errors:\n  .count: expected numeric (int or float), got string\n  .on: expected boolean, got &{1}',
  );
});

test('empty stays empty, and nothing is touched', () => {
  const object = { labels: {}, tags: [] as string[], name: 'a' };
  assert.deepEqual(merged(object, {}), object);
  assert.deepEqual(merged({ labels: { a: '1' } }, { labels: {} }), { labels: { a: '1' } });
  const spoilt = merged({}, JSON.parse('{"labels": {"__proto__": "x"}}')) as { labels: object };
  assert.deepEqual(Object.keys(spoilt.labels), ['__proto__']);
});
