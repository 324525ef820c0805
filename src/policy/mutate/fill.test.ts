import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FieldSchema, JsonMap } from '../../model/index.ts';
import { fill, unfill } from './fill.ts';
import { applyJsonPatch } from './json-patch.ts';

function schema(
  type: FieldSchema['type'],
  of: Partial<FieldSchema> & { fields?: Record<string, FieldSchema> },
) {
  const { fields = {}, ...rest } = of;
  const made: FieldSchema = {
    type,
    fieldNames: Object.keys(fields),
    field: (name) => (Object.hasOwn(fields, name) ? fields[name] : undefined),
    required: [],
    listMapKeys: [],
    atomic: false,
    open: false,
    ...rest,
  };
  return made;
}

const LIMITS = schema('map', { values: schema('string', {}) });
const RESOURCES = schema('object', { fields: { limits: LIMITS }, always: true });
const CONTAINER = schema('object', {
  fields: { name: schema('string', {}), resources: RESOURCES, args: schema('array', {}) },
});
const POD = schema('object', {
  fields: {
    spec: schema('object', { always: true, fields: { containers: schema('array', { items: CONTAINER }) } }),
    status: schema('object', { always: true }),
  },
});

test('what Go always writes is there, and gone again when nobody used it', () => {
  const object: JsonMap = {
    spec: { containers: [{ name: 'a' }, { name: 'b', resources: { limits: { cpu: '1' } } }] },
  };
  const shown = fill(POD, object);
  assert.deepEqual(shown, {
    spec: {
      containers: [
        { name: 'a', resources: {} },
        { name: 'b', resources: { limits: { cpu: '1' } } },
      ],
    },
    status: {},
  });
  assert.deepEqual(unfill(shown), object);
  assert.deepEqual(unfill(fill(POD, {})), {});
  assert.deepEqual(unfill(fill(POD, shown)), object);
});

test('what a patch puts into it stays, and what was empty before as well', () => {
  const shown = fill(POD, { spec: { containers: [{ name: 'a' }, { name: 'b', resources: {} }] } });
  const result = applyJsonPatch(shown, [
    { op: 'add', path: '/spec/containers/0/resources/limits', from: '', value: { cpu: '1' } },
  ]);
  assert.equal(result.kind, 'patched');
  assert.deepEqual(result.kind === 'patched' && unfill(result.document as JsonMap), {
    spec: {
      containers: [
        { name: 'a', resources: { limits: { cpu: '1' } } },
        { name: 'b', resources: {} },
      ],
    },
  });
});

test('empty lists and maps are left out, as Go leaves them out', () => {
  const shown = fill(POD, { spec: { containers: [{ name: 'a', args: [], resources: { limits: {} } }] } });
  assert.deepEqual(shown, { spec: { containers: [{ name: 'a', resources: {} }] }, status: {} });
});
