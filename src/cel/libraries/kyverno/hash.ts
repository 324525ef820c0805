/** `sha1`, `sha256`, `md5` of strings, as hexadecimal digits (sdk extensions/cel/libs/hash). */
import type { Library, Overload } from '../../library.ts';
import { STRING } from '../../types.ts';
import { declare, global } from '../declare.ts';
import { crypto } from './builtin.ts';

/** Each is there under its bare name, which is older, and under the name of the library. */
const hash = (algorithm: string, form: 'non_prefixed' | 'prefixed'): readonly Overload[] => [
  global(`${algorithm}_string_${form}`, [STRING], STRING, (text: string) =>
    crypto().createHash(algorithm).update(text.toWellFormed()).digest('hex'),
  ),
];

export const hashes: Library = Object.freeze({
  name: 'kyverno.hash',
  functions: declare({
    sha1: hash('sha1', 'non_prefixed'),
    sha256: hash('sha256', 'non_prefixed'),
    md5: hash('md5', 'non_prefixed'),
    'hash.sha1': hash('sha1', 'prefixed'),
    'hash.sha256': hash('sha256', 'prefixed'),
    'hash.md5': hash('md5', 'prefixed'),
  }),
  // Left over upstream from the example that its libraries were copied from.
  constants: { mylib_version: { type: STRING, value: '' } },
});
