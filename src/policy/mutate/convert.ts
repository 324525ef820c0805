/**
 * Values of CEL as the JSON that patches are made of (k8s.io/apiserver pkg/cel/mutation/dynamic, cel-go's conversions to
 * google.protobuf.Value). What the API server does not convert stays unconverted here as well, for the merge to refuse.
 */
import { ObjectValue } from '../../cel/libraries/patch-types.ts';
import { Duration, formatTimestamp, Timestamp } from '../../cel/stdlib/index.ts';
import { formatDuration } from '../../cel/stdlib/time.ts';
import { CelMap, Uint, type Value } from '../../cel/values.ts';
import { put } from '../json.ts';
import { NIL_LIST, Unconverted } from './values.ts';

/** Thrown for a value that is no JSON. */
export class ConversionError extends Error {}

/** The fields of an `Object{…}` as a configuration to merge. */
export function configurationOf(object: ObjectValue): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, value] of object.$fields) put(result, name, fieldOf(value));
  return result;
}

function fieldOf(value: Value): unknown {
  if (!(value instanceof CelMap)) return partOf(value);
  const result: Record<string, unknown> = {};
  for (const [key, inner] of value.$entries.values()) {
    if (typeof key !== 'string') throw new ConversionError('invalid return type: *dynamic.ObjectVal');
    put(result, key, partOf(inner));
  }
  return result;
}

/** A map literal is converted as the field of an object, and nowhere else. */
function partOf(value: Value): unknown {
  if (typeof value !== 'object') return value;
  if (value === null) return new Unconverted('structpb.NullValue', '0');
  if (value instanceof Number) return value;
  if (Array.isArray(value)) return value.length === 0 ? NIL_LIST : value.map(partOf);
  if (value instanceof ObjectValue) return configurationOf(value);
  if (value instanceof CelMap) return new Unconverted('map[ref.Val]ref.Val', goMap(value));
  if (value instanceof Uint) return new Unconverted('uint64', String(value.$value));
  if (value instanceof Uint8Array) return new Unconverted('[]uint8', `[${[...value].join(' ')}]`);
  if ('$type' in value) return new Unconverted(nameOf(value), nameOf(value));
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) put(result, key, partOf((value as Record<string, Value>)[key]!));
  return result;
}

function goMap({ $entries }: CelMap): string {
  const entries = [...$entries.values()].map(([key, value]) => `${String(key)}:${goText(value)}`);
  return `map[${entries.sort().join(' ')}]`;
}

function goText(value: Value): string {
  if (value instanceof CelMap) return goMap(value);
  return Array.isArray(value) ? `[${value.map(goText).join(' ')}]` : String(value);
}

function nameOf(value: object): string {
  const { $type } = value as { $type: { readonly kind: string; readonly name?: string } };
  return $type.name ?? $type.kind;
}

/** A value as the `value` of a JSON patch. */
export function jsonOf(value: Value): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return value;
  // JSON's readers lose digits beyond 2^53, so that protobuf writes such integers as text.
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Number) return jsonNumber(value.valueOf());
  if (value instanceof Uint) {
    return value.$value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value.$value) : String(value.$value);
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(jsonOf);
  if (value instanceof CelMap) return jsonMap(value);
  if (value instanceof ObjectValue) return converted(configurationOf(value));
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return formatDuration(value);
  if ('$type' in value) {
    const [name] = nameOf(value).split('.').slice(-1);
    throw notJson(`type conversion error from '${name}' to '*structpb.Value'`);
  }
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) put(result, key, jsonOf((value as Record<string, Value>)[key]!));
  return result;
}

/** A double without a fraction is read again as an int. */
function jsonNumber(number: number): unknown {
  if (!Number.isFinite(number)) throw notJson('google.protobuf.Value cannot have NaN or infinity');
  return Number.isSafeInteger(number) ? number + 0 : Object(number);
}

function jsonMap({ $entries }: CelMap): unknown {
  const result: Record<string, unknown> = {};
  for (const [key, value] of $entries.values()) {
    if (typeof key !== 'string') throw notJson(`type conversion error from '${typeof key}' to 'string'`);
    put(result, key, jsonOf(value));
  }
  return result;
}

/** A configuration inside a patch must be JSON all through. */
function converted(value: unknown): unknown {
  if (value instanceof Unconverted) throw notJson(`proto: invalid type: ${value.goType}`);
  if (Array.isArray(value)) return value.map(converted);
  if (typeof value === 'bigint') return Object(Number(value));
  if (value instanceof Number) return jsonNumber(value.valueOf());
  if (typeof value !== 'object' || value === null) return value;
  const result: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) put(result, key, converted(inner));
  return result;
}

function notJson(why: string): ConversionError {
  return new ConversionError(
    `JSONPath valueExpression evaluated to a type that could not marshal to JSON: ${why}`,
  );
}

/**
 * Whether types are called after the fields they stand in: `Object.spec{selector: Object.spec.wrong{}}` is not. What is
 * wrong, one a line; undefined when nothing is.
 */
export function misnamedTypes(object: ObjectValue): string | undefined {
  const faults: string[] = [];
  checkNames(object, object.$type.name, faults);
  return faults.length === 0 ? undefined : faults.join('\n');
}

function checkNames(value: Value, expected: string, faults: string[]): void {
  if (value instanceof ObjectValue) {
    const { name } = value.$type;
    if (name !== expected) {
      faults.push(
        `unexpected type name "${name}", expected "${expected}", which matches field name path from root Object type`,
      );
    }
    for (const [field, inner] of value.$fields) checkNames(inner, `${expected}.${field}`, faults);
  } else if (Array.isArray(value)) for (const item of value) checkNames(item, expected, faults);
  else if (value instanceof CelMap)
    for (const [, inner] of value.$entries.values()) checkNames(inner, expected, faults);
}
