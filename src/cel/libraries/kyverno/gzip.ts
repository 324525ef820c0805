/** `gzip.compress` and `gzip.decompress` (sdk extensions/cel/libs/gzip). */
import { CelError } from '../../errors.ts';
import type { Library } from '../../library.ts';
import { BYTES, DYN, STRING } from '../../types.ts';
import type { Value } from '../../values.ts';
import { declare, global } from '../declare.ts';
import { zlib } from './builtin.ts';
import { nativeString } from './native.ts';

/** A few hundred bytes can inflate to gigabytes: what policies look at is never near this. */
const LONGEST = 2 ** 26;

/** Go's writer says that it does not know the system; zlib names the one it runs on. */
const UNKNOWN_SYSTEM = 255;
const SYSTEM_AT = 9;

function compress(value: Value): Uint8Array {
  const packed = zlib().gzipSync(nativeString(value).toWellFormed());
  packed[SYSTEM_AT] = UNKNOWN_SYSTEM;
  return new Uint8Array(packed);
}

function decompress(bytes: Uint8Array): string {
  if (bytes.length < 2) throw new CelError('invalid-argument', bytes.length === 0 ? 'EOF' : 'unexpected EOF');
  try {
    return zlib().gunzipSync(bytes, { maxOutputLength: LONGEST }).toString('utf8');
  } catch (error) {
    throw new CelError('invalid-argument', message(error));
  }
}

/** Go's words for what zlib found; Go also says where the data is corrupt. */
const MESSAGES: Readonly<Record<string, string>> = {
  'incorrect header check': 'gzip: invalid header',
  'unknown compression method': 'gzip: invalid header',
  'unexpected end of file': 'unexpected EOF',
  'incorrect data check': 'gzip: invalid checksum',
  'incorrect length check': 'gzip: invalid checksum',
};

function message(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return MESSAGES[text] ?? 'flate: corrupt input';
}

export const gzip: Library = Object.freeze({
  name: 'kyverno.gzip',
  functions: declare({
    'gzip.decompress': [global('decompress_bytes_string', [BYTES], STRING, decompress)],
    'gzip.compress': [global('compress_any_bytes', [DYN], BYTES, compress)],
  }),
});
