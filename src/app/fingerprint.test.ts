import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FieldSchema, Finding, JsonMap } from '../model/index.ts';
import { createSchemas } from '../sources/index.ts';
import { fingerprint, identityOf, stablePath, stablePathOf } from './fingerprint.ts';

/** A schema written as data: arrays name their keys, maps their fields. */
function schema(shape: {
  keys?: string[];
  items?: FieldSchema;
  fields?: Record<string, FieldSchema>;
  default?: unknown;
}): FieldSchema {
  return {
    type: shape.keys === undefined ? 'object' : 'array',
    fieldNames: Object.keys(shape.fields ?? {}),
    field: (name) => shape.fields?.[name],
    required: [],
    listMapKeys: shape.keys ?? [],
    atomic: false,
    open: false,
    ...(shape.items === undefined ? {} : { items: shape.items }),
    ...('default' in shape ? { default: shape.default } : {}),
  };
}

const port = schema({ fields: { containerPort: schema({}), protocol: schema({ default: 'TCP' }) } });
const container = schema({
  fields: { ports: schema({ keys: ['containerPort', 'protocol'], items: port }), args: schema({ keys: [] }) },
});
const pod = schema({ fields: { containers: schema({ keys: ['name'], items: container }) } });

const app = { name: 'app', ports: [{ containerPort: 80 }], args: ['x', 'y'] };
const side = { name: 'side' };

test('an index of a list-map becomes its keys, with the default where one is absent', () => {
  const object: JsonMap = { containers: [side, app] };
  assert.equal(
    stablePath('/containers/1/ports/0/hostPort', object, pod),
    '/containers/{"name":"app"}/ports/{"containerPort":80,"protocol":"TCP"}/hostPort',
  );
  assert.equal(stablePath('/containers/1/args/1', object, pod), '/containers/{"name":"app"}/args/1');
});

test('reordering list-map items keeps the path, so also the fingerprint', () => {
  const before = stablePath('/containers/0/image', { containers: [app, side] }, pod);
  const after = stablePath('/containers/1/image', { containers: [side, app] }, pod);
  assert.equal(before, after);
});

test('without a schema unique names identify, and nothing else does', () => {
  assert.equal(stablePath('/x/0/y', { x: [{ name: 'a' }, { name: 'b' }] }, undefined), '/x/{"name":"a"}/y');
  assert.equal(stablePath('/x/0/y', { x: [{ name: 'a' }, { name: 'a' }] }, undefined), '/x/0/y');
  assert.equal(stablePath('/x/0', { x: [1, 2] }, undefined), '/x/0');
  assert.equal(stablePath('/x/7/y', { x: [] }, undefined), '/x/7/y');
  assert.equal(stablePath('/metadata/labels/a~1b', {}, pod), '/metadata/labels/a~1b');
});

const fingerprintOf = (one: Finding, file: string, path: string) => fingerprint(identityOf(one, path), file);

const finding: Finding = {
  policy: 'p',
  validation: 'v',
  severity: 'high',
  verdict: 'violation',
  action: 'deny',
  reason: 'validation-failed',
  detail: 'text',
  resource: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'n', name: 'x' },
};

test('the fingerprint hangs on what identifies, not on wording, severity or version', () => {
  const base = fingerprintOf(finding, 'a.yaml', '/p');
  assert.match(base, /^[0-9a-f]{32}$/);
  const ref = finding.resource!;
  const same: Finding[] = [
    { ...finding, detail: 'other', severity: 'low', action: 'warn' },
    { ...finding, resource: { ...ref, apiVersion: 'apps/v1beta1' } },
  ];
  const others: Finding[] = [
    { ...finding, policy: 'q' },
    { ...finding, validation: 'w' },
    { ...finding, resource: { ...ref, apiVersion: 'extensions/v1' } },
    { ...finding, resource: { ...ref, kind: 'StatefulSet' } },
    { ...finding, resource: { ...ref, namespace: 'm' } },
    { ...finding, resource: { ...ref, name: 'y' } },
  ];
  for (const one of same) assert.equal(fingerprintOf(one, 'a.yaml', '/p'), base);
  const all = [
    ...others.map((one) => fingerprintOf(one, 'a.yaml', '/p')),
    fingerprintOf(finding, 'b.yaml', '/p'),
    fingerprintOf(finding, 'a.yaml', '/q'),
    base,
  ];
  assert.equal(new Set(all).size, all.length);
});

test('the path of a container is the same with and without the schema of its kind', () => {
  const schemas = createSchemas(37);
  const spec = {
    containers: [{ name: 'a' }, { name: 'b', ports: [{ containerPort: 1 }] }],
    initContainers: [{}],
  };
  const objects = [
    [{ apiVersion: 'v1', kind: 'Pod' }, { spec }, '/spec'],
    [{ apiVersion: 'apps/v1', kind: 'Deployment' }, { spec: { template: { spec } } }, '/spec/template/spec'],
  ] as const;
  for (const [kind, object, at] of objects)
    for (const path of [
      '/containers/1/image',
      '/containers/0',
      '/initContainers/0/name',
      '/containers/1/ports/0/hostPort',
      '/containers/9/x',
    ])
      assert.equal(
        stablePathOf(at + path, object, kind, schemas),
        stablePath(at + path, object, schemas.ofKind(kind.apiVersion, kind.kind)),
        path,
      );
});
