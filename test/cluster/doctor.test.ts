/** `rampart doctor` beside a real API server: what is in order, and each gap it must see. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Diagnosis } from '../../src/app/doctor/facts.ts';
import { skipWithoutCluster } from './binaries.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { installWebhooks, type Served, startServe, writeServeFiles } from './serve.ts';

const skip = skipWithoutCluster;
const ROOT = join(import.meta.dirname, '..', '..');

let cluster: Cluster;
let served: Served;
let folder: string;
before(async () => {
  if (skip !== false) return;
  folder = mkdtempSync(join(tmpdir(), 'rampart-doctor-'));
  cluster = await startCluster();
  const config =
    'policies: [builtin]\nselect: ["id=pss-privileged"]\nstages:\n  - {select: ["id=pss-privileged"], stage: enforce}\n';
  writeServeFiles(folder, { config, policies: {} });
  served = await startServe({ folder, cluster, workers: 1, port: 18_446 });
});
after(async () => {
  await served?.stop();
  await cluster?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

function doctor(): Promise<{ code: number; diagnoses: readonly Diagnosis[] }> {
  const words = ['doctor', '--cluster', '--data', join(folder, 'data'), '--json'];
  const env = { ...process.env, KUBECONFIG: join(folder, 'kubeconfig') };
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [join(ROOT, 'bin', 'rampart.cjs'), ...words],
      { cwd: folder, env },
      (error, out, err) => {
        const code = error === null ? 0 : Number(error.code);
        if (out === '') reject(new Error(err));
        else resolve({ code, diagnoses: (JSON.parse(out) as { diagnoses: Diagnosis[] }).diagnoses });
      },
    );
  });
}

const gaps = (diagnoses: readonly Diagnosis[]) =>
  diagnoses.flatMap(({ state, what, detail }) => (state === 'ok' ? [] : [`${what}: ${detail}`]));

test('without a webhook configuration nobody is asked', { skip }, async () => {
  const { code, diagnoses } = await doctor();
  assert.equal(code, 1);
  assert.deepEqual(gaps(diagnoses), [
    'webhook: no webhook configuration leads here: the API server asks nobody',
  ]);
});

test('kinds, namespaces and subresources that nobody asks about are named', { skip }, async () => {
  await installWebhooks(cluster, served, [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }]);
  await cluster.call('POST', '/api/v1/namespaces', { metadata: { name: 'shop', labels: { webhook: 'on' } } });
  const { code, diagnoses } = await doctor();
  const found = gaps(diagnoses);
  assert.equal(code, 1);
  assert.ok(
    found.includes('kinds: nobody is asked about CREATE, UPDATE of deployments.apps: pss-privileged'),
    found.join('\n'),
  );
  assert.ok(
    found.some((gap) =>
      gap.startsWith('kinds: nobody is asked about CREATE, UPDATE of pods/ephemeralcontainers'),
    ),
  );
  assert.ok(found.some((gap) => gap.startsWith('namespaces: requests in default are not asked about')));
  assert.ok(!found.some((gap) => gap.includes('requests in shop')));
  assert.ok(diagnoses.some(({ detail }) => detail === 'https://127.0.0.1:18446/readyz is ready'));
});

test('a webhook that nobody answers, or that trusts somebody else, is a gap', { skip }, async () => {
  const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/rampart';
  const patch = [
    { op: 'replace', path: '/webhooks/0/clientConfig/url', value: 'https://127.0.0.1:1/validate' },
    { op: 'add', path: '/webhooks/0/objectSelector', value: { matchLabels: { asked: 'yes' } } },
    { op: 'remove', path: '/webhooks/0/clientConfig/caBundle' },
  ];
  const { status } = await cluster.call('PATCH', path, patch, 'application/json-patch+json');
  assert.equal(status, 200);
  const found = gaps((await doctor()).diagnoses);
  assert.ok(found.some((gap) => gap.startsWith('webhook: https://127.0.0.1:1/readyz is not ready: ')));
  assert.ok(found.some((gap) => gap.includes('has an objectSelector')));
  assert.ok(found.some((gap) => gap.startsWith('certificates: rampart trusts another CA')));
});
