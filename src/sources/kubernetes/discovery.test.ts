import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonMap } from '../../model/index.ts';
import { createDiscovery, guessPlural } from './discovery.ts';

const WIDGETS: JsonMap = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  spec: {
    group: 'example.com',
    scope: 'Cluster',
    names: { kind: 'Widget', plural: 'widgetry' },
    versions: [
      {
        name: 'v1',
        served: true,
        subresources: { status: {} },
        schema: schemaOf({ size: { type: 'integer' } }),
      },
      { name: 'v1beta1', served: true, schema: schemaOf({ size: { type: 'integer' } }) },
      { name: 'v1alpha1', served: true, schema: schemaOf({ size: { type: 'string' } }) },
      { name: 'v0', served: false },
    ],
  },
};

function schemaOf(properties: JsonMap): JsonMap {
  return { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } } };
}

test('a built-in kind has its resource, scope and subresources', () => {
  const pod = createDiscovery(37).ofKind('v1', 'Pod');
  assert.equal(pod.resource, 'pods');
  assert.equal(pod.namespaced, true);
  assert.equal(pod.guessed, false);
  assert.ok(pod.subresources.includes('ephemeralcontainers') && pod.subresources.includes('status'));
  assert.equal(createDiscovery(37).ofKind('rbac.authorization.k8s.io/v1', 'ClusterRole').namespaced, false);
});

test('a minor answers for what it served', () => {
  const policies = ['admissionregistration.k8s.io', 'v1', 'mutatingadmissionpolicies'] as const;
  assert.equal(createDiscovery(35).ofResource(...policies), undefined);
  assert.equal(createDiscovery(36).ofResource(...policies)?.kind, 'MutatingAdmissionPolicy');
});

test('an unknown minor is answered by the nearest', () => {
  assert.equal(createDiscovery(99).minor, 37);
  assert.equal(createDiscovery(20).minor, 34);
  assert.equal(createDiscovery(35).minor, 35);
});

test('what left the group extensions keeps its resource and scope', () => {
  const discovery = createDiscovery(37);
  for (const kind of ['DaemonSet', 'Ingress']) {
    const { resource, namespaced, guessed } = discovery.ofKind('extensions/v1beta1', kind);
    assert.deepEqual([resource, namespaced, guessed], [guessPlural(kind), true, true]);
  }
});

test('an unknown kind is guessed, its scope from the namespace', () => {
  const discovery = createDiscovery(37);
  assert.deepEqual(discovery.ofKind('example.com/v1', 'Policy', 'shop'), {
    group: 'example.com',
    version: 'v1',
    kind: 'Policy',
    resource: 'policies',
    namespaced: true,
    subresources: [],
    guessed: true,
  });
  assert.equal(discovery.ofKind('example.com/v1', 'Policy').namespaced, false);
});

test('a version no longer served keeps what is known of the kind, as a guess', () => {
  const old = createDiscovery(37).ofKind('batch/v1beta1', 'CronJob');
  assert.deepEqual([old.resource, old.namespaced, old.guessed], ['cronjobs', true, true]);
});

test('plurals follow client-go', () => {
  const cases = {
    Gateway: 'gatewaies',
    Ingress: 'ingresses',
    Endpoints: 'endpoints',
    Policy: 'policies',
    Foo: 'foos',
  };
  for (const [kind, plural] of Object.entries(cases)) assert.equal(guessPlural(kind), plural);
});

test('a definition among the sources adds its served versions', () => {
  const discovery = createDiscovery(37, [WIDGETS, { kind: 'ConfigMap', apiVersion: 'v1' }]);
  const widget = discovery.ofKind('example.com/v1', 'Widget', 'ignored');
  assert.deepEqual(
    [widget.resource, widget.namespaced, widget.subresources, widget.guessed],
    ['widgetry', false, ['status'], false],
  );
  assert.equal(discovery.ofResource('example.com', 'v0', 'widgetry'), undefined);
  assert.equal(discovery.ofKind('example.com/v0', 'Widget').resource, 'widgetry');
});

test('a definition cannot take over a built-in kind', () => {
  const thief: JsonMap = {
    ...WIDGETS,
    spec: {
      group: 'apps',
      scope: 'Cluster',
      names: { kind: 'Deployment', plural: 'decoys' },
      versions: [{ name: 'v1', served: true }],
    },
  };
  const found = createDiscovery(37, [thief]).ofKind('apps/v1', 'Deployment');
  assert.deepEqual([found.resource, found.namespaced], ['deployments', true]);
});

test('other versions of a resource say whether they have the same shape', () => {
  const discovery = createDiscovery(37, [WIDGETS]);
  const shapes = (apiVersion: string, kind: string) =>
    discovery
      .equivalents(discovery.ofKind(apiVersion, kind))
      .map(({ group, version, sameShape }) => [group, version, sameShape]);
  assert.deepEqual(shapes('autoscaling/v2', 'HorizontalPodAutoscaler'), [['autoscaling', 'v1', false]]);
  assert.deepEqual(shapes('v1', 'Event'), [['events.k8s.io', 'v1', false]]);
  assert.deepEqual(shapes('v1', 'Pod'), []);
  assert.deepEqual(shapes('example.com/v1', 'Widget'), [
    ['example.com', 'v1beta1', true],
    ['example.com', 'v1alpha1', false],
  ]);
  assert.deepEqual(
    shapes('admissionregistration.k8s.io/v1', 'MutatingAdmissionPolicy').filter(
      ([, version]) => version === 'v1beta1',
    ),
    [['admissionregistration.k8s.io', 'v1beta1', true]],
  );
});

test('hostile definitions are passed over', () => {
  const broken = [null, 3, [], { spec: null }, { spec: { group: 1, names: [], versions: 'x' } }].map(
    (spec) => ({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      spec,
    }),
  );
  assert.doesNotThrow(() => createDiscovery(37, broken as unknown as JsonMap[]).ofKind('a/v1', 'B'));
});

test('a kind that Kubernetes does not have is told from what was meant', () => {
  const { meant } = createDiscovery(37);
  assert.equal(meant('v1', 'pod'), 'Pod');
  assert.equal(meant('v1', 'Pods'), 'Pod');
  assert.equal(meant('apps/v1', 'Deplyoment'), 'Deployment');
  assert.equal(meant('apps/v1', 'Statefulset'), 'StatefulSet');
  assert.equal(meant('v1', 'Deployment'), 'apps/v1 Deployment');
  assert.equal(meant('apps/v1', 'Pod'), 'v1 Pod');
  assert.equal(meant('apps/v1', 'CronJob'), 'batch/v1 CronJob');
});

test('kinds that exist, that once did, that are new, and those of others are left alone', () => {
  const { meant } = createDiscovery(37);
  for (const [apiVersion, kind] of [
    ['v1', 'Pod'],
    ['apps/v1beta1', 'Deployment'],
    ['policy/v1beta1', 'PodSecurityPolicy'],
    ['extensions/v1beta1', 'Ingress'],
    ['v1', 'SomethingNew'],
    ['apps/v1', 'Application'],
    ['example.com/v1', 'Pood'],
    ['v1', ''],
    ['v1', '__proto__'],
    ['v1', 'x'.repeat(100_000)],
  ] as const)
    assert.equal(meant(apiVersion, kind), undefined, `${apiVersion} ${kind.slice(0, 30)}`);
});
