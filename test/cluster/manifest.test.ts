/** What `rampart webhook manifest` prints, taken by a real API server: who is asked, who is not, and what doctor says. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Diagnosis } from '../../src/app/doctor/facts.ts';
import { skipWithoutCluster } from './binaries.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { type Served, startServe, writeServeFiles } from './serve.ts';

const skip = skipWithoutCluster;
const ROOT = join(import.meta.dirname, '..', '..');
const PORT = 18_447;

/** Would deny whatever it is asked about: leases, events and heartbeats among it. */
const EVERYTHING = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: everything}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: ["*"], apiVersions: ["*"], resources: ["*/*"], operations: ["*"]}
  validations: [{expression: "false", message: asked}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: everything}
spec: {policyName: everything, validationActions: [Deny]}
`;

const TEAM = `
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: team}
spec:
  reinvocationPolicy: Never
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], resources: [serviceaccounts], operations: [CREATE]}
  mutations:
    - {patchType: ApplyConfiguration, applyConfiguration: {expression: "Object{metadata: Object.metadata{labels: {'team': 'a'}}}"}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: team}
spec: {policyName: team}
`;

const CONFIG = `policies: [policies]
stages:
  - {select: ["id=everything"], stage: enforce, scope: {namespaces: [shop, kube-system, rampart, kube-node-lease]}}
  - {select: ["id=team"], stage: enforce}
`;

let cluster: Cluster;
let served: Served;
let folder: string;
before(async () => {
  if (skip !== false) return;
  folder = mkdtempSync(join(tmpdir(), 'rampart-manifest-'));
  cluster = await startCluster();
  writeServeFiles(folder, { config: CONFIG, policies: { 'everything.yaml': EVERYTHING, 'team.yaml': TEAM } });
  served = await startServe({ folder, cluster, workers: 1, port: PORT });
});
after(async () => {
  await served?.stop();
  await cluster?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

function rampart(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = { ...process.env, KUBECONFIG: join(folder, 'kubeconfig') };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(ROOT, 'bin', 'rampart.cjs'), ...words, '--data', join(folder, 'data'), '--json'],
      { cwd: folder, env },
      (error, out, err) => resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}

const PLURALS: Readonly<Record<string, string>> = {
  ValidatingWebhookConfiguration: 'validatingwebhookconfigurations',
  MutatingWebhookConfiguration: 'mutatingwebhookconfigurations',
};

const denied = async (call: ReturnType<Cluster['call']>) => {
  const { status, body } = await call;
  return status === 422 && /violates everything/.test(String(body['message']));
};

const map = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
const maps = (namespace: string) => `/api/v1/namespaces/${namespace}/configmaps`;

test('it is applied, and the API server asks from then on', { skip }, async () => {
  for (const name of ['shop', 'rampart'])
    await cluster.call('POST', '/api/v1/namespaces', { metadata: { name } });
  const { code, out, err } = await rampart('webhook', 'manifest', '--url', `https://127.0.0.1:${PORT}`);
  assert.equal(code, 0, err);
  const { items } = JSON.parse(out) as { items: { kind: string; metadata: { name: string } }[] };
  assert.deepEqual(
    items.map(({ kind, metadata }) => [kind, metadata.name]),
    [
      ['ValidatingWebhookConfiguration', 'rampart'],
      ['MutatingWebhookConfiguration', 'rampart'],
    ],
  );
  for (const item of items) {
    const path = `/apis/admissionregistration.k8s.io/v1/${PLURALS[item.kind]}`;
    const { status, body } = await cluster.call('POST', path, item);
    assert.equal(status, 201, JSON.stringify(body));
  }
  for (const until = Date.now() + 20_000; ; await sleep(100)) {
    if (await denied(cluster.call('POST', `${maps('shop')}?dryRun=All`, map('asked')))) return;
    assert.ok(Date.now() < until, 'nobody is asked');
  }
});

test('kube-system and the own namespace live whatever policies say, and so do leases, events and heartbeats', {
  skip,
}, async () => {
  for (const namespace of ['kube-system', 'rampart'])
    assert.equal((await cluster.call('POST', maps(namespace), map('lives'))).status, 201, namespace);
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'l' } };
  const leases = '/apis/coordination.k8s.io/v1/namespaces/shop/leases';
  assert.equal((await cluster.call('POST', leases, lease)).status, 201);
  const event = {
    metadata: { name: 'e' },
    involvedObject: { kind: 'Pod', namespace: 'shop', name: 'p' },
    reason: 'Tested',
    message: 'tested',
  };
  assert.equal((await cluster.call('POST', '/api/v1/namespaces/shop/events', event)).status, 201);
  const node = await cluster.call('POST', '/api/v1/nodes', { metadata: { name: 'n' } });
  assert.equal(node.status, 201, JSON.stringify(node.body));
  const status = { status: { conditions: [{ type: 'Ready', status: 'True' }] } };
  const merge = 'application/merge-patch+json';
  assert.equal((await cluster.call('PATCH', '/api/v1/nodes/n/status', status, merge)).status, 200);
});

test('what mutates is asked for changes', { skip }, async () => {
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'a' } };
  const { body } = await cluster.call(
    'POST',
    '/api/v1/namespaces/default/serviceaccounts?dryRun=All',
    account,
  );
  assert.deepEqual((body['metadata'] as { labels?: object }).labels, { team: 'a' });
});

test('doctor finds no kind that nobody is asked about', { skip }, async () => {
  const { out } = await rampart('doctor', '--cluster');
  const { diagnoses } = JSON.parse(out) as { diagnoses: Diagnosis[] };
  const kinds = diagnoses.filter(({ what }) => what === 'kinds');
  assert.deepEqual(
    kinds.map(({ state }) => state),
    ['ok'],
    JSON.stringify(kinds),
  );
});

test('Fail is said what it means, and what is no address is refused', { skip }, async () => {
  const url = `https://127.0.0.1:${PORT}`;
  const { err, out } = await rampart('webhook', 'manifest', '--url', url, '--failure-policy', 'Fail');
  assert.match(err, /failurePolicy Fail: while no worker answers/);
  assert.match(out, /"failurePolicy": "Fail"/);
  for (const words of [
    ['--url', 'http://127.0.0.1:1'],
    ['--url', `${url}/path`],
    ['--service', 'rampart'],
    [],
    ['--url', url, '--service', 'a/b'],
    ['--url', url, '--timeout', '31'],
  ])
    assert.equal((await rampart('webhook', 'manifest', ...words)).code, 2, words.join(' '));
});
