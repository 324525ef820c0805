/** `yaml.parse(text)` (sdk extensions/cel/libs/yaml). The parser is a part of the variable `yaml`: it is injected. */
import { CelError } from '../../errors.ts';
import type { Library } from '../../library.ts';
import { Fields } from '../../runtime/select.ts';
import { typeConstant } from '../../stdlib/type-value.ts';
import { DYN, opaque, STRING } from '../../types.ts';
import type { Value } from '../../values.ts';
import { declare, member } from '../declare.ts';
import { valueOfJson } from './native.ts';

export const YAML_TYPE = opaque('yaml.Yaml');

/** The JSON that a YAML document is, or the error in the parser's words. */
export type ParseYaml = (text: string) => { readonly value: unknown } | { readonly error: string };

/** The variable `yaml`. */
export class Yaml extends Fields {
  readonly $type = YAML_TYPE;
  readonly $parse: ParseYaml;
  constructor(parse: ParseYaml) {
    super();
    this.$parse = parse;
  }
  $field(): undefined {
    return undefined;
  }
}

/** Every number is a double: upstream goes through encoding/json. */
function parse({ $parse }: Yaml, text: string): Value {
  const parsed = $parse(text);
  if ('error' in parsed) throw new CelError('invalid-argument', parsed.error);
  return valueOfJson(parsed.value, true);
}

export const yaml: Library = Object.freeze({
  name: 'kyverno.yaml',
  functions: declare({ parse: [member('parse_string_dyn', [YAML_TYPE, STRING], DYN, parse)] }),
  constants: { 'yaml.Yaml': typeConstant(YAML_TYPE) },
});
