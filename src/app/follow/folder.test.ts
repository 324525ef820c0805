import assert from 'node:assert/strict';
import fs, { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type FollowFolderOptions, followFolder } from './folder.ts';

function folder(t: TestContext, files: Readonly<Record<string, string>> = {}): string {
  const path = mkdtempSync(join(tmpdir(), 'rampart-folder-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(path, name, '..'), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}

async function following(t: TestContext, path: string, options: Partial<FollowFolderOptions> = {}) {
  const seen = { changes: 0, fail: false, refuse: false };
  const follower = followFolder(
    path,
    () => {
      seen.changes++;
      if (seen.fail) throw new Error('not today');
      return seen.refuse ? { accepted: false, reason: 'no' } : { accepted: true };
    },
    { settleMs: 50, longestMs: 500, resyncMs: 600_000, now: Date.now, ...options },
  );
  t.after(() => follower.close());
  await follower.ready;
  const until = async (changes: number) => {
    for (let i = 0; i < 100 && seen.changes < changes; i++) await pause(20);
    assert.equal(seen.changes, changes);
  };
  return { follower, seen, until };
}

test('a change of a file, a new one, a renamed and a deleted one are seen, each once', async (t) => {
  const path = folder(t, { 'a.yaml': 'a: 1', 'd/b.yaml': 'b: 1' });
  const { follower, seen, until } = await following(t, path);
  writeFileSync(join(path, 'a.yaml'), 'a: 22');
  await until(1);
  writeFileSync(join(path, 'd/c.yaml'), 'c: 1');
  await until(2);
  // As editors save.
  writeFileSync(join(path, 'd/.b.yaml.swp'), 'b: 3');
  renameSync(join(path, 'd/.b.yaml.swp'), join(path, 'd/b.yaml'));
  await until(3);
  rmSync(join(path, 'd'), { recursive: true });
  await until(4);
  await follower.check();
  await pause(150);
  assert.equal(seen.changes, 4);
});

test('a file that may not be there comes, changes and goes', async (t) => {
  const path = folder(t, { 'other.yaml': 'a: 1' });
  const file = join(path, 'rampart.lock');
  const { follower, seen, until } = await following(t, file, { optional: true });
  assert.equal(follower.state().problem, undefined);
  writeFileSync(file, 'version: 1');
  await until(1);
  writeFileSync(join(path, '.next'), 'version: 22');
  renameSync(join(path, '.next'), file);
  await until(2);
  rmSync(file);
  await until(3);
  writeFileSync(join(path, 'other.yaml'), 'a: 2');
  await follower.check();
  await pause(150);
  assert.equal(seen.changes, 3, 'what lies beside it is nothing to it');
});

test('many changes at once are one', async (t) => {
  const path = folder(t);
  const { until } = await following(t, path, { settleMs: 200 });
  for (let i = 0; i < 50; i++) writeFileSync(join(path, `${i}.yaml`), 'x: 1');
  await until(1);
});

test('the swap of a mounted ConfigMap is a change', async (t) => {
  const path = folder(t, { '..2026_01/a.yaml': 'a: 1', '..2026_02/a.yaml': 'a: 2' });
  symlinkSync('..2026_01', join(path, '..data'));
  symlinkSync('..data/a.yaml', join(path, 'a.yaml'));
  const { until } = await following(t, path);
  symlinkSync('..2026_02', join(path, '..data_tmp'));
  renameSync(join(path, '..data_tmp'), join(path, '..data'));
  rmSync(join(path, '..2026_01'), { recursive: true });
  await until(1);
  // The next one too: the first must not have ended the watch.
  mkdirSync(join(path, '..2026_03'));
  writeFileSync(join(path, '..2026_03/a.yaml'), 'a: 3');
  symlinkSync('..2026_03', join(path, '..data_tmp'));
  renameSync(join(path, '..data_tmp'), join(path, '..data'));
  await until(2);
});

test('a folder that is gone changes nothing and is said; back again it is followed on', async (t) => {
  const path = folder(t, { 'p/a.yaml': 'a: 1' });
  const { follower, seen, until } = await following(t, join(path, 'p'), { resyncMs: 50 });
  renameSync(join(path, 'p'), join(path, 'q'));
  await pause(200);
  assert.equal(seen.changes, 0);
  assert.match(follower.state().problem ?? '', /ENOENT/);
  mkdirSync(join(path, 'p'));
  writeFileSync(join(path, 'p/a.yaml'), 'a: 2');
  await until(1);
  assert.equal(follower.state().problem, undefined);
});

test('without events a change is seen by looking, and what was not taken in is offered again', async (t) => {
  const path = folder(t, { 'a.yaml': 'a: 1' });
  const { follower, seen } = await following(t, path, { settleMs: 600_000, longestMs: 600_000 });
  writeFileSync(join(path, 'a.yaml'), 'a: 22');
  seen.fail = true;
  assert.equal((await follower.check()).problem, 'not today');
  seen.fail = false;
  assert.equal((await follower.check()).problem, undefined);
  await follower.check();
  assert.equal(seen.changes, 2);
});

test('links in a circle end, and .git is not looked at', async (t) => {
  const path = folder(t, { 'a/b.yaml': 'b: 1', '.git/index': 'x' });
  symlinkSync('..', join(path, 'a/up'));
  const { follower, seen } = await following(t, path);
  writeFileSync(join(path, '.git/index'), 'another');
  await follower.check();
  assert.equal(seen.changes, 0);
  writeFileSync(join(path, 'a/b.yaml'), 'b: 22');
  await follower.check();
  assert.equal(seen.changes, 1);
});

test('looking lets others have their turn after each file, and sees what changes meanwhile', async (t) => {
  const path = folder(t, Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`${i}.yaml`, 'a: 1'])));
  const stat = t.mock.method(fs, 'statSync');
  syncBuiltinESMExports();
  t.after(() => {
    stat.mock.restore();
    syncBuiltinESMExports();
  });
  let turns = 0;
  let most = 0;
  const pausing = {
    every: 0,
    now: () => 0,
    async pause() {
      // In the middle of the look, to a file that was seen already.
      if (++turns === 20) writeFileSync(join(path, '0.yaml'), 'a: 22');
      most = Math.max(most, stat.mock.callCount());
      stat.mock.resetCalls();
    },
  };
  const { follower, seen } = await following(t, path, { settleMs: 600_000, longestMs: 600_000, pausing });
  assert.equal(turns, 0, 'the first look is not shared');
  stat.mock.resetCalls();
  await follower.check();
  assert.equal(turns, 30);
  // With that of the folder itself, twice.
  assert.ok(most <= 2, `${most} files in one turn`);
  assert.equal(seen.changes, 0);
  await follower.check();
  assert.equal(seen.changes, 1);
});

test('a single file is followed too', async (t) => {
  const path = folder(t, { 'a.yaml': 'a: 1', 'b.yaml': 'b: 1' });
  const { seen, until } = await following(t, join(path, 'a.yaml'));
  writeFileSync(join(path, 'b.yaml'), 'b: 22');
  await pause(150);
  assert.equal(seen.changes, 0);
  writeFileSync(join(path, 'new'), 'a: 3');
  renameSync(join(path, 'new'), join(path, 'a.yaml'));
  await until(1);
});

test('what was refused is not offered again until it changes, and shown', async (t) => {
  const path = folder(t, { 'a.yaml': 'a: 1' });
  const { follower, seen } = await following(t, path, {
    settleMs: 600_000,
    longestMs: 600_000,
    now: () => 5,
  });
  seen.refuse = true;
  writeFileSync(join(path, 'a.yaml'), 'a: 22');
  await follower.check();
  assert.deepEqual(await follower.check(), { path, seenAt: 5, refused: { reason: 'no', at: 5 } });
  assert.equal(seen.changes, 1);
  seen.refuse = false;
  writeFileSync(join(path, 'a.yaml'), 'a: 333');
  assert.deepEqual(await follower.check(), { path, seenAt: 5 });
});
