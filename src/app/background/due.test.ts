import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonMap, Resource } from '../../model/index.ts';
import { isDue, watchedWebhooks } from './due.ts';

function configuration(of: JsonMap, name = 'validate.rampart.dev'): Resource {
  const rules = [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['*'] }];
  return {
    ref: {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      namespace: '',
      name: 'x',
    },
    object: {
      metadata: { creationTimestamp: '2026-01-02T00:00:00Z' },
      webhooks: [{ name, rules, ...of }],
    },
    origin: { file: 'x', document: 0, line: 1, pointer: '' },
  };
}

function changed(at: string, of: Partial<Resource['ref']> = {}, labels: JsonMap = {}): Resource {
  return {
    ref: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'a', ...of },
    object: { metadata: { labels } },
    origin: { file: 'x', document: 0, line: 1, pointer: '' },
    changedAt: at,
  };
}

const LATER = '2026-01-03T00:00:00Z';

function due(
  of: JsonMap,
  resource = changed(LATER),
  labels: JsonMap | null = { webhook: 'on' },
  plural = 'configmaps',
) {
  return isDue(watchedWebhooks({ list: () => [configuration(of)] }), resource, plural, labels);
}

test('what rules and selectors cover, since the configuration is there', () => {
  const selected = { namespaceSelector: { matchLabels: { webhook: 'on' } } };
  assert.equal(due({}), true);
  assert.equal(due(selected), true);
  assert.equal(due({}, changed('2026-01-01T00:00:00Z')), false);
  assert.equal(due(selected, changed(LATER), {}), false);
  assert.equal(due(selected, changed(LATER), null), false);
  assert.equal(due({}, changed(LATER, { apiVersion: 'apps/v1' })), false);
  assert.equal(due({}, changed(LATER), {}, 'secrets'), false);
  const all = [
    { apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'], operations: ['CREATE', 'UPDATE'] },
  ];
  assert.equal(due({ rules: all }, changed(LATER, { apiVersion: 'apps/v1' }), {}, 'deployments'), true);
  assert.equal(due({ objectSelector: { matchLabels: { x: 'y' } } }), false);
  assert.equal(due({ objectSelector: { matchLabels: { x: 'y' } } }, changed(LATER, {}, { x: 'y' })), true);
  const half = [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] }];
  assert.equal(due({ rules: half }), false);
});

test('no namespace keeps cluster-scoped objects apart; a Namespace is chosen by its own labels', () => {
  const rules = [{ apiGroups: [''], apiVersions: ['v1'], resources: ['*'], operations: ['*'] }];
  const named = { rules, namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } } };
  assert.equal(due(named, changed(LATER, { kind: 'Node', namespace: '', name: 'n' }), null, 'nodes'), true);
  const of = (name: string) => changed(LATER, { kind: 'Namespace', namespace: '', name });
  assert.equal(due(named, of('shop'), null, 'namespaces'), true);
  assert.equal(due(named, of('other'), null, 'namespaces'), false);
});

test('of other webhooks, and of match conditions, nobody knows anything', () => {
  const live = {
    list: () => [
      configuration({}, 'validate.example.com'),
      configuration({ matchConditions: [{ name: 'x' }] }),
    ],
  };
  assert.deepEqual(watchedWebhooks(live), []);
});

test('a change through a subresource is due where rules cover that subresource', () => {
  const through = { ...changed(LATER), changedThrough: 'ephemeralcontainers' };
  const of = (...resources: string[]) => ({
    rules: [{ apiGroups: [''], apiVersions: ['v1'], resources, operations: ['UPDATE'] }],
  });
  for (const name of ['pods/ephemeralcontainers', 'pods/*', '*/ephemeralcontainers', '*/*'])
    assert.equal(due(of('pods', name), through, {}, 'pods'), true, name);
  for (const name of ['pods', '*', 'pods/resize', 'nodes/*'])
    assert.equal(due(of(name), through, {}, 'pods'), false, name);
});
