/** Reports of the background scan in a real cluster: written, changed, removed. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { load } from 'js-yaml';
import { reportRights } from '../../src/app/background/report-object.ts';
import { createReports, type ReportSink } from '../../src/app/background/reports.ts';
import { clusterRole } from '../../src/app/cluster/rbac.ts';
import type { JsonMap, LiveFinding, LiveRef } from '../../src/model/index.ts';
import { connect, served } from '../../src/sources/index.ts';
import { skipWithoutCluster } from './binaries.ts';
import { ADMIN_TOKEN, type Cluster, kubeconfigFor, startCluster, tokenOf } from './cluster.ts';
import { DEFINITIONS, define, definitionsOf, type Name } from './report-definitions.ts';

const skip = skipWithoutCluster;
const PATHS: Readonly<Record<Name, readonly [namespaced: string, cluster: string]>> = {
  openreports: [
    '/apis/openreports.io/v1alpha1/namespaces/shop/reports',
    '/apis/openreports.io/v1alpha1/clusterreports',
  ],
  policyreport: [
    '/apis/wgpolicyk8s.io/v1alpha2/namespaces/shop/policyreports',
    '/apis/wgpolicyk8s.io/v1alpha2/clusterpolicyreports',
  ],
};

let cluster: Cluster;
let folder: string;
const open: ReportSink[] = [];

before(async () => {
  if (skip !== false) return;
  folder = mkdtempSync(join(tmpdir(), 'rampart-reports-'));
  cluster = await startCluster();
  process.env['KUBECONFIG'] = join(folder, 'kubeconfig');
  signIn(ADMIN_TOKEN);
  await cluster.call('POST', '/api/v1/namespaces', { metadata: { name: 'shop' } });
});

after(async () => {
  await Promise.all(open.map((one) => one.close()));
  await cluster?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** From now on who connects is another. */
function signIn(token: string): void {
  const { url: server, certificate: authority } = cluster;
  writeFileSync(process.env['KUBECONFIG']!, kubeconfigFor({ token, server, authority }));
}

async function begin(name: Name, log: string[]): Promise<ReportSink> {
  const connected = await connect('');
  const said = await served(connected);
  const group = name === 'openreports' ? 'openreports.io' : 'wgpolicyk8s.io';
  const resources = said.resources.filter((one) => one.group === group);
  const reports = createReports({
    cluster: connected,
    served: () => ({ ...said, resources }),
    now: Date.now,
    log: (event, fields) => log.push(`${event} ${JSON.stringify(fields)}`),
    everyMs: 20,
    restMs: 50,
  });
  open.push(reports);
  return reports;
}

function refOf(name: string, namespace = 'shop'): LiveRef {
  return { apiVersion: 'v1', kind: namespace === '' ? 'Node' : 'Pod', namespace, name, uid: `uid-${name}` };
}

function finding(policy: string, of: Partial<LiveFinding> = {}): LiveFinding {
  return {
    policy,
    validation: 'v',
    severity: 'high',
    verdict: 'violation',
    action: 'deny',
    reason: 'validation-failed',
    detail: `${policy} is violated`,
    stage: 'enforce',
    effect: 'deny',
    path: '/spec',
    ...of,
  };
}

function seen(resource: LiveRef, ...findings: LiveFinding[]) {
  return { resource, findings, policies: 3, time: Date.now(), snapshot: 's' };
}

interface Report {
  readonly summary: JsonMap;
  readonly results: readonly { readonly policy: string; readonly result: string }[];
  readonly metadata: { readonly resourceVersion: string; readonly annotations?: JsonMap };
}

async function reportAt(path: string): Promise<Report | undefined> {
  const { status, body } = await cluster.call('GET', `${path}/rampart-background`);
  return status === 200 ? (body as unknown as Report) : undefined;
}

async function until(holds: () => Promise<boolean>, what: string, log: readonly string[]): Promise<void> {
  for (const end = Date.now() + 15_000; !(await holds()); await sleep(30))
    assert.ok(Date.now() < end, `never: ${what}\n${log.join('\n')}`);
}

for (const name of Object.keys(PATHS) as Name[])
  test(`${name}: one a namespace, changed and removed with what is found`, { skip }, async () => {
    assert.ok(DEFINITIONS[name]);
    for (const definition of definitionsOf(name)) await define(cluster, definition);
    const [namespaced, scoped] = PATHS[name];
    const log: string[] = [];
    const reports = await begin(name, log);
    reports.observed(seen(refOf('a'), finding('p'), finding('q', { effect: 'audit', severity: 'low' })));
    reports.observed(seen(refOf('node', ''), finding('n', { verdict: 'error' })));
    await sleep(200);
    assert.equal(await reportAt(namespaced), undefined, 'nothing before all was looked at');
    reports.complete([]);
    await until(async () => (await reportAt(scoped)) !== undefined, 'that of the cluster', log);
    const first = await reportAt(namespaced);
    assert.deepEqual(first?.summary, { pass: 1, fail: 1, warn: 1, error: 0, skip: 0 });
    assert.deepEqual(
      first?.results.map(({ policy, result }) => `${policy} ${result}`),
      ['p fail', 'q warn'],
    );
    // The same again is not written again.
    reports.observed(seen(refOf('a'), finding('p'), finding('q', { effect: 'audit', severity: 'low' })));
    await sleep(300);
    assert.equal((await reportAt(namespaced))?.metadata.resourceVersion, first?.metadata.resourceVersion);
    reports.observed(seen(refOf('a'), finding('q')));
    await until(async () => (await reportAt(namespaced))?.results.length === 1, 'it is changed', log);
    const long = 'ü'.repeat(1_000);
    for (let i = 0; i < 600; i++) reports.observed(seen(refOf(`many-${i}`), finding('p', { detail: long })));
    await until(async () => (await reportAt(namespaced))?.summary['fail'] === 601, 'all are counted', log);
    const large = await reportAt(namespaced);
    assert.ok(large!.results.length < 500);
    assert.equal(large!.metadata.annotations?.['rampart.dev/left-out'], String(601 - large!.results.length));
    await reports.close();
    // What an earlier run left is removed when nothing is found any more.
    const next = await begin(name, log);
    next.complete([]);
    await until(async () => (await reportAt(namespaced)) === undefined, 'it is removed', log);
    await until(async () => (await reportAt(scoped)) === undefined, 'that of the cluster as well', log);
    assert.deepEqual(log, []);
  });

test('what serve prints for reports is what they take', { skip }, async () => {
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const name = 'reporter';
  const [namespaced, scoped] = PATHS.openreports;
  const log: string[] = [];
  signIn(tokenOf('scanner'));
  const reports = await begin('openreports', log);
  reports.observed(seen(refOf('a'), finding('p')));
  reports.observed(seen(refOf('node', ''), finding('n')));
  reports.complete([]);
  await until(async () => log.some((line) => line.includes('403')), 'it is refused', log);
  assert.equal(await reportAt(namespaced), undefined);
  const said = await served(await connect(''));
  const role = load(clusterRole(name, reportRights(said))) as JsonMap;
  await cluster.call('POST', `${rbac}/clusterroles`, role);
  await cluster.call('POST', `${rbac}/clusterrolebindings`, {
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'User', name: 'scanner', apiGroup: 'rbac.authorization.k8s.io' }],
  });
  await until(async () => (await reportAt(namespaced)) !== undefined, 'it is written', log);
  await until(async () => (await reportAt(scoped)) !== undefined, 'that of the cluster as well', log);
  reports.gone({ resource: refOf('a'), time: Date.now() });
  reports.gone({ resource: refOf('node', ''), time: Date.now() });
  await until(async () => (await reportAt(namespaced)) === undefined, 'it is removed', log);
  await until(async () => (await reportAt(scoped)) === undefined, 'that of the cluster as well', log);
});
