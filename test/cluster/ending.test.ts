import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

const ENDING = join(import.meta.dirname, 'ending.ts');

/** Starts a process of its own, as the cluster does, says its id, and waits. */
const PROGRAM = `
import { spawn } from 'node:child_process';
import { whenEnding } from ${JSON.stringify(ENDING)};
const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
whenEnding(() => child.kill('SIGKILL'));
console.log(child.pid);
`;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} ends what was started, and the process itself`, async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [output] = (await once(child.stdout, 'data')) as [Buffer];
    const ended = once(child, 'exit');
    child.kill(signal);
    assert.deepEqual(await ended, [null, signal]);
    await gone(Number(output.toString()));
  });
}

async function gone(pid: number): Promise<void> {
  for (let attempts = 0; attempts < 100; attempts++) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await sleep(20);
  }
  assert.fail(`${pid} still runs`);
}
