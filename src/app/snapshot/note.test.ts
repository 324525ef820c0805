import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseSigner, parseVerifier, sign, verifierText, verify } from './note.ts';
import { newSigner, openNote, signerText, signNote } from './signed-note.ts';

/** The example of golang.org/x/mod/sumdb/note. */
const PETER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const PETERS = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz';
const TEXT =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const SIGNED = `${TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`;

const NAME = { epoch: 1_800_000_000_000, digest: `sha256:${'0a'.repeat(32)}` };
const key = newSigner('rampart');

test('keys and notes are those of C2SP signed-note', () => {
  const peter = parseVerifier(PETER)!;
  assert.deepEqual(openNote([peter], SIGNED), { ok: true, body: TEXT, verifier: peter });
  const signer = parseSigner(PETERS)!;
  assert.equal(verifierText(signer), PETER);
  assert.equal(signerText(signer), PETERS);
  assert.equal(signNote(signer, TEXT), SIGNED);
});

test('a note says epoch and digest to who knows the key', () => {
  const note = sign(key, NAME);
  assert.match(note, /^rampart snapshot\n1800000000000\nsha256:(0a){32}\n\n— rampart \S+\n$/);
  assert.deepEqual(verify([key], note), { ok: true, ...NAME });
  assert.deepEqual(verify([newSigner('other'), key], note), { ok: true, ...NAME });
});

test('every flipped bit is seen', () => {
  const bytes = Buffer.from(sign(key, NAME));
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    assert.equal(verify([key], flipped.toString()).ok, false, `bit ${bit}`);
  }
});

test('unknown keys are passed over, wrong signatures of known ones are not', () => {
  const note = sign(key, NAME);
  const other = newSigner('other');
  const both = `${note + sign(other, NAME).split('\n').at(-2)}\n`;
  assert.deepEqual(verify([key], both), { ok: true, ...NAME });
  assert.deepEqual(verify([other], both), { ok: true, ...NAME });
  const stranger = verify([newSigner('rampart')], note);
  assert.deepEqual(stranger, {
    ok: false,
    reason: 'bad-signature',
    detail: 'no key that is known has signed it',
  });
  const later = sign(other, { ...NAME, epoch: NAME.epoch + 1 });
  const forged = `${note + later.split('\n').at(-2)}\n`;
  assert.equal(verify([key], forged).ok, true);
  assert.equal(verify([key, other], forged).ok, false);
});

test('what is signed but no note of a snapshot is refused', () => {
  const bodies = [
    TEXT,
    `rampart snapshot\n0\n${NAME.digest}\n`,
    `rampart snapshot\n01\n${NAME.digest}\n`,
    `rampart snapshot\n9999999999999999\n${NAME.digest}\n`,
    `rampart snapshot\n1\n${NAME.digest.toUpperCase()}\n`,
    `rampart snapshot\n1\n${NAME.digest}\nmore\n`,
    `rampart checkpoint\n1\n${NAME.digest}\n`,
  ];
  for (const body of bodies) assert.equal(verify([key], signNote(key, body)).ok, false, body);
  for (const note of [
    '',
    '\n',
    '\n\n',
    'a\n\n',
    `${sign(key, NAME)}\n`,
    sign(key, NAME).replace('\n', '\r\n'),
  ])
    assert.deepEqual(verify([key], note).ok, false, JSON.stringify(note));
});

test('any text is answered, and none is taken', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(verify([key], text).ok, false);
      assert.equal(parseVerifier(text), undefined);
      assert.equal(parseSigner(text), undefined);
    }),
  );
});
