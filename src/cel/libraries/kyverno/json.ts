/** `json.unmarshal(text)`, `json.marshal(value)` (sdk extensions/cel/libs/json). */
import { CelError } from '../../errors.ts';
import type { Library } from '../../library.ts';
import { Fields } from '../../runtime/select.ts';
import { typeConstant } from '../../stdlib/type-value.ts';
import { DYN, opaque, STRING } from '../../types.ts';
import type { Value } from '../../values.ts';
import { declare, member } from '../declare.ts';
import { readGoJson } from './go-json-read.ts';
import { writeGoJson } from './go-json-write.ts';
import { nativeString, valueOfJson } from './native.ts';

export const JSON_TYPE = opaque('json.Json');

/** The variable `json`, which is there to be called on. */
class Json extends Fields {
  readonly $type = JSON_TYPE;
  $field(): undefined {
    return undefined;
  }
}

export const JSON_VALUE: Value = new Json();

/** Every number is a double, as encoding/json reads them. */
function unmarshal(_json: Json, text: Value): Value {
  const read = readGoJson(nativeString(text));
  if ('error' in read) throw new CelError('invalid-argument', read.error);
  return valueOfJson(read.value, true);
}

const marshal = (_json: Json, value: Value): string => writeGoJson(value, 'native');

export const json: Library = Object.freeze({
  name: 'kyverno.json',
  functions: declare({
    unmarshal: [member('unmarshal_string_dyn', [JSON_TYPE, DYN], DYN, unmarshal)],
    marshal: [member('marshal_dyn_string', [JSON_TYPE, DYN], STRING, marshal)],
  }),
  constants: { 'json.Json': typeConstant(JSON_TYPE) },
});
