/** Policies as objects of a real cluster: ours decide, those of the API server are only observed, a bad one is refused alone. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { JSON_SCHEMA, load } from 'js-yaml';
import { skipWithoutCluster } from './binaries.ts';
import { type Cluster, type Response, startCluster } from './cluster.ts';
import { installWebhooks, type Served, startServe, writeServeFiles } from './serve.ts';

const skip = skipWithoutCluster;
const CRDS = join(import.meta.dirname, '..', '..', 'deploy', 'crds');
const POLICIES = '/apis/rampart.dev/v1/hardeningpolicies';
const VAPS = '/apis/admissionregistration.k8s.io/v1';
const MAPS = '/api/v1/namespaces/shop/configmaps';

let cluster: Cluster;
let served: Served;
let folder: string;

before(async () => {
  if (skip !== false) return;
  folder = mkdtempSync(join(tmpdir(), 'rampart-watched-'));
  cluster = await startCluster();
  for (const name of readdirSync(CRDS)) {
    const definition = load(readFileSync(join(CRDS, name), 'utf8'), { schema: JSON_SCHEMA });
    await made(cluster.call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition));
  }
  const config =
    'policies: [builtin]\nselect: ["id=pss-privileged"]\nstages:\n  - {select: [layer=kubernetes], stage: enforce}\n';
  writeServeFiles(folder, { config, policies: {} });
  served = await startServe({ folder, cluster, workers: 2, port: 18_448 });
  await made(
    cluster.call('POST', '/api/v1/namespaces', { metadata: { name: 'shop', labels: { webhook: 'on' } } }),
  );
  await installWebhooks(cluster, served, [
    { apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] },
  ]);
});
after(async () => {
  await served?.stop();
  await cluster?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

async function made(call: Promise<Response>): Promise<Response> {
  const response = await call;
  assert.ok(response.status < 300, JSON.stringify(response.body));
  return response;
}

function hardening(expression: string) {
  return {
    apiVersion: 'rampart.dev/v1',
    kind: 'HardeningPolicy',
    metadata: { name: 'fields' },
    spec: {
      title: 'Fields',
      severity: 'low',
      layer: 'kubernetes',
      owner: 'test',
      description: 'Some fields are not allowed.',
      remediation: 'Leave it out.',
      matchConstraints: {
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] },
        ],
      },
      validations: [{ expression, message: 'a field that is not allowed' }],
    },
  };
}

async function ask(field: string): Promise<Response> {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' }, data: { [field]: '1' } };
  return cluster.call('POST', `${MAPS}?dryRun=All`, object);
}

async function until(field: string, denied: boolean): Promise<void> {
  for (const end = Date.now() + 30_000; ; await sleep(50)) {
    const { status, body } = await ask(field);
    if ((status !== 201) === denied) {
      if (denied) assert.match(String(body['message']), /violates fields/);
      return;
    }
    assert.ok(Date.now() < end, `${field}: ${JSON.stringify(body)}\n${served.log().slice(-2_000)}`);
  }
}

test('a HardeningPolicy of the cluster decides, by the stage that rampart.yaml has for it', {
  skip,
}, async () => {
  await made(cluster.call('POST', POLICIES, hardening("!has(object.data) || !('bad' in object.data)")));
  await until('bad', true);
  await until('fine', false);
});

test('one that is broken is refused alone and visibly; its last good form stays, others go on', {
  skip,
}, async () => {
  const from = served.log().length;
  const patch = { spec: { validations: [{ expression: 'object.data.(', message: 'broken' }] } };
  await made(cluster.call('PATCH', `${POLICIES}/fields`, patch, 'application/merge-patch+json'));
  await served.said(/object refused .*HardeningPolicy fields.*last good form/, from);
  await until('bad', true);
  const other = {
    ...hardening("!has(object.data) || !('worse' in object.data)"),
    metadata: { name: 'fields-too' },
  };
  await made(cluster.call('POST', POLICIES, other));
  await until('worse', true);
  await until('bad', true);
  await made(cluster.call('DELETE', `${POLICIES}/fields-too`));
  await made(cluster.call('DELETE', `${POLICIES}/fields`));
  await until('bad', false);
  await until('worse', false);
});

test('what the API server enforces itself is observed, and never denied a second time', {
  skip,
}, async () => {
  const spec = {
    matchConstraints: {
      resourceRules: [
        { apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] },
      ],
    },
    validations: [{ expression: "!has(object.data) || !('odd' in object.data)", message: 'odd' }],
  };
  const of = (kind: string, more: object) => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: { name: 'observed' },
    ...more,
  });
  await made(
    cluster.call('POST', `${VAPS}/validatingadmissionpolicies`, of('ValidatingAdmissionPolicy', { spec })),
  );
  await made(
    cluster.call(
      'POST',
      `${VAPS}/validatingadmissionpolicybindings`,
      of('ValidatingAdmissionPolicyBinding', {
        spec: { policyName: 'observed', validationActions: ['Audit'] },
      }),
    ),
  );
  for (const end = Date.now() + 30_000; ; await sleep(100)) {
    const { status, auditId } = await ask('odd');
    assert.equal(status, 201);
    await sleep(100);
    const event = cluster.auditEvents().findLast(({ auditID }) => auditID === auditId);
    const outcomes =
      ((event?.['annotations'] ?? {}) as Record<string, string>)['validate.rampart.dev/outcomes'] ?? '';
    if (/"policy":"observed".*"verdict":"violation","stage":"audit"/.test(outcomes)) return;
    assert.ok(Date.now() < end, `${outcomes}\n${served.log().slice(-2_000)}`);
  }
});
