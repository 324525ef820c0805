import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { compilePolicies, reviveSet } from '../policy/index.ts';
import { libraryCacheFile, openLibraryCache } from './library-cache.ts';
import { parsePolicyFiles, readPolicyFiles } from './policies.ts';
import { openPreparedPrograms, prepareLibrary, readPreparedSet } from './prepared.ts';

function inFolder(work: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-library-'));
  try {
    work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('the prepared library is the library, and knows every expression of it', () =>
  inFolder((folder) => {
    const path = join(folder, 'library');
    prepareLibrary(path);
    const programs = openPreparedPrograms(path);
    const kept = readPreparedSet(path)!;
    const set = reviveSet(kept, programs);
    const { documents } = parsePolicyFiles(readPolicyFiles(['builtin'], '/'));
    const plain = compilePolicies(documents);
    const texts = ({ policies }: typeof plain) =>
      policies.map(({ id, code, validations }) => ({
        id,
        validations,
        programs: [
          ...code().variables,
          ...code().validations,
          ...code().messages,
          ...code().places,
          ...(code().related ?? []).flatMap(({ namespace, ask, item }) => [namespace, ask, item]),
        ].map(
          (program) =>
            program && [program.outputType, program.packed(), program.ast.source.text, program.plan.root],
        ),
      }));
    assert.deepEqual(texts(set), texts(plain));
    // All of the library has code that was generated beforehand.
    const numbers = kept.policies.flatMap(({ programs: { related = [], reads: _, ...lists } }) => [
      ...Object.values(lists).flat(2),
      ...related.flatMap((lookup) => Object.values(lookup)),
    ]);
    for (const number of numbers) if (number !== null) assert.equal(typeof programs(number).code, 'function');
  }));

test('of the files of a cache the youngest are kept', () =>
  inFolder((folder) => {
    for (let i = 0; i < 40; i++) {
      const path = join(folder, `${i}.bin`);
      writeFileSync(path, 'old');
      utimesSync(path, 1000 + i, 1000 + i);
    }
    const file = libraryCacheFile(folder, 'key');
    openLibraryCache(file).save({ documents: [], problems: [] });
    const left = readdirSync(folder);
    assert.equal(left.length, 16);
    assert.ok(left.includes('39.bin') && !left.includes('0.bin'));
    assert.deepEqual(openLibraryCache(file).known, { documents: [], problems: [] });
  }));
