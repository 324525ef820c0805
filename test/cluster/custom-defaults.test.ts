/** What a real API server fills into custom objects and drops from them, by a schema that knows every way to say so, against ours. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { JsonMap } from '../../src/model/index.ts';
import { createDefaults, createSchemas } from '../../src/sources/index.ts';
import { createRandom, type Random } from '../cel/generator/random.ts';
import { skipWithoutCluster } from './binaries.ts';
import { type Cluster, startCluster } from './cluster.ts';

const OBJECTS = 10 * Number(process.env['RAMPART_CLUSTER_OBJECTS'] ?? 40);
const SEED = Number(process.env['RAMPART_CLUSTER_SEED'] ?? 2026);
const PATH = '/apis/shop.example/v1/widgets';

const object = (properties: JsonMap, more: JsonMap = {}): JsonMap => ({
  type: 'object',
  properties,
  ...more,
});
const text = (more: JsonMap = {}): JsonMap => ({ type: 'string', ...more });
const whole = (more: JsonMap = {}): JsonMap => ({ type: 'integer', ...more });

const SPEC = object(
  {
    mode: text({ default: 'auto' }),
    empty: text({ default: '' }),
    size: whole({ default: 3 }),
    ratio: { type: 'number', default: 1.5 },
    on: { type: 'boolean', default: false },
    limit: { 'x-kubernetes-int-or-string': true, default: '50%' },
    note: text({ default: 'none', nullable: true }),
    plain: text(),
    maybe: text({ nullable: true }),
    nested: object(
      { x: whole({ default: 1 }), deep: object({ y: text({ default: 'y' }) }) },
      { default: {} },
    ),
    unasked: object({ x: whole({ default: 1 }) }),
    made: object(
      { a: whole(), b: whole({ default: 2 }), c: text({ nullable: true }) },
      { default: { a: 1 } },
    ),
    ports: { type: 'array', items: object({ port: whole({ default: 80 }), name: text() }) },
    hosts: { type: 'array', items: text({ default: 'any' }), default: ['here'] },
    routes: { type: 'array', items: object({ to: text({ default: 'x' }) }, { default: { to: 'y' } }) },
    labels: { type: 'object', additionalProperties: text({ default: 'd' }) },
    zones: { type: 'object', additionalProperties: object({ z: whole({ default: 9 }) }, { default: {} }) },
    loose: { type: 'object', additionalProperties: text({ nullable: true }) },
    anything: { type: 'object', additionalProperties: true },
    open: object(
      { k: text({ default: 'k' }), closed: object({ known: whole() }) },
      { 'x-kubernetes-preserve-unknown-fields': true },
    ),
    template: object(
      { spec: object({ q: whole({ default: 7 }) }, { default: {} }) },
      { 'x-kubernetes-embedded-resource': true },
    ),
  },
  { default: {} },
);

const DEFINITION: JsonMap = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.shop.example' },
  spec: {
    group: 'shop.example',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
    scope: 'Cluster',
    versions: [
      { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: object({ spec: SPEC }) } },
    ],
  },
};

/** A value that a schema admits, with nulls and gaps where they may mean something. */
function valueFor(schema: JsonMap, random: Random): unknown {
  if (random.chance(0.15)) return null;
  if (schema['x-kubernetes-embedded-resource'] === true)
    return { apiVersion: 'v1', kind: 'Thing', metadata: { name: 'inner' }, ...fieldsOf(schema, random) };
  switch (schema['type']) {
    case 'object': {
      if (schema['additionalProperties'] === true)
        return { a: 1, b: { c: 1, d: [{ e: 1 }] }, f: [[{ g: 1 }]] };
      const values = schema['additionalProperties'] as JsonMap | undefined;
      if (values === undefined)
        return {
          ...fieldsOf(schema, random),
          ...(schema['x-kubernetes-preserve-unknown-fields'] === true
            ? { own: random.pick([null, { stray: 1 }]) }
            : {}),
        };
      return Object.fromEntries(
        ['a', 'b'].slice(0, random.pick([0, 1, 2])).map((key) => [key, valueFor(values, random)]),
      );
    }
    case 'array':
      return Array.from({ length: random.pick([0, 1, 2]) }, () =>
        valueFor(schema['items'] as JsonMap, random),
      );
    case 'integer':
      return random.pick([0, 5, 9]);
    case 'number':
      return 0.25;
    case 'boolean':
      return true;
    case 'string':
      return 'written';
    default:
      return 8;
  }
}

function fieldsOf(schema: JsonMap, random: Random): JsonMap {
  const fields = Object.entries(schema['properties'] as Record<string, JsonMap>);
  const known = fields.flatMap(([name, field]) =>
    random.chance(0.5) ? [[name, valueFor(field, random)]] : [],
  );
  const strays = random.chance(0.2) ? [['stray', random.pick([null, 1, { mode: 1 }, [{ x: 1 }]])]] : [];
  return Object.fromEntries([...known, ...strays]);
}

let cluster: Cluster;
before(async () => {
  if (skipWithoutCluster !== false) return;
  cluster = await startCluster();
  const { status, body } = await cluster.call(
    'POST',
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    DEFINITION,
  );
  assert.equal(status, 201, JSON.stringify(body));
  for (let tries = 0; (await cluster.call('GET', PATH)).status !== 200; tries++) {
    assert.ok(tries < 100, 'the kind is not served');
    await sleep(100);
  }
});
after(() => cluster?.stop());

test('custom objects are filled in and pruned as a real API server does it', {
  skip: skipWithoutCluster,
}, async (t) => {
  const defaults = createDefaults(37, createSchemas(37, [DEFINITION]));
  const random = createRandom(SEED);
  let [compared, filled, refused] = [0, 0, 0];
  for (let i = 0; i < OBJECTS; i++) {
    const written: JsonMap = {
      apiVersion: 'shop.example/v1',
      kind: 'Widget',
      metadata: { name: 'generated' },
      ...fieldsOf(object({ spec: SPEC }), random),
    };
    const { status, body } = await cluster.call('POST', `${PATH}?dryRun=All`, written);
    if (status !== 201) {
      refused++;
      continue;
    }
    compared++;
    const ours = defaults.apply('shop.example/v1', 'Widget', written);
    if (!isDeepStrictEqual(ours, written)) filled++;
    assert.deepEqual({ ...ours, metadata: {} }, { ...body, metadata: {} }, JSON.stringify(written));
  }
  assert.ok(compared > OBJECTS / 4 && filled > compared / 2, `${compared} compared, ${filled} filled in`);
  t.diagnostic(`${compared} objects, ${filled} of them filled in; ${refused} refused`);
});
