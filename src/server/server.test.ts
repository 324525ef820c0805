import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAuthority, issueClientLeaf, issueServerLeaf } from '../../src/app/pki/certificates.ts';
import {
  ALLOWED,
  acceptAsking,
  ask,
  authority,
  certificate,
  openRaw,
  startServer,
} from '../../test/fakes/webhook.ts';
import type { WebhookServer, WebhookServerOptions } from './index.ts';

const HEAD = 'POST /validate HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n';

async function withServer(
  options: Partial<WebhookServerOptions>,
  use: (server: WebhookServer) => Promise<void>,
): Promise<void> {
  const server = await startServer(options);
  try {
    await use(server);
    assert.equal(server.waiting(), 0);
  } finally {
    await server.close();
  }
}

/** Counters that are not zero. */
function counted({ counters }: WebhookServer): Record<string, number> {
  return Object.fromEntries(Object.entries(counters).filter(([, count]) => count !== 0));
}

test('reviews are answered by their job', async () => {
  const kinds: string[] = [];
  const accept = acceptAsking();
  const options: Partial<WebhookServerOptions> = {
    accept: (kind, body) => {
      kinds.push(kind);
      return accept(kind, body);
    },
  };
  await withServer(options, async (server) => {
    const { status, body, headers } = await ask(server.port);
    assert.deepEqual([status, body], [200, ALLOWED.body]);
    assert.equal(headers['content-type'], 'application/json');
    assert.equal(headers['content-length'], String(ALLOWED.body.length));
    assert.equal((await ask(server.port, { path: '/mutate', body: { wait: 20 } })).status, 200);
    assert.equal((await ask(server.port, { body: { padding: 'ü'.repeat(200_000) } })).status, 200);
    const chunked = await ask(server.port, { body: '{}', headers: { 'transfer-encoding': 'chunked' } });
    assert.equal(chunked.status, 200);
    assert.deepEqual(kinds, ['validate', 'mutate', 'validate', 'validate']);
    assert.deepEqual(counted(server), { requests: 4, answered: 4 });
  });
});

test('probes say whether the process lives and is ready, and why not', async () => {
  let ready: true | string = 'no snapshot yet';
  await withServer({ ready: () => ready }, async (server) => {
    const probe = async (path: string, method = 'GET') => {
      const { status, body } = await ask(server.port, { path, method });
      return [status, body];
    };
    assert.deepEqual(await probe('/livez'), [200, 'ok']);
    assert.deepEqual(await probe('/healthz?verbose'), [200, 'ok']);
    assert.deepEqual(await probe('/readyz'), [503, 'no snapshot yet']);
    ready = true;
    assert.deepEqual(await probe('/readyz'), [200, 'ok']);
    assert.deepEqual(await probe('/readyz', 'HEAD'), [200, '']);
    assert.deepEqual(await probe('/readyz', 'POST'), [405, 'only GET']);
  });
  const options = {
    ready: () => {
      throw new Error('lost');
    },
  };
  await withServer(options, async (server) => {
    assert.equal((await ask(server.port, { path: '/readyz', method: 'GET' })).status, 503);
  });
});

test('what is no review of ours is refused before it is read', async () => {
  await withServer({}, async (server) => {
    const statusOf = async (options: Parameters<typeof ask>[1]) => (await ask(server.port, options)).status;
    assert.equal(await statusOf({ path: '/validating' }), 404);
    assert.equal(await statusOf({ path: '/' }), 404);
    for (const method of ['GET', 'PUT', 'PATCH', 'HEAD']) assert.equal(await statusOf({ method }), 405);
    for (const type of ['application/yaml', 'text/plain', ''])
      assert.equal(await statusOf({ headers: { 'content-type': type } }), 415);
    assert.equal(await statusOf({ headers: { 'content-encoding': 'gzip' } }), 415);
    assert.equal(await statusOf({ body: 'no JSON' }), 400);
    assert.equal(await statusOf({ body: '' }), 400);
    assert.deepEqual(counted(server), {
      requests: 10,
      wrongMethod: 4,
      wrongType: 4,
      refused: 2,
      notFound: 2,
    });
  });
});

test('a job that throws is answered 500, never allowed, and harms no other', async () => {
  const errors: unknown[] = [];
  const onError = (error: unknown) => {
    errors.push(error);
    throw new Error('the log fails, too');
  };
  await withServer({ onError }, async (server) => {
    for (const fails of ['accept', 'run', 'later', 'reply'] as const) {
      const { status, body } = await ask(server.port, { body: { fails } });
      assert.equal(status, 500, fails);
      assert.doesNotMatch(body, /allowed|fails/);
    }
    assert.equal((await ask(server.port)).status, 200);
    assert.deepEqual(counted(server), { requests: 5, failed: 4, answered: 1 });
    assert.equal(errors.length, 4);
  });
});

test('bodies are bounded, whether they say how long they are or not', async () => {
  await withServer({ limits: { bodyBytes: 100_000 } }, async (server) => {
    const body = (length: number) => JSON.stringify({ padding: 'x'.repeat(length - 14) });
    assert.equal((await ask(server.port, { body: body(100_000) })).status, 200);
    assert.equal((await ask(server.port, { body: body(100_001) })).status, 413);
    const headers = { 'transfer-encoding': 'chunked' };
    assert.equal((await ask(server.port, { body: body(100_000), headers })).status, 200);
    assert.equal((await ask(server.port, { body: body(100_001), headers })).status, 413);
    // The body itself is never waited for.
    const { socket, closed } = await openRaw(server.port);
    socket.write(`${HEAD}content-length: 99999999\r\n\r\n`);
    assert.match(await closed, /^HTTP\/1\.1 413 /);
    assert.deepEqual(counted(server), { requests: 5, answered: 2, tooLarge: 3 });
  });
});

test('all bodies together are bounded', async () => {
  await withServer({ limits: { bufferedBytes: 50_000 } }, async (server) => {
    const { socket, closed } = await openRaw(server.port);
    socket.write(`${HEAD}content-length: 40001\r\n\r\n${'x'.repeat(40_000)}`);
    await sleep(50);
    const refused = await ask(server.port, { body: { padding: 'x'.repeat(20_000) } });
    assert.deepEqual([refused.status, refused.headers['retry-after']], [429, '1']);
    socket.write('x');
    await sleep(50);
    assert.equal((await ask(server.port, { body: { padding: 'x'.repeat(20_000) } })).status, 200);
    socket.end();
    assert.match(await closed, /^HTTP\/1\.1 400 /);
    assert.deepEqual(counted(server), { requests: 3, bufferFull: 1, refused: 1, answered: 1 });
  });
});

test('headers are bounded', async () => {
  await withServer({ limits: { headerBytes: 4_096 } }, async (server) => {
    assert.equal((await ask(server.port, { headers: { a: 'x'.repeat(3_000) } })).status, 200);
    assert.equal((await ask(server.port, { headers: { a: 'x'.repeat(5_000) } })).status, 431);
    assert.deepEqual(counted(server), { requests: 1, answered: 1, headersTooLarge: 1 });
  });
});

test('who is slow is not waited for: with the handshake, the headers, the body', async () => {
  const limits = { handshakeMs: 400, headersMs: 400, requestMs: 60_000, bodyBytesPerSecond: 100_000 };
  await withServer({ limits }, async (server) => {
    const { connect } = await import('node:net');
    const silent = connect(server.port, '127.0.0.1');
    const silentEnd = new Promise((resolve) => silent.resume().on('close', resolve));
    const idle = await openRaw(server.port);
    const headers = await openRaw(server.port);
    headers.socket.write('POST /validate HTTP/1.1\r\nhost: a\r\nx: ');
    const body = await openRaw(server.port);
    body.socket.write(`${HEAD}content-length: 1000\r\n\r\n`);
    const drips = setInterval(() => {
      headers.socket.write('x');
      body.socket.write('x');
    }, 50);
    try {
      assert.equal((await ask(server.port)).status, 200);
      await silentEnd;
      assert.match(await headers.closed, /^HTTP\/1\.1 408 /);
      assert.match(await idle.closed, /^(HTTP\/1\.1 408 |$)/);
      assert.match(await body.closed, /^HTTP\/1\.1 408 /);
    } finally {
      clearInterval(drips);
    }
    const { slowBody, requestTimeout, handshakesFailed, answered } = server.counters;
    assert.deepEqual([slowBody, handshakesFailed, answered], [1, 1, 1]);
    assert.ok(requestTimeout >= 1);
  });
});

test('a body as a whole has to be there in time', async () => {
  const limits = { headersMs: 300, requestMs: 600, bodyBytesPerSecond: 1 };
  await withServer({ limits }, async (server) => {
    const { socket, closed } = await openRaw(server.port);
    socket.write(`${HEAD}content-length: 1000\r\n\r\n`);
    const drips = setInterval(() => socket.write('xxx'), 50);
    assert.match(await closed, /^HTTP\/1\.1 408 /);
    clearInterval(drips);
    assert.equal(server.counters.requestTimeout, 1);
  });
});

test('malformed HTTP is a clean 400, never an answer to another request', async () => {
  await withServer({}, async (server) => {
    const faults = [
      'nonsense\r\n\r\n',
      'POST /validate HTTP/1.1\r\n\r\n',
      'POST /validate HTTP/9.9\r\nhost: a\r\n\r\n',
      `${HEAD}content-length: -1\r\n\r\n`,
      `${HEAD}content-length: 1\r\ncontent-length: 2\r\n\r\n`,
      `${HEAD}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}`,
      `${HEAD}transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`,
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      '\0\0\0\0\r\n\r\n',
    ];
    for (const fault of faults) {
      const { socket, closed } = await openRaw(server.port);
      socket.write(fault);
      assert.match(await closed, /^HTTP\/1\.1 400 /, JSON.stringify(fault));
    }
    const busy = await openRaw(server.port);
    const waiting = JSON.stringify({ wait: 300 });
    busy.socket.write(`${HEAD}content-length: ${waiting.length}\r\n\r\n${waiting}nonsense\r\n\r\n`);
    assert.equal(await busy.closed, '');
    assert.equal((await ask(server.port)).status, 200);
    // Node itself answers the one without a host.
    assert.equal(server.counters.malformed, faults.length);
    await sleep(400);
  });
});

test('only HTTP/1.1 over TLS 1.2 and newer', async () => {
  await withServer({}, async (server) => {
    const refused = (options: Parameters<typeof openRaw>[1]) =>
      openRaw(server.port, options).then(
        () => 'accepted',
        (error: NodeJS.ErrnoException) => error.code,
      );
    assert.equal(await refused({ ALPNProtocols: ['h2'] }), 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL');
    assert.notEqual(await refused({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' }), 'accepted');
    for (const options of [{ ALPNProtocols: ['h2', 'http/1.1'] }, {}, { maxVersion: 'TLSv1.2' as const }]) {
      const { socket, closed } = await openRaw(server.port, options);
      assert.equal(socket.alpnProtocol, 'ALPNProtocols' in options ? 'http/1.1' : false);
      socket.write(`${HEAD}connection: close\r\ncontent-length: 2\r\n\r\n{}`);
      assert.match(await closed, /^HTTP\/1\.1 200 /);
    }
    assert.equal(server.counters.handshakesFailed, 2);
  });
});

test('too many connections are closed as they come', async () => {
  await withServer({ limits: { connections: 2 } }, async (server) => {
    const open = [await openRaw(server.port), await openRaw(server.port)];
    await assert.rejects(ask(server.port));
    for (const { socket } of open) socket.destroy();
    await sleep(50);
    assert.equal((await ask(server.port)).status, 200);
    assert.deepEqual(counted(server), { requests: 1, answered: 1, connectionsDropped: 1 });
  });
});

test('connections at rest are closed after a while', async () => {
  await withServer({ limits: { keepAliveMs: 200 } }, async (server) => {
    const { socket, closed } = await openRaw(server.port);
    socket.write(`${HEAD}content-length: 2\r\n\r\n{}`);
    assert.match(await closed, /^HTTP\/1\.1 200 /);
  });
});

test('requests that show no certificate of the client are refused, probes are not', async () => {
  const validity = { now: new Date(), days: 1 };
  const apiServers = await createAuthority(validity);
  const [allowed, other] = await Promise.all(
    ['kube-apiserver', 'someone'].map((id) => issueClientLeaf(apiServers, id, validity)),
  );
  const foreign = await issueClientLeaf(authority, 'kube-apiserver', validity);
  const client = { ca: apiServers.cert, names: ['kube-apiserver'] };
  await withServer({ client }, async (server) => {
    assert.equal((await ask(server.port, { path: '/livez', method: 'GET' })).status, 200);
    assert.equal((await ask(server.port)).status, 403);
    assert.equal((await ask(server.port, other)).status, 403);
    assert.equal((await ask(server.port, foreign)).status, 403);
    assert.equal((await ask(server.port, allowed)).status, 200);
    server.setCertificate(certificate);
    assert.equal((await ask(server.port)).status, 403);
    assert.equal((await ask(server.port, allowed)).status, 200);
    assert.deepEqual(counted(server), { requests: 6, unauthorized: 4, answered: 2 });
  });
  await withServer({ client: { ca: apiServers.cert } }, async (server) => {
    assert.equal((await ask(server.port, other)).status, 200);
    assert.equal((await ask(server.port, foreign)).status, 403);
  });
});

test('a port that is taken, or a key of another certificate, is an error', async () => {
  await withServer({}, async (server) => {
    await assert.rejects(startServer({ port: server.port }), { code: 'EADDRINUSE' });
    const { key } = await issueServerLeaf(authority, { dns: ['a'], ips: [] }, { now: new Date(), days: 1 });
    await assert.rejects(startServer({ certificate: { ...certificate, key } }), /key values mismatch/);
    assert.throws(() => server.setCertificate({ ...certificate, key }), /key values mismatch/);
    assert.equal((await ask(server.port)).status, 200);
  });
});
