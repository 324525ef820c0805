import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { JsonMap } from '../../model/index.ts';
import { ClusterError } from '../../sources/index.ts';
import type { FindingStore } from '../../store/index.ts';
import {
  type HandmadeObjects,
  handmade,
  keeperAt,
  NOW,
  snapshotOf,
  snapshotOfTexts,
  start,
} from './fixture.ts';

const PRIVILEGED = 'pss-privileged';
const HOST = 'pss-host-namespaces';
/** Looks up the bindings of a workload's service account. */
const ADMIN = 'rbac-workload-cluster-admin';
/** Looks up the Pods that a Service selects. */
const IDLE = 'network-service-without-workload';

let ticks = 0;
const now = () => NOW + ++ticks;

function pod(
  name: string,
  of: { privileged?: boolean; uid?: string; owner?: string; hostNetwork?: boolean; app?: string } = {},
): JsonMap {
  const { privileged = false, uid = `uid-${name}`, owner, hostNetwork = false, app } = of;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'shop',
      uid,
      ...(app === undefined ? {} : { labels: { app } }),
      ...(owner === undefined
        ? {}
        : { ownerReferences: [{ uid: owner, controller: true, kind: 'X', name: 'x' }] }),
    },
    spec: {
      serviceAccountName: 'runner',
      hostNetwork,
      containers: [{ name: 'c', image: 'i', securityContext: { privileged } }],
    },
  };
}

const BINDING: JsonMap = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: 'runner', uid: 'binding' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: [{ kind: 'ServiceAccount', name: 'runner', namespace: 'shop' }],
};

const SERVICE: JsonMap = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop', uid: 'web' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
};

const SHOP: JsonMap = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', uid: 'shop' } };

function open(store: FindingStore): string[] {
  return store
    .list({ state: 'open' })
    .map(({ policy, resource }) => `${policy} ${resource.name}`)
    .sort();
}

function fixed(store: FindingStore): string[] {
  return store
    .list({ state: 'fixed' })
    .map(({ policy, resource, fixedBy }) => `${policy} ${resource.name} ${fixedBy}`);
}

function begin(t: TestContext, ...objects: JsonMap[]) {
  const live: HandmadeObjects = handmade();
  for (const object of [SHOP, ...objects]) live.put(object);
  const keeper = keeperAt(now);
  const running = start(live, keeper, now);
  t.after(running.close);
  const use = async (...ids: string[]) => {
    running.background.prepare(snapshotOf(...ids)).take();
    await running.settle();
  };
  return { live, keeper, running, use };
}

test('what exists is found, what changes is found again, what goes is gone', async (t) => {
  const { live, keeper, running, use } = begin(t, pod('a', { privileged: true }), pod('b'));
  await use(PRIVILEGED);
  const totals = keeper.store.totals();
  assert.equal(totals.complete, true);
  assert.deepEqual(totals.policies, { [PRIVILEGED]: { looked: 2, open: 1 } });
  assert.deepEqual(open(keeper.store), [`${PRIVILEGED} a`]);
  const [finding] = keeper.store.list();
  assert.equal(finding!.stage, 'enforce');
  assert.equal(finding!.effect, 'deny');
  assert.equal(finding!.path, '/spec/containers/0/securityContext/privileged');
  live.put(pod('b', { privileged: true }));
  live.put(pod('a'));
  await running.settle();
  assert.deepEqual(open(keeper.store), [`${PRIVILEGED} b`]);
  live.delete(pod('b'));
  await running.settle();
  assert.deepEqual(open(keeper.store), []);
  assert.deepEqual(fixed(keeper.store), [`${PRIVILEGED} a object-changed`, `${PRIVILEGED} b object-deleted`]);
  assert.deepEqual(keeper.store.totals().policies, { [PRIVILEGED]: { looked: 1, open: 0 } });
});

test('another snapshot looks at everything again', async (t) => {
  const { keeper, use } = begin(t, pod('a', { privileged: true, hostNetwork: true }));
  await use(PRIVILEGED);
  await use(HOST);
  assert.deepEqual(open(keeper.store), [`${HOST} a`]);
  assert.deepEqual(fixed(keeper.store), [`${PRIVILEGED} a policy-changed`]);
});

test('objects are looked at again when what policies look up for them changes', async (t) => {
  const { live, keeper, running, use } = begin(t, pod('a'));
  await use(ADMIN);
  assert.deepEqual(open(keeper.store), []);
  live.put(BINDING);
  await running.settle();
  assert.deepEqual(open(keeper.store), [`${ADMIN} a`]);
  live.delete(BINDING);
  await running.settle();
  assert.deepEqual(open(keeper.store), []);
});

test('what is looked up for another kind is looked at again for it, and a status changes nothing', async (t) => {
  const { live, keeper, running, use } = begin(t, SERVICE, pod('a', { app: 'web' }));
  await use(IDLE, PRIVILEGED);
  assert.deepEqual(open(keeper.store), []);
  live.put({ ...pod('a', { app: 'web' }), status: { phase: 'Running' } });
  await running.settle();
  assert.deepEqual(open(keeper.store), []);
  live.put(pod('a', { app: 'other' }));
  await running.settle();
  assert.deepEqual(open(keeper.store), [`${IDLE} web`]);
  live.put(pod('a', { app: 'web' }));
  await running.settle();
  assert.deepEqual(open(keeper.store), []);
});

test('what a controller violates its objects need not say; history says nothing', async (t) => {
  const template = pod('x', { privileged: true })['spec'];
  const set: JsonMap = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'set', namespace: 'shop', uid: 'set' },
    spec: { replicas: 1, template: { spec: template } },
  };
  const history = {
    ...set,
    metadata: {
      name: 'old',
      namespace: 'shop',
      uid: 'old',
      ownerReferences: [{ uid: 'd', controller: true, kind: 'Deployment', name: 'd' }],
    },
    spec: { replicas: 0, template: { spec: template } },
  };
  const { keeper, use } = begin(t, set, history, pod('a', { privileged: true, owner: 'set' }));
  await use(PRIVILEGED);
  assert.deepEqual(open(keeper.store), [`${PRIVILEGED} a`, `${PRIVILEGED} set`]);
  assert.deepEqual(
    keeper.store.list({ state: 'open', once: true }).map(({ resource }) => resource.name),
    ['set'],
  );
});

test('while nobody listens nothing is lost', async (t) => {
  const { live, keeper, running, use } = begin(t, pod('a', { privileged: true }));
  keeper.fail = true;
  running.background.prepare(snapshotOf(PRIVILEGED)).take();
  await new Promise((resolve) => setTimeout(resolve, 200));
  live.put(pod('b', { privileged: true }));
  keeper.fail = false;
  await use(PRIVILEGED);
  assert.deepEqual(open(keeper.store), [`${PRIVILEGED} a`, `${PRIVILEGED} b`]);
});

test('whatever happened, the open findings are those of a fresh scan', async () => {
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('put' as const),
        name: fc.constantFrom('a', 'b', 'c'),
        privileged: fc.boolean(),
        hostNetwork: fc.boolean(),
        uid: fc.constantFrom('1', '2'),
        app: fc.constantFrom('web', 'other'),
      }),
    },
    fc.record({ do: fc.constant('delete' as const), name: fc.constantFrom('a', 'b', 'c') }),
    fc.record({
      do: fc.constantFrom(
        'bind' as const,
        'unbind' as const,
        'forget' as const,
        'restart' as const,
        'wait' as const,
      ),
    }),
    fc.record({ do: fc.constant('use' as const), snapshot: fc.constantFrom(0, 1, 2) }),
  );
  const snapshots = [snapshotOf(PRIVILEGED, HOST), snapshotOf(HOST, ADMIN, IDLE), snapshotOf(IDLE)];
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
      const live = handmade();
      for (const object of [SHOP, SERVICE]) live.put(object);
      const keeper = keeperAt(now);
      let running = start(live, keeper, now);
      let used = 0;
      running.background.prepare(snapshots[used]!).take();
      try {
        for (const one of steps) {
          if (one.do === 'put') live.put(pod(one.name, { ...one, uid: `${one.name}-${one.uid}` }));
          else if (one.do === 'delete') live.delete(pod(one.name));
          else if (one.do === 'bind') live.put(BINDING);
          else if (one.do === 'unbind') live.delete(BINDING);
          else if (one.do === 'forget') keeper.forget();
          else if (one.do === 'wait') await running.settle();
          else {
            if (one.do === 'restart') {
              running.close();
              running = start(live, keeper, now);
            } else if ('snapshot' in one) used = one.snapshot;
            running.background.prepare(snapshots[used]!).take();
          }
        }
        await running.settle();
        const fresh = keeperAt(now);
        const other = start(live, fresh, now);
        other.background.prepare(snapshots[used]!).take();
        await other.settle();
        other.close();
        assert.deepEqual(open(keeper.store), open(fresh.store));
        assert.equal(keeper.store.totals().objects, fresh.store.totals().objects);
        assert.equal(keeper.store.totals().complete, true);
      } finally {
        running.close();
      }
    }),
    { numRuns: 25 },
  );
});

test('what may not be listed is named, and no longer when it may be', async (t) => {
  const { live, keeper, running, use } = begin(t, pod('a', { privileged: true }));
  const secrets = { group: '', kind: 'Secret', detail: 'secrets is forbidden' };
  live.forbid(secrets);
  await use(PRIVILEGED);
  assert.deepEqual(open(keeper.store), [`${PRIVILEGED} a`]);
  assert.equal(keeper.store.totals().complete, true);
  assert.deepEqual(keeper.store.totals().unlisted, [secrets]);
  live.forbid();
  await running.settle();
  assert.deepEqual(keeper.store.totals().unlisted, []);
});

const KYVERNO = `apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {name: labelled}
spec:
  matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]}
  validations: [{expression: has(object.metadata.labels)}]
`;
const EXCEPTION = (expiresAt: string) => `apiVersion: policies.kyverno.io/v1
kind: PolicyException
metadata: {name: web, namespace: shop}
spec:
  policyRefs: [{name: labelled, kind: ValidatingPolicy}]
  expiresAt: "${expiresAt}"
`;

test('an exception that ends while its snapshot is in force exempts no longer', async (t) => {
  let time = NOW;
  const live = handmade();
  live.put(pod('a'));
  const keeper = keeperAt(() => time);
  const running = start(live, keeper, () => ++time, { share: 1, settle: 1, expiry: 10 });
  t.after(running.close);
  const end = NOW + 3_600_000;
  running.background.prepare(snapshotOfTexts(KYVERNO, EXCEPTION(new Date(end).toISOString()))).take();
  await running.settle();
  assert.deepEqual(
    keeper.store.list({ state: 'open' }).map(({ verdict }) => verdict),
    ['exempted'],
  );
  time = end;
  await running.settle();
  assert.deepEqual(
    keeper.store.list({ state: 'open' }).map(({ verdict }) => verdict),
    ['violation'],
  );
});

const KNOWN = 'known-team';
/** The map that the first one names is to know the Pod. */
const ASKING = `apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {name: ${KNOWN}}
spec:
  matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], resources: [pods], operations: [CREATE]}]}
  validations:
    - message: nobody knows it
      expression: >-
        object.metadata.name in resource.get('v1', 'configmaps', 'shop',
        resource.get('v1', 'configmaps', 'shop', 'first').data.next).data
`;

/** ConfigMaps in a cluster, by name; null in place of one: the API server does not let it be read. */
function mapsOf(maps: Record<string, Record<string, string> | null>) {
  const asked: string[] = [];
  return {
    maps,
    asked,
    async read(path: string) {
      const name = path.replace('/api/v1/namespaces/shop/configmaps/', '');
      asked.push(name);
      const data = maps[name];
      if (data === undefined) throw new ClusterError('not found', 404);
      if (data === null) throw new ClusterError(`${path} is answered with 403: you may not`, 403);
      return JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
    },
  };
}

function saidOf(store: FindingStore): string[] {
  return store
    .list({ state: 'open' })
    .map(({ resource, verdict, detail }) => `${resource.name} ${verdict}: ${detail}`)
    .sort();
}

test('what policies look up in the cluster is asked for, also what only answers lead to', async (t) => {
  const [live, keeper] = [handmade(), keeperAt(now)];
  const cluster = mapsOf({ first: { next: 'second' }, second: { web: '' } });
  live.put(pod('web'));
  live.put(pod('other'));
  const running = start(live, keeper, now, { share: 1, settle: 1, asked: 100 }, cluster);
  t.after(running.close);
  running.background.prepare(snapshotOfTexts(ASKING)).take();
  await running.background.pass();
  assert.deepEqual(saidOf(keeper.store), ['other violation: nobody knows it']);
  assert.deepEqual(cluster.asked, ['first', 'second'], 'answers count for both');
  // Nothing tells that a map has changed; the answers of before count for two seconds.
  cluster.maps['second'] = { other: '' };
  for (const end = Date.now() + 20_000; saidOf(keeper.store)[0] !== 'web violation: nobody knows it'; )
    await new Promise((resolve) =>
      setTimeout(resolve, Date.now() < end ? 20 : assert.fail('never asked again')),
    );
  assert.equal(saidOf(keeper.store).length, 1);
});

test('what cannot be looked up is an error, and what went meanwhile is not told', async (t) => {
  const [live, keeper] = [handmade(), keeperAt(now)];
  const cluster = mapsOf({ first: null });
  live.put(pod('web'));
  const gone = pod('gone');
  live.put(gone);
  const running = start(live, keeper, now, undefined, {
    read(path) {
      live.delete(gone);
      return cluster.read(path);
    },
  });
  t.after(running.close);
  running.background.prepare(snapshotOfTexts(ASKING)).take();
  await running.background.pass();
  await running.settle();
  const [only, ...more] = saidOf(keeper.store);
  assert.match(only!, /^web error: .*failed to get resource: .*403: you may not/);
  assert.deepEqual(more, []);
  assert.deepEqual(running.background.looked(), { [KNOWN]: 1 });
});
