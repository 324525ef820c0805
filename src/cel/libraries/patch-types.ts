/**
 * What mutating policies make values of: `Object{spec: Object.spec{…}}` and `JSONPatch{op: …, path: …}`
 * (k8s.io/apiserver pkg/cel/mutation). Every name below `Object` is a type, and all fields are dyn: only the patch, when
 * it is applied, tells whether the object has such fields.
 */
import type { ObjectTypes } from '../environment.ts';
import { equals } from '../equality.ts';
import { CelError } from '../errors.ts';
import { Fields } from '../runtime/select.ts';
import { DYN, object, STRING, type Type } from '../types.ts';
import { CelMap, Uint, type Value } from '../values.ts';

export const OBJECT_TYPE: Type = object('Object');
export const JSON_PATCH_TYPE: Type = object('JSONPatch');

/** `Object{…}`, `Object.spec{…}`: part of a configuration to apply. */
export class ObjectValue extends Fields {
  readonly $type: Type & { readonly kind: 'object' };
  readonly $fields: ReadonlyMap<string, Value>;
  constructor(typeName: string, fields: ReadonlyMap<string, Value>) {
    super();
    this.$type = { kind: 'object', name: typeName };
    this.$fields = fields;
  }
  $field(name: string): Value | undefined {
    return this.$fields.get(name);
  }
  /** Unlike CEL's own equality, 1 is not 1.0 in here: the API server compares the values as Go does. */
  override $equals(other: Value): boolean {
    return (
      other instanceof ObjectValue &&
      other.$type.name === this.$type.name &&
      sameEntries(this.$fields, other.$fields, same)
    );
  }
  $isZero(): boolean {
    return this.$fields.size === 0;
  }
}

/** `JSONPatch{…}`: one operation. What was not given is empty, a value that was not given undefined. */
export class JsonPatchValue extends Fields {
  readonly $op: string;
  readonly $path: string;
  readonly $from: string;
  readonly $value: Value | undefined;
  constructor(fields: ReadonlyMap<string, Value>) {
    super();
    this.$op = text(fields, 'op');
    this.$path = text(fields, 'path');
    this.$from = text(fields, 'from');
    this.$value = fields.get('value');
  }
  get $type(): Type {
    return JSON_PATCH_TYPE;
  }
  $field(name: string): Value | undefined {
    if (name === 'value') return this.$value;
    const given = name === 'op' ? this.$op : name === 'path' ? this.$path : this.$from;
    return given === '' ? undefined : given;
  }
  override $equals(other: Value): boolean {
    if (!(other instanceof JsonPatchValue)) return false;
    if (this.$op !== other.$op || this.$path !== other.$path || this.$from !== other.$from) return false;
    if (this.$value === undefined || other.$value === undefined) return this.$value === other.$value;
    return equals(this.$value, other.$value);
  }
}

function text(fields: ReadonlyMap<string, Value>, name: string): string {
  const value = fields.get(name);
  if (value === undefined || typeof value === 'string') return value ?? '';
  throw new CelError(
    'invalid-argument',
    `unexpected type ${nativeName(value)} for JSONPatchType '${name}' field`,
  );
}

/** The Go type of what the value holds. */
function nativeName(value: Value): string {
  if (value === null) return 'structpb.NullValue';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number' || typeof value === 'bigint') return 'int64';
  if (value instanceof Number) return 'float64';
  if (value instanceof Uint) return 'uint64';
  if (value instanceof Uint8Array) return '[]uint8';
  if (Array.isArray(value)) return '[]ref.Val';
  return value instanceof CelMap ? 'map[ref.Val]ref.Val' : 'map[string]interface {}';
}

function same(a: Value, b: Value): boolean {
  if (a instanceof Number || b instanceof Number) {
    return a instanceof Number && b instanceof Number && a.valueOf() === b.valueOf();
  }
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => same(item, b[i]));
  }
  if (a instanceof CelMap) {
    return (
      b instanceof CelMap && sameEntries(a.$entries, b.$entries, ([, left], [, right]) => same(left, right))
    );
  }
  return equals(a, b);
}

function sameEntries<K, V>(a: ReadonlyMap<K, V>, b: ReadonlyMap<K, V>, eq: (a: V, b: V) => boolean): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) {
    const other = b.get(key);
    if (other === undefined || !eq(value, other)) return false;
  }
  return true;
}

const PATCH_FIELDS: Readonly<Record<string, Type>> = { op: STRING, from: STRING, path: STRING, value: DYN };

function isObjectName(name: string): boolean {
  return name === 'Object' || name.startsWith('Object.');
}

/** The types as an environment asks for them. */
export const patchTypes = Object.freeze({
  isObject: (name: string) => name === 'JSONPatch' || isObjectName(name),
  fields: (name: string, field: string) => {
    if (name === 'JSONPatch') return Object.hasOwn(PATCH_FIELDS, field) ? PATCH_FIELDS[field] : undefined;
    return isObjectName(name) ? DYN : undefined;
  },
  fieldNames: (name: string) => (name === 'JSONPatch' ? Object.keys(PATCH_FIELDS) : []),
  create: (name: string, fields: ReadonlyMap<string, Value>) => {
    if (name === 'JSONPatch') return new JsonPatchValue(fields);
    return isObjectName(name) ? new ObjectValue(name, fields) : undefined;
  },
}) satisfies ObjectTypes;
