/** `x509.decode(pem)`: certificates and requests with RSA keys (sdk extensions/cel/libs/x509). */
import { CelError } from '../../errors.ts';
import type { Library } from '../../library.ts';
import { DYN, STRING } from '../../types.ts';
import type { Value } from '../../values.ts';
import { declare, global } from '../declare.ts';
import { OtherKey, readCertificate, readRequest } from './certificate.ts';
import { DerError } from './der.ts';
import { valueOfJson } from './native.ts';

const fail = (message: string): never => {
  throw new CelError('invalid-argument', message);
};

/** The first block of a text, whatever stands around it. */
const PEM =
  /^-----BEGIN ([^\n]*?)-----[ \t\r]*\n((?:[^\n:]+: [^\n]*\n)*)([A-Za-z0-9+/=\s]*?)-----END \1-----/m;

const READERS: Readonly<Record<string, typeof readCertificate>> = {
  CERTIFICATE: readCertificate,
  'CERTIFICATE REQUEST': readRequest,
};

function decode(text: string): Value {
  const [, type, , data] = PEM.exec(text) ?? [];
  if (type === undefined || data === undefined) return fail('failed to decode PEM block');
  const read = READERS[type];
  if (read === undefined) return fail('PEM block neither contains a CERTIFICATE or CERTIFICATE REQUEST');
  try {
    return valueOfJson(read(Buffer.from(data, 'base64')), true);
  } catch (error) {
    if (error instanceof OtherKey) return fail('certificate should use rsa algorithm');
    if (error instanceof DerError) return fail('x509: malformed certificate');
    throw error;
  }
}

export const x509: Library = Object.freeze({
  name: 'kyverno.x509',
  functions: declare({ 'x509.decode': [global('x509_decode_string', [STRING], DYN, decode)] }),
});
