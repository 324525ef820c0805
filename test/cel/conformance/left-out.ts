/** Which of cel-spec's simple tests cannot be run here, and why. */
import type { SpecCase } from './cases.ts';

interface Rule {
  readonly why: string;
  readonly applies: (test: SpecCase) => boolean;
}

/** Values of these tests are protobuf messages, or their expressions make or read some. */
const MESSAGES =
  /TestAllTypes|TestRequired|conformance\.proto[23]|messageType|enumValue|google\.protobuf\.(\w*Value|Any|Struct|Empty|FieldMask)\b|"wrapper"|google\.type\./;

const names =
  (...ids: string[]) =>
  (test: SpecCase) =>
    ids.includes(test.id);

const RULES: readonly Rule[] = [
  {
    why: 'protobuf messages and enums',
    applies: ({ json, suite }) => MESSAGES.test(json) || suite === 'enums',
  },
  {
    why: 'containers (namespaces): Kubernetes has none',
    applies: ({ original }) => original.container !== undefined,
  },
  {
    why: 'cel.block: what an optimizer of cel-go writes, not people',
    applies: ({ suite }) => suite === 'block_ext',
  },
  {
    why: 'json.encode of a later encoders library',
    applies: ({ original }) => original.expr.includes('json.encode('),
  },
  {
    why: 'format() as later strings libraries write it; Kubernetes has version 2',
    applies: names(
      'string_ext/format/scientific notation formatting clause',
      'string_ext/format/default precision for scientific notation',
      'string_ext/format/NaN support for scientific notation',
      'string_ext/format/positive infinity support for scientific notation',
      'string_ext/format/negative infinity support for scientific notation',
      'string_ext/format/NaN support for decimal',
      'string_ext/format/positive infinity support for decimal',
      'string_ext/format/negative infinity support for decimal',
      'string_ext/format/positive infinity support for fixed-point',
      'string_ext/format/negative infinity support for fixed-point',
      'string_ext/format/list support for string',
      'string_ext/format/map support for string',
      'string_ext/format/map support (all key types)',
      'string_ext/format/dyntype support for scientific notation',
      'string_ext/format/dyntype NaN/infinity support',
      'string_ext/format/dyntype support for lists',
      'string_ext/format/dyntype support for maps',
      'string_ext/format/scientific notation formatting clause in a string variable',
    ),
  },
  {
    why: 'map keys: cel-go, which Kubernetes runs, lets the last of equal keys win and takes any type for a key',
    applies: names(
      'fields/qualified_identifier_resolution/map_key_float',
      'fields/qualified_identifier_resolution/map_key_null',
      'fields/qualified_identifier_resolution/map_value_repeat_key',
      'fields/qualified_identifier_resolution/map_value_repeat_key_heterogeneous',
    ),
  },
  {
    why: 'constant keys of other types: the API server refuses the expression instead of failing when it runs',
    applies: names(
      'fields/map_fields/map_bad_key_type_or_true',
      'fields/map_fields/map_bad_key_type_and_false',
    ),
  },
  {
    why: 'variables with dots in their names, unchecked: expressions are always checked here',
    applies: names('fields/qualified_identifier_resolution/qualified_identifier_resolution_unchecked'),
  },
  {
    why: 'optional selection on what has no fields: an error by an option of cel-go that Kubernetes leaves off',
    applies: names(
      'optionals/optionals/map_null_entry_no_such_key',
      'optionals/optionals/map_present_key_invalid_field',
    ),
  },
  {
    why: 'indexOf past the end: -1 in the cel-go that Kubernetes runs, an error in the specification',
    applies: names(
      'string_ext/value_errors/indexof_out_of_range',
      'string_ext/value_errors/lastindexof_out_of_range',
    ),
  },
  {
    why: 'the type of a list of an optional and null: null to cel-go, and refused by Kubernetes in any case',
    applies: names('type_deductions/legacy_nullable_types/null_assignable_to_abstract_parameter_candidate'),
  },
];

/** Why a test is left out; undefined for one that has to pass. */
export function reasonToLeaveOut(test: SpecCase): string | undefined {
  return RULES.find((rule) => rule.applies(test))?.why;
}
