/**
 * Who may write a cache may otherwise decide what a scan finds. So what is kept is sealed with a key that is not in the
 * cache: a folder that was restored from elsewhere is of use only to who has the same key, and of no harm to anybody.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtin } from './builtin.ts';
import { UsageError } from './usage.ts';

export const SEAL_LENGTH = 32;
const KEY_LENGTH = 32;
const FILE = 'key';

/** Of the environment, for machines that live for one run; else one of this user on this machine, made when first asked for. */
export function sealKey(
  env: Readonly<Record<string, string | undefined>>,
  state: () => string | undefined,
): Uint8Array | undefined {
  const given = env['RAMPART_CACHE_KEY'];
  if (given !== undefined && given !== '') {
    if (given.length < KEY_LENGTH)
      throw new UsageError(
        `RAMPART_CACHE_KEY has ${given.length} characters, and could be guessed`,
        `give it ${KEY_LENGTH} or more, such as those of: openssl rand -hex 32`,
      );
    return Buffer.from(given);
  }
  const folder = state();
  return folder === undefined ? undefined : ownKey(join(folder, FILE));
}

function ownKey(file: string): Uint8Array | undefined {
  return readKey(file) ?? makeKey(file);
}

function readKey(file: string): Uint8Array | undefined {
  try {
    const key = readFileSync(file);
    return key.length === KEY_LENGTH ? key : undefined;
  } catch {
    return undefined;
  }
}

/** Of two runs that make one at the same time the second takes the first one's, the next time. */
function makeKey(file: string): Uint8Array | undefined {
  const key = builtin('node:crypto').randomBytes(KEY_LENGTH);
  try {
    writeFileSync(file, key, { flag: 'wx', mode: 0o600 });
    return key;
  } catch {
    return undefined;
  }
}

/** @param purpose What the bytes, in pieces, are good for: sealed for one thing they are not taken for another. */
export function sealOf(key: Uint8Array, purpose: string, pieces: readonly Uint8Array[]): Uint8Array {
  const hmac = builtin('node:crypto').createHmac('sha256', key).update(`${purpose.length}\n${purpose}`);
  for (const piece of pieces) hmac.update(piece);
  return hmac.digest();
}

export function isSealed(
  seal: Uint8Array,
  key: Uint8Array,
  purpose: string,
  pieces: readonly Uint8Array[],
): boolean {
  const expected = sealOf(key, purpose, pieces);
  return seal.length === expected.length && builtin('node:crypto').timingSafeEqual(seal, expected);
}
