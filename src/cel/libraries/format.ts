/** Kubernetes' named formats (k8s.io/apiserver pkg/cel/library/format.go, pkg/cel/format.go). */
import { sizeOf } from '../cost.ts';
import { CelError } from '../errors.ts';
import type { Library } from '../library.ts';
import { NONE, Optional, optional } from '../optional.ts';
import { listOf, object, optionalOf, STRING, type Type } from '../types.ts';
import type { Opaque, Value } from '../values.ts';
import { regexRun } from './costs.ts';
import { declare, global, member } from './declare.ts';
import { NAMED_FORMATS, type NamedFormat } from './name-formats.ts';

const TYPE = object('kubernetes.NamedFormat');

/** Comparing it with anything else is an error, as upstream. */
class Format implements Opaque {
  readonly $format: NamedFormat;
  constructor(format: NamedFormat) {
    this.$format = format;
  }
  get $type(): Type {
    return TYPE;
  }
  $equals(other: Value): boolean {
    if (!(other instanceof Format)) throw new CelError('no-such-overload', 'no such overload');
    return this.$format.name === other.$format.name;
  }
  toString(): string {
    return this.$format.name;
  }
}

const FORMATS: ReadonlyMap<string, Format> = new Map(
  [...NAMED_FORMATS].map(([name, format]) => [name, new Format(format)]),
);

function validate({ $format }: Format, text: string): Optional {
  const errors = $format.validate(text);
  return errors.length === 0 ? NONE : new Optional(errors);
}

export const formats: Library = Object.freeze({
  name: 'kubernetes.format',
  since: 31,
  functions: declare({
    validate: [
      member('format-validate', [TYPE, STRING], optionalOf(listOf(STRING)), validate, ([format, text]) =>
        format instanceof Format ? regexRun(sizeOf(text), format.$format.patternSize) : 1,
      ),
    ],
    'format.named': [
      global('format-named', [STRING], optionalOf(TYPE), (name: string) => optional(FORMATS.get(name))),
    ],
    ...Object.fromEntries(
      [...FORMATS].map(([name, format]) => [
        `format.${name}`,
        [global(`format.${name}`, [], TYPE, () => format)],
      ]),
    ),
  }),
});
