import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { UsageError } from '../../usage.ts';
import type { PushHeaders } from './forms.ts';
import { PUSH_BYTES, receivePush } from './receive.ts';
import { createReplayMemory } from './replays.ts';
import { readPushSecret } from './secret.ts';

const SECRET = 'a secret of some length';
const NOW = 1_700_000_000_000;
const SECONDS = String(NOW / 1000);

const digest = (text: string | Buffer, key: string | Buffer = SECRET) =>
  createHmac('sha256', key).update(text);
const joined = (prefix: string, body: Buffer) => Buffer.concat([Buffer.from(prefix), body]);

/** Headers of each form; the body is signed in all of them but the last. */
const SIGNED: Readonly<Record<string, (body: Buffer, seconds?: string) => Record<string, string>>> = {
  rampart: (body, seconds = SECONDS) => ({
    'x-rampart-signature': `t=${seconds},v1=${digest(joined(`${seconds}.`, body)).digest('hex')}`,
  }),
  gitlab: (body, seconds = SECONDS) => ({
    'webhook-id': 'msg_1',
    'webhook-timestamp': seconds,
    'webhook-signature': `v1,${digest(joined(`msg_1.${seconds}.`, body)).digest('base64')}`,
  }),
  github: (body) => ({ 'x-hub-signature-256': `sha256=${digest(body).digest('hex')}` }),
  forgejo: (body) => ({ 'x-forgejo-signature': digest(body).digest('hex') }),
  gitea: (body) => ({ 'x-gitea-signature': digest(body).digest('hex') }),
};

const receiver = (now = NOW, secret = SECRET) => receivePush({ secret, now: () => now });
const BODY = Buffer.from('{"ref":"refs/heads/main"}');

test('a push that is signed by the secret asks for a poll, in every form', () => {
  for (const [name, sign] of Object.entries(SIGNED))
    assert.deepEqual(
      receiver()(sign(BODY), BODY),
      { status: 202, body: 'the ref will be looked at\n', poll: true },
      name,
    );
  assert.equal(receiver()({ 'x-gitlab-token': SECRET }, BODY).poll, true);
});

test("GitHub's own example holds", () => {
  // docs.github.com, "Validating webhook deliveries": testing the webhook payload validation.
  const receive = receiver(NOW, "It's a Secret to Everybody");
  const signature = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
  assert.equal(receive({ 'x-hub-signature-256': signature }, Buffer.from('Hello, World!')).status, 202);
});

test('a key of Standard Webhooks stands for its bytes, and one of several signatures is enough', () => {
  const key = Buffer.alloc(24, 7);
  const receive = receiver(NOW, `whsec_${key.toString('base64')}`);
  const good = digest(joined(`m.${SECONDS}.`, BODY), key).digest('base64');
  const headers = {
    'webhook-id': 'm',
    'webhook-timestamp': SECONDS,
    'webhook-signature': `v1a,x v1,AAAA v1,${good}`,
  };
  assert.equal(receive(headers, BODY).status, 202);
});

test('any flipped bit of a signed body or of what signs it is refused', () => {
  for (const [name, sign] of Object.entries(SIGNED)) {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(), (bytes, at) => {
        const body = Buffer.from(bytes);
        const headers = sign(body);
        const other = Buffer.from(body);
        other[at % other.length]! ^= 1 << (at % 8);
        assert.equal(receiver()(headers, other).poll, false, 'body');
        for (const header of Object.keys(headers)) {
          const text = Buffer.from(headers[header]!, 'latin1');
          text[at % text.length]! ^= 1 << (at % 8);
          const changed = { ...headers, [header]: text.toString('latin1') };
          const { status, poll } = receiver()(changed, body);
          assert.deepEqual([status, poll], [401, false], `${name} ${header}: ${changed[header]}`);
        }
      }),
      { numRuns: 300 },
    );
  }
  fc.assert(
    fc.property(fc.nat(), (at) => {
      const token = Buffer.from(SECRET);
      token[at % token.length]! ^= 1 << (at % 8);
      assert.equal(receiver()({ 'x-gitlab-token': token.toString('latin1') }, BODY).poll, false);
    }),
  );
});

test('whatever is sent, there is an answer and no poll without the secret', () => {
  const names = ['x-rampart-signature', 'webhook-signature', 'webhook-id', 'webhook-timestamp'];
  const header = fc.constantFrom(...names, 'x-hub-signature-256', 'x-gitea-signature', 'x-gitlab-token');
  const value = fc.oneof(
    fc.string(),
    fc.constant(`sha256=${'0'.repeat(64)}`),
    fc.array(fc.string()),
    fc.constant(''),
  );
  fc.assert(
    fc.property(fc.dictionary(header, value), fc.uint8Array(), (headers, body) => {
      const { status, poll } = receiver()(headers as PushHeaders, Buffer.from(body));
      assert.ok([400, 401].includes(status) && !poll);
    }),
    { numRuns: 1000 },
  );
});

test('the strongest form that is there decides: a weaker one does not rescue', () => {
  const headers = { 'x-hub-signature-256': 'sha256=00', 'x-gitlab-token': SECRET };
  assert.equal(receiver()(headers, BODY).status, 401);
  assert.equal(receiver()({ 'x-gitlab-token': [SECRET, SECRET] }, BODY).status, 400);
  assert.equal(receiver()({}, BODY).status, 401);
});

test('what was signed long ago, will be, or was sent before is refused', () => {
  for (const name of ['rampart', 'gitlab']) {
    const sign = SIGNED[name]!;
    for (const [seconds, status] of [
      [300, 202],
      [301, 401],
      [-300, 202],
      [-301, 401],
    ] as const)
      assert.equal(receiver(NOW + seconds * 1000)(sign(BODY), BODY).status, status, `${name} ${seconds}`);
    const receive = receiver();
    assert.equal(receive(sign(BODY), BODY).status, 202);
    assert.match(receive(sign(BODY), BODY).body, /sent before/);
    assert.equal(receive(sign(BODY, String(Number(SECONDS) + 1)), BODY).status, 202);
  }
});

test('what was sent is remembered for as long as it holds, in bounded memory', () => {
  const memory = createReplayMemory(2);
  assert.equal(memory.see('a', 10, 0), 'new');
  assert.equal(memory.see('b', 20, 0), 'new');
  assert.equal(memory.see('c', 20, 10), 'full');
  assert.equal(memory.see('a', 10, 10), 'again');
  assert.equal(memory.see('c', 30, 11), 'new');
  assert.equal(memory.see('a', 10, 21), 'new');
});

test('a flood of pushes is bounded, and ends', () => {
  let now = NOW;
  const receive = receivePush({ secret: SECRET, now: () => now });
  const push = () => receive(SIGNED['github']!(BODY), BODY).status;
  const first = Array.from({ length: 100 }, push);
  assert.equal(first.filter((status) => status === 202).length, 20);
  assert.equal(first.at(-1), 429);
  now += 3000;
  assert.deepEqual([push(), push()], [202, 429]);
});

test('a body of more than 1 MiB is not looked at, and a short secret is none', () => {
  const large = Buffer.alloc(PUSH_BYTES + 1);
  assert.equal(receiver()(SIGNED['github']!(large), large).status, 413);
  const most = Buffer.alloc(PUSH_BYTES);
  assert.equal(receiver()(SIGNED['github']!(most), most).status, 202);
  for (const secret of ['short', `whsec_${'!'.repeat(40)}`])
    assert.throws(() => receiver(NOW, secret), UsageError);
});

test('a secret is what a file holds without its line end', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'rampart-secret-')), 'secret');
  writeFileSync(file, `${SECRET}\n`);
  assert.equal(readPushSecret(file), SECRET);
  writeFileSync(file, ` ${SECRET} \r\n`);
  assert.equal(readPushSecret(file), ` ${SECRET} `);
  writeFileSync(file, 'x'.repeat(5000));
  assert.throws(() => readPushSecret(file), UsageError);
  assert.throws(() => readPushSecret(`${file}-none`), /ENOENT/);
});

test('the command of the guide signs a push', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-secret-'));
  writeFileSync(join(folder, 'secret'), `${SECRET}\n`);
  const guide = readFileSync(
    join(import.meta.dirname, '../../../../docs/guides/policies-from-git.md'),
    'utf8',
  );
  const script = /```sh\n(body=[\s\S]*?)curl --data "\$body" -H "([^"]*)"/.exec(guide)!;
  const ran = execFileSync('sh', ['-c', `${script[1]}printf '%s' "${script[2]}"`], {
    cwd: folder,
    encoding: 'utf8',
  });
  const signature = ran.replace('X-Rampart-Signature: ', '');
  assert.equal(receiver(Date.now())({ 'x-rampart-signature': signature }, Buffer.from('{}')).status, 202);
});
