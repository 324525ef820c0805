/** Servers come and go, certificates change, and no request fails. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { issueServerLeaf } from '../../src/app/pki/certificates.ts';
import { isUnsent } from '../../test/fakes/sent.ts';
import { ask, authority, certificate, keepAlive, openRaw, startServer } from '../../test/fakes/webhook.ts';

const LONG = { timeout: 30_000 };

interface Load {
  /** `turnedAway`: connections that were reset before they were accepted, which are tried again. */
  stop(): Promise<{ answered: number; failures: string[]; turnedAway: number }>;
}

/** Clients that ask one request after another, half of them each on a new connection. */
function startLoad(port: number, clients: number, wait: number): Load {
  const failures: string[] = [];
  let answered = 0;
  let turnedAway = 0;
  let going = true;
  const agent = keepAlive(clients);
  const loop = async (number: number) => {
    while (going) {
      try {
        const options = { body: { wait }, ...(number % 2 === 0 ? { agent } : {}) };
        const { status } = await ask(port, options);
        if (status === 200) answered++;
        else failures.push(String(status));
      } catch (error) {
        if (isUnsent(error)) turnedAway++;
        else failures.push(String(error));
      }
    }
  };
  const loops = Promise.all(Array.from({ length: clients }, (_, number) => loop(number)));
  return {
    async stop() {
      going = false;
      await loops;
      agent.destroy();
      return { answered, failures, turnedAway };
    },
  };
}

test('a server drains beside another on its port: no request is lost', LONG, async () => {
  const limits = { graceMs: 300, lingerMs: 300 };
  const leaving = await startServer({ reusePort: true, limits });
  const staying = await startServer({ reusePort: true, port: leaving.port });
  try {
    const load = startLoad(leaving.port, 12, 3);
    await sleep(300);
    assert.ok(leaving.counters.answered > 0 && staying.counters.answered > 0);
    const drained = leaving.drain();
    assert.equal(drained, leaving.drain());
    await drained;
    const answered = leaving.counters.answered;
    await sleep(200);
    const result = await load.stop();
    assert.deepEqual(result.failures, []);
    // The kernel may make connections in the moment between the last look and the end of listening; clients and servers in
    // one event loop make that moment a long one. No more than those that connect anew each time:
    assert.ok(result.turnedAway <= 6, `${result.turnedAway} connections reset`);
    assert.equal(leaving.counters.answered, answered);
    assert.equal(leaving.counters.answered + staying.counters.answered, result.answered);
    assert.deepEqual([leaving.counters.cutOff, leaving.waiting()], [0, 0]);
  } finally {
    await staying.close();
  }
});

/** Clients of another thread, which connect while this one is busy. Resolves with what each was told. */
function clientsElsewhere(
  port: number,
  clients: number,
): { connected: Int32Array; told: Promise<unknown[]> } {
  const connected = new Int32Array(new SharedArrayBuffer(4));
  const script = `
    const { workerData: { port, clients, connected }, parentPort } = require('node:worker_threads');
    const { request } = require('node:https');
    const one = () => new Promise((resolve) => {
      const options = { host: '127.0.0.1', port, path: '/validate', method: 'POST', agent: false, rejectUnauthorized: false,
        headers: { 'content-type': 'application/json' } };
      const sent = request(options, (answer) => { answer.resume(); resolve(answer.statusCode); });
      sent.on('socket', (socket) => socket.once('connect', () => { Atomics.add(connected, 0, 1); Atomics.notify(connected, 0); }));
      sent.on('error', (error) => resolve(error.message));
      sent.end('{}');
    });
    Promise.all(Array.from({ length: clients }, one)).then((told) => parentPort.postMessage(told));`;
  const worker = new Worker(script, { eval: true, workerData: { port, clients, connected } });
  return {
    connected,
    told: new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    }),
  };
}

test('connections that nobody has taken yet when it stops to listen are answered', LONG, async () => {
  const clients = 20;
  const server = await startServer({ limits: { graceMs: 0, lingerMs: 0 } });
  const { connected, told } = clientsElsewhere(server.port, clients);
  // Whoever connects now is in the queue of the kernel: this thread waits, and takes nobody.
  for (let seen = 0; seen < clients; seen = Atomics.load(connected, 0))
    assert.notEqual(Atomics.wait(connected, 0, seen, 10_000), 'timed-out');
  await server.drain();
  assert.deepEqual(await told, Array(clients).fill(200));
  assert.equal(server.counters.answered, clients);
});

test('while it drains it is not ready, and goes on to answer', LONG, async () => {
  const server = await startServer({ limits: { graceMs: 400, lingerMs: 200 } });
  const agent = keepAlive(1);
  assert.equal((await ask(server.port, { agent })).headers.connection, 'keep-alive');
  const drained = server.drain();
  const { status, body } = await ask(server.port, { path: '/readyz', method: 'GET' });
  assert.deepEqual([status, body], [503, 'shutting down']);
  assert.equal((await ask(server.port, { path: '/livez', method: 'GET' })).status, 200);
  assert.equal((await ask(server.port, { agent })).headers.connection, 'keep-alive');
  const slow = ask(server.port, { body: { wait: 1_200 } });
  await sleep(500);
  // No longer listening, yet a connection that is open may ask once more.
  await assert.rejects(ask(server.port));
  const last = await ask(server.port, { agent });
  assert.deepEqual([last.status, last.headers.connection], [200, 'close']);
  assert.equal((await slow).status, 200);
  await drained;
  agent.destroy();
});

test('what is not answered when the last deadline passes is cut off, and counted', LONG, async () => {
  const server = await startServer({ limits: { graceMs: 0, lingerMs: 0, cutOffMs: 300 } });
  const hanging = ask(server.port, { body: { wait: 5_000 } });
  const resting = await openRaw(server.port);
  await sleep(100);
  const cut = assert.rejects(hanging);
  const started = performance.now();
  await server.drain();
  assert.ok(performance.now() - started < 1_000);
  await Promise.all([cut, resting.closed]);
  assert.equal(server.counters.cutOff, 1);
});

test('certificates change under load without one failure', LONG, async () => {
  const server = await startServer();
  try {
    const load = startLoad(server.port, 8, 1);
    const validity = { now: new Date(), days: 1 };
    const shown = async () => {
      const { socket, closed } = await openRaw(server.port);
      const { serialNumber } = socket.getPeerX509Certificate()!;
      socket.end();
      await closed;
      return serialNumber;
    };
    const serials = new Set([await shown()]);
    for (let i = 0; i < 5; i++) {
      await sleep(60);
      server.setCertificate(
        await issueServerLeaf(authority, { dns: ['localhost'], ips: ['127.0.0.1'] }, validity),
      );
      serials.add(await shown());
    }
    server.setCertificate(certificate);
    const { answered, failures } = await load.stop();
    assert.deepEqual(failures, []);
    assert.ok(answered > 50, `${answered} answered`);
    assert.equal(serials.size, 6);
  } finally {
    await server.close();
  }
});
