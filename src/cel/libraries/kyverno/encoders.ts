/** cel-go's encoders in the version that Kyverno has, 1: they cost what they read, and `json.encode` is among them. */
import { sizeOf, traversal } from '../../cost.ts';
import type { Library, Overload } from '../../library.ts';
import { DYN, STRING } from '../../types.ts';
import type { Value } from '../../values.ts';
import { declare, global } from '../declare.ts';
import { encoders } from '../encoders.ts';
import { writeGoJson } from './go-json-write.ts';

const byText: NonNullable<Overload['cost']> = (args) => 1 + traversal(sizeOf(args[0]));

/**
 * More than any budget: cel-go does not know beforehand how much it would write. So in Kyverno, which limits costs as
 * the API server does, each call is one too many.
 */
const UNPAYABLE = Number.MAX_SAFE_INTEGER;

const encode = (value: Value): string => writeGoJson(value, 'protobuf');

export const encodersV1: Library = Object.freeze({
  name: 'cel.encoders',
  functions: [
    ...encoders.functions.map(({ name, overloads }) => ({
      name,
      overloads: overloads.map((overload) => ({ ...overload, cost: byText })),
    })),
    ...declare({ 'json.encode': [global('json_encode_dyn', [DYN], STRING, encode, () => UNPAYABLE)] }),
  ],
});
