/**
 * Workers of `rampart serve` come and go while requests do, each on a connection of its own: none is refused, reset or lost. Where a
 * controller was killed, the kernel may reset connections when its socket goes: nothing was sent on them (docs/decisions/0011).
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { admissionReview, CONFIG_MAP } from '../fakes/review.ts';
import { isUnsent } from '../fakes/sent.ts';
import { fails, newFolder, newPort, post, type Serving, serve } from '../fakes/serving.ts';

const LIMIT = { timeout: 180_000 };

const policy = (field: string) => `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: fields}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], resources: [configmaps], operations: [CREATE]}]
  validations: [{expression: "!has(object.data) || !('${field}' in object.data)", message: "no ${field}"}]
`;

const REVIEW = JSON.stringify(
  admissionReview({
    ...CONFIG_MAP,
    name: 'm',
    object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm', namespace: 'shop' } },
  }),
);

function newServeFolder(): string {
  const folder = newFolder();
  mkdirSync(join(folder, 'policies'));
  writeFileSync(join(folder, 'policies', 'fields.yaml'), policy('bad'));
  writeFileSync(
    join(folder, 'rampart.yaml'),
    'policies: [policies]\nstages:\n  - {select: ["id=fields"], stage: enforce}\n',
  );
  return folder;
}

/** Clients that ask without a pause, each request on a connection of its own. */
function startLoad({ folder, port }: Serving, clients: number, t: TestContext) {
  const failures: string[] = [];
  let [answered, resets, going] = [0, 0, true];
  t.after(() => {
    going = false;
  });
  const loops = Array.from({ length: clients }, async () => {
    while (going) {
      try {
        const { status, text } = await post(folder, {
          path: '/validate',
          port,
          body: REVIEW,
          headers: { connection: 'close' },
        });
        if (status === 200) answered++;
        else failures.push(`${status} ${text}`);
      } catch (error) {
        if (isUnsent(error)) resets++;
        failures.push(String(error));
      }
    }
  });
  return {
    answered: () => answered,
    /** Those of the failures on whose connection nothing was sent. */
    resets: () => resets,
    async stop() {
      going = false;
      await Promise.all(loops);
      return failures;
    },
  };
}

function workerOf({ folder }: Serving, name: string): number {
  return Number(readFileSync(join(folder, 'data', 'workers', name, 'pid'), 'utf8'));
}

/** Asks one worker to end, and waits until it has, and another is there in its place. */
async function restart(serving: Serving, name: string): Promise<void> {
  const from = serving.log().length;
  const before = workerOf(serving, name);
  process.kill(before, 'SIGTERM');
  await serving.said(/worker ended/, from);
  await serving.said(/worker listens/, from);
  while (workerOf(serving, name) === before) await sleep(20);
}

async function reload(serving: Serving, field: string): Promise<void> {
  const from = serving.log().length;
  writeFileSync(join(serving.folder, 'policies', 'fields.yaml'), policy(field));
  await serving.said(/snapshot in force/, from);
}

test(
  'the only worker is restarted, twice, and policies change: connections wait for the next',
  LIMIT,
  async (t) => {
    const serving = await serve(newServeFolder());
    const load = startLoad(serving, 6, t);
    await restart(serving, 'worker-1');
    await reload(serving, 'worse');
    await restart(serving, 'worker-1');
    await sleep(300);
    const failures = await load.stop();
    t.diagnostic(`${load.answered()} requests answered`);
    assert.deepEqual(failures, []);
    assert.ok(load.answered() > 100);
    assert.equal(await serving.stop(), 0);
  },
);

test('two workers are restarted in turn while policies change', LIMIT, async (t) => {
  const serving = await serve(newServeFolder(), ['--workers', '2']);
  const load = startLoad(serving, 6, t);
  await Promise.all([restart(serving, 'worker-1'), reload(serving, 'worse')]);
  await Promise.all([restart(serving, 'worker-2'), reload(serving, 'worst')]);
  const failures = await load.stop();
  t.diagnostic(`${load.answered()} requests answered`);
  assert.deepEqual(failures, []);
  assert.equal(await serving.stop(), 0);
});

test('neither of two workers takes every connection', {
  ...LIMIT,
  skip: !existsSync('/proc/self/fd') && 'nothing here says which process has a connection',
}, async (t) => {
  const serving = await serve(newServeFolder(), ['--workers', '2']);
  const workers = ['worker-1', 'worker-2'].map((name) => workerOf(serving, name));
  const before = workers.map(socketsOf);
  const opened: TLSSocket[] = [];
  for (let i = 0; i < 60; i++) opened.push(await open(serving));
  const taken = workers.map((pid, index) => socketsOf(pid) - before[index]!);
  for (const socket of opened) socket.destroy();
  t.diagnostic(`${taken.join(' and ')} of ${opened.length} connections`);
  assert.ok(Math.min(...taken) >= opened.length / 10, taken.join());
  assert.equal(await serving.stop(), 0);
});

function socketsOf(pid: number): number {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).filter((name) => {
    try {
      return readlinkSync(join(folder, name)).startsWith('socket:');
    } catch {
      return false;
    }
  }).length;
}

function open({ folder, port }: Serving): Promise<TLSSocket> {
  const ca = readFileSync(join(folder, 'data', 'ca.crt'));
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca, servername: 'localhost' }, () => resolve(socket));
    socket.on('error', reject);
  });
}

test('asked to end, it answers what came before it stopped listening', LIMIT, async (t) => {
  const serving = await serve(newServeFolder(), ['--workers', '2']);
  const load = startLoad(serving, 6, t);
  await sleep(300);
  const ended = serving.stop();
  await serving.said(/worker drains/);
  // In its grace period all is as before.
  await sleep(2_000);
  const failures = await load.stop();
  assert.deepEqual(failures, []);
  assert.equal(await ended, 0);
});

test(
  'the controller is killed and started again with fewer workers: its workers go on, and all end when their successors listen',
  LIMIT,
  async (t) => {
    const folder = newServeFolder();
    const first = await serve(folder, ['--workers', '2']);
    const before = ['worker-1', 'worker-2'].map((name) => workerOf(first, name));
    t.after(() => {
      for (const pid of before.filter(isAlive)) process.kill(pid, 'SIGKILL');
    });
    const load = startLoad(first, 6, t);
    first.child.kill('SIGKILL');
    await sleep(500);
    assert.deepEqual(before.filter(isAlive), before);
    const second = await serve(folder, [], first.port);
    assert.equal(second.port, first.port);
    for (const until = Date.now() + 60_000; before.some(isAlive); await sleep(50))
      assert.ok(Date.now() < until, `they go on: ${second.log()}`);
    await reload(second, 'worse');
    const failures = await load.stop();
    t.diagnostic(`${load.answered()} requests answered, ${failures.length} connections reset`);
    // One of each client at most: the first socket goes in a moment.
    const mayBeReset = kernelKeepsConnections() ? 0 : 6;
    assert.ok(failures.length <= mayBeReset && load.resets() === failures.length, failures.join('\n'));
    assert.match(second.log(), /worker of an earlier start ends process=worker-2/);
    assert.equal(await second.stop(), 0);
  },
);

/** Whether connections in the queue of a socket that is closed go to another one of its port. */
function kernelKeepsConnections(): boolean {
  try {
    return readFileSync('/proc/sys/net/ipv4/tcp_migrate_req', 'utf8').trim() === '1';
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test(
  'while workers keep ending who asks is refused at once, and answered when one stays',
  LIMIT,
  async () => {
    const serving = await serve(newServeFolder());
    let before = 0;
    while (!/nobody listens/.test(serving.log())) {
      const pid = workerOf(serving, 'worker-1');
      if (pid !== before && isAlive(pid)) process.kill(pid, 'SIGKILL');
      before = pid;
      await sleep(20);
    }
    await assert.rejects(open(serving), /ECONNREFUSED/);
    while (workerOf(serving, 'worker-1') === before) await sleep(20);
    (await open(serving)).destroy();
    assert.equal(await serving.stop(), 0);
  },
);

test('a port that somebody else listens on is not shared with them', LIMIT, async () => {
  const port = newPort();
  const stranger = createServer().listen({
    port,
    host: '127.0.0.1',
    reusePort: process.platform === 'linux',
  });
  await new Promise((resolve) => stranger.once('listening', resolve));
  try {
    const { code, err } = await fails(newServeFolder(), port);
    assert.equal(code, 2, err);
    assert.match(err, /--port: cannot listen on \d+ of 127\.0\.0\.1: somebody else listens there/);
  } finally {
    stranger.close();
  }
});
