/**
 * Signed notes with Ed25519, as C2SP defines them: a text, an empty line, and a line for each signature,
 * `— NAME BASE64(key id ‖ signature)`.
 */
import { builtin } from '../builtin.ts';

export interface Verifier {
  readonly name: string;
  /** 8 hex digits. */
  readonly id: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

export interface Signer extends Verifier {
  /** 32 bytes. */
  readonly seed: Uint8Array;
}

const ED25519 = 1;
const KEY_BYTES = 32;
const ID_BYTES = 4;
const SIGNATURE_BYTES = 64;
/** As many signatures are looked at: a note with more is none. */
const SIGNATURES = 100;
/** Characters of a note. */
const LONGEST = 1 << 16;
const PRIVATE = 'PRIVATE+KEY+';

/** What stands before the raw key in DER (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/** A new key; `name` is shown in every note. */
export function newSigner(name: string): Signer {
  return signerOf(name, builtin('node:crypto').randomBytes(KEY_BYTES));
}

function signerOf(name: string, seed: Uint8Array): Signer {
  const { createPublicKey } = builtin('node:crypto');
  const spki = createPublicKey(privateKey(seed)).export({ format: 'der', type: 'spki' });
  return { ...verifierOf(name, spki.subarray(SPKI.length)), seed };
}

function verifierOf(name: string, publicKey: Uint8Array): Verifier {
  const typed = Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(ED25519), publicKey]);
  const id = builtin('node:crypto')
    .hash('sha256', typed, 'hex')
    .slice(0, 2 * ID_BYTES);
  return { name, id, publicKey };
}

/** `NAME+ID+BASE64`, to be given to those who verify. */
export function verifierText({ name, id, publicKey }: Verifier): string {
  return `${name}+${id}+${typed(publicKey)}`;
}

/** `PRIVATE+KEY+NAME+ID+BASE64`. */
export function signerText({ name, id, seed }: Signer): string {
  return `${PRIVATE}${name}+${id}+${typed(seed)}`;
}

function typed(key: Uint8Array): string {
  return Buffer.concat([Buffer.of(ED25519), key]).toString('base64');
}

/** Undefined for what is no such key. */
export function parseVerifier(text: string): Verifier | undefined {
  const parts = partsOf(text.trim());
  if (parts === undefined) return undefined;
  const verifier = verifierOf(parts.name, parts.key);
  return verifier.id === parts.id ? verifier : undefined;
}

/** Undefined for what is no such key. */
export function parseSigner(text: string): Signer | undefined {
  const trimmed = text.trim();
  const parts = trimmed.startsWith(PRIVATE) ? partsOf(trimmed.slice(PRIVATE.length)) : undefined;
  if (parts === undefined) return undefined;
  const signer = signerOf(parts.name, parts.key);
  return signer.id === parts.id ? signer : undefined;
}

function partsOf(text: string): { name: string; id: string; key: Uint8Array } | undefined {
  const [, name, id, encoded] = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text) ?? [];
  const key = encoded === undefined ? undefined : bytesOf(encoded);
  if (name === undefined || id === undefined || key === undefined) return undefined;
  return key.length === 1 + KEY_BYTES && key[0] === ED25519 ? { name, id, key: key.subarray(1) } : undefined;
}

/** @param body Ends with a line end, and holds no empty line at its end. */
export function signNote(signer: Signer, body: string): string {
  const signature = builtin('node:crypto').sign(null, Buffer.from(body), privateKey(signer.seed));
  const line = Buffer.concat([Buffer.from(signer.id, 'hex'), signature]).toString('base64');
  return `${body}\n— ${signer.name} ${line}\n`;
}

export type OpenedNote =
  | { readonly ok: true; readonly body: string; readonly verifier: Verifier }
  | { readonly ok: false; readonly reason: 'malformed' | 'bad-signature'; readonly detail: string };

/**
 * The body of a note that one of the keys signed. Signatures of other keys are passed over; a wrong one of a key that is
 * known makes the whole note a forgery.
 */
export function openNote(verifiers: readonly Verifier[], note: string): OpenedNote {
  const parts = takeApart(note);
  if (parts === undefined) return { ok: false, reason: 'malformed', detail: 'it is no signed note' };
  let found: Verifier | undefined;
  for (const { name, id, signature } of parts.signatures) {
    const verifier = verifiers.find((one) => one.name === name && one.id === id);
    if (verifier === undefined) continue;
    if (!isSignature(verifier, parts.body, signature))
      return { ok: false, reason: 'bad-signature', detail: `the signature of ${name} is not of this note` };
    found ??= verifier;
  }
  return found === undefined
    ? { ok: false, reason: 'bad-signature', detail: 'no key that is known has signed it' }
    : { ok: true, body: parts.body, verifier: found };
}

interface Signature {
  readonly name: string;
  readonly id: string;
  readonly signature: Uint8Array;
}

function takeApart(note: string): { body: string; signatures: readonly Signature[] } | undefined {
  const end = note.lastIndexOf('\n\n');
  // Control characters could make a person read another note than a program.
  if (note.length > LONGEST || end === -1 || !note.endsWith('\n') || /[^\P{Cc}\n]/u.test(note))
    return undefined;
  const lines = note.slice(end + 2, -1).split('\n');
  const signatures = lines.map(signatureOf);
  if (lines.length > SIGNATURES || !signatures.every((one) => one !== undefined)) return undefined;
  return { body: note.slice(0, end + 1), signatures };
}

function signatureOf(line: string): Signature | undefined {
  const [, name, encoded] = /^— ([^\s+]+) (\S+)$/.exec(line) ?? [];
  const bytes = encoded === undefined ? undefined : bytesOf(encoded);
  if (name === undefined || bytes === undefined || bytes.length <= ID_BYTES) return undefined;
  const id = bytes.subarray(0, ID_BYTES).toString('hex');
  return { name, id, signature: bytes.subarray(ID_BYTES) };
}

function isSignature({ publicKey }: Verifier, body: string, signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false;
  const { createPublicKey, verify } = builtin('node:crypto');
  const key = createPublicKey({ key: Buffer.concat([SPKI, publicKey]), format: 'der', type: 'spki' });
  return verify(null, Buffer.from(body), key, signature);
}

/** Only what is written as it would be written: of one signature there are no two texts. */
function bytesOf(encoded: string): Buffer | undefined {
  const bytes = Buffer.from(encoded, 'base64');
  return bytes.toString('base64') === encoded ? bytes : undefined;
}

function privateKey(seed: Uint8Array) {
  return builtin('node:crypto').createPrivateKey({
    key: Buffer.concat([PKCS8, seed]),
    format: 'der',
    type: 'pkcs8',
  });
}
