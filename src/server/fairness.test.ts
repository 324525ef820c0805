/** What happens when more comes than can be answered. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Asking, acceptAsking, ask, keepAlive, startServer } from '../../test/fakes/webhook.ts';

const LONG = { timeout: 30_000 };

test('the flood of one user does not starve another, nor the probes', LONG, async () => {
  const order: string[] = [];
  const server = await startServer({ accept: acceptAsking(({ user }) => order.push(user!)) });
  try {
    const agent = keepAlive(81);
    const send = (body: Asking) => ask(server.port, { body, agent });
    await Promise.all(Array.from({ length: 81 }, () => send({ user: 'first', wait: 50 })));
    order.length = 0;
    const flood = Promise.all(Array.from({ length: 80 }, () => send({ user: 'flood', work: 10 })));
    while (order.length < 5) await sleep(5);
    for (let i = 0; i < 3; i++) {
      const before = order.length;
      assert.equal((await send({ user: 'other' })).status, 200);
      assert.equal((await ask(server.port, { path: '/livez', method: 'GET' })).status, 200);
      assert.ok(order.indexOf('other', before) - before < 10, `after ${order.slice(before).join()}`);
    }
    const served = order.filter((user) => user === 'flood').length;
    assert.ok(served < 80, 'the flood was still there');
    assert.deepEqual(new Set((await flood).map(({ status }) => status)), new Set([200]));
    agent.destroy();
  } finally {
    await server.close();
  }
});

test('a full queue refuses early, first who has more than a share of it', LONG, async () => {
  const ran: string[] = [];
  const limits = { waiting: 10, running: 1 };
  const server = await startServer({ accept: acceptAsking(({ user }) => ran.push(user!)), limits });
  try {
    const hold = ask(server.port, { body: { user: 'hold', wait: 1_500 } });
    await sleep(100);
    const flood = Array.from({ length: 14 }, () => ask(server.port, { body: { user: 'flood' } }));
    await sleep(500);
    const others = Array.from({ length: 3 }, () => ask(server.port, { body: { user: 'other' } }));
    const floodStatus = (await Promise.all(flood)).map(({ status, headers }) => [
      status,
      headers['retry-after'],
    ]);
    assert.equal(floodStatus.filter(([status]) => status === 200).length, 7);
    assert.equal(floodStatus.filter(([status, after]) => status === 429 && after === '1').length, 7);
    assert.deepEqual(
      (await Promise.all(others)).map(({ status }) => status),
      [200, 200, 200],
    );
    assert.equal((await hold).status, 200);
    const { queueFull, overShare, answered } = server.counters;
    assert.deepEqual({ queueFull, overShare, answered }, { queueFull: 4, overShare: 3, answered: 11 });
    assert.deepEqual(ran.slice(1, 7).filter((user) => user === 'other').length, 3);
  } finally {
    await server.close();
  }
});

test('what waited for longer than its client waits is not evaluated', LONG, async () => {
  const ran: string[] = [];
  const limits = { running: 1 };
  const server = await startServer({ accept: acceptAsking(({ user }) => ran.push(user!)), limits });
  try {
    const hold = ask(server.port, { body: { user: 'hold', wait: 2_000 } });
    const stuck = ask(server.port, { body: { user: 'stuck', wait: 1 }, path: '/validate?timeout=1s' });
    const started = performance.now();
    const { status, headers } = await stuck;
    const waited = performance.now() - started;
    assert.deepEqual([status, headers['retry-after']], [503, undefined]);
    assert.ok(waited > 800 && waited < 1_500, `${waited} ms`);
    // One that is evaluated meanwhile is answered as well, and what comes of it later is no answer.
    const late = await ask(server.port, { body: { user: 'late', wait: 3_000 }, path: '/mutate?timeout=2s' });
    assert.equal(late.status, 503);
    assert.equal((await hold).status, 200);
    assert.deepEqual(ran, ['hold', 'late'].slice(0, ran.length));
    const { expired, answered } = server.counters;
    assert.ok(expired >= 1 && answered === 1);
  } finally {
    await server.close();
  }
});

test('a job is late when its Promise is kept too late', LONG, async () => {
  const server = await startServer();
  try {
    const { status } = await ask(server.port, { body: { wait: 1_500 }, path: '/validate?timeout=500ms' });
    assert.equal(status, 503);
    await sleep(1_200);
    const { late, answered, failed } = server.counters;
    assert.deepEqual({ late, answered, failed }, { late: 1, answered: 0, failed: 0 });
    assert.equal(server.waiting(), 0);
  } finally {
    await server.close();
  }
});

test('the job of a client that left is dropped', LONG, async () => {
  const ran: string[] = [];
  const limits = { running: 1 };
  const server = await startServer({ accept: acceptAsking(({ user }) => ran.push(user!)), limits });
  try {
    const hold = ask(server.port, { body: { user: 'hold', wait: 600 } });
    await sleep(50);
    const signal = AbortSignal.timeout(200);
    await assert.rejects(ask(server.port, { body: { user: 'gone' }, signal }));
    const stays = ask(server.port, { body: { user: 'stays' } });
    assert.equal((await hold).status, 200);
    assert.equal((await stays).status, 200);
    assert.deepEqual(ran, ['hold', 'stays']);
    assert.equal(server.counters.disconnected, 1);
    assert.equal(server.waiting(), 0);
  } finally {
    await server.close();
  }
});

test('every request is counted once, however it ended', LONG, async () => {
  const limits = { waiting: 5, unread: 5, running: 2 };
  const server = await startServer({ limits });
  try {
    const asking = Array.from({ length: 120 }, (_, i): Asking => {
      const fails = (['run', 'later', 'accept'] as const)[i % 12];
      return {
        user: `u${i % 7}`,
        ...(i % 3 === 0 ? { wait: i % 50 } : { work: i % 3 }),
        ...(fails === undefined ? {} : { fails }),
      };
    });
    await Promise.allSettled(
      asking.map((body, i) =>
        ask(server.port, i % 10 === 0 ? { body, signal: AbortSignal.timeout(30) } : { body }),
      ),
    );
    await sleep(200);
    const { requests, ...endings } = server.counters;
    const {
      malformed,
      notFound,
      headersTooLarge,
      requestTimeout,
      connectionsDropped,
      handshakesFailed,
      ...own
    } = endings;
    const sum = Object.values(own).reduce((all, count) => all + count, 0);
    assert.equal(sum, requests, JSON.stringify(server.counters));
    assert.deepEqual(
      [malformed, notFound, headersTooLarge, requestTimeout, connectionsDropped],
      [0, 0, 0, 0, 0],
    );
    assert.ok(handshakesFailed <= 12);
    assert.equal(server.waiting(), 0);
  } finally {
    await server.close();
  }
});
