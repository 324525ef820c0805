/**
 * `base64.encode`, `base64.decode` (cel-go ext/encoders.go). The API server does not offer them to admission policies;
 * Kyverno does.
 */
import { CelError } from '../errors.ts';
import type { Library } from '../library.ts';
import { BYTES, STRING } from '../types.ts';
import { declare, global } from './declare.ts';

/** Standard alphabet, with padding or without; line breaks are skipped, as Go does. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

function decode(text: string): Uint8Array {
  const dense = text.replace(/[\r\n]/g, '');
  if (!BASE64.test(dense)) {
    throw new CelError('invalid-argument', `illegal base64 data at input byte ${firstIllegal(text)}`);
  }
  return new Uint8Array(Buffer.from(dense, 'base64'));
}

/** Byte offset of the first character outside the alphabet; without one it is the last that stands alone. */
function firstIllegal(text: string): number {
  const at = text.search(/[^A-Za-z0-9+/\r\n]/);
  return at < 0 ? text.length - 1 : Buffer.byteLength(text.slice(0, at));
}

export const encoders: Library = Object.freeze({
  name: 'cel.encoders',
  functions: declare({
    'base64.decode': [global('base64_decode_string', [STRING], BYTES, decode)],
    'base64.encode': [
      global('base64_encode_bytes', [BYTES], STRING, (bytes: Uint8Array) =>
        Buffer.from(bytes).toString('base64'),
      ),
    ],
  }),
});
