/** Conversions between types: `int(x)`, `string(x)`, `dyn(x)`, `type(x)`, … (cel-go common/types/*.go ConvertToType). */
import { sizeOf, traversal } from '../cost.ts';
import { CelError } from '../errors.ts';
import type { FunctionDeclaration, Overload } from '../library.ts';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  param,
  STRING,
  TIMESTAMP,
  type Type,
  UINT,
} from '../types.ts';
import { type Double, double, int, Uint, type Value } from '../values.ts';
import { declare, overload } from './declare.ts';
import { formatDouble, parseDouble, parseInt64, parseUint64 } from './numbers.ts';
import {
  conversionError,
  type Duration,
  formatDuration,
  formatTimestamp,
  parseDuration,
  parseTimestamp,
  type Timestamp,
  timestampFromSeconds,
} from './time.ts';
import { typeOf } from './type-value.ts';

type Int = number | bigint;

const intOverflow = () => new CelError('overflow', 'integer overflow');
const uintOverflow = () => new CelError('overflow', 'unsigned integer overflow');

function doubleToInt(value: Double): Int {
  const number = value.valueOf();
  // Both ends are refused, as in cel-go, though -2^63 would fit.
  if (!(number > -(2 ** 63) && number < 2 ** 63)) throw intOverflow();
  return int(BigInt(Math.trunc(number)));
}

function doubleToUint(value: Double): Uint {
  const number = value.valueOf();
  if (!(number >= 0 && number < 2 ** 64)) throw uintOverflow();
  return new Uint(BigInt(Math.trunc(number)));
}

function uintToInt({ $value }: Uint): Int {
  if (BigInt.asIntN(64, $value) !== $value) throw intOverflow();
  return int($value);
}

function intToUint(value: Int): Uint {
  if (value < 0) throw uintOverflow();
  return new Uint(BigInt(value));
}

function stringToInt(text: string): Int {
  const value = parseInt64(text);
  if (value === undefined) throw conversionError('string', 'int');
  return int(value);
}

function stringToUint(text: string): Uint {
  const value = parseUint64(text);
  if (value === undefined) throw conversionError('string', 'uint');
  return new Uint(value);
}

function stringToDouble(text: string): Double {
  const value = parseDouble(text);
  if (value === undefined) throw conversionError('string', 'double');
  return double(value);
}

const TRUE = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const FALSE = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False']);

function stringToBool(text: string): boolean {
  if (TRUE.has(text)) return true;
  if (FALSE.has(text)) return false;
  throw conversionError('string', 'bool');
}

function stringToBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function bytesToString(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CelError('invalid-argument', 'invalid UTF-8 in bytes, cannot convert to string');
  }
}

const identity = (value: Value) => value;

/** `int64_to_string` and the like. */
function convert(
  id: string,
  from: Type,
  to: Type,
  impl: Overload['impl'],
  cost?: Overload['cost'],
): Overload {
  return overload(id, [from], to, cost ? { impl, cost } : { impl });
}

/** The text is walked once. */
const perCharacter = ([value]: readonly Value[]) => traversal(sizeOf(value));

const A = param('A');

/** In the order of cel-go's common/stdlib/standard.go, on which the result type of a dyn argument hangs. */
export const CONVERSIONS: readonly FunctionDeclaration[] = [
  declare('type', overload('type', [A], { kind: 'type', of: A }, { impl: typeOf })),
  declare(
    'bool',
    convert('bool_to_bool', BOOL, BOOL, identity),
    convert('string_to_bool', STRING, BOOL, stringToBool),
  ),
  declare(
    'bytes',
    convert('bytes_to_bytes', BYTES, BYTES, identity),
    convert('string_to_bytes', STRING, BYTES, stringToBytes, perCharacter),
  ),
  declare(
    'double',
    convert('double_to_double', DOUBLE, DOUBLE, identity),
    convert('int64_to_double', INT, DOUBLE, (value: Int) => double(Number(value))),
    convert('string_to_double', STRING, DOUBLE, stringToDouble),
    convert('uint64_to_double', UINT, DOUBLE, (value: Uint) => double(Number(value.$value))),
  ),
  declare(
    'duration',
    convert('duration_to_duration', DURATION, DURATION, identity),
    convert('string_to_duration', STRING, DURATION, parseDuration),
  ),
  declare('dyn', overload('to_dyn', [A], DYN, { impl: identity })),
  declare(
    'int',
    convert('int64_to_int64', INT, INT, identity),
    convert('double_to_int64', DOUBLE, INT, doubleToInt),
    convert('duration_to_int64', DURATION, INT, (value: Duration) => int(value.$nanos)),
    convert('string_to_int64', STRING, INT, stringToInt),
    convert('timestamp_to_int64', TIMESTAMP, INT, (value: Timestamp) => value.$seconds),
    convert('uint64_to_int64', UINT, INT, uintToInt),
  ),
  declare(
    'string',
    convert('string_to_string', STRING, STRING, identity),
    convert('bool_to_string', BOOL, STRING, String),
    convert('bytes_to_string', BYTES, STRING, bytesToString, perCharacter),
    convert('double_to_string', DOUBLE, STRING, (value: Double) => formatDouble(value.valueOf())),
    convert('duration_to_string', DURATION, STRING, formatDuration),
    convert('int64_to_string', INT, STRING, String),
    convert('timestamp_to_string', TIMESTAMP, STRING, formatTimestamp),
    convert('uint64_to_string', UINT, STRING, (value: Uint) => String(value.$value)),
  ),
  declare(
    'timestamp',
    convert('timestamp_to_timestamp', TIMESTAMP, TIMESTAMP, identity),
    convert('int64_to_timestamp', INT, TIMESTAMP, timestampFromSeconds),
    convert('string_to_timestamp', STRING, TIMESTAMP, parseTimestamp),
  ),
  declare(
    'uint',
    convert('uint64_to_uint64', UINT, UINT, identity),
    convert('double_to_uint64', DOUBLE, UINT, doubleToUint),
    convert('int64_to_uint64', INT, UINT, intToUint),
    convert('string_to_uint64', STRING, UINT, stringToUint),
  ),
];
