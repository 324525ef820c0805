/** Names of types, as they appear in cel-go's messages. */
import type { Type } from '../types.ts';
import { CelMap, type JsonObject, type Opaque, Uint, type Value } from '../values.ts';
import { mapKeys } from './maps.ts';

/** The run-time type name of a value (cel-go `Type().TypeName()`). */
export function typeName(value: Value): string {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'number':
    case 'bigint':
      return 'int';
    case 'boolean':
      return 'bool';
    default:
      break;
  }
  if (value === null) return 'null_type';
  if (value instanceof Number) return 'double';
  if (value instanceof Uint) return 'uint';
  if (value instanceof Uint8Array) return 'bytes';
  if (Array.isArray(value)) return 'list';
  if (value instanceof CelMap) return 'map';
  const type = (value as Partial<Opaque>).$type;
  return type === undefined ? 'map' : nameOfType(type);
}

const GO_NAMES: Readonly<Record<string, string>> = {
  null_type: 'types.Null',
  bool: 'types.Bool',
  int: 'types.Int',
  uint: 'types.Uint',
  double: 'types.Double',
  string: 'types.String',
  bytes: 'types.Bytes',
  list: '*types.baseList',
  map: '*types.baseMap',
  type: '*types.Type',
  optional_type: '*types.Optional',
  'google.protobuf.Duration': 'types.Duration',
  'google.protobuf.Timestamp': 'types.Timestamp',
};

/** The name of the Go type that stands for a value in cel-go: some of its messages show it. */
export function goTypeName(value: Value): string {
  const name = typeName(value);
  return GO_NAMES[name] ?? name;
}

const RECEIVERS: ReadonlySet<string> = new Set([
  'string',
  'google.protobuf.Duration',
  'google.protobuf.Timestamp',
]);

/** Types whose values take any method call in cel-go, and refuse it in fewer words. */
export function isReceiver(value: Value): boolean {
  return RECEIVERS.has(typeName(value));
}

/** The name a type has at run time. */
export function nameOfType(type: Type): string {
  switch (type.kind) {
    case 'null':
      return 'null_type';
    case 'duration':
      return 'google.protobuf.Duration';
    case 'timestamp':
      return 'google.protobuf.Timestamp';
    case 'opaque':
    case 'object':
      return type.name;
    default:
      return type.kind;
  }
}

/** Whether a value may be passed where a type is declared (cel-go `IsAssignableRuntimeType`: first elements only). */
export function isAssignable(type: Type, value: Value): boolean {
  switch (type.kind) {
    case 'dyn':
    case 'any':
    case 'param':
    case 'error':
      return true;
    case 'string':
      return typeof value === 'string';
    case 'int':
      return typeof value === 'number' || typeof value === 'bigint';
    case 'bool':
      return typeof value === 'boolean';
    case 'null':
      return value === null;
    case 'double':
      return value instanceof Number;
    case 'uint':
      return value instanceof Uint;
    case 'bytes':
      return value instanceof Uint8Array;
    case 'list':
      return Array.isArray(value) && (value.length === 0 || isAssignable(type.element, value[0] as Value));
    case 'map':
      return isAssignableMap(type.key, type.value, value);
    default:
      return typeName(value) === nameOfType(type);
  }
}

function isAssignableMap(keyType: Type, valueType: Type, value: Value): boolean {
  if (value instanceof CelMap) {
    for (const [key, first] of value.$entries.values()) {
      return isAssignable(keyType, key) && isAssignable(valueType, first);
    }
    return true;
  }
  if (typeName(value) !== 'map') return false;
  // Of parsed JSON the keys are texts; to find the first takes long where there are many.
  if (isAssignable(keyType, '') && isAnything(valueType)) return true;
  const map = value as JsonObject;
  const [key] = mapKeys(map);
  if (key === undefined) return true;
  return isAssignable(keyType, key) && isAssignable(valueType, map[key as string] as Value);
}

function isAnything({ kind }: Type): boolean {
  return kind === 'dyn' || kind === 'any' || kind === 'param' || kind === 'error';
}
