/** The watches of a cluster against a real API server: churn, compaction, restarts, permissions, kinds that come and go. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClusterLive, createClusterLive } from '../../src/app/environment/cluster-live.ts';
import {
  followServedKinds,
  kindsForAdmission,
  kindsForBackground,
} from '../../src/app/environment/served-kinds.ts';
import type { Change, LiveKind, Resource } from '../../src/model/index.ts';
import { compilePolicies } from '../../src/policy/index.ts';
import { connect, readManifest } from '../../src/sources/index.ts';
import { skipWithoutCluster } from './binaries.ts';
import { ADMIN_TOKEN, type Cluster, kubeconfigFor, startCluster, tokenOf } from './cluster.ts';

const skip = skipWithoutCluster;
const NAMESPACES: LiveKind = {
  group: '',
  version: 'v1',
  resource: 'namespaces',
  kind: 'Namespace',
  namespaced: false,
};
const MAPS: LiveKind = {
  group: '',
  version: 'v1',
  resource: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
};
const CARTS: LiveKind = {
  group: 'shop.example',
  version: 'v1',
  resource: 'carts',
  kind: 'Cart',
  namespaced: true,
};
const timing = { retryMs: [50, 1_000], refusedMs: 300 } as const;
const OBJECTS = 2_000;
const AT_ONCE = 8;

let cluster: Cluster;
let folder: string;
const lives: ClusterLive[] = [];

before(async () => {
  if (skip !== false) return;
  folder = mkdtempSync(join(tmpdir(), 'rampart-watch-'));
  cluster = await startCluster();
});
after(async () => {
  await Promise.all(lives.map((live) => live.close()));
  await cluster?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** Objects as somebody who follows all changes has them. */
type Mirror = Map<string, string>;

async function start(
  kinds: readonly LiveKind[],
  token = ADMIN_TOKEN,
  more: NonNullable<Parameters<typeof createClusterLive>[2]>['timing'] = {},
): Promise<{ live: ClusterLive; mirror: Mirror }> {
  const file = join(folder, `config-${token.slice(0, 5)}`);
  writeFileSync(file, kubeconfigFor({ token, server: cluster.url, authority: cluster.certificate }));
  process.env['KUBECONFIG'] = file;
  const live = createClusterLive(await connect(''), kinds, { timing: { ...timing, ...more } });
  lives.push(live);
  const mirror: Mirror = new Map();
  live.onChange((change: Change) => {
    const { ref } = change.resource;
    const place = `${ref.kind} ${ref.namespace}/${ref.name}`;
    assert.equal(mirror.has(place), change.type === 'delete' || change.before !== undefined, place);
    if (change.type === 'put') mirror.set(place, versionOf(change.resource.object));
    else mirror.delete(place);
  });
  return { live, mirror };
}

async function until(holds: () => unknown, what: string, ms = 30_000): Promise<void> {
  for (const end = Date.now() + ms; ; await sleep(20)) {
    if (holds()) return;
    assert.ok(Date.now() < end, `it did not come to this: ${what}`);
  }
}

function versionOf(object: object): string {
  return (object as { metadata: { resourceVersion: string } }).metadata.resourceVersion;
}

const path = (name = '') => `/api/v1/namespaces/churn/configmaps${name === '' ? '' : `/${name}`}`;

async function call(method: string, at: string, body?: unknown): Promise<void> {
  const { status, body: said } = await cluster.call(method, at, body);
  assert.ok(status < 300, `${method} ${at}: ${JSON.stringify(said)}`);
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

const map = (name: string, value: unknown) => ({ metadata: { name }, data: { value: String(value) } });

/** What the API server has, by name. */
async function there(): Promise<string> {
  const { body } = await cluster.call('GET', '/api/v1/configmaps');
  const items = body['items'] as { metadata: { namespace: string; name: string; resourceVersion: string } }[];
  return lines(items.map(({ metadata: m }) => `${m.namespace}/${m.name} ${m.resourceVersion}`));
}

const lines = (all: readonly string[]) => [...all].sort().join('\n');
const held = (live: ClusterLive) =>
  lines([...live.list(MAPS)].map(({ ref, object }) => `${ref.namespace}/${ref.name} ${versionOf(object)}`));
const mirrored = (mirror: Mirror) =>
  lines(
    [...mirror].flatMap(([place, version]) =>
      place.startsWith('ConfigMap ') ? [`${place.slice('ConfigMap '.length)} ${version}`] : [],
    ),
  );

async function agrees(live: ClusterLive, mirror: Mirror): Promise<void> {
  const all = await there();
  await until(() => held(live) === all, 'the cache is what the API server has');
  assert.equal(mirrored(mirror), all, 'and so are the changes, added up');
}

test('thousands of objects that come, change and go; a compaction; a restart of the API server', {
  skip,
}, async () => {
  await call('POST', '/api/v1/namespaces', { metadata: { name: 'churn', labels: { env: 'test' } } });
  const names = Array.from({ length: OBJECTS }, (_, at) => `m${at}`);
  await inParallel(names.slice(0, OBJECTS / 2), (name) => call('POST', path(), map(name, 0)));
  const { live, mirror } = await start([MAPS, NAMESPACES], ADMIN_TOKEN, { retryMs: [1_500, 3_000] });
  assert.deepEqual(await live.synced(30_000), []);
  await inParallel(names.slice(OBJECTS / 2), (name) => call('POST', path(), map(name, 0)));
  await inParallel(names, (name) =>
    name.endsWith('3') ? call('DELETE', path(name)) : call('PUT', path(name), map(name, 1)),
  );
  await agrees(live, mirror);
  assert.equal(live.counts(MAPS)!.lists, 1);
  const { metadata } = live.get(MAPS, 'churn', 'm1')!.object as unknown as { metadata: object };
  assert.equal('managedFields' in metadata, false);
  assert.equal(live.get(NAMESPACES, '', 'churn')?.ref.name, 'churn');

  // What is watched already is not touched by a compaction.
  await cluster.compact();
  await inParallel(names.slice(0, 100), (name) =>
    name.endsWith('3') ? call('POST', path(), map(name, 2)) : call('DELETE', path(name)),
  );
  await agrees(live, mirror);
  assert.equal(live.counts(MAPS)!.lists, 1);

  const { seenAt } = live.state(MAPS);
  await cluster.stopServer();
  await until(() => live.state(MAPS).problem !== undefined, 'that it is away is said', 5_000);
  assert.match(live.state(MAPS).problem!, /cannot reach/);
  assert.equal(live.state(MAPS).seenAt, seenAt);
  assert.ok([...live.list(MAPS)].length > 1_000, 'look-ups go on');
  await cluster.startServer();
  // Before it is asked again things happen that it no longer remembers.
  await call('PUT', path('m500'), map('m500', 3));
  await call('DELETE', path('m501'));
  await cluster.compact();
  await agrees(live, mirror);
  assert.equal(live.state(MAPS).problem, undefined);
  await until(() => live.counts(MAPS)!.watches >= 2, 'it watches again');
  await inParallel(names.slice(600, 700), (name) => call('DELETE', path(name)).catch(() => {}));
  await agrees(live, mirror);
  assert.equal(live.counts(MAPS)!.missed, 0);
});

test('a namespace made a moment ago is fetched where the watch has not shown it', { skip }, async () => {
  const { live } = await start([NAMESPACES]);
  await live.synced(30_000);
  assert.equal((await live.fetch(NAMESPACES, '', 'fresh', 2_000)).kind, 'missing');
  await call('POST', '/api/v1/namespaces', { metadata: { name: 'fresher', labels: { env: 'prod' } } });
  const fetched = await live.fetch(NAMESPACES, '', 'fresher', 2_000);
  assert.ok(fetched.kind === 'found' && fetched.resource.ref.name === 'fresher');
});

test('without permission the rule is named that it takes; with it, all is there', { skip }, async () => {
  const { live } = await start([MAPS], tokenOf('stranger'));
  await until(() => live.state(MAPS).problem !== undefined, 'a problem');
  const { problem, synced } = live.state(MAPS);
  assert.equal(synced, false);
  assert.match(problem!, /is answered with 403: configmaps is forbidden: User "stranger" cannot list/);
  assert.match(
    problem!,
    /the RBAC rule it takes: \{apiGroups: \[""\], resources: \["configmaps"\], verbs: \["list", "watch"\]\}$/,
  );
  const rule = (verbs: readonly string[]) => [{ apiGroups: [''], resources: ['configmaps'], verbs }];
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const role = (verbs: readonly string[]) => ({ metadata: { name: 'watcher' }, rules: rule(verbs) });
  await call('POST', `${rbac}/clusterroles`, role(['list']));
  await call('POST', `${rbac}/clusterrolebindings`, {
    metadata: { name: 'watcher' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'watcher' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'stranger' }],
  });
  await until(() => live.state(MAPS).synced, 'it is listed');
  await until(() => /cannot watch/.test(live.state(MAPS).problem ?? ''), 'it may not be watched');
  await call('PUT', `${rbac}/clusterroles/watcher`, role(['list', 'watch']));
  await until(() => live.state(MAPS).problem === undefined, 'it is watched');
  assert.equal(held(live), await there());
});

/** A policy about ConfigMaps that takes a custom kind as its parameter. */
const WANTING = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: p}
spec:
  paramKind: {apiVersion: shop.example/v1, kind: Crate}
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], resources: [configmaps], operations: ["*"]}]
  validations: [{expression: "true"}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: p}
spec: {policyName: p, validationActions: [Deny], paramRef: {name: all, parameterNotFoundAction: Deny}}
`;

test('what the policies need of what the cluster serves is watched, also when it comes later', {
  skip,
}, async () => {
  const { live } = await start([]);
  const { resources } = readManifest(WANTING, { file: 'p.yaml' });
  const set = compilePolicies(resources);
  assert.deepEqual(set.problems, []);
  const names = () => live.kinds().map(({ resource }) => resource);
  const followed = await followServedKinds(await connect(''), live, kindsForBackground(set, []), {
    settleMs: 100,
  });
  try {
    assert.deepEqual(names(), ['configmaps', 'namespaces', 'customresourcedefinitions']);
    assert.deepEqual(await live.synced(30_000), []);
    const crates = JSON.parse(
      JSON.stringify(DEFINITION).replaceAll('cart', 'crate').replaceAll('Cart', 'Crate'),
    );
    await call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', crates);
    await until(() => names().includes('crates'), 'the new kind is needed');
    await until(() => live.state({ group: 'shop.example', kind: 'Crate' }).synced, 'and listed');
    followed.use(kindsForAdmission(set, []));
    assert.deepEqual(names().sort(), ['crates', 'customresourcedefinitions', 'namespaces']);
    await call('DELETE', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/crates.shop.example');
    await until(() => !names().includes('crates'), 'it is gone', 60_000);
  } finally {
    followed.close();
  }
});

const ANYTHING = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const DEFINITION = {
  metadata: { name: 'carts.shop.example' },
  spec: {
    group: 'shop.example',
    names: { plural: 'carts', singular: 'cart', kind: 'Cart', listKind: 'CartList' },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', properties: { spec: ANYTHING } } },
      },
    ],
  },
};

/** Newer than the types of TypeScript's library. */
const { rawJSON: rawJson } = JSON as unknown as { rawJSON(text: string): unknown };

test('a kind that is not there yet is a problem until it is; one that goes takes its objects along', {
  skip,
}, async () => {
  const { live, mirror } = await start([CARTS]);
  await until(() => live.state(CARTS).problem !== undefined, 'a problem');
  assert.match(live.state(CARTS).problem!, /is answered with 404/);
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  await call('POST', definitions, DEFINITION);
  await until(() => live.state(CARTS).synced, 'the kind is there');
  // Numbers as they are written: an integer, one that is none, and one that no double holds.
  await call('POST', '/apis/shop.example/v1/namespaces/default/carts', {
    apiVersion: 'shop.example/v1',
    kind: 'Cart',
    metadata: { name: 'full' },
    spec: { count: 3, weight: 1.5, id: rawJson('9007199254740993') },
  });
  await until(() => live.get(CARTS, 'default', 'full') !== undefined, 'the object is there');
  const { spec } = live.get(CARTS, 'default', 'full')!.object as unknown as Resource & { spec: object };
  assert.deepEqual(spec, { count: 3, weight: Object(1.5), id: 9007199254740993n });
  await call('DELETE', `${definitions}/carts.shop.example`);
  await until(() => mirror.size === 0, 'its objects are gone', 60_000);
  await until(() => live.state(CARTS).problem !== undefined, 'and so is the kind', 60_000);
});
