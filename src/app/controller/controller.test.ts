import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { DecisionBatch, SnapshotContent } from '../../model/index.ts';
import { createControllerClient } from '../admission/controller-client.ts';
import { type DataFolder, openDataFolder } from '../data-folder.ts';
import { issueClientIdentity, openPki, type Pki } from '../pki/pki.ts';
import type { Build } from '../snapshot/build.ts';
import { contentText, digestOf } from '../snapshot/content.ts';
import { signerIn } from '../snapshot/note.ts';
import { type Controller, startController } from './controller.ts';

const NAMES = { dns: ['localhost'], ips: ['127.0.0.1'] };

let folder: string;
let data: DataFolder;
let pki: Pki;
let controller: Controller;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rampart-controller-'));
  data = openDataFolder(join(folder, 'data'));
  pki = await openPki(data, { names: NAMES, now: new Date() });
  controller = await startController({
    data,
    signer: await signerIn(data),
    pki,
    host: '127.0.0.1',
    port: 0,
    build: async () => ({ ok: false, problems: [] }),
    cwd: folder,
    now: Date.now,
    log: () => {},
  });
});
after(async () => {
  await controller.close();
  rmSync(folder, { recursive: true, force: true });
});

async function clientOf(id: string, of: DataFolder = data, ca = pki.bundle) {
  const { cert, key } = await issueClientIdentity(of, { id, now: new Date() });
  return createControllerClient(controller.url, { cert, key, ca });
}

const BATCH: DecisionBatch = {
  key: 'k',
  counts: {
    policies: { p: { pass: 1, violation: 0, error: 0, exempted: 0, denied: 0, warned: 0 } },
    requests: 1,
    dryRuns: 0,
  },
  records: [],
  dropped: 0,
};

test('a batch of a worker counts once; keys are each worker’s own', async () => {
  const [one, two] = [await clientOf('worker-1'), await clientOf('worker-2')];
  await one.post('decisions', BATCH);
  await one.post('decisions', BATCH);
  await two.post('decisions', BATCH);
  assert.equal(controller.decisions.totals().requests, 2);
  one.close();
  two.close();
});

test('what is no batch is refused', async () => {
  const client = await clientOf('worker-1');
  for (const body of [null, {}, { ...BATCH, records: 'x' }, { ...BATCH, counts: null }])
    await assert.rejects(client.post('decisions', body), /400/);
  await assert.rejects(client.post('stages', BATCH), /404/);
  await assert.rejects(client.content('sha256:00'), /404/);
  client.close();
});

test('nobody is heard without a certificate of this installation', async () => {
  const other = openDataFolder(join(folder, 'other'));
  await openPki(other, { names: NAMES, now: new Date() });
  const stranger = await clientOf('worker-1', other);
  const before = controller.decisions.totals().requests;
  await assert.rejects(stranger.post('decisions', { ...BATCH, key: 'forged' }));
  await assert.rejects(
    new Promise((resolve, reject) => {
      const sent = request(`${controller.url}/v1/decisions`, { method: 'POST', ca: pki.bundle }, resolve);
      sent.on('error', reject);
      sent.end(JSON.stringify(BATCH));
    }),
  );
  assert.equal(controller.decisions.totals().requests, before);
  stranger.close();
});

test('a worker does not take another server for its controller', async () => {
  const other = openDataFolder(join(folder, 'another'));
  const { bundle } = await openPki(other, { names: NAMES, now: new Date() });
  const misled = await clientOf('worker-1', data, bundle);
  await assert.rejects(misled.post('decisions', BATCH));
  misled.close();
});

/** A build of one document; its stages make the digest another. */
function built(text: string, proof: string, stages: SnapshotContent['stages'] = {}): Build {
  const content: SnapshotContent = {
    format: 1,
    settings: {},
    documents: [{ text, origin: { file: 'a.yaml', line: 3 }, decides: true }],
    policies: [],
    severities: {},
    stages,
    tiers: { default: 'high', namespaces: {} },
    podPaths: [],
    namespace: 'default',
  };
  const all = contentText(content);
  const more = { tests: [], stages: [], acknowledged: 0, notices: [] };
  return { ok: true, content, text: all, digest: digestOf(all), proof, ...more };
}

test('what was proved is not proved again while policies stay; anything else is, and is refused if it fails', async () => {
  const own = openDataFolder(join(folder, 'own'));
  let next = built('{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a"}}', 'one');
  const of = await startController({
    data: own,
    signer: await signerIn(own),
    pki,
    host: '127.0.0.1',
    port: 0,
    build: async () => next,
    cwd: folder,
    now: Date.now,
    log: () => {},
  });
  assert.equal((await of.renew()).kind, 'published');
  assert.equal((await of.renew()).kind, 'unchanged');
  // A proof of this one would fail: that it does not shows that there was none.
  next = built('no object', 'one', { a: [{ stage: 'warn' }] });
  assert.equal((await of.renew()).kind, 'published');
  next = built('no object', 'other', { a: [{ stage: 'enforce' }] });
  const refused = await of.renew();
  assert.ok(refused.kind === 'refused');
  assert.match(refused.reasons.join(), /^a\.yaml:3:1: It is no Kubernetes object/);
  assert.deepEqual(of.content()?.stages, { a: [{ stage: 'warn' }] });
  await of.close();
});
