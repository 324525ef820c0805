import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change, JsonMap, Resource } from '../../model/index.ts';
import { createDiscovery } from '../../sources/index.ts';
import { snapshotOf } from './fixture.ts';
import { affectedBy, createAffectedSet, lookersIn } from './relations.ts';

/** Looks up, of a workload: the bindings of its account, everywhere; of a Service: Pods beside it; of an account: Pods everywhere. */
const [ADMIN, SERVICE, ACCOUNT] = [
  'rbac-workload-cluster-admin',
  'network-service-without-workload',
  'workload-service-account-missing',
];
const { set } = snapshotOf(ADMIN, SERVICE, ACCOUNT);
const affected = affectedBy(set.policies);

function resource(kind: string, name: string, more: JsonMap = {}, group = ''): Resource {
  const namespace = kind === 'Namespace' || kind.startsWith('Cluster') ? '' : 'shop';
  const apiVersion = group === '' ? 'v1' : `${group}/v1`;
  const metadata = { name, resourceVersion: String(++versions) };
  const object = { apiVersion, kind, metadata, ...more };
  const origin = { file: name, document: 0, line: 1, pointer: '' };
  return { ref: { apiVersion, kind, namespace, name }, object, origin };
}
let versions = 0;

const made = (of: Resource): Change => ({ type: 'put', resource: of });
const changed = (before: Resource, of: Resource): Change => ({ type: 'put', resource: of, before });

test('what is looked up affects those for whom it is looked up, beside it or everywhere', () => {
  assert.deepEqual(affected(made(resource('Pod', 'a'))), [{ namespace: 'shop', policies: [SERVICE] }]);
  const binding = resource('ClusterRoleBinding', 'b', {}, 'rbac.authorization.k8s.io');
  assert.deepEqual(affected({ type: 'delete', resource: binding }), [{ namespace: null, policies: [ADMIN] }]);
  assert.deepEqual(affected(made(resource('ServiceAccount', 'a'))), [
    { namespace: 'shop', policies: [ACCOUNT] },
  ]);
  assert.deepEqual(affected(made(resource('ConfigMap', 'c'))), []);
});

test('a Namespace affects whatever is in it', () => {
  assert.deepEqual(affected(made(resource('Namespace', 'shop'))), [{ namespace: 'shop', policies: null }]);
});

test('what makes the API server ask affects all, if it is ours', () => {
  const configuration = (...names: string[]) =>
    resource(
      'ClusterHooks',
      'h',
      { webhooks: names.map((name) => ({ name })) },
      'admissionregistration.k8s.io',
    );
  const of = (...names: string[]) => {
    const made = configuration(...names);
    return { ...made, ref: { ...made.ref, kind: 'ValidatingWebhookConfiguration' } };
  };
  assert.deepEqual(affected(made(of('validate.rampart.dev'))), [{ namespace: null, policies: null }]);
  assert.deepEqual(affected(changed(of('validate.rampart.dev'), of('validate.rampart.dev'))), []);
  assert.deepEqual(affected(made(of('validate.other.dev'))), []);
});

test('a status, or nothing, affects nobody', () => {
  const pod = (status: string, labels: JsonMap = {}) => {
    const of = resource('Pod', 'a', { spec: {}, status: { phase: status } });
    return { ...of, object: { ...of.object, metadata: { ...(of.object['metadata'] as JsonMap), labels } } };
  };
  assert.deepEqual(affected(changed(pod('Pending'), pod('Running'))), []);
  assert.equal(affected(changed(pod('Running'), pod('Running', { app: 'x' }))).length, 1);
  const namespace = () => resource('Namespace', 'shop', { spec: {} });
  assert.deepEqual(affected(changed(namespace(), namespace())), []);
});

test('several changes affect what each of them does', () => {
  const lookers = lookersIn(set, [], createDiscovery(37));
  const [service, pod] = [resource('Service', 's'), resource('Pod', 'p')];
  assert.deepEqual(lookers(service), [SERVICE]);
  assert.deepEqual([...lookers(pod)].sort(), [ADMIN, ACCOUNT].sort());
  const all = createAffectedSet();
  all.add({ namespace: 'shop', policies: [SERVICE] });
  assert.equal(all.has('shop', lookers(service)), true);
  assert.equal(all.has('bank', lookers(service)), false);
  assert.equal(all.has('shop', lookers(pod)), false);
  all.add({ namespace: null, policies: [ADMIN] });
  assert.equal(all.has('bank', lookers(pod)), true);
  all.add({ namespace: 'bank', policies: null });
  assert.equal(all.has('bank', []), true);
});
