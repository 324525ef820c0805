import assert from 'node:assert/strict';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openMemory, openResultCache, type Pack } from './result-cache.ts';
import { SEAL_LENGTH, sealKey } from './seal.ts';
import { UsageError } from './usage.ts';

const KEY = Buffer.alloc(32, 1);

function inFolder(work: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-results-'));
  try {
    work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function open(pack: Pack) {
  return openMemory<{ first: unknown; second: unknown }>(pack, ['first', 'second']);
}

function keep(folder: string, values: Readonly<Record<string, unknown>>, key = KEY, purpose = 'p'): void {
  const cache = openResultCache(folder, key, purpose);
  const memory = open(cache.pack);
  for (const [name, value] of Object.entries(values))
    memory.remember(name, `digest of ${name}`, { first: value });
  cache.save(Object.keys(values), memory.fresh);
}

function recall(folder: string, name: string, key = KEY, purpose = 'p', digest = `digest of ${name}`) {
  const memory = open(openResultCache(folder, key, purpose).pack);
  return memory.knows(name, digest) ? memory.recall(name, 'first') : undefined;
}

const packOf = (folder: string) =>
  join(folder, readdirSync(folder).find((name) => name.endsWith('.results'))!);

test('what was kept comes back, for the same name, content and purpose alone', () =>
  inFolder((folder) => {
    keep(folder, { a: { x: [1, 2n, new Number(3)] }, b: 'b' });
    assert.deepEqual(recall(folder, 'a'), { x: [1, 2n, new Number(3)] });
    assert.equal(recall(folder, 'b'), 'b');
    assert.equal(recall(folder, 'b', KEY, 'p', 'of another content'), undefined);
    assert.equal(recall(folder, 'c'), undefined);
    assert.equal(recall(folder, 'a', KEY, 'q'), undefined);
  }));

test('what is kept anew joins what is known, and files that are gone leave', () =>
  inFolder((folder) => {
    keep(folder, { a: 1, b: 2, c: 3 });
    const cache = openResultCache(folder, KEY, 'p');
    const memory = open(cache.pack);
    memory.remember('b', 'other', { first: 4 });
    cache.save(['a', 'b'], memory.fresh);
    assert.equal(recall(folder, 'a'), 1);
    assert.equal(recall(folder, 'b', KEY, 'p', 'other'), 4);
    assert.equal(recall(folder, 'b'), undefined);
    assert.equal(recall(folder, 'c'), undefined);
  }));

test('a part may be kept anew by itself; the others stay with the content they are of', () =>
  inFolder((folder) => {
    const change = (digest: string, parts: { first?: unknown; second?: unknown }) => {
      const cache = openResultCache(folder, KEY, 'p');
      const memory = open(cache.pack);
      memory.remember('a', digest, parts);
      cache.save(['a', 'b'], memory.fresh);
      const now = open(openResultCache(folder, KEY, 'p').pack);
      assert.ok(now.knows('a', digest));
      assert.equal(now.recall('b', 'first'), 2);
      return [now.recall('a', 'first'), now.recall('a', 'second')];
    };
    keep(folder, { b: 2 });
    assert.deepEqual(change('x', { first: 1 }), [1, undefined]);
    assert.deepEqual(change('x', { second: 'two' }), [1, 'two']);
    assert.deepEqual(change('x', { first: 'one' }), ['one', 'two']);
    assert.deepEqual(change('y', { second: 2 }), [undefined, 2]);
  }));

test('one changed byte anywhere, a cut, or another key: nothing is taken from it', () =>
  inFolder((folder) => {
    keep(folder, { a: 'found' });
    const good = readFileSync(packOf(folder));
    for (let at = 0; at < good.length; at++) {
      const bad = Buffer.from(good);
      bad[at]! ^= 1;
      writeFileSync(packOf(folder), bad);
      assert.equal(recall(folder, 'a'), undefined, `byte ${at}`);
    }
    for (const length of [0, 1, SEAL_LENGTH, good.length - 1]) {
      writeFileSync(packOf(folder), good.subarray(0, length));
      assert.equal(recall(folder, 'a'), undefined, `${length} bytes`);
    }
    writeFileSync(packOf(folder), good);
    assert.equal(recall(folder, 'a', Buffer.alloc(32, 2)), undefined);
    assert.equal(recall(folder, 'a'), 'found');
  }));

test('a pack that is good for one thing is not taken for another under its name', () =>
  inFolder((folder) => {
    keep(folder, { a: 'without policies' }, KEY, 'few policies');
    const few = packOf(folder);
    const bytes = readFileSync(few);
    rmSync(few);
    keep(folder, { a: 'found' }, KEY, 'all policies');
    writeFileSync(packOf(folder), bytes);
    assert.equal(recall(folder, 'a', KEY, 'all policies'), undefined);
  }));

test('nothing is read or written through a link', () =>
  inFolder((folder) => {
    keep(folder, { a: 'found' });
    const pack = packOf(folder);
    const elsewhere = join(folder, 'elsewhere');
    renameSync(pack, elsewhere);
    symlinkSync(elsewhere, pack);
    const before = readFileSync(elsewhere);
    assert.equal(recall(folder, 'a'), undefined);
    keep(folder, { a: 'new' });
    assert.deepEqual(readFileSync(elsewhere), before);
    assert.equal(recall(folder, 'a'), 'new');
  }));

test('a folder holds sixteen packs, the youngest, and what is not ours stays', () =>
  inFolder((folder) => {
    writeFileSync(join(folder, 'notes.results'), 'mine');
    for (let age = 30; age > 0; age--) {
      keep(folder, { a: age }, KEY, `p${age}`);
      const at = new Date(Date.now() - age * 60_000);
      for (const name of readdirSync(folder)) {
        const path = join(folder, name);
        if (statSync(path).mtimeMs > Date.now() - 30_000) utimesSync(path, at, at);
      }
    }
    assert.equal(readdirSync(folder).length, 17);
    assert.equal(recall(folder, 'a', KEY, 'p1'), 1);
    assert.equal(recall(folder, 'a', KEY, 'p30'), undefined);
    assert.equal(readFileSync(join(folder, 'notes.results'), 'utf8'), 'mine');
  }));

test('the key is made once, and is for its owner; one that is given must be long', () =>
  inFolder((folder) => {
    const key = sealKey({}, () => folder)!;
    assert.equal(key.length, 32);
    assert.deepEqual(
      sealKey({}, () => folder),
      key,
    );
    if (process.platform !== 'win32') assert.equal(statSync(join(folder, 'key')).mode & 0o077, 0);
    assert.equal(
      sealKey({}, () => undefined),
      undefined,
    );
    const given = 'k'.repeat(32);
    assert.equal(Buffer.from(sealKey({ RAMPART_CACHE_KEY: given }, () => folder)!).toString(), given);
    assert.throws(() => sealKey({ RAMPART_CACHE_KEY: 'short' }, () => folder), UsageError);
  }));
