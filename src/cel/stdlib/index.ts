/**
 * @module The standard library of CEL: every function and type that each environment has (cel-go common/stdlib).
 */
import type { Constants, Library } from '../library.ts';
import { STANDARD_MACROS } from '../macros.ts';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  NULL,
  STRING,
  TIMESTAMP,
  TYPE,
  type Type,
  UINT,
} from '../types.ts';
import { CONVERSIONS } from './conversions.ts';
import { OPERATORS } from './operators.ts';
import { STRINGS } from './strings.ts';
import { TIME_ACCESSORS } from './time-accessors.ts';
import { TypeValue, typeConstant } from './type-value.ts';

const TYPES: readonly Type[] = [
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  INT,
  listOf(DYN),
  mapOf(DYN, DYN),
  NULL,
  STRING,
  TIMESTAMP,
  TYPE,
  UINT,
];

export const STANDARD_LIBRARY: Library = Object.freeze({
  name: 'cel.standard',
  functions: [...OPERATORS, ...STRINGS, ...CONVERSIONS, ...TIME_ACCESSORS],
  macros: STANDARD_MACROS,
  constants: Object.fromEntries(
    TYPES.map((type) => {
      const constant = typeConstant(type);
      return [constant.value.$name, constant];
    }),
  ) satisfies Constants,
});

export { formatDouble } from './numbers.ts';
export { Duration, formatTimestamp, parseDuration, parseTimestamp, Timestamp } from './time.ts';
export { TypeValue };
