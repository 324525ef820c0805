import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { createAuthority, DAY_MS, issueClientLeaf, issueServerLeaf, type KeyPair } from './certificates.ts';
import type { PkiPaths } from './files.ts';
import { lifetimes, needsRenewal } from './lifetime.ts';
import { issueClientIdentity, openPki, rotateAuthority } from './pki.ts';

const NAMES = { dns: ['rampart.rampart.svc', 'localhost'], ips: ['127.0.0.1', '::1'] };
const NOW = new Date();
const root = mkdtempSync(join(tmpdir(), 'rampart-pki-'));
after(() => rmSync(root, { recursive: true, force: true }));

let folders = 0;
function newPaths(): PkiPaths {
  const folder = mkdtempSync(join(root, `${folders++}-`));
  return {
    caCert: join(folder, 'ca.crt'),
    caKey: join(folder, 'ca.key'),
    tlsCert: join(folder, 'tls.crt'),
    tlsKey: join(folder, 'tls.key'),
  };
}

function later(days: number): Date {
  return new Date(NOW.getTime() + days * DAY_MS);
}

/** What both sides of a real handshake find of each other. */
async function handshake(
  server: KeyPair,
  { ca, servername = 'localhost', client, clientCa }: Handshake,
): Promise<{ server: string; client: string }> {
  const seen = Promise.withResolvers<string>();
  const listening = createServer(
    {
      ...server,
      requestCert: clientCa !== undefined,
      rejectUnauthorized: false,
      ...(clientCa === undefined ? {} : { ca: clientCa }),
    },
    (socket: TLSSocket) => {
      seen.resolve(socket.authorized ? 'good' : String(socket.authorizationError));
      socket.on('error', () => {});
      socket.end();
    },
  );
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const { port } = listening.address() as AddressInfo;
  try {
    const found = await new Promise<string>((resolve) => {
      const socket = connect({ port, host: '127.0.0.1', ca, servername, ...client }, () => {
        resolve('good');
        socket.resume();
      });
      socket.on('error', (error: NodeJS.ErrnoException) => {
        resolve(error.code!);
        seen.resolve('no handshake');
      });
    });
    return { server: found, client: await seen.promise };
  } finally {
    listening.close();
  }
}

interface Handshake {
  readonly ca: string;
  readonly servername?: string;
  readonly client?: KeyPair;
  readonly clientCa?: string;
}

test('a CA and a leaf are made where there are none, and kept from then on', async () => {
  const paths = newPaths();
  const made = await openPki(paths, { names: NAMES, now: NOW });
  assert.deepEqual(made.changes, ['authority-created', 'leaf-issued']);
  const again = await openPki(paths, { names: NAMES, now: later(1) });
  assert.deepEqual(again, { ...made, changes: [] });

  const ca = new X509Certificate(made.bundle);
  const leaf = new X509Certificate(made.server.cert);
  assert.ok(ca.ca && ca.verify(ca.publicKey));
  assert.ok(!leaf.ca && leaf.verify(ca.publicKey) && leaf.checkIssued(ca));
  assert.equal(leaf.publicKey.asymmetricKeyDetails!.namedCurve, 'prime256v1');
  assert.deepEqual(leaf.keyUsage, ['1.3.6.1.5.5.7.3.1']);
  assert.equal(leaf.checkIP('::1'), '::1');
  assert.equal(Math.round((leaf.validToDate.getTime() - leaf.validFromDate.getTime()) / DAY_MS), 90);
  assert.equal(Math.round((ca.validToDate.getTime() - ca.validFromDate.getTime()) / DAY_MS), 3650);
  assert.match(leaf.serialNumber, /^[4-7][0-9A-F]{31}$/);
  assert.notEqual(leaf.serialNumber, ca.serialNumber);
});

test('keys are for their owner alone, and nothing is left lying about', async () => {
  const paths = newPaths();
  const before = process.umask(0);
  try {
    await openPki(paths, { names: NAMES, now: NOW });
    await rotateAuthority(paths, { names: NAMES, now: NOW });
  } finally {
    process.umask(before);
  }
  assert.deepEqual(readdirSync(join(paths.caKey, '..')).sort(), ['ca.crt', 'ca.key', 'tls.crt', 'tls.key']);
  for (const path of [paths.caKey, paths.tlsKey]) {
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(readFileSync(path, 'utf8').match(/BEGIN PRIVATE KEY/g)!.length, 1);
  }
});

test('clients that trust the CA accept the leaf under its names alone', async () => {
  const { server, bundle } = await openPki(newPaths(), { names: NAMES, now: NOW });
  assert.equal((await handshake(server, { ca: bundle })).server, 'good');
  assert.equal((await handshake(server, { ca: bundle, servername: 'rampart.rampart.svc' })).server, 'good');
  const other = await handshake(server, { ca: bundle, servername: 'rampart.other.svc' });
  assert.equal(other.server, 'ERR_TLS_CERT_ALTNAME_INVALID');
  const stranger = await createAuthority({ now: NOW, days: 1 });
  assert.notEqual((await handshake(server, { ca: stranger.cert })).server, 'good');
});

test('an expired leaf is refused, and renewed before it expires', async () => {
  const paths = newPaths();
  const past = await openPki(paths, { names: NAMES, now: later(-91) });
  assert.equal((await handshake(past.server, { ca: past.bundle })).server, 'CERT_HAS_EXPIRED');
  const renewed = await openPki(paths, { names: NAMES, now: NOW });
  assert.deepEqual(renewed.changes, ['leaf-issued']);
  assert.equal(renewed.bundle, past.bundle);
  assert.equal((await handshake(renewed.server, { ca: past.bundle })).server, 'good');
  assert.deepEqual((await openPki(paths, { names: NAMES, now: later(59) })).changes, []);
  assert.deepEqual((await openPki(paths, { names: NAMES, now: later(60.1) })).changes, ['leaf-issued']);
});

test('a leaf that lacks a name, or whose key is another one, is made again', async () => {
  const paths = newPaths();
  await openPki(paths, { names: { dns: ['localhost'], ips: [] }, now: NOW });
  const more = await openPki(paths, { names: NAMES, now: NOW });
  assert.deepEqual(more.changes, ['leaf-issued']);
  assert.equal((await handshake(more.server, { ca: more.bundle })).server, 'good');
  writeFileSync(paths.tlsKey, (await createAuthority({ now: NOW, days: 1 })).key);
  assert.deepEqual((await openPki(paths, { names: NAMES, now: NOW })).changes, ['leaf-issued']);
  writeFileSync(paths.tlsCert, 'no certificate');
  assert.deepEqual((await openPki(paths, { names: NAMES, now: NOW })).changes, ['leaf-issued']);
});

test('a CA whose key is another one is an error: nothing is made in its place', async () => {
  const paths = newPaths();
  await openPki(paths, { names: NAMES, now: NOW });
  writeFileSync(paths.caKey, (await createAuthority({ now: NOW, days: 1 })).key);
  await assert.rejects(openPki(paths, { names: NAMES, now: NOW }), /do not belong together: restore them/);
  await assert.rejects(rotateAuthority(paths, { names: NAMES, now: NOW }), /do not belong together/);
  rmSync(paths.caCert);
  await assert.rejects(openPki(paths, { names: NAMES, now: NOW }), /do not belong together/);
});

test('a new CA cuts off nobody: not who trusts the old one alone, nor who shows what it signed', async () => {
  const paths = newPaths();
  const before = await openPki(paths, { names: NAMES, now: later(-1) });
  const worker = await issueClientIdentity(paths, { id: 'worker-1', now: NOW });
  const during = await rotateAuthority(paths, { names: NAMES, now: NOW });
  const fresh = await issueClientIdentity(paths, { id: 'worker-2', now: NOW });
  const [own, ...others] = lifetimes(during.bundle, NOW);
  assert.notEqual(own!.subject, others[0]!.subject);
  assert.equal(others.length, 1);

  const newOnly = during.bundle.slice(0, during.bundle.indexOf('-----END CERTIFICATE-----') + 26);
  for (const ca of [before.bundle, during.bundle, newOnly])
    assert.deepEqual(await handshake(during.server, { ca, client: worker, clientCa: during.bundle }), {
      server: 'good',
      client: 'good',
    });
  // A controller that still trusts the old CA alone, and one that had no time to change its leaf.
  for (const clientCa of [before.bundle, during.bundle])
    assert.deepEqual(await handshake(before.server, { ca: during.bundle, client: fresh, clientCa }), {
      server: 'good',
      client: 'good',
    });

  assert.deepEqual((await openPki(paths, { names: NAMES, now: later(1) })).changes, []);
  const renewed = await openPki(paths, { names: NAMES, now: later(61) });
  assert.deepEqual(renewed.changes, ['leaf-issued']);
  assert.equal(renewed.server.cert.match(/BEGIN CERTIFICATE/g)!.length, 2);
  const afterwards = await openPki(paths, { names: NAMES, now: later(91) });
  assert.deepEqual(afterwards.changes, ['authority-retired']);
  assert.equal(lifetimes(afterwards.bundle, NOW).length, 1);
});

test('a CA is followed by another while a third of its life is left, interrupted or not', async () => {
  const paths = newPaths();
  const first = await openPki(paths, { names: NAMES, now: later(-2_500) });
  const oldKey = readFileSync(paths.caKey, 'utf8');
  const second = await openPki(paths, { names: NAMES, now: NOW });
  assert.deepEqual(second.changes, ['authority-rotated', 'leaf-issued']);
  assert.equal((await handshake(second.server, { ca: first.bundle })).server, 'good');

  // As it was when the new leaf and keys had been written, but not the certificate: begun anew.
  writeFileSync(paths.caCert, first.bundle);
  writeFileSync(paths.caKey, readFileSync(paths.caKey, 'utf8') + oldKey);
  const third = await openPki(paths, { names: NAMES, now: NOW });
  assert.deepEqual(third.changes, ['authority-rotated', 'leaf-issued']);
  assert.equal((await handshake(third.server, { ca: first.bundle })).server, 'good');

  // As it was when only the keys had not been tidied up: done.
  writeFileSync(paths.caKey, readFileSync(paths.caKey, 'utf8') + oldKey);
  assert.deepEqual(await openPki(paths, { names: NAMES, now: NOW }), { ...third, changes: [] });
});

test('worker identities prove a worker, and are no server', async () => {
  const paths = newPaths();
  await assert.rejects(issueClientIdentity(paths, { id: 'a', now: NOW }), /there is no CA/);
  const { server, bundle } = await openPki(paths, { names: NAMES, now: NOW });
  const worker = await issueClientIdentity(paths, { id: 'worker-1', now: NOW });
  const leaf = new X509Certificate(worker.cert);
  assert.equal(leaf.subject, 'CN=worker-1');
  assert.deepEqual(leaf.keyUsage, ['1.3.6.1.5.5.7.3.2']);
  const seen = async (client: KeyPair) =>
    (await handshake(server, { ca: bundle, client, clientCa: bundle })).client;
  assert.equal(await seen(worker), 'good');
  assert.equal(await seen(server), 'INVALID_PURPOSE');
  assert.notEqual((await handshake(worker, { ca: bundle })).server, 'good');
  const foreign = await createAuthority({ now: NOW, days: 1 });
  assert.notEqual(await seen(await issueClientLeaf(foreign, 'worker-1', { now: NOW, days: 1 })), 'good');
  const expired = await issueClientIdentity(paths, { id: 'worker-1', now: later(-91) });
  assert.equal(await seen(expired), 'CERT_HAS_EXPIRED');
});

test('what is no name is no name', async () => {
  const authority = await createAuthority({ now: NOW, days: 1 });
  const validity = { now: NOW, days: 1 };
  for (const id of ['', 'a,CN=admin', 'a\nb', 'ä', '-a', 'a'.repeat(65)])
    await assert.rejects(issueClientLeaf(authority, id, validity), /expected a worker id/);
  for (const name of ['', '*.svc', 'a..b', 'a b', 'a,DNS:b', '127.0.0.1:1', `${'a.'.repeat(130)}a`])
    await assert.rejects(
      issueServerLeaf(authority, { dns: [name], ips: [] }, validity),
      /expected a DNS name/,
    );
  await assert.rejects(issueServerLeaf(authority, { dns: [], ips: ['1.2.3'] }, validity), /expected an IP/);
  await assert.rejects(issueServerLeaf(authority, { dns: [], ips: [] }, validity), /needs a DNS name/);
  const long = `${'a'.repeat(63)}.${'b'.repeat(63)}.svc`;
  const { cert } = await issueServerLeaf(authority, { dns: [long], ips: [] }, validity);
  assert.equal(new X509Certificate(cert).checkHost(long), long);
});

test('the alarm says how many days are left of each certificate', async () => {
  const { bundle, server } = await openPki(newPaths(), { names: NAMES, now: NOW });
  const [ca, leaf] = lifetimes(bundle + server.cert, NOW);
  assert.equal(ca!.days, 3_649);
  assert.deepEqual([leaf!.subject, leaf!.days], ['CN=rampart.rampart.svc', 89]);
  assert.equal(lifetimes(server.cert, later(91))[0]!.days, -2);
  assert.deepEqual(lifetimes('', NOW), []);
  assert.equal(needsRenewal(server.cert, later(59)), false);
  assert.equal(needsRenewal(server.cert, later(61)), true);
});
