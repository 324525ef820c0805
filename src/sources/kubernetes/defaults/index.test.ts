import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonMap } from '../../../model/index.ts';
import { createSchemas } from '../schemas.ts';
import { createDefaults } from './index.ts';

const of = (minor: number) => createDefaults(minor, createSchemas(minor));
const pod = (spec: JsonMap): JsonMap => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a' },
  spec: { containers: [{ name: 'c', image: 'nginx' }], ...spec },
});
const specOf = (spec: JsonMap, minor = 37) =>
  of(minor).apply('v1', 'Pod', pod(spec))['spec'] as Record<string, unknown>;
const first = (spec: Record<string, unknown>, list = 'containers') =>
  (spec[list] as Record<string, unknown>[])[0]!;

test('a Pod is filled in, and what was given is neither changed nor lost', () => {
  const given = pod({ restartPolicy: 'Never', hostNetwork: false });
  const before = structuredClone(given);
  const { spec } = of(37).apply('v1', 'Pod', given) as { spec: Record<string, unknown> };
  assert.deepEqual(given, before);
  assert.deepEqual(spec, {
    containers: [
      {
        name: 'c',
        image: 'nginx',
        imagePullPolicy: 'Always',
        resources: {},
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
      },
    ],
    dnsPolicy: 'ClusterFirst',
    enableServiceLinks: true,
    restartPolicy: 'Never',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
  });
});

test('the pull policy follows from the image', () => {
  for (const [image, policy] of [
    ['nginx', 'Always'],
    ['r.example:5000/nginx', 'Always'],
    ['nginx:latest', 'Always'],
    ['nginx:1', 'IfNotPresent'],
    ['nginx@sha256:00', 'IfNotPresent'],
    ['nginx:latest@sha256:00', 'IfNotPresent'],
  ])
    assert.equal(first(specOf({ containers: [{ name: 'c', image }] }))['imagePullPolicy'], policy, image);
});

test('minors differ: the image volume, the rolling update of a StatefulSet', () => {
  const volume = (minor: number) =>
    first(specOf({ volumes: [{ name: 'v', image: { reference: 'a' } }] }, minor), 'volumes')['image'];
  assert.deepEqual(volume(34), { reference: 'a' });
  assert.deepEqual(volume(35), { reference: 'a', pullPolicy: 'Always' });
  const update = (minor: number) => {
    const object = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: {}, spec: { template: {} } };
    const { spec } = of(minor).apply('apps/v1', 'StatefulSet', object) as unknown as {
      spec: { updateStrategy: { rollingUpdate: unknown } };
    };
    return spec.updateStrategy.rollingUpdate;
  };
  assert.deepEqual(update(36), { partition: 0 });
  assert.deepEqual(update(37), { partition: 0, maxUnavailable: 1 });
});

test('plug-ins add to Pods alone, and what a Pod says itself stands', () => {
  const { spec } = of(37).admit(
    'v1',
    'Pod',
    pod({ tolerations: [{ key: 'node.kubernetes.io/not-ready' }] }),
  ) as {
    spec: Record<string, unknown>;
  };
  assert.equal(spec['serviceAccountName'], 'default');
  assert.equal(spec['priority'], 0);
  assert.deepEqual(
    (spec['tolerations'] as { key: string }[]).map(({ key }) => key),
    ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'],
  );
});

test('custom kinds, and fields that no type has, stay as they are', () => {
  const custom = { apiVersion: 'a.example/v1', kind: 'Thing', metadata: {}, spec: { on: false } };
  assert.equal(of(37).apply('a.example/v1', 'Thing', custom), custom);
  assert.equal(specOf({ futureField: 1 })['futureField'], 1);
  const hostile = JSON.parse('{"apiVersion":"v1","kind":"Pod","spec":{"__proto__":{"hostNetwork":true}}}');
  const { spec } = of(37).apply('v1', 'Pod', hostile) as { spec: Record<string, unknown> };
  assert.equal(spec['hostNetwork'], undefined);
});

test('of a custom kind whose schema is known, fields that it does not name are dropped', () => {
  const kept = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const spec = {
    type: 'object',
    properties: {
      on: { type: 'boolean' },
      open: kept,
      inner: { ...kept, 'x-kubernetes-embedded-resource': true },
    },
  };
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    spec: {
      group: 'a.example',
      names: { plural: 'things', kind: 'Thing' },
      versions: [{ name: 'v1', schema: { openAPIV3Schema: { type: 'object', properties: { spec } } } }],
    },
  };
  const defaults = createDefaults(37, createSchemas(37, [definition]));
  const thing = (more: JsonMap): JsonMap => ({
    apiVersion: 'a.example/v1',
    kind: 'Thing',
    metadata: {},
    ...more,
  });
  const known = thing({
    spec: { on: false, open: { any: { thing: 1 } }, inner: { kind: 'Other', metadata: {} } },
  });
  assert.equal(defaults.apply('a.example/v1', 'Thing', known), known);
  const strays = JSON.parse('{"spec":{"on":true,"off":{},"__proto__":{"on":false}},"spce":{}}') as JsonMap;
  assert.deepEqual(defaults.apply('a.example/v1', 'Thing', thing(strays)), thing({ spec: { on: true } }));
  const legacy = { ...definition, spec: { ...definition.spec, preserveUnknownFields: true } };
  const stray = thing({ spec: { on: true, off: { deep: 1 } }, spce: {} });
  assert.equal(createDefaults(37, createSchemas(37, [legacy])).apply('a.example/v1', 'Thing', stray), stray);
});
