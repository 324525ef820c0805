/** What real controllers make of workloads, and that a scan of the cluster says it once, at what they were made from. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { skipWithoutControllers } from './binaries.ts';
import { ADMIN_TOKEN, type Cluster, kubeconfigFor, startCluster } from './cluster.ts';

const skip = skipWithoutControllers;
const ROOT = join(import.meta.dirname, '..', '..');
const APPS = '/apis/apps/v1/namespaces/default';
const MADE_MS = 60_000;

let cluster: Cluster;
let folder: string;

before(async () => {
  if (skip !== false) return;
  folder = mkdtempSync(join(tmpdir(), 'rampart-controllers-'));
  const controllers = ['deployment', 'replicaset', 'statefulset', 'cronjob', 'job'];
  cluster = await startCluster(
    [],
    controllers.map((name) => `${name}-controller`),
  );
});
after(async () => {
  await cluster?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

test('what a real Deployment, StatefulSet and CronJob become is reported once, where it is written', {
  skip,
}, async () => {
  await make(`${APPS}/deployments`, 'web', { replicas: 2, ...workload('web') });
  await make(`${APPS}/statefulsets`, 'db', { serviceName: 'db', ...workload('db') });
  const { template } = workload('tidy');
  const job = { ...template, spec: { ...template.spec, restartPolicy: 'Never' } };
  await make('/apis/batch/v1/namespaces/default/cronjobs', 'tidy', {
    schedule: '* * * * *',
    jobTemplate: { spec: { template: job } },
  });
  // A CronJob's own first Job comes with the next minute; one made by hand comes now, as `kubectl create job --from` makes it.
  await make('/apis/batch/v1/namespaces/default/jobs', 'by-hand', { template: job });
  await until(async () => {
    const names = (await list('/api/v1/namespaces/default/pods')).map((pod) => pod.split('-')[0]);
    return ['web', 'web', 'db', 'by'].every((name) => names.includes(name)) && names.length >= 4;
  });
  assert.equal((await list(`${APPS}/replicasets`)).length, 1);

  assert.deepEqual(await privileged(), [
    'cronjobs.batch/tidy',
    'deployments.apps/web',
    'jobs.batch/by-hand',
    'statefulsets.apps/db',
  ]);

  // In the middle of a rollout (nothing here makes Pods ready, so it never ends) there are Pods of both versions.
  const path = `${APPS}/deployments/web`;
  const { body } = await cluster.call('GET', path);
  const spec = body['spec'] as object;
  const { status } = await cluster.call('PUT', path, { ...body, spec: { ...spec, ...workload('web', '2') } });
  assert.equal(status, 200);
  await until(async () => (await list(`${APPS}/replicasets`)).length === 2);
  assert.deepEqual(
    (await privileged()).filter((name) => name.includes('web')),
    ['deployments.apps/web'],
  );
});

function workload(app: string, version = '1') {
  const labels = { app };
  const main = {
    name: 'main',
    image: `registry.example/${app}:${version}`,
    securityContext: { privileged: true },
  };
  return {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [main] } },
  };
}

async function make(path: string, name: string, spec: object): Promise<void> {
  const { status, body } = await cluster.call('POST', path, { metadata: { name }, spec });
  assert.equal(status, 201, JSON.stringify(body));
}

async function list(path: string): Promise<string[]> {
  const { body } = await cluster.call('GET', path);
  return (body['items'] as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name);
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + MADE_MS;
  while (!(await holds())) {
    assert.ok(
      Date.now() < end,
      `the controllers have made only ${await list('/api/v1/namespaces/default/pods')}`,
    );
    await sleep(200);
  }
}

/** Which workloads a scan of the cluster finds privileged, each as often as it says so. */
async function privileged(): Promise<string[]> {
  const config = join(folder, 'config');
  writeFileSync(
    config,
    kubeconfigFor({
      token: ADMIN_TOKEN,
      server: cluster.url,
      authority: cluster.certificate,
    }),
  );
  const args = [join(ROOT, 'bin', 'rampart.cjs'), 'scan', '--cluster', '--format', 'json'];
  const env = { ...process.env, KUBECONFIG: config, RAMPART_CACHE: 'off', NO_COLOR: '1' };
  const out = await new Promise<string>((resolve) =>
    execFile(process.execPath, args, { cwd: folder, env, maxBuffer: 64 << 20 }, (_, text) => resolve(text)),
  );
  const { results } = JSON.parse(out) as { results: { policy: string | null; origin: { file: string } }[] };
  return results
    .filter(({ policy }) => policy === 'pss-privileged')
    .map(({ origin }) => origin.file.replace('cluster:here/default/', ''))
    .sort();
}
