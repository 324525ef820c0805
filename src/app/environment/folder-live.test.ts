import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Change } from '../../model/index.ts';
import { createDiscovery } from '../../sources/index.ts';
import { createFolderLive, type FolderLive, type FolderLiveOptions } from './folder-live.ts';

const MAPS = { group: '', kind: 'ConfigMap' };
const discovery = createDiscovery(36);

const ROOT = join(import.meta.dirname, '../../..');

let folder: string;
let live: FolderLive | undefined;
let changes: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rampart-folder-'));
  mkdirSync(join(folder, 'env'));
});
afterEach(async () => {
  await live?.close();
  rmSync(folder, { recursive: true, force: true });
});

const write = (name: string, text: string) => writeFileSync(join(folder, 'env', name), text);
const map = (name: string, value = 'x', namespace = 'shop') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: ${namespace}}\ndata: {value: ${value}}\n---\n`;

async function start(options: Partial<FolderLiveOptions> = {}): Promise<FolderLive> {
  live = await createFolderLive(['env'], { cwd: folder, discovery, settleMs: 30, ...options });
  changes = [];
  live.onChange((change) => changes.push(brief(change)));
  return live;
}

const brief = (change: Change) =>
  `${change.type} ${change.resource.ref.name}${change.type === 'put' && change.before !== undefined ? ' again' : ''}`;
const named = () => [...live!.list(MAPS)].map(({ ref }) => ref.name).sort();

async function until(holds: () => boolean, what: string): Promise<void> {
  for (let left = 400; !holds(); left--) {
    assert.ok(left > 0, `it did not come to this: ${what}; ${JSON.stringify(changes)}`);
    await sleep(10);
  }
}

test('what the files define, by kind and name, with the namespace that they come to be in', async () => {
  write('a.yaml', map('one') + map('two').replace(', namespace: shop', ''));
  write('b.json', '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"}}');
  const folderLive = await start();
  assert.deepEqual(named(), ['one', 'two']);
  assert.equal(folderLive.get(MAPS, 'default', 'two')?.ref.name, 'two');
  assert.equal(folderLive.get({ group: '', version: 'v1', kind: 'Namespace' }, '', 'shop')?.ref.name, 'shop');
  assert.equal(folderLive.get({ group: '', version: 'v2', kind: 'Namespace' }, '', 'shop'), undefined);
  const { synced, seenAt, problem } = folderLive.state(MAPS);
  assert.ok(synced && seenAt > 0 && problem === undefined);
  assert.deepEqual(folderLive.problems(), []);
});

test('examples/shop: everything in it is there, and nothing is wrong with it', async () => {
  live = await createFolderLive(['examples/shop'], { cwd: ROOT, discovery });
  assert.deepEqual(live.problems(), []);
  const namespaces = [...live.list({ group: '', kind: 'Namespace' })].map(({ ref }) => ref.name);
  assert.ok(namespaces.includes('shop-prod'), namespaces.join());
  assert.ok([...live.list({ group: 'apps', kind: 'Deployment' })].length > 5);
});

test('changes of files are differences of objects, told once', async () => {
  write('a.yaml', map('one') + map('two'));
  write('b.yaml', map('three'));
  await start();
  write('a.yaml', map('one') + map('two', 'other') + map('four'));
  rmSync(join(folder, 'env', 'b.yaml'));
  await until(() => named().join() === 'four,one,two', 'the files count');
  await sleep(60);
  assert.deepEqual([...changes].sort(), ['delete three', 'put four', 'put two again']);
  mkdirSync(join(folder, 'env', 'deep'));
  write('deep/c.yaml', map('five'));
  await until(() => named().includes('five'), 'a new folder is seen');
  renameSync(join(folder, 'env', 'deep'), join(folder, 'env', 'deeper'));
  await until(() => live!.get(MAPS, 'shop', 'five')?.origin.file === 'env/deeper/c.yaml', 'it has moved');
  rmSync(join(folder, 'env', 'deeper'), { recursive: true });
  await until(() => !named().includes('five'), 'a deletion is seen');
});

test('of a bad file the last good objects stay, and it is a problem until it is good again', async () => {
  write('a.yaml', map('one') + map('two'));
  const folderLive = await start();
  write('a.yaml', `${map('one')}kind: {broken\n`);
  await until(() => folderLive.problems().length > 0, 'a problem');
  assert.equal(folderLive.problems()[0]!.origin.file, 'env/a.yaml');
  assert.deepEqual(named(), ['one', 'two']);
  assert.deepEqual(changes, []);
  write('a.yaml', map('two', 'fixed'));
  await until(() => folderLive.problems().length === 0, 'no problem');
  assert.deepEqual(changes, ['delete one', 'put two again']);
});

test('a file that is bad from the beginning counts with what can be read of it', async () => {
  write('a.yaml', `${map('one')}apiVersion: v1\nkind: {broken\n`);
  const folderLive = await start();
  assert.equal(folderLive.problems().length, 1);
  assert.deepEqual(named(), ['one']);
});

test('an object in two files: the last one counts, and it is said', async () => {
  write('a.yaml', map('one', 'first'));
  write('b.yaml', map('one', 'second'));
  const folderLive = await start();
  const value = () =>
    (folderLive.get(MAPS, 'shop', 'one')!.object['data'] as Record<string, unknown>)['value'];
  assert.equal(value(), 'second');
  assert.match(folderLive.problems()[0]!.detail, /ConfigMap one stands in env\/a.yaml:1 as well/);
  rmSync(join(folder, 'env', 'b.yaml'));
  await until(() => value() === 'first', 'the other one counts');
  assert.deepEqual(folderLive.problems(), []);
  assert.deepEqual(changes, ['put one again']);
});

test('when the folder itself is away, nothing is taken for deleted', async () => {
  write('a.yaml', map('one'));
  const folderLive = await start({ recheckMs: 50 });
  renameSync(join(folder, 'env'), join(folder, 'elsewhere'));
  await until(() => folderLive.problems().length > 0, 'a problem');
  assert.deepEqual(named(), ['one']);
  renameSync(join(folder, 'elsewhere'), join(folder, 'env'));
  await until(() => folderLive.problems().length === 0, 'it is back');
  write('a.yaml', map('two'));
  await until(() => named().join() === 'two', 'and looked at again');
});

test('changes that never end are read all the same', async () => {
  await start({ settleMs: 400 });
  const writing = setInterval(() => write('a.yaml', map('one', String(performance.now()))), 50);
  await until(() => named().length === 1, 'the file is there').finally(() => clearInterval(writing));
});

test('a file that has become too large is a problem, and its objects stay', async () => {
  write('a.yaml', map('one'));
  const folderLive = await start();
  truncateSync(join(folder, 'env', 'a.yaml'), 65 << 20);
  await until(() => folderLive.problems().length > 0, 'a problem');
  assert.equal(folderLive.problems()[0]!.reason, 'too-large');
  assert.deepEqual(named(), ['one']);
});
