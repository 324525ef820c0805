/** The background scan of a real cluster: what exists, what changes, and what went past admission. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDataFolder } from '../../src/app/data-folder.ts';
import { type Serving, serve } from '../../src/app/serve.ts';
import { buildSnapshot } from '../../src/app/snapshot/build.ts';
import { skipWithoutCluster } from './binaries.ts';
import { ADMIN_TOKEN, type Cluster, kubeconfigFor, startCluster } from './cluster.ts';
import { installWebhooks } from './serve.ts';

const skip = skipWithoutCluster;
const PORT = 18_457;
const MAPS = '/api/v1/namespaces/shop/configmaps';
const OBJECTS = 2_000;

const policyText = (field: string) => `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: no-${field}}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], resources: [configmaps], operations: [CREATE, UPDATE]}]
  validations: [{expression: "!has(object.data) || !('${field}' in object.data)", message: "no ${field}"}]
`;

const DEBUG_POLICY = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: no-debug}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], resources: [pods, pods/ephemeralcontainers], operations: [CREATE, UPDATE]}
  validations: [{expression: "!has(object.spec.ephemeralContainers)", message: "no ephemeral containers"}]
`;

let cluster: Cluster;
let folder: string;
let serving: Serving;
let log = '';

before(async () => {
  if (skip !== false) return;
  folder = mkdtempSync(join(tmpdir(), 'rampart-background-'));
  cluster = await startCluster();
  process.env['KUBECONFIG'] = join(folder, 'kubeconfig');
  writeFileSync(
    process.env['KUBECONFIG'],
    kubeconfigFor({ token: ADMIN_TOKEN, server: cluster.url, authority: cluster.certificate }),
  );
  for (const [name, labels] of [
    ['shop', { webhook: 'on' }],
    ['aside', {}],
  ] as const)
    await cluster.call('POST', '/api/v1/namespaces', { metadata: { name, labels } });
  writeFileSync(join(folder, 'policy.yaml'), policyText('bad'));
  writeFileSync(join(folder, 'debug.yaml'), DEBUG_POLICY);
  serving = await start();
});

after(async () => {
  await serving?.close();
  await cluster?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<Serving> {
  const begun = await serve({
    data: openDataFolder(join(folder, 'data')),
    workers: 1,
    host: '127.0.0.1',
    port: PORT,
    controllerHost: '127.0.0.1',
    controllerPort: 0,
    names: [],
    environment: ['--cluster'],
    reports: false,
    locks: [],
    cluster: undefined,
    build: async () =>
      buildSnapshot({
        policies: ['policy.yaml', 'debug.yaml'],
        select: ['set=all'],
        skip: [],
        set: [],
        severity: {},
        podPaths: [],
        namespace: 'default',
        stages: [{ select: ['id=no-bad'], stage: 'enforce' }],
        tiers: {},
        cwd: folder,
        folder,
        cache: undefined,
        saysIn: (inside) => inside.join('.'),
      }),
    sources: async () => ({ policies: ['policy.yaml', 'debug.yaml'], follow: {} }),
    accept: undefined,
    config: undefined,
    push: undefined,
    cwd: folder,
    now: Date.now,
    log: (event, fields) => {
      log += `${event} ${JSON.stringify(fields)}\n`;
    },
  });
  assert.ok(await begun.ready(30_000), log);
  return begun;
}

async function until(holds: () => Promise<boolean> | boolean, what: string, within = 60_000): Promise<void> {
  for (const end = Date.now() + within; !(await holds()); await sleep(50))
    assert.ok(
      Date.now() < end,
      `never: ${what}\n${log}\n${JSON.stringify(serving.controller.findings.list())}`,
    );
}

async function make(name: string, data: object, namespace = 'shop'): Promise<number> {
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  return (await cluster.call('POST', path, { metadata: { name }, data })).status;
}

const PODS = '/api/v1/namespaces/shop/pods';

async function makePod(name: string): Promise<void> {
  const spec = { containers: [{ name: 'c', image: 'i' }] };
  const { status, body } = await cluster.call('POST', PODS, { metadata: { name }, spec });
  assert.equal(status, 201, JSON.stringify(body));
}

async function debug(name: string): Promise<void> {
  const spec = { ephemeralContainers: [{ name: 'd', image: 'i' }] };
  const type = 'application/strategic-merge-patch+json';
  const { status, body } = await cluster.call('PATCH', `${PODS}/${name}/ephemeralcontainers`, { spec }, type);
  assert.equal(status, 200, JSON.stringify(body));
}

function open(policy: string): string[] {
  return serving.controller.findings
    .list({ state: 'open', policy })
    .map(({ resource: { namespace, name } }) => `${namespace === '' ? '' : `${namespace}/`}${name}`)
    .sort();
}

const same = (actual: readonly string[], ...expected: string[]) => actual.join() === expected.join();

test('what exists is found, what changes is found again, what is deleted is gone', { skip }, async () => {
  await make('a', { bad: '1' });
  await make('b', { good: '1' });
  await until(() => same(open('no-bad'), 'shop/a'), 'a is found');
  const [finding] = serving.controller.findings.list({ policy: 'no-bad' });
  assert.equal(finding!.effect, 'deny');
  assert.equal(finding!.detail, 'no bad');
  assert.notEqual(finding!.resource.uid, '');
  await cluster.call('PATCH', `${MAPS}/b`, { data: { bad: '1' } }, 'application/merge-patch+json');
  await cluster.call('PATCH', `${MAPS}/a`, { data: { bad: null } }, 'application/merge-patch+json');
  await until(() => same(open('no-bad'), 'shop/b'), 'b is found, a is fixed');
  await cluster.call('DELETE', `${MAPS}/b`);
  await until(() => same(open('no-bad')), 'b is gone');
  const fixed = serving.controller.findings.list({ state: 'fixed' });
  assert.deepEqual(
    fixed.map(({ resource, fixedBy }) => `${resource.name} ${fixedBy}`),
    ['a object-changed', 'b object-deleted'],
  );
  assert.equal(serving.controller.findings.totals().complete, true);
});

test('two thousand objects, and another snapshot over them', { skip }, async (t) => {
  const names = Array.from({ length: OBJECTS }, (_, i) => `many-${i}`);
  const maker = async () => {
    for (let name = names.pop(); name !== undefined; name = names.pop())
      assert.equal(await make(name, { [names.length % 2 === 0 ? 'poor' : 'good']: '1' }, 'aside'), 201);
  };
  await Promise.all(Array.from({ length: 8 }, maker));
  const looked = () => serving.controller.findings.totals().policies['no-bad']?.looked ?? 0;
  await until(() => looked() >= OBJECTS, 'all are looked at');
  const began = performance.now();
  writeFileSync(join(folder, 'policy.yaml'), `${policyText('bad')}---\n${policyText('poor')}`);
  await until(() => open('no-poor').length === OBJECTS / 2, 'half of them are found');
  t.diagnostic(`found ${Math.round(performance.now() - began)} ms after the policy was written`);
  assert.equal(serving.controller.findings.totals().policies['no-poor']?.looked, looked());
});

test('what is made while no worker answers is marked, and what was asked about is not', {
  skip,
}, async () => {
  await installWebhooks(
    cluster,
    { folder, port: PORT },
    [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps', 'pods', 'pods/ephemeralcontainers'] }],
    'Ignore',
  );
  let tries = 0;
  await until(async () => (await make(`try-${tries++}`, { bad: '1' })) === 422, 'the webhook took effect');
  await sleep(1_100);
  assert.equal(await make('asked', { good: '1' }), 201);
  for (const name of ['debugged', 'debugged-later']) await makePod(name);
  // What an object was changed at is known to the second.
  await sleep(1_100);
  // A worker that is only killed is replaced before the API server has waited long enough.
  const stopped = workers();
  for (const pid of stopped) process.kill(pid, 'SIGSTOP');
  assert.equal(await make('unasked', { bad: '1' }), 201, 'nobody is there to deny it');
  await debug('debugged');
  for (const pid of stopped) process.kill(pid, 'SIGKILL');
  const gap = Date.now();
  await until(async () => (await make(`late-${tries++}`, { bad: '1' })) === 422, 'a worker is back');
  const marked = () =>
    serving.controller.findings.list({ state: 'open' }).filter(({ unevaluated }) => unevaluated);
  await until(() => marked().some(({ resource }) => resource.name === 'unasked'), 'it is marked');
  assert.ok(Date.now() - gap < 60_000);
  assert.ok(serving.controller.findings.totals().unevaluated >= 1);
  await debug('debugged-later');
  await until(() => same(open('no-debug'), 'shop/debugged', 'shop/debugged-later'), 'both are found');
  await until(
    () => marked().some(({ resource }) => resource.name === 'debugged'),
    'a subresource is no way past it',
  );
  // Asked about later, it is known what it is.
  await cluster.call('PATCH', `${MAPS}/unasked`, { data: { bad: null } }, 'application/merge-patch+json');
  const label = { metadata: { labels: { later: 'yes' } } };
  await cluster.call('PATCH', `${PODS}/debugged`, label, 'application/merge-patch+json');
  await until(
    () => !marked().some(({ resource: { name } }) => name === 'unasked' || name.startsWith('debugged')),
    'the mark goes',
  );
  assert.equal(await make('asked-later', { good: '1' }), 201);
  await sleep(17_000);
  const totals = serving.controller.findings.totals();
  await until(() => same(open('rampart/gate'), 'aside'), 'nobody is asked about what changes in aside');
  assert.ok(totals.unevaluated <= tries + 1, `${totals.unevaluated} are marked`);
});

test('a gap of everything: what is made while nothing of Rampart runs is marked as well', {
  skip,
}, async () => {
  await sleep(2_500);
  await serving.close();
  await sleep(1_100);
  assert.equal(await make('nobody', { bad: '1' }), 201);
  serving = await start();
  const nobody = () =>
    serving.controller.findings.list({ state: 'open' }).find(({ resource }) => resource.name === 'nobody');
  await until(() => nobody()?.unevaluated === true, 'it is marked');
  const others = serving.controller.findings.list({ state: 'open' }).filter((one) => one.unevaluated);
  assert.deepEqual(
    others.map(({ resource }) => resource.name),
    ['nobody'],
  );
});

/** Process ids of admission workers that this process started. */
function workers(): number[] {
  const text = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim();
  return text
    .split(' ')
    .map(Number)
    .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('\0admission\0'));
}
