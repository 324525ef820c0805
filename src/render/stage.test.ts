import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openStage } from './stage.ts';

function folder(t: TestContext): string {
  const made = realpathSync(mkdtempSync(join(tmpdir(), 'rampart-stage-')));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

test('regular files are copied, links inside as what they lead to, .git not at all', (t) => {
  const [from, to] = [folder(t), join(folder(t), 'copy')];
  mkdirSync(join(from, '.git'));
  writeFileSync(join(from, '.git', 'config'), 'x');
  writeFileSync(join(from, 'a'), 'text');
  symlinkSync('a', join(from, 'b'));
  openStage(from).copy(from, to);
  assert.equal(readFileSync(join(to, 'b'), 'utf8'), 'text');
  assert.ok(!existsSync(join(to, '.git')));
});

for (const [name, prepare, says] of [
  ['a link that leads out', (at: string) => symlinkSync('/etc/hosts', join(at, 'x')), /the link leads out/],
  ['a link to a folder outside', (at: string) => symlinkSync('/etc', join(at, 'x')), /the link leads out/],
  ['a circle', (at: string) => symlinkSync('.', join(at, 'x')), /in a circle/],
  ['a link to nothing', (at: string) => symlinkSync('none', join(at, 'x')), /no such file/],
  ['a device', (at: string) => symlinkSync('/dev/zero', join(at, 'x')), /leads out/],
] as const)
  test(`refused: ${name}`, (t) => {
    const from = folder(t);
    prepare(from);
    assert.throws(() => openStage(from).copy(from, join(folder(t), 'copy')), says);
  });
