import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { answer, type FakeApi, refuse, startFakeApi } from '../../../test/fakes/api-server.ts';
import type { Change, LiveKind } from '../../model/index.ts';
import { connect } from '../../sources/index.ts';
import { type ClusterLive, createClusterLive } from './cluster-live.ts';
import { staleness } from './staleness.ts';

const MAPS: LiveKind = {
  group: '',
  version: 'v1',
  resource: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
};
const OTHERS: LiveKind = { ...MAPS, group: 'shop.example', resource: 'carts', kind: 'Cart' };
const timing = { retryMs: [5, 40], refusedMs: 100, pageMs: 500, openMs: 500 } as const;

let api: FakeApi;
let live: ClusterLive;
let changes: string[];

beforeEach(async () => {
  api = await startFakeApi();
  api.put('shop/a');
  api.put('shop/b');
  process.env['KUBECONFIG'] = api.kubeconfig;
  live = createClusterLive(await connect(''), [MAPS], { timing });
  changes = [];
  live.onChange((change) => changes.push(brief(change)));
});
afterEach(async () => {
  await live.close();
  await api.close();
});

const brief = (change: Change) =>
  `${change.type} ${change.resource.ref.name}${change.type === 'put' && change.before !== undefined ? ' again' : ''}`;
const named = (of = live.list(MAPS)) => [...of].map(({ ref }) => ref.name);

test('objects of the kinds that are needed, by list, name and change', async () => {
  assert.deepEqual(live.state(MAPS), { synced: false, seenAt: 0 });
  assert.deepEqual(await live.synced(2_000), []);
  assert.deepEqual(named(), ['a', 'b']);
  assert.equal(live.get({ group: '', kind: 'ConfigMap' }, 'shop', 'a')?.ref.name, 'a');
  assert.equal(live.get({ ...MAPS, version: 'v2' }, 'shop', 'a'), undefined);
  api.delete('shop/a');
  for (let left = 200; left > 0 && named().length > 1; left--) await sleep(5);
  assert.deepEqual(changes, ['put a', 'put b', 'delete a']);
  assert.equal(live.counts(MAPS)?.lists, 1);
});

test('a listener that throws is counted and harms no other', async () => {
  live.onChange(() => {
    throw new Error('oh');
  });
  const heard: string[] = [];
  const end = live.onChange(({ resource }) => heard.push(resource.ref.name));
  await live.synced(2_000);
  assert.deepEqual(heard, ['a', 'b']);
  assert.equal(live.failures().count, 2);
  end();
  api.put('shop/c');
  for (let left = 200; left > 0 && named().length < 3; left--) await sleep(5);
  assert.deepEqual(heard, ['a', 'b']);
});

test('need: the same again changes nothing, other kinds are added and forgotten', async () => {
  await live.synced(2_000);
  const { length } = api.requests;
  live.need([MAPS, MAPS]);
  assert.equal(api.requests.length, length);
  live.need([MAPS, OTHERS]);
  assert.deepEqual(await live.synced(100), [OTHERS], 'the fake serves no carts');
  assert.match(live.state(OTHERS).problem!, /carts.* is answered with 404/);
  live.need([OTHERS]);
  assert.deepEqual(named(), []);
  assert.match(live.state(MAPS).problem!, /nobody watches/);
  assert.deepEqual(changes, ['put a', 'put b'], 'being forgotten is no change');
});

test('a kind that may not be listed is waited for by nobody', async () => {
  api.forbid(true);
  live.need([]);
  live.need([MAPS]);
  const waited = await Promise.race([live.synced(60_000), sleep(30_000, 'too long', { ref: false })]);
  assert.deepEqual(waited, []);
  assert.equal(live.state(MAPS).forbidden, true);
});

test('more of a kind is asked for: the old objects answer until the new ones are all there', async () => {
  await live.synced(2_000);
  let go = () => {};
  api.next('list', ({ headers }, response) => {
    assert.match(headers.accept!, /PartialObjectMetadataList/);
    go = () =>
      answer(response, 200, {
        metadata: { resourceVersion: '102' },
        items: [{ metadata: { name: 'b', namespace: 'shop', resourceVersion: '102' } }],
      });
  });
  live.need([{ ...MAPS, metadataOnly: true }]);
  await sleep(30);
  assert.deepEqual(named(), ['a', 'b']);
  go();
  for (let left = 200; left > 0 && named().length > 1; left--) await sleep(5);
  assert.deepEqual(changes, ['put a', 'put b', 'put b again', 'delete a']);
  assert.deepEqual(live.kinds(), [{ ...MAPS, metadataOnly: true }]);
});

test('fetch: what the watch has not shown is asked for once, and known from then on', async () => {
  await live.synced(2_000);
  assert.equal((await live.fetch(MAPS, 'shop', 'a', 500)).kind, 'found');
  const gets = () => api.requests.filter((path) => path.includes('/namespaces/')).length;
  assert.equal(gets(), 0, 'it was known');
  api.mute();
  api.put('shop/fresh');
  const both = await Promise.all([
    live.fetch(MAPS, 'shop', 'fresh', 500),
    live.fetch(MAPS, 'shop', 'fresh', 500),
  ]);
  assert.deepEqual(
    both.map(({ kind }) => kind),
    ['found', 'found'],
  );
  assert.equal(gets(), 1);
  assert.deepEqual(named(), ['a', 'b', 'fresh']);
  assert.equal((await live.fetch(MAPS, 'shop', 'none', 500)).kind, 'missing');
  assert.equal((await live.fetch(MAPS, 'shop', 'none', 500)).kind, 'missing');
  assert.equal(gets(), 2, 'that it is missing holds for a moment');
  api.resume();
  api.put('shop/none');
  for (let left = 200; left > 0 && named().length < 4; left--) await sleep(5);
  assert.equal((await live.fetch(MAPS, 'shop', 'none', 500)).kind, 'found');
});

test('fetch: no answer in time, a refusal, and too many questions are not the same as missing', async () => {
  await live.synced(2_000);
  api.next('get', () => {});
  const late = await live.fetch(MAPS, 'shop', 'slow', 50);
  assert.ok(late.kind === 'unknown' && /in time|within|said nothing/.test(late.detail), JSON.stringify(late));
  api.next('get', (_, response) => refuse(response, 403, 'you may not'));
  const refused = await live.fetch(MAPS, 'shop', 'x', 500);
  assert.ok(refused.kind === 'unknown' && /you may not/.test(refused.detail));
  for (let times = 0; times < 8; times++) api.next('get', () => {});
  const many = await Promise.all(
    Array.from({ length: 300 }, (_, at) => live.fetch(MAPS, 'shop', `m${at}`, 100)),
  );
  assert.equal(
    many.filter((fetched) => fetched.kind === 'unknown' && /being asked/.test(fetched.detail)).length,
    44,
  );
});

test('many kinds: a few are listed at a time, each is watched by one connection, and all end at once', async () => {
  let [lists, most] = [0, 0];
  const watches = new Set<ServerResponse>();
  const server = createServer(async ({ url }, response) => {
    response.writeHead(200).flushHeaders();
    if (url!.includes('watch=true')) {
      watches.add(response);
      return;
    }
    most = Math.max(most, ++lists);
    await sleep(2);
    lists--;
    response.end(JSON.stringify({ metadata: { resourceVersion: '1' }, items: [] }));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const config = readFileSync(api.kubeconfig, 'utf8').replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`);
  writeFileSync(api.kubeconfig, config);
  const kinds = Array.from({ length: 150 }, (_, at) => ({
    ...OTHERS,
    kind: `Kind${at}`,
    resource: `kinds${at}`,
  }));
  const many = createClusterLive(await connect(''), kinds, { timing });
  assert.deepEqual(await many.synced(10_000), []);
  assert.equal(most, 4);
  for (let left = 400; left > 0 && watches.size < 150; left--) await sleep(5);
  const open = await new Promise<number>((told) => server.getConnections((_, count) => told(count)));
  assert.ok(watches.size === 150 && open <= 160, `${watches.size} watches, ${open} connections`);
  const began = performance.now();
  await many.close();
  assert.ok(performance.now() - began < 1_000);
  await new Promise((done) => server.close(done));
});

test('a refusal names the RBAC rule that it takes; staleness says what is not current', async () => {
  await live.synced(2_000);
  assert.deepEqual(staleness(live, [MAPS], Date.now() + 140_000), []);
  assert.equal(staleness(live, [MAPS], Date.now() + 150_001).length, 1);
  const { seenAt } = live.state(MAPS);
  api.next('watch', (_, response) => refuse(response, 403, 'configmaps is forbidden'));
  api.drop();
  for (let left = 200; left > 0 && live.state(MAPS).problem?.includes('forbidden') !== true; left--)
    await sleep(5);
  assert.deepEqual(staleness(live, [MAPS], seenAt + 60_000), []);
  const [stale] = staleness(live, [MAPS], seenAt + 60_001);
  assert.equal(stale!.ageMs, 60_001);
  assert.match(
    stale!.problem!,
    /configmaps is forbidden; the RBAC rule it takes: \{apiGroups: \[""\], resources: \["configmaps"\], verbs: \["list", "watch"\]\}$/,
  );
  assert.deepEqual(named(), ['a', 'b'], 'look-ups go on');
});
