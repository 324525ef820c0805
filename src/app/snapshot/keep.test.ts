import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { SnapshotContent } from '../../model/index.ts';
import { type DataFolder, dataFolder, openDataFolder } from '../data-folder.ts';
import { contentText, digestOf } from './content.ts';
import { keepEpoch, lastEpoch, nextEpoch } from './epoch.ts';
import { keepSnapshot, readKept } from './keep.ts';
import { type Signer, sign, signerIn, verifiersIn } from './note.ts';
import { openSnapshot, openSnapshotAside } from './open.ts';
import { newSigner } from './signed-note.ts';

const root = mkdtempSync(join(tmpdir(), 'rampart-keep-'));
after(() => rmSync(root, { recursive: true, force: true }));
const NOW = 1_800_000_000_000;
let folders = 0;

function newFolder(): DataFolder {
  return openDataFolder(join(root, `data-${++folders}`));
}

function textOf(namespace: string): string {
  const content: SnapshotContent = {
    format: 1,
    settings: { 'pss.version': 'v1.37', 'kubernetes.version': 'v1.37' },
    documents: [],
    policies: [],
    severities: {},
    stages: {},
    tiers: { default: 'high', namespaces: {} },
    podPaths: [],
    namespace,
  };
  return contentText(content);
}

function signed(key: Signer, epoch: number, namespace = 'default') {
  const text = textOf(namespace);
  return { text, note: sign(key, { epoch, digest: digestOf(text) }) };
}

async function kept(data: DataFolder, epoch: number, namespace = 'default') {
  const snapshot = signed(await signerIn(data), epoch, namespace);
  await keepSnapshot(data, snapshot, verifiersIn(data), NOW + epoch);
  return snapshot;
}

test('what is kept is found again, and nobody else can read it', async () => {
  const data = newFolder();
  assert.deepEqual(readKept(data, []).ok, false);
  const { note, text } = await kept(data, nextEpoch(data, NOW));
  const found = readKept(data);
  assert.ok(found.ok);
  assert.deepEqual([found.note, found.text, found.epoch, found.digest], [note, text, NOW, digestOf(text)]);
  assert.equal(lastEpoch(data), NOW);
  assert.equal(verifiersIn(data)[0]!.id, (await signerIn(data)).id);
  if (process.platform === 'win32') return;
  const modeOf = (path: string) => statSync(path).mode & 0o777;
  assert.deepEqual([modeOf(data.path), modeOf(data.snapshots)], [0o700, 0o700]);
  for (const path of [data.note, data.epoch, data.signingKey, data.snapshot(digestOf(text))])
    assert.equal(modeOf(path), 0o600, path);
});

test('epochs only grow, also when the clock goes back or the folder is lost', async () => {
  const data = newFolder();
  assert.equal(nextEpoch(data, NOW), NOW);
  await keepEpoch(data, NOW);
  assert.equal(nextEpoch(data, NOW - 5000), NOW + 1);
  assert.equal(nextEpoch(data, NOW + 5000.7), NOW + 5000);
  await assert.rejects(keepEpoch(data, NOW - 1), /older/);
  assert.equal(nextEpoch(newFolder(), NOW + 1), NOW + 1);
  for (const text of ['', '0\n', '-1\n', '1', '99999999999999999\n', 'x\n']) {
    writeFileSync(data.epoch, text);
    assert.throws(() => nextEpoch(data, NOW), /holds no epoch/);
  }
});

test('forged, foreign, truncated and older ones are refused, on the disk as on the wire', async () => {
  const data = newFolder();
  const key = await signerIn(data);
  const old = await kept(data, NOW, 'old');
  const now = await kept(data, NOW + 1, 'now');
  const reason = (note: string, text: string) => {
    const opened = openSnapshot(note, text, verifiersIn(data), lastEpoch(data), { now: NOW });
    return opened.ok ? 'ok' : opened.reason;
  };
  assert.equal(reason(now.note, now.text), 'ok');
  const cases: readonly [string, string, string][] = [
    [old.note, old.text, 'older-epoch'],
    [now.note, old.text, 'wrong-digest'],
    [now.note, now.text.slice(0, -1), 'wrong-digest'],
    [now.note.replace(/^\d+$/m, String(NOW + 2)), now.text, 'bad-signature'],
    [signed(newSigner('rampart'), NOW + 2).note, now.text, 'bad-signature'],
    [now.note.slice(0, -10), now.text, 'malformed'],
    ['', '', 'malformed'],
  ];
  for (const [note, text, expected] of cases) assert.equal(reason(note, text), expected);
  const future = '{"documents":[],"format":2}';
  assert.equal(reason(sign(key, { epoch: NOW + 2, digest: digestOf(future) }), future), 'unknown-format');
  const none = '{}';
  assert.equal(reason(sign(key, { epoch: NOW + 2, digest: digestOf(none) }), none), 'malformed');

  writeFileSync(data.note, old.note);
  assert.deepEqual({ ...readKept(data), detail: '' }, { ok: false, reason: 'older-epoch', detail: '' });
  writeFileSync(data.note, now.note);
  writeFileSync(data.snapshot(digestOf(now.text)), now.text.slice(0, 20));
  assert.deepEqual({ ...readKept(data), detail: '' }, { ok: false, reason: 'wrong-digest', detail: '' });
  rmSync(data.snapshot(digestOf(now.text)));
  assert.deepEqual({ ...readKept(data), detail: '' }, { ok: false, reason: 'malformed', detail: '' });
});

test('what is not signed is never kept', async () => {
  const data = newFolder();
  await kept(data, NOW, 'good');
  const verifiers = verifiersIn(data);
  await assert.rejects(keepSnapshot(data, signed(newSigner('rampart'), NOW + 1), verifiers, NOW), /not kept/);
  await assert.rejects(keepSnapshot(data, signed(await signerIn(data), NOW - 1), verifiers, NOW), /older/);
  const found = readKept(data);
  assert.ok(found.ok && found.content.namespace === 'good');
});

test('a crash between the steps leaves one that is whole', async () => {
  const data = newFolder();
  const first = await kept(data, NOW, 'a');
  const next = signed(await signerIn(data), NOW + 1, 'b');
  writeFileSync(data.snapshot(digestOf(next.text)), next.text);
  const before = readKept(data);
  assert.ok(before.ok && before.text === first.text);
  writeFileSync(data.note, next.note);
  const after = readKept(data);
  assert.ok(after.ok && after.text === next.text, 'also without its epoch');
});

test('the last ten stay, and what nobody finished goes', async () => {
  const data = newFolder();
  writeFileSync(join(data.snapshots, 'x.json.1.1.tmp'), '');
  for (let i = 0; i < 14; i++) await kept(data, NOW + 4_000_000 * i, `n${i}`);
  const left = readdirSync(data.snapshots);
  const expected = Array.from({ length: 10 }, (_, i) => `${digestOf(textOf(`n${i + 4}`)).slice(7)}.json`);
  assert.deepEqual(left.sort(), expected.sort());
  await kept(data, NOW + 4_000_000 * 20, 'n4');
  assert.equal(readdirSync(data.snapshots).length, 10);
  assert.ok(readKept(data).ok);
});

test('a folder of ours is made private; one that everybody may write to is none', () => {
  if (process.platform === 'win32') return;
  const path = join(root, 'open');
  mkdirSync(path);
  chmodSync(path, 0o777);
  assert.equal(statSync(openDataFolder(path).path).mode & 0o777, 0o700);
  // Only root can make a folder somebody else's.
  if (process.getuid?.() !== 0) return;
  chmodSync(path, 0o777);
  chownSync(path, 65534, 65534);
  assert.throws(() => openDataFolder(path), /everybody may write/);
});

test('opened aside it is the same, and the files are where the layout says', async () => {
  const data = newFolder();
  const { note, text } = await kept(data, NOW);
  const opened = await openSnapshotAside(note, text, verifiersIn(data), 0, { now: NOW });
  assert.ok(opened.ok);
  assert.deepEqual(
    [opened.epoch, opened.digest, opened.snapshot.digest],
    [NOW, digestOf(text), digestOf(text)],
  );
  const { snapshot, worker } = dataFolder('/data');
  assert.equal(snapshot('sha256:ab'), join('/data', 'snapshots', 'ab.json'));
  assert.equal(worker('1'), join('/data', 'workers', '1'));
  assert.equal(readFileSync(data.epoch, 'utf8'), `${NOW}\n`);
});
