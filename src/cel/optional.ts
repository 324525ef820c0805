/**
 * Optional values: the type, and the library cel-go calls `cel.OptionalTypes()` (cel/library.go), latest version.
 *
 * What is not an ordinary call is only declared here, for the checker; the compiler implements it: `a.?b`, `a[?b]`,
 * `a[b]` on an optional, `[?a]`, `{?k: v}`, and `or` and `orValue`, which evaluate their argument only when needed.
 */
import type { Expr } from './ast.ts';
import { equals } from './equality.ts';
import { CelError } from './errors.ts';
import { showValue } from './libraries/text.ts';
import type { FunctionDeclaration, Library, Macro, MacroContext } from './library.ts';
import { macroNodes } from './macros.ts';
import { mapKeys } from './runtime/maps.ts';
import { typeConstant } from './stdlib/type-value.ts';
import { BOOL, DYN, INT, listOf, mapOf, opaque, optionalOf, param, STRING, type Type } from './types.ts';
import { CelMap, type JsonObject, type Opaque, Uint, type Value } from './values.ts';

const TYPE = optionalOf(DYN);

export class Optional implements Opaque {
  /** What it holds; undefined when it is empty. */
  readonly $value: Value | undefined;
  constructor(value: Value | undefined) {
    this.$value = value;
  }
  get $type(): Type {
    return TYPE;
  }
  $equals(other: Value): boolean {
    if (!(other instanceof Optional)) return false;
    if (this.$value === undefined || other.$value === undefined) return this.$value === other.$value;
    return equals(this.$value, other.$value);
  }
}

/** `optional.none()`. */
export const NONE: Optional = Object.freeze(new Optional(undefined));

/** `optional.of(value)`; empty when the value is undefined. */
export function optional(value: Value | undefined): Optional {
  return value === undefined ? NONE : new Optional(value);
}

/** The value inside; throws `optional-none` when there is none. */
export function unwrap(value: Optional): Value {
  if (value.$value === undefined) throw new CelError('optional-none', 'optional.none() dereference');
  return value.$value;
}

/**
 * Whether `optional.ofNonZeroValue` takes a value for nothing. Opaque values say so themselves by a method `$isZero`
 * (durations and timestamps do); without it they are never zero.
 */
export function isZeroValue(value: Value): boolean {
  if (value === null || value === false || value === 0 || value === '') return true;
  if (typeof value !== 'object') return false;
  if (value instanceof Number) return value.valueOf() === 0;
  if (value instanceof Uint) return value.$value === 0n;
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length === 0;
  if (value instanceof CelMap) return value.$entries.size === 0;
  if ('$type' in value) {
    const { $isZero } = value as { $isZero?: () => boolean };
    return typeof $isZero === 'function' && $isZero.call(value);
  }
  return mapKeys(value as JsonObject).length === 0;
}

const V = param('V');
const K = param('K');
const OPTIONAL_V = optionalOf(V);
const LIST_V = listOf(V);
const MAP_KV = mapOf(K, V);
const OPTIONAL_LIST_V = optionalOf(LIST_V);
const OPTIONAL_MAP_KV = optionalOf(MAP_KV);

const compiled = (name: string) => (): never => {
  throw new CelError('internal', `${name} is implemented by the compiler`);
};

/** An index operator that answers with an optional, whose overloads differ in what is indexed by what. */
function indexing(
  name: string,
  overloads: readonly (readonly [id: string, operand: Type, index: Type])[],
): FunctionDeclaration {
  return {
    name,
    overloads: overloads.map(([id, operand, index]) => ({
      id,
      member: false,
      args: [operand, index],
      result: OPTIONAL_V,
      impl: compiled(name),
    })),
  };
}

const unwrapAll = (list: readonly Value[]): Value =>
  list.flatMap((element) => {
    if (!(element instanceof Optional)) {
      throw new CelError('invalid-argument', `value ${showValue(element)} is not optional`);
    }
    return element.$value === undefined ? [] : [element.$value];
  });

const functions: readonly FunctionDeclaration[] = [
  {
    name: 'optional.of',
    overloads: [
      {
        id: 'optional_of',
        member: false,
        args: [V],
        result: OPTIONAL_V,
        impl: (v: Value) => new Optional(v),
      },
    ],
  },
  {
    name: 'optional.ofNonZeroValue',
    overloads: [
      {
        id: 'optional_ofNonZeroValue',
        member: false,
        args: [V],
        result: OPTIONAL_V,
        impl: (v: Value) => (isZeroValue(v) ? NONE : new Optional(v)),
      },
    ],
  },
  {
    name: 'optional.none',
    overloads: [{ id: 'optional_none', member: false, args: [], result: OPTIONAL_V, impl: () => NONE }],
  },
  {
    name: 'value',
    overloads: [{ id: 'optional_value', member: true, args: [OPTIONAL_V], result: V, impl: unwrap }],
  },
  {
    name: 'hasValue',
    overloads: [
      {
        id: 'optional_hasValue',
        member: true,
        args: [OPTIONAL_V],
        result: BOOL,
        impl: (o: Optional) => o.$value !== undefined,
      },
    ],
  },
  {
    name: 'or',
    overloads: [
      {
        id: 'optional_or_optional',
        member: true,
        args: [OPTIONAL_V, OPTIONAL_V],
        result: OPTIONAL_V,
        impl: compiled('or'),
      },
    ],
  },
  {
    name: 'orValue',
    overloads: [
      {
        id: 'optional_orValue_value',
        member: true,
        args: [OPTIONAL_V, V],
        result: V,
        impl: compiled('orValue'),
      },
    ],
  },
  {
    name: '_?._',
    overloads: [
      {
        id: 'select_optional_field',
        member: false,
        args: [DYN, STRING],
        result: OPTIONAL_V,
        impl: compiled('_?._'),
      },
    ],
  },
  indexing('_[?_]', [
    ['list_optindex_optional_int', LIST_V, INT],
    ['optional_list_optindex_optional_int', OPTIONAL_LIST_V, INT],
    ['map_optindex_optional_value', MAP_KV, K],
    ['optional_map_optindex_optional_value', OPTIONAL_MAP_KV, K],
  ]),
  indexing('_[_]', [
    ['optional_list_index_int', OPTIONAL_LIST_V, INT],
    ['optional_map_index_value', OPTIONAL_MAP_KV, K],
  ]),
  {
    name: 'last',
    overloads: [
      {
        id: 'list_last',
        member: true,
        args: [LIST_V],
        result: OPTIONAL_V,
        impl: (list: readonly Value[]) => optional(list[list.length - 1]),
      },
    ],
  },
  {
    name: 'first',
    overloads: [
      {
        id: 'list_first',
        member: true,
        args: [LIST_V],
        result: OPTIONAL_V,
        impl: (list: readonly Value[]) => optional(list[0]),
      },
    ],
  },
  {
    name: 'optional.unwrap',
    overloads: [
      {
        id: 'optional_unwrap',
        member: false,
        args: [listOf(OPTIONAL_V)],
        result: LIST_V,
        impl: unwrapAll,
      },
    ],
  },
  {
    name: 'unwrapOpt',
    overloads: [
      {
        id: 'optional_unwrapOpt',
        member: true,
        args: [listOf(OPTIONAL_V)],
        result: LIST_V,
        impl: unwrapAll,
      },
    ],
  },
];

/** `target.hasValue() ? wrap(fold that binds the variable to target.value()) : optional.none()`. */
function bindValue(name: 'optMap' | 'optFlatMap', wrap: boolean): Macro['expand'] {
  return (context: MacroContext, target: Expr | undefined, args: readonly Expr[]): Expr => {
    const make = macroNodes(context);
    const [variable, body] = args as [Expr, Expr];
    if (variable.kind !== 'ident') {
      return context.fail(variable, `${name}() variable name must be a simple identifier`);
    }
    const hasValue = make.memberCall('hasValue', target!);
    const bound = make.comprehension({
      range: make.list(),
      iterVar: '#unused',
      accuVar: variable.name,
      init: make.memberCall('value', context.copy(target!)),
      condition: make.bool(false),
      step: make.ident(variable.name),
      result: body,
    });
    return make.call(
      '_?_:_',
      hasValue,
      wrap ? make.call('optional.of', bound) : bound,
      make.call('optional.none'),
    );
  };
}

/** `optional.*`, `optMap`, `first`, … Kubernetes has it from 1.28 on. */
export const optionalLibrary: Library = Object.freeze({
  name: 'cel.optional',
  since: 28,
  functions,
  constants: { optional_type: typeConstant(opaque('optional_type')) },
  macros: [
    { name: 'optMap', member: true, arity: 2, expand: bindValue('optMap', true) },
    { name: 'optFlatMap', member: true, arity: 2, expand: bindValue('optFlatMap', false) },
  ],
});
