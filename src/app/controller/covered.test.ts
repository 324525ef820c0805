import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openCovered } from './covered.ts';

test('the next start knows until when somebody was there', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-covered-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = { covered: join(folder, 'covered') };
  let now = 10_000;
  const first = openCovered(path, () => now);
  assert.equal(first.before, undefined);
  first.note();
  now += 500;
  first.note();
  await first.close();
  assert.equal(openCovered(path, () => now).before, 10_500);
  writeFileSync(path.covered, 'nonsense');
  assert.equal(openCovered(path, () => now).before, undefined);
});
