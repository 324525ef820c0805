/**
 * Operators: names, overload ids and types, for the checker. What they do is the compiler's work, which knows them by
 * id; so their `impl` is never called.
 */
import { CelError } from '../errors.ts';
import type { FunctionDeclaration, Overload } from '../library.ts';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  INT,
  listOf,
  mapOf,
  param,
  STRING,
  TIMESTAMP,
  type Type,
  UINT,
} from '../types.ts';

const A = param('A');
const B = param('B');
const LIST = listOf(A);
const MAP = mapOf(A, B);

type Signature = readonly [id: string, args: readonly Type[], result: Type];

function operator(name: string, ...signatures: Signature[]): FunctionDeclaration {
  const impl = (): never => {
    throw new CelError('internal', `operator ${name} is implemented by the compiler`);
  };
  const overloads = signatures.map(
    ([id, args, result]): Overload => ({ id, member: false, args, result, impl }),
  );
  return { name, overloads };
}

/** `less_int64`, `less_int64_double`, …: the ordered types, numbers also across types. */
function comparison(name: string, id: string): FunctionDeclaration {
  const numbers = { double: DOUBLE, int64: INT, uint64: UINT };
  type NumberName = keyof typeof numbers;
  // cel-go's order, which decides what an undetermined operand is taken for: first the same type on both sides.
  const numeric = (['int64', 'uint64', 'double'] as const).flatMap((left): Signature[] => [
    [`${id}_${left}`, [numbers[left], numbers[left]], BOOL],
    ...(Object.keys(numbers) as NumberName[])
      .filter((right) => right !== left)
      .map((right): Signature => [`${id}_${left}_${right}`, [numbers[left], numbers[right]], BOOL]),
  ]);
  return operator(
    name,
    [`${id}_bool`, [BOOL, BOOL], BOOL],
    ...numeric,
    [`${id}_string`, [STRING, STRING], BOOL],
    [`${id}_bytes`, [BYTES, BYTES], BOOL],
    [`${id}_timestamp`, [TIMESTAMP, TIMESTAMP], BOOL],
    [`${id}_duration`, [DURATION, DURATION], BOOL],
  );
}

/** In the order of cel-go's common/stdlib/standard.go. */
export const OPERATORS: readonly FunctionDeclaration[] = [
  operator('_?_:_', ['conditional', [BOOL, A, A], A]),
  operator('_&&_', ['logical_and', [BOOL, BOOL], BOOL]),
  operator('_||_', ['logical_or', [BOOL, BOOL], BOOL]),
  operator('!_', ['logical_not', [BOOL], BOOL]),
  operator('@not_strictly_false', ['not_strictly_false', [BOOL], BOOL]),
  operator('_==_', ['equals', [A, A], BOOL]),
  operator('_!=_', ['not_equals', [A, A], BOOL]),
  operator(
    '_+_',
    ['add_bytes', [BYTES, BYTES], BYTES],
    ['add_double', [DOUBLE, DOUBLE], DOUBLE],
    ['add_duration_duration', [DURATION, DURATION], DURATION],
    ['add_duration_timestamp', [DURATION, TIMESTAMP], TIMESTAMP],
    ['add_timestamp_duration', [TIMESTAMP, DURATION], TIMESTAMP],
    ['add_int64', [INT, INT], INT],
    ['add_list', [LIST, LIST], LIST],
    ['add_string', [STRING, STRING], STRING],
    ['add_uint64', [UINT, UINT], UINT],
  ),
  operator(
    '_/_',
    ['divide_double', [DOUBLE, DOUBLE], DOUBLE],
    ['divide_int64', [INT, INT], INT],
    ['divide_uint64', [UINT, UINT], UINT],
  ),
  operator('_%_', ['modulo_int64', [INT, INT], INT], ['modulo_uint64', [UINT, UINT], UINT]),
  operator(
    '_*_',
    ['multiply_double', [DOUBLE, DOUBLE], DOUBLE],
    ['multiply_int64', [INT, INT], INT],
    ['multiply_uint64', [UINT, UINT], UINT],
  ),
  operator('-_', ['negate_double', [DOUBLE], DOUBLE], ['negate_int64', [INT], INT]),
  operator(
    '_-_',
    ['subtract_double', [DOUBLE, DOUBLE], DOUBLE],
    ['subtract_duration_duration', [DURATION, DURATION], DURATION],
    ['subtract_int64', [INT, INT], INT],
    ['subtract_timestamp_duration', [TIMESTAMP, DURATION], TIMESTAMP],
    ['subtract_timestamp_timestamp', [TIMESTAMP, TIMESTAMP], DURATION],
    ['subtract_uint64', [UINT, UINT], UINT],
  ),
  comparison('_<_', 'less'),
  comparison('_<=_', 'less_equals'),
  comparison('_>_', 'greater'),
  comparison('_>=_', 'greater_equals'),
  operator('_[_]', ['index_list', [LIST, INT], A], ['index_map', [MAP, A], B]),
  operator('@in', ['in_list', [A, LIST], BOOL], ['in_map', [A, MAP], BOOL]),
];
