/** What the background scan and workers know of a real API server: with fewer rights than it needs, and through which subresource objects change. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createBackground } from '../../src/app/background/background.ts';
import { BACKGROUND } from '../../src/app/background/environment.ts';
import { snapshotOf } from '../../src/app/background/fixture.ts';
import { createOutbox } from '../../src/app/background/outbox.ts';
import { lastChange } from '../../src/model/index.ts';
import { connect } from '../../src/sources/index.ts';
import { createMemoryFindings } from '../../src/store/index.ts';
import { native } from '../fakes/gate.ts';
import { admissionReview } from '../fakes/review.ts';
import { newPort, post, ROOT } from '../fakes/serving.ts';
import { skipWithoutCluster } from './binaries.ts';
import { type Cluster, kubeconfigFor, startCluster, tokenOf } from './cluster.ts';
import { startServe, writeServeFiles } from './serve.ts';

const skip = skipWithoutCluster;
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const READ = ['get', 'list', 'watch'];

let cluster: Cluster;
let folder: string;

before(async () => {
  if (skip !== false) return;
  folder = mkdtempSync(join(tmpdir(), 'rampart-rights-'));
  cluster = await startCluster();
  process.env['KUBECONFIG'] = join(folder, 'kubeconfig');
  writeFileSync(
    process.env['KUBECONFIG'],
    kubeconfigFor({ token: tokenOf('scanner'), server: cluster.url, authority: cluster.certificate }),
  );
  await cluster.call('POST', '/api/v1/namespaces', { metadata: { name: 'shop' } });
});

after(async () => {
  await cluster?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

async function allow(name: string, rules: readonly object[], user = 'scanner'): Promise<void> {
  await cluster.call('POST', `${RBAC}/clusterroles`, { metadata: { name }, rules });
  await cluster.call('POST', `${RBAC}/clusterrolebindings`, {
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'User', name: user, apiGroup: 'rbac.authorization.k8s.io' }],
  });
}

async function until(holds: () => boolean, what: string, within = 60_000): Promise<void> {
  for (const end = Date.now() + within; !holds(); await sleep(50))
    assert.ok(Date.now() < end, `never: ${what}`);
}

test('a kind that may not be listed is named, and holds up no other', { skip }, async (t) => {
  await allow('some', [
    { apiGroups: [''], resources: ['namespaces', 'pods'], verbs: READ },
    { apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: READ },
  ]);
  const made = await cluster.call('POST', '/api/v1/namespaces/shop/pods', {
    metadata: { name: 'a' },
    spec: { containers: [{ name: 'c', image: 'i', securityContext: { privileged: true } }] },
  });
  assert.equal(made.status, 201);
  const environment = await BACKGROUND.ofCluster(await connect(''));
  const store = createMemoryFindings(0);
  const log: string[] = [];
  const outbox = createOutbox({
    run: 'r',
    send: async (batch) => {
      store.add(batch);
      return { since: 0 };
    },
    looked: () => background.looked(),
    unlisted: () => background.unlisted(),
    heard: () => {},
    now: Date.now,
    everyMs: 20,
    idleMs: 50,
  });
  const background = createBackground({
    environment,
    outbox,
    now: Date.now,
    log: (event, fields) => log.push(`${event} ${String(fields?.['kind'])}`),
  });
  t.after(async () => {
    background.close();
    outbox.close();
    await environment.close();
  });
  background.prepare(snapshotOf('pss-privileged')).take();
  await until(() => store.totals().complete, 'all that may be listed is looked at');
  assert.deepEqual(
    store.list({ state: 'open' }).map(({ policy, resource }) => `${policy} ${resource.name}`),
    ['pss-privileged a'],
  );
  const { unlisted } = store.totals();
  const deployments = unlisted.find(({ kind }) => kind === 'Deployment');
  assert.match(deployments!.detail, /403.*"scanner" cannot list/);
  assert.ok(
    deployments!.detail.includes(
      '{apiGroups: ["apps"], resources: ["deployments"], verbs: ["list", "watch"]}',
    ),
  );
  assert.ok(!unlisted.some(({ kind }) => kind === 'Pod'));
  assert.ok(log.includes('a kind may not be listed: nothing is known of it Deployment'), log.join('\n'));

  await allow('rest', [
    { apiGroups: ['apps', 'batch', ''], resources: ['*'], verbs: READ },
    { apiGroups: ['admissionregistration.k8s.io'], resources: ['*'], verbs: READ },
  ]);
  await until(() => store.totals().unlisted.length === 0, 'what may be listed at last is');
});

test('a change through a subresource has a time, and its name, in the managed fields', { skip }, async () => {
  const pods = '/api/v1/namespaces/shop/pods';
  await cluster.call('POST', pods, {
    metadata: { name: 'debugged' },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  });
  await sleep(1_100);
  const spec = {
    ephemeralContainers: [
      { name: 'd', image: 'i', terminationMessagePolicy: 'File', imagePullPolicy: 'Always' },
    ],
  };
  const type = 'application/strategic-merge-patch+json';
  const { status, body } = await cluster.call(
    'PATCH',
    `${pods}/debugged/ephemeralcontainers`,
    { spec },
    type,
  );
  assert.equal(status, 200, JSON.stringify(body));
  const { at, through } = lastChange(body);
  assert.equal(through, 'ephemeralcontainers');
  assert.ok(at > String((body['metadata'] as Record<string, unknown>)['creationTimestamp']));
});

const POLICIES = {
  'looks.yaml': native(
    'looks',
    `  related: [{name: maps, kinds: [ConfigMap], named: "'freeze'"}]
  validations: [{expression: "!related.maps.exists(m, true)", message: frozen}]`,
  ),
  'plain.yaml': native(
    'plain',
    '  validations: [{expression: "object.metadata.name != \'bad\'", message: bad}]',
  ),
};

test('a kind that workers may not list is an error of the policies that need it, and heals without a restart', {
  skip,
}, async (t) => {
  const rules = [
    { apiGroups: [''], resources: ['namespaces', 'pods'], verbs: READ },
    { apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: READ },
  ];
  await allow('few', rules, 'stranger');
  const home = join(folder, 'serve');
  writeServeFiles(home, {
    config: 'policies: [policies]\nstages:\n  - {select: ["id=looks,plain"], stage: enforce}\n',
    policies: POLICIES,
  });
  const port = newPort();
  const served = await startServe({
    folder: home,
    cluster,
    workers: 1,
    port,
    token: tokenOf('stranger'),
  });
  t.after(() => served.stop());
  const asked = async (name: string) => {
    const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'shop' } };
    const body = JSON.stringify(admissionReview({ object, name, namespace: 'shop' }));
    const { text } = await post(home, { path: '/validate', port, body });
    return JSON.parse(text).response as { allowed: boolean; status?: { message: string } };
  };
  const says = (...words: string[]) =>
    new Promise<string>((resolve) => {
      const env = { ...process.env, NO_COLOR: '1', KUBECONFIG: join(home, 'kubeconfig') };
      const args = [join(ROOT, 'bin', 'rampart.cjs'), ...words, '--data', join(home, 'data')];
      execFile(process.execPath, args, { env, cwd: home }, (_, out, err) =>
        resolve(`${out}${err}`.replace(/\s+/g, ' ')),
      );
    });

  assert.equal((await served.readyz()).status, 200);
  const told = await served.said(/a kind may not be listed: policies that need it are errors .*/);
  assert.match(told, /kind=ConfigMap/);
  const refused = (await asked('good')).status!.message;
  assert.match(refused, /^cannot be checked by looks: .*ConfigMap was not listed yet: /);
  assert.match(refused, /"stranger" cannot list resource "configmaps".*verbs: \["list", "watch"\]/);
  assert.doesNotMatch(refused, /plain/);
  const bad = (await asked('bad')).status!.message;
  assert.match(bad, /^violates plain at metadata.name: bad$/m);
  const doctor = await says('doctor', '--cluster');
  assert.match(doctor, /ConfigMap objects cannot be watched by workers, where policies that need them/);
  for (const end = Date.now() + 60_000; ; await sleep(500)) {
    const status = await says('status');
    if (/it may not list ConfigMap: policies that need it are errors/.test(status)) break;
    assert.ok(Date.now() < end, status);
  }

  const maps = { apiGroups: [''], resources: ['configmaps'] };
  await allow('listed', [{ ...maps, verbs: ['get', 'list'] }], 'stranger');
  assert.match(await says('doctor', '--cluster'), /ConfigMap objects .* may be listed, and not watched/);
  await allow('maps', [{ ...maps, verbs: READ }], 'stranger');
  await served.said(/a kind is known now, or no longer needed .*kind=ConfigMap/);
  assert.equal((await asked('good')).allowed, true);
  const frozen = { metadata: { name: 'freeze' } };
  await cluster.call('POST', '/api/v1/namespaces/shop/configmaps', frozen);
  for (const end = Date.now() + 10_000; (await asked('good')).allowed; await sleep(50))
    assert.ok(Date.now() < end, 'it is looked up');
  assert.match((await asked('good')).status!.message, /violates looks: frozen/);
});
