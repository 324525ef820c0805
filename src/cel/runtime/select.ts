/** Selection of fields, map values and list elements (cel-go interpreter/attributes.go `refQualify`). */

import { isOpaque } from '../equality.ts';
import { CelError } from '../errors.ts';
import { formatDouble } from '../stdlib/numbers.ts';
import type { Type } from '../types.ts';
import { CelMap, type Opaque, Uint, type Value } from '../values.ts';
import { listIndex, mapFind } from './maps.ts';
import { goTypeName, typeName } from './names.ts';

/**
 * A value with fields that are computed when they are read, as the variables of a policy. (A plain object with getters
 * of its own does as well.)
 */
export abstract class Fields implements Opaque {
  abstract readonly $type: Type;
  /** The value of a field; undefined when there is none. May throw CelError. */
  abstract $field(name: string): Value | undefined;
  /** What reading a field gives that is declared and not set: `has()` is false of it. Undefined for others. */
  $unset(_name: string): Value | undefined {
    return undefined;
  }
  $equals(other: Value): boolean {
    return other === (this as Value);
  }
}

/** The value selected, or the error. Never throws unless `$field` or a getter does. */
export function select(operand: Value, key: Value): Value | CelError {
  const found = find(operand, key);
  if (found !== undefined) return found;
  const unset = operand instanceof Fields && typeof key === 'string' ? operand.$unset(key) : undefined;
  if (unset !== undefined) return unset;
  if (Array.isArray(operand)) return new CelError('index-out-of-bounds', `index out of bounds: ${show(key)}`);
  return new CelError('no-such-key', `no such key: ${show(key)}`);
}

/**
 * The value selected, undefined when it is not there (also when the operand can hold nothing, as a number), or the
 * error of a key that can name nothing.
 */
export function find(operand: Value, key: Value): Value | undefined | CelError {
  if (!isKey(key)) return new CelError('invalid-argument', `invalid qualifier type: ${nativeName(key)}`);
  if (typeof operand !== 'object' || operand === null) return undefined;
  if (Array.isArray(operand)) return elementAt(operand, key);
  if (operand instanceof CelMap) return mapFind(operand, key);
  if (operand instanceof Number || operand instanceof Uint8Array || operand instanceof Uint) return undefined;
  if (operand instanceof Fields) return typeof key === 'string' ? operand.$field(key) : undefined;
  if (isOpaque(operand)) return undefined;
  return typeof key === 'string' && Object.hasOwn(operand, key)
    ? (operand as Record<string, Value>)[key]
    : undefined;
}

function isKey(key: Value): boolean {
  switch (typeof key) {
    case 'string':
    case 'number':
    case 'bigint':
    case 'boolean':
      return true;
    default:
      return key instanceof Uint || key instanceof Number;
  }
}

function elementAt(list: readonly Value[], key: Value): Value | undefined | CelError {
  const index = listIndex(key);
  if (index === undefined) {
    const numeric = key instanceof Uint || key instanceof Number;
    const message = numeric
      ? `unsupported index value ${show(key)} in list`
      : `unsupported index type '${typeName(key)}' in list`;
    return new CelError('no-such-overload', message);
  }
  return typeof index === 'number' && index >= 0 && index < list.length ? list[index] : undefined;
}

/** As Go prints it with %v. */
function show(key: Value): string {
  if (key instanceof Number) return formatDouble(key.valueOf());
  return key instanceof Uint ? String(key.$value) : String(key);
}

/** The Go type of a key: that of decoded JSON where the value may have come from there. */
function nativeName(key: Value): string {
  if (key === null) return '<nil>';
  if (Array.isArray(key)) return '[]interface {}';
  return typeName(key) === 'map' && !(key instanceof CelMap) ? 'map[string]interface {}' : goTypeName(key);
}
