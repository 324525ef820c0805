/** What must hold when something of Rampart's is away, replaced, or wrong: with a real API server and failurePolicy Fail. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { skipWithoutCluster } from './binaries.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { installWebhooks, type Served, startServe, writeServeFiles } from './serve.ts';

const skip = skipWithoutCluster;
const ROOT = join(import.meta.dirname, '..', '..');
const PORT = 18_444;
const SHOP = '/api/v1/namespaces/shop';

const POLICY = (name: string, field: string) => `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: ${name}}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], resources: [configmaps], operations: [CREATE, UPDATE]}]
  validations: [{expression: "!has(object.data) || !('${field}' in object.data)", message: "no ${field}"}]
`;

let cluster: Cluster;
let served: Served;
let folder: string;
/** Processes that outlive their controller in a test. */
const orphans: number[] = [];

before(async () => {
  if (skip !== false) return;
  folder = mkdtempSync(join(tmpdir(), 'rampart-available-'));
  cluster = await startCluster();
  writeServeFiles(folder, { config: enforced('first'), policies: { 'first.yaml': POLICY('first', 'bad') } });
  served = await startServe({ folder, cluster, workers: 2, port: PORT });
  await cluster.call('POST', '/api/v1/namespaces', { metadata: { name: 'shop', labels: { webhook: 'on' } } });
  await installWebhooks(cluster, served, [
    { apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] },
  ]);
  await until(async () => (await ask('bad')) !== 201, 'the webhook took effect');
});

after(async () => {
  await served?.stop();
  for (const pid of orphans) kill(pid);
  await cluster?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

function enforced(...ids: string[]): string {
  return `policies: [policies]\nstages:\n  - {select: ["id=${ids.join(',')}"], stage: enforce}\n`;
}

function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone already.
  }
}

async function until(holds: () => Promise<boolean> | boolean, what: string, within = 30_000): Promise<void> {
  for (const end = Date.now() + within; !(await holds()); await sleep(25))
    assert.ok(Date.now() < end, `never: ${what}\n${served?.log().slice(-3_000)}`);
}

/** The status of a ConfigMap with this field, made as a dry run. */
async function ask(field: string): Promise<number> {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data: { [field]: '1' } };
  return (await cluster.call('POST', `${SHOP}/configmaps?dryRun=All`, object)).status;
}

/** Asks without a pause, several at once, while something happens; counts answers that are not what they should be. */
async function underLoad(happens: () => Promise<void>): Promise<{ asked: number; wrong: number }> {
  const count = { asked: 0, wrong: 0 };
  let over = false;
  const load = async (field: string, right: (status: number) => boolean) => {
    while (!over) {
      count.asked++;
      if (!right(await ask(field))) count.wrong++;
    }
  };
  const loads = [
    ...Array.from({ length: 3 }, () => load('fine', (status) => status === 201)),
    ...Array.from({ length: 3 }, () => load('bad', (status) => status === 422)),
  ];
  await happens();
  over = true;
  await Promise.all(loads);
  return count;
}

test('a new policy is in force in all workers, and no request is lost on the way', { skip }, async (t) => {
  const count = await underLoad(async () => {
    await sleep(300);
    writeFileSync(join(folder, 'policies', 'second.yaml'), POLICY('second', 'poor'));
    writeFileSync(join(folder, 'rampart.yaml'), enforced('first', 'second'));
    await until(async () => (await ask('poor')) === 422, 'the second policy is in force');
    await sleep(300);
  });
  t.diagnostic(`${count.asked} requests`);
  assert.equal(count.wrong, 0);
  // Whoever answers: all have it.
  for (let i = 0; i < 20; i++) assert.equal(await ask('poor'), 422);
});

test('a policy that does not compile is refused, visibly, and what was in force stays', {
  skip,
}, async () => {
  const from = served.log().length;
  writeFileSync(
    join(folder, 'policies', 'second.yaml'),
    POLICY('second', 'poor').replace('has(object.data)', 'has(object.'),
  );
  const said = await served.said(/snapshot refused .*/, from);
  assert.match(said, /second\.yaml:\d+/);
  assert.equal(await ask('poor'), 422);
  writeFileSync(join(folder, 'policies', 'second.yaml'), POLICY('second', 'worse'));
  await until(async () => (await ask('worse')) === 422 && (await ask('poor')) === 201, 'it is put right');
});

test('a worker that is asked to end loses no request', { skip }, async (t) => {
  const [first] = served.workers();
  const from = served.log().length;
  const count = await underLoad(async () => {
    await sleep(200);
    kill(first!, 'SIGTERM');
    await served.said(/worker ended/, from);
    await sleep(200);
  });
  t.diagnostic(`${count.asked} requests`);
  assert.equal(count.wrong, 0);
  await until(() => served.workers().length === 2, 'another one is started');
});

test('a worker that is killed loses no more than what it had', { skip }, async (t) => {
  await until(async () => (await served.readyz()).status === 200, 'both are ready');
  await sleep(1_000);
  const [first] = served.workers();
  const count = await underLoad(async () => {
    await sleep(200);
    kill(first!);
    await sleep(1_500);
  });
  t.diagnostic(`${count.asked} requests, ${count.wrong} failed`);
  // Six were asked at a time.
  assert.ok(count.wrong <= 6, `${count.wrong} failed`);
});

test('the controller goes: workers go on, one that starts again too; it comes back, and takes them over', {
  skip,
}, async () => {
  await until(() => served.workers().length === 2, 'both are there');
  await sleep(1_000);
  const workers = served.workers();
  orphans.push(...workers);
  served.process.kill('SIGKILL');
  await sleep(300);
  assert.equal(await ask('bad'), 422);
  assert.equal(await ask('fine'), 201);
  // One that starts again, by what is on its disk, answers alone.
  const restarted = startAlone('worker-1');
  await until(() => !isAlive(workers[0]!) || !isAlive(workers[1]!), 'the worker whose folder it is ends');
  for (const pid of workers) kill(pid);
  await until(async () => (await ask('bad')) === 422, 'it answers');
  assert.equal(await ask('fine'), 201);
  served = await startServe({ folder, cluster, workers: 2, port: PORT });
  await until(() => restarted.exitCode !== null, 'the old worker ends');
  assert.equal(await ask('bad'), 422);
  const from = served.log().length;
  writeFileSync(join(folder, 'policies', 'second.yaml'), POLICY('second', 'last'));
  await served.said(/snapshot in force/, from);
  await until(async () => (await ask('last')) === 422, 'a new policy reaches the new workers');
});

/** A worker by itself: nobody answers where its controller should be. */
function startAlone(name: string): ChildProcess {
  const words = [
    'admission',
    '--controller',
    'https://127.0.0.1:1',
    '--data',
    join(folder, 'data', 'workers', name),
  ];
  const child = spawn(
    process.execPath,
    [join(ROOT, 'bin', 'rampart.cjs'), ...words, '--port', String(PORT), '--reuse-port', '--cluster'],
    { cwd: folder, env: { ...process.env, KUBECONFIG: join(folder, 'kubeconfig') }, stdio: 'ignore' },
  );
  orphans.push(child.pid!);
  return child;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('with all workers killed the API server refuses, and they come back by themselves', {
  skip,
}, async () => {
  for (const pid of served.workers()) kill(pid);
  await until(async () => (await ask('fine')) === 201, 'they are back', 20_000);
  assert.equal(await ask('bad'), 422);
});
