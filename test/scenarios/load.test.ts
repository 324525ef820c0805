/** The loader of the bundle: with V8's code of it, without, and with code that is none. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

interface Loader {
  load(name: string): unknown;
  save(): void;
}

const { bundleLoader, loadBundle } = createRequire(import.meta.url)('../../bin/load.cjs') as {
  bundleLoader(dist: string): Loader;
  loadBundle(dist: string, name: string, cacheFolder: () => string | undefined): unknown;
};

const dist = mkdtempSync(join(tmpdir(), 'rampart-dist-'));
after(() => rmSync(dist, { recursive: true }));

writeFileSync(
  join(dist, 'entry.cjs'),
  `const { twice } = require('./other.cjs');
   const { sep } = require('node:path');
   exports.answer = () => twice(21);
   exports.where = [__filename, __dirname, typeof sep];
   exports.absolute = require(${JSON.stringify(join(dist, 'other.cjs'))}) === require('./other.cjs');`,
);
writeFileSync(join(dist, 'other.cjs'), 'exports.twice = (n) => n * 2;');

interface Entry {
  answer(): number;
  where: readonly string[];
  absolute: boolean;
}

function check(entry: unknown): void {
  const { answer, where, absolute } = entry as Entry;
  assert.equal(answer(), 42);
  assert.deepEqual(where, [join(dist, 'entry.cjs'), dist, 'string']);
  assert.ok(absolute);
}

test('a bundle without compiled code is loaded by Node', () => {
  check(loadBundle(dist, 'entry.cjs', () => undefined));
});

test('compiled code is kept and used; what is not code is not', () => {
  const first = bundleLoader(dist);
  check(first.load('entry.cjs'));
  first.save();
  const folder = readdirSync(dist).find((name) => name.startsWith('code-')) ?? '';
  assert.ok(folder.includes(process.version));
  check(loadBundle(dist, 'entry.cjs', () => assert.fail('no other cache is needed')));
  const file = join(dist, folder, 'entry.cjs.bin');
  const code = readFileSync(file);
  for (const spoilt of [code.subarray(0, code.length / 2), Buffer.from('{}'), Buffer.alloc(0)]) {
    writeFileSync(file, spoilt);
    check(bundleLoader(dist).load('entry.cjs'));
  }
});

test('a file that is missing is an error with its name', () => {
  assert.throws(() => bundleLoader(dist).load('missing.cjs'), /missing\.cjs/);
});
