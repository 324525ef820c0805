import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Limits, RUN_LIMITS, run } from './run.ts';

const NODE = process.execPath;
const shell = (script: string, limits: Partial<Limits> = {}) =>
  run('/bin/sh', ['-c', script], { cwd: '/', env: { A: 'b' }, limits: { ...RUN_LIMITS, ...limits } });
const refusal = async (script: string, limits: Partial<Limits> = {}) => {
  const ran = await shell(script, limits);
  assert.ok(!ran.ok);
  return [ran.reason, ran.detail];
};

test('output, and an environment of what is handed in', async () => {
  assert.deepEqual(await shell('echo "$A$HOME"'), { ok: true, output: 'b\n' });
});

test('what fails says so itself', async () => {
  assert.deepEqual(await refusal('echo no >&2; exit 1'), ['failed', 'no']);
  assert.deepEqual(await refusal('exit 4'), ['failed', 'ended with 4']);
  const absent = await run('/nowhere/helm', [], { cwd: '/', env: {}, limits: RUN_LIMITS });
  assert.ok(!absent.ok);
});

test('time, processor and output are bounded', async () => {
  assert.deepEqual(await refusal('exec sleep 30', { seconds: 1 }), [
    'too-large',
    'was not done after 1 s and was stopped',
  ]);
  assert.deepEqual((await refusal('while :; do :; done', { seconds: 1 }))[0], 'too-large');
  assert.deepEqual(await refusal('while :; do echo aaaaaaaaaaaaaaaa; done', { outputBytes: 2 ** 20 }), [
    'too-large',
    'printed more than 1 MiB',
  ]);
});

test('memory is bounded', {
  skip: process.platform === 'linux' ? false : 'only Linux bounds it',
}, async () => {
  const ran = await run(NODE, ['--version'], {
    cwd: '/',
    env: {},
    limits: { ...RUN_LIMITS, memoryBytes: 2 ** 24 },
  });
  assert.ok(!ran.ok);
});

test('what a program leaves running ends with it', async () => {
  const ran = await shell('sleep 600 >/dev/null 2>&1 & echo $!');
  assert.ok(ran.ok);
  const pid = Number(ran.output);
  for (let tries = 0; tries < 100 && isAlive(pid); tries++)
    await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(!isAlive(pid));
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
