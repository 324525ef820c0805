import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveFinding, LiveRef } from '../../model/index.ts';
import { type Cluster, ClusterError, type Json, type Served } from '../../sources/index.ts';
import { createReports } from './reports.ts';

type Sent = Parameters<Cluster['send']>[0];

interface Stored {
  readonly metadata: { readonly namespace?: string };
  readonly summary: Readonly<Record<string, number>>;
  readonly results: readonly object[];
}

const PATH = '/apis/openreports.io/v1alpha1/namespaces/shop/reports/rampart-background';
const FINDING: LiveFinding = {
  policy: 'p',
  validation: '',
  severity: 'high',
  verdict: 'violation',
  action: 'deny',
  reason: 'validation-failed',
  detail: 'd',
  stage: 'enforce',
  effect: 'deny',
};

function refOf(name: string, namespace = 'shop', uid = name): LiveRef {
  return { apiVersion: 'v1', kind: 'Pod', namespace, name, uid };
}

/** A cluster that keeps reports, once it serves them, and unless it refuses. */
function scene(t: TestContext, stored = new Map<string, Stored>()) {
  const state = { serves: true, refusal: undefined as ClusterError | undefined };
  const sent: Sent[] = [];
  const log: string[] = [];
  const cluster = {
    async get(path: string): Promise<Json> {
      if (state.refusal !== undefined) throw state.refusal;
      const isScoped = path.includes('/clusterreports');
      const items = [...stored].filter(([at]) => at.includes('/clusterreports') === isScoped);
      return { items: items.map(([, object]) => object) };
    },
    async send(request: Sent): Promise<Json> {
      if (state.refusal !== undefined) throw state.refusal;
      sent.push(request);
      const path = request.path.split('?')[0]!;
      if (request.method === 'DELETE') stored.delete(path);
      else stored.set(path, structuredClone(request.body as Stored));
      return {};
    },
  };
  const kinds = ['Report', 'ClusterReport'].map((kind) => ({
    group: 'openreports.io',
    version: 'v1alpha1',
    resource: `${kind.toLowerCase()}s`,
    kind,
    namespaced: kind === 'Report',
  }));
  const served = (): Served => ({ minor: 37, resources: state.serves ? kinds : [], stale: [] });
  const reports = createReports({
    cluster,
    served,
    now: Date.now,
    log: (_, fields) => log.push(String(fields?.['detail'])),
    everyMs: 1,
    restMs: 5,
  });
  t.after(() => reports.close());
  const see = (resource: LiveRef, ...findings: LiveFinding[]) =>
    reports.observed({ resource, findings, policies: 3, time: Date.now(), snapshot: 's' });
  return { reports, see, state, stored, sent, log };
}

async function until(holds: () => boolean): Promise<void> {
  for (const late = Date.now() + 5_000; !holds(); await sleep(2)) assert.ok(Date.now() < late, 'never');
}

test('passes are counted, those of what is gone no longer', async (t) => {
  const { reports, see, stored } = scene(t);
  see(refOf('a'), FINDING);
  see(refOf('b'));
  see(refOf('other', 'bank'));
  reports.complete([]);
  await until(() => stored.has(PATH));
  assert.deepEqual(stored.get(PATH)!.summary, { pass: 5, fail: 1, warn: 0, error: 0, skip: 0 });
  reports.gone({ resource: refOf('b', 'shop', 'another'), time: 0 });
  reports.gone({ resource: refOf('b'), time: 0 });
  await until(() => stored.get(PATH)!.summary['pass'] === 2);
  assert.equal(stored.size, 1, 'nothing is found in bank');
});

test('where the cluster serves no reports that is said once, and they are written when it does', async (t) => {
  const { reports, see, state, stored, log } = scene(t);
  state.serves = false;
  see(refOf('a'), FINDING);
  reports.complete([]);
  await sleep(30);
  assert.deepEqual(log, ['the cluster serves neither OpenReports nor PolicyReports']);
  state.serves = true;
  await until(() => stored.has(PATH));
});

test('what an earlier run left is removed, also when it could not be listed at first', async (t) => {
  const first = scene(t);
  first.see(refOf('a'), FINDING);
  first.see(refOf('node', ''), FINDING);
  first.reports.complete([]);
  await until(() => first.stored.size === 2);
  await first.reports.close();
  const second = scene(t, first.stored);
  second.state.refusal = new ClusterError('forbidden', 403);
  second.reports.complete([]);
  await until(() => second.log.length === 1);
  second.state.refusal = undefined;
  await until(() => second.stored.size === 0);
});

test('while a kind may not be listed nothing that an earlier run left is removed', async (t) => {
  const left = scene(t);
  left.see(refOf('a'), FINDING);
  left.reports.complete([]);
  await until(() => left.stored.has(PATH));
  await left.reports.close();
  const { reports, see, stored } = scene(t, left.stored);
  see(refOf('node', ''), FINDING);
  reports.complete([{ group: '', kind: 'Pod', detail: 'forbidden' }]);
  await until(() => stored.size === 2);
  await sleep(30);
  assert.ok(stored.has(PATH));
  reports.complete([]);
  await until(() => !stored.has(PATH));
});
