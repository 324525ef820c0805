import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { answer, eventLine, type FakeApi, refuse, startFakeApi } from '../../../../test/fakes/api-server.ts';
import type { Change } from '../../../model/index.ts';
import { connect } from '../connect.ts';
import { createInformer, type Informer } from './informer.ts';
import { placeOf, versionOf } from './objects.ts';
import type { Timing } from './timing.ts';
import { createTurns } from './turns.ts';
import type { WatchedKind } from './wire.ts';

const MAPS: WatchedKind = {
  group: '',
  version: 'v1',
  resource: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
};
/** It is quick to begin again, and waits long for what comes: a busy machine is no silence. */
const QUICK: Partial<Timing> = {
  openMs: 5_000,
  pageMs: 5_000,
  silenceMs: 5_000,
  retryMs: [5, 40],
  refusedMs: 100,
  settledMs: 100,
  shortMs: 20,
  pageSize: 3,
};

let api: FakeApi;
const informers: Informer[] = [];
/** What a listener that follows all changes makes of them. */
let mirror: Map<string, string>;
let changes: Change[];
/** What it said of failures; its state says it only until it goes well again. */
let failures: { readonly message: string; readonly seenAt: number }[];

beforeEach(async () => {
  api = await startFakeApi();
});
afterEach(async () => {
  await Promise.all(informers.splice(0).map((informer) => informer.close()));
  await api.close();
});

async function start(timing: Partial<Timing> = {}, kind = MAPS): Promise<Informer> {
  mirror = new Map();
  changes = [];
  failures = [];
  const [seen, made, failed] = [mirror, changes, failures];
  process.env['KUBECONFIG'] = api.kubeconfig;
  const informer: Informer = createInformer(await connect(''), kind, {
    onChange(change) {
      made.push(change);
      const place = placeOf(change.resource);
      assert.equal(seen.has(place), change.type === 'delete' || change.before !== undefined, place);
      if (change.type === 'put') seen.set(place, versionOf(change.resource));
      else seen.delete(place);
    },
    explain: ({ message }) => {
      failed.push({ message, seenAt: informer.state().seenAt });
      return message;
    },
    now: Date.now,
    turns: createTurns(2),
    timing: { ...QUICK, ...timing },
  });
  informers.push(informer);
  return informer;
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (let left = 600; !holds(); left--) {
    assert.ok(left > 0, `it did not come to this: ${what}`);
    await sleep(5);
  }
}

const versions = (of: Iterable<readonly [string, string]>) => JSON.stringify([...of].sort());
const held = ({ known }: Informer) =>
  versions([...known].map(([place, resource]) => [place, versionOf(resource)]));
const there = () =>
  versions([...api.objects].map(([place, { metadata }]) => [place, metadata.resourceVersion]));
const agrees = (informer: Informer) =>
  until(
    () => informer.state().synced && held(informer) === there() && versions(mirror) === there(),
    'the cache is what the server has',
  );
const watching = (informer: Informer) =>
  until(() => informer.state().synced && api.watches() > 0, 'it watches');

const fill = (count: number) => {
  for (let at = 0; at < count; at++) api.put(`shop/m${String(at).padStart(3, '0')}`);
};

test('a list in pages, then changes as they come', async () => {
  fill(8);
  const informer = await start();
  await watching(informer);
  assert.deepEqual(
    api.requests.map((request) => request.replace(/timeoutSeconds=\d+/, 'T')),
    [
      '/api/v1/configmaps?limit=3',
      '/api/v1/configmaps?limit=3&continue=108%3Ashop%2Fm002',
      '/api/v1/configmaps?limit=3&continue=108%3Ashop%2Fm005',
      '/api/v1/configmaps?watch=true&resourceVersion=108&allowWatchBookmarks=true&T',
    ],
  );
  api.put('shop/new', { a: '1' });
  api.put('shop/m001', { a: '2' });
  api.delete('shop/m002');
  await agrees(informer);
  const [added, changed, gone] = changes.slice(-3);
  assert.ok(added?.type === 'put' && added.before === undefined && placeOf(added.resource) === 'shop/new');
  assert.ok(changed?.type === 'put' && versionOf(changed.before!) === '102');
  assert.ok(gone?.type === 'delete' && versionOf(gone.resource) === '103');
  const { ref, object, origin } = added.resource;
  assert.deepEqual(ref, { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'new' });
  assert.equal(origin.file, 'cluster:fake/shop/configmaps/new');
  assert.deepEqual(object, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'shop', name: 'new', resourceVersion: '109' },
    data: { a: '1' },
  });
});

test('metadata alone is asked for as such', async () => {
  const accepted: string[] = [];
  for (const what of ['list', 'watch'] as const)
    api.next(what, ({ headers }, response) => {
      accepted.push(headers.accept!);
      if (what === 'list') answer(response, 200, { metadata: { resourceVersion: '7' }, items: [] });
      else response.writeHead(200).flushHeaders();
    });
  const informer = await start({}, { ...MAPS, metadataOnly: true });
  await until(() => accepted.length === 2, 'both are asked for');
  assert.deepEqual(accepted, [
    'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
    'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
  ]);
  assert.equal(informer.state().synced, true);
});

test('lines torn anywhere, also within a character, are read whole; numbers stay exact', async () => {
  const informer = await start();
  await watching(informer);
  const metadata = { namespace: 'shop', name: 'torn', resourceVersion: '900' };
  const line = Buffer.from(
    eventLine('ADDED', { metadata, data: { text: 'ünïcödé ☃', number: 0 } }).replace(
      '"number":0',
      '"big":9007199254740993,"float":1.0,"int":3',
    ),
  );
  for (const byte of line) {
    api.send(Buffer.from([byte]));
    if (byte % 16 === 0) await sleep(1);
  }
  await until(() => informer.known.has('shop/torn'), 'the object is there');
  const data = informer.known.get('shop/torn')!.object['data'] as Record<string, unknown>;
  assert.deepEqual(data, { text: 'ünïcödé ☃', big: 9007199254740993n, float: Object(1), int: 3 });
});

test('a line without an end, then a lost connection: it goes on from the last whole event', async () => {
  const informer = await start();
  await watching(informer);
  api.put('shop/a');
  await agrees(informer);
  api.send('{"type":"ADDED","object":{"metadata":{"name":"half"');
  await sleep(10);
  api.drop();
  api.put('shop/b');
  await agrees(informer);
  assert.match(api.requests.at(-1)!, /watch=true&resourceVersion=101&/);
  assert.equal(informer.counts.lists, 1);
});

test('a line that is too long, or no event at all, is a reason to list again', async () => {
  const informer = await start({ lineBytes: 5_000 });
  await watching(informer);
  let lists = 1;
  for (const raw of [
    'x'.repeat(6_000),
    '<html>\n',
    '{"type":"ADDED"}\n',
    '{"type":"PAINTED","object":{"metadata":{"resourceVersion":"1"}}}\n',
    '{"type":"ADDED","object":{"metadata":{}}}\n',
  ]) {
    api.put(`shop/m${lists}`);
    await agrees(informer);
    api.send(raw);
    lists++;
    await until(
      () => informer.counts.lists === lists && api.watches() === 1,
      `listed again after ${raw.slice(0, 40)}`,
    );
  }
  await agrees(informer);
  assert.equal(informer.counts.missed, 0);
});

test('410 on a watch, and within one: all is listed again, and only differences are told', async () => {
  fill(5);
  const informer = await start();
  await watching(informer);
  await agrees(informer);
  const before = changes.length;
  api.compact();
  api.delete('shop/m001');
  api.drop();
  api.compact();
  await agrees(informer);
  assert.equal(changes.length, before + 1);
  await watching(informer);
  api.mute();
  api.put('shop/m003', { other: true });
  api.resume();
  api.send(
    `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, message: 'too old' } })}\n`,
  );
  await agrees(informer);
  assert.equal(changes.length, before + 2);
});

test('an error within a watch is a reason to list again, unless the server only has too much to do', async () => {
  const informer = await start();
  await watching(informer);
  const error = (code: number) =>
    api.send(`${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code, message: 'oh' } })}\n`);
  error(500);
  await until(() => informer.counts.lists === 2 && api.watches() === 1, 'listed again');
  error(429);
  await until(() => informer.counts.watches === 3, 'watched again');
  assert.equal(informer.counts.lists, 2);
});

test('410 between two pages: all is listed in one answer', async () => {
  fill(8);
  api.next('list', (_, response, url) => {
    const page = { metadata: { resourceVersion: '108', continue: '1:shop/m002' }, items: [] };
    assert.equal(url.searchParams.get('limit'), '3');
    answer(response, 200, page);
  });
  api.compact();
  const informer = await start();
  await agrees(informer);
  assert.equal(api.requests[2], '/api/v1/configmaps');
});

test('a bookmark moves the place from which it goes on, and is a sign of life', async () => {
  const informer = await start();
  await watching(informer);
  const { seenAt } = informer.state();
  api.mute();
  api.put('other/x');
  api.delete('other/x');
  api.resume();
  await sleep(5);
  api.bookmark();
  await until(() => informer.state().seenAt > seenAt, 'the bookmark counts');
  api.compact();
  api.drop();
  await until(() => informer.counts.lists === 2 && api.watches() === 1, 'it is too old all the same');
  api.drop();
  await until(() => informer.counts.watches >= 3, 'it watches again');
  assert.match(api.requests.at(-1)!, /resourceVersion=103&/);
});

test('what comes twice, too late or in another order changes nothing', async () => {
  const informer = await start();
  await watching(informer);
  const at = (type: string, version: number) =>
    eventLine(type, { metadata: { namespace: 'shop', name: 'a', resourceVersion: String(version) } });
  api.send(
    at('ADDED', 201) + at('ADDED', 201) + at('MODIFIED', 205) + at('MODIFIED', 203) + at('DELETED', 204),
  );
  await until(() => informer.counts.events === 5, 'all were read');
  assert.equal(held(informer), '[["shop/a","205"]]');
  assert.equal(changes.length, 2);
  api.send(at('DELETED', 210) + at('MODIFIED', 207) + at('DELETED', 210) + at('ADDED', 211));
  await until(() => informer.counts.events === 9, 'all were read');
  assert.equal(held(informer), '[["shop/a","211"]]');
  assert.deepEqual(
    changes.map(({ type }) => type),
    ['put', 'put', 'delete', 'put'],
  );
  assert.equal(informer.counts.repeated, 5);
});

test('an API server that was set back: the new history counts, also for objects of the same version', async () => {
  fill(4);
  const informer = await start();
  await watching(informer);
  await agrees(informer);
  api.setBack(102, ['shop/m000', 'shop/m001', 'shop/other']);
  api.bookmark();
  await agrees(informer);
  assert.equal(informer.counts.failures, 1, 'the bookmark said so, no silence');
  await watching(informer);
  assert.deepEqual(informer.known.get('shop/m001')!.object['data'], { restored: true });
  api.put('shop/m009');
  await agrees(informer);
});

test('set back while it watches from a version of the future: two silences lead to a list', async () => {
  fill(4);
  const informer = await start({ silenceMs: 60 });
  await watching(informer);
  api.setBack(50, ['shop/m000']);
  await agrees(informer);
});

test('a watch that falls silent is taken for dead; seenAt says since when', async () => {
  const informer = await start({ silenceMs: 80 });
  await watching(informer);
  const { seenAt } = informer.state();
  api.mute();
  api.put('shop/a');
  await until(() => failures.length > 0, 'silence is a failure');
  assert.match(failures[0]!.message, /says nothing any more/);
  assert.equal(failures[0]!.seenAt, seenAt);
  await agrees(informer);
});

test('every line is a sign of life: one that speaks now and then goes on', async () => {
  const informer = await start({ silenceMs: 800 });
  await watching(informer);
  for (let times = 0; times < 10; times++) {
    await sleep(100);
    api.bookmark();
  }
  assert.equal(informer.counts.watches, 1);
  assert.equal(informer.counts.failures, 0);
});

test('a trickle without an end of line is silence; so are headers that do not come', async () => {
  const informer = await start({ silenceMs: 80, openMs: 80 });
  await watching(informer);
  const trickle = setInterval(() => api.send(' '), 5);
  await until(() => informer.counts.failures > 0, 'the trickle is a failure').finally(() =>
    clearInterval(trickle),
  );
  api.next('watch', () => {});
  api.drop();
  await until(
    () => failures.some(({ message }) => /said nothing for 0.08 seconds/.test(message)),
    'it gives up',
  );
  api.put('shop/a');
  await agrees(informer);
});

test('a page that trickles in is given up, and asked for again', async () => {
  fill(2);
  api.next('list', (_, response) => {
    response.writeHead(200);
    const trickle = setInterval(() => response.write(' '), 5);
    response.on('close', () => clearInterval(trickle));
  });
  const informer = await start({ pageMs: 80 });
  await until(
    () => failures.some(({ message }) => /not answered within 0.08 seconds/.test(message)),
    'it gives up',
  );
  await agrees(informer);
  assert.equal(informer.state().problem, undefined);
});

test('429 and 503 wait as they say, 500 and a watch that ends at once wait longer each time', async () => {
  const informer = await start({ retryMs: [1, 500], shortMs: 5_000 });
  await watching(informer);
  api.next('watch', (_, response) => refuse(response, 429, 'slow down', { 'retry-after': '0.4' }));
  api.next('watch', (_, response) => refuse(response, 503, 'later'));
  api.next('watch', (_, response) => refuse(response, 500, 'oh'));
  for (let times = 0; times < 5; times++)
    api.next('watch', (_, response) => void response.writeHead(200).end());
  const began = performance.now();
  api.drop();
  api.put('shop/a');
  await agrees(informer);
  assert.ok(performance.now() - began > 400, 'it took its time');
  assert.equal(informer.counts.lists, 1);
  assert.equal(informer.counts.failures, 9);
});

test('401 and 403 are a problem, tried again slowly', async () => {
  for (const code of [401, 403]) api.next('list', (_, response) => refuse(response, code, 'no'));
  api.next('watch', (_, response) => refuse(response, 403, 'you may not watch'));
  const informer = await start({ refusedMs: 400 });
  await until(() => /not accepted \(401\)/.test(informer.state().problem ?? ''), 'it is said');
  assert.equal(informer.state().forbidden, undefined);
  const began = performance.now();
  await until(() => /is answered with 403: no/.test(informer.state().problem ?? ''), 'it is said');
  assert.ok(performance.now() - began > 150, 'it is not asked again at once');
  assert.equal(informer.state().forbidden, true);
  assert.equal(informer.state().synced, false);
  await until(() => /you may not watch/.test(informer.state().problem ?? ''), 'it is said');
  assert.equal(informer.state().synced, true);
  api.put('shop/a');
  await agrees(informer);
  assert.equal(informer.state().problem, undefined);
  assert.equal(informer.state().forbidden, undefined);
});

test('what a watch missed is found by the next comparison, and counted', async () => {
  fill(4);
  const informer = await start({ resyncMs: 60 });
  await watching(informer);
  await agrees(informer);
  api.mute();
  api.delete('shop/m001');
  api.put('shop/m002', { quiet: true });
  api.put('shop/new');
  await agrees(informer);
  assert.equal(informer.counts.missed, 3);
  assert.equal(informer.counts.watches, 1);
});

test('close ends it within a second, whatever it waits for', async () => {
  for (const stuck of ['list', 'watch'] as const) {
    api.next(stuck, () => {});
    const informer = await start({ openMs: 60_000, pageMs: 60_000 });
    await sleep(60);
    const began = performance.now();
    await informer.close();
    assert.ok(performance.now() - began < 500, stuck);
  }
});

test('whatever happens on the way, the cache comes to what the server has', async () => {
  const place = fc.integer({ min: 0, max: 9 }).map((at) => `shop/m${at}`);
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('put' as const), place }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), place }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constantFrom(
          'bookmark' as const,
          'drop' as const,
          'compact' as const,
          'gone' as const,
          'mute' as const,
          'resume' as const,
          'repeat' as const,
          'garbage' as const,
          'wait' as const,
        ),
        place,
      }),
    },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      await api.close();
      api = await startFakeApi();
      const informer = await start({ resyncMs: 40, silenceMs: 60, retryMs: [1, 5] });
      for (const { do: what, place } of steps) {
        const object = api.objects.get(place);
        switch (what) {
          case 'put':
          case 'delete':
            api[what](place);
            break;
          case 'gone':
            api.send(`${JSON.stringify({ type: 'ERROR', object: { code: 410, message: 'old' } })}\n`);
            break;
          case 'repeat':
            if (object !== undefined) api.send(eventLine('MODIFIED', object));
            break;
          case 'garbage':
            api.send('{"type":\n');
            break;
          case 'wait':
            await sleep(3);
            break;
          default:
            api[what]();
        }
      }
      api.resume();
      await agrees(informer);
      await informer.close();
    }),
    { numRuns: 100 },
  );
});
