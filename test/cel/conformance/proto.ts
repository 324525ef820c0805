/** `cel.expr.Value`, `cel.expr.Type` and declarations in their JSON form, as cel-spec's test data holds them. */
import type { FunctionDeclaration, Overload } from '../../../src/cel/library.ts';
import { mapOfEntries } from '../../../src/cel/runtime/maps.ts';
import { parseDuration, parseTimestamp, TypeValue } from '../../../src/cel/stdlib/index.ts';
import type { Type } from '../../../src/cel/types.ts';
import { double, int, Uint, type Value } from '../../../src/cel/values.ts';

/** One member is set. */
export interface ProtoValue {
  readonly nullValue?: null;
  readonly boolValue?: boolean;
  readonly int64Value?: string;
  readonly uint64Value?: string;
  readonly doubleValue?: number | 'NaN' | 'Infinity' | '-Infinity';
  readonly stringValue?: string;
  readonly bytesValue?: string;
  readonly typeValue?: string;
  readonly listValue?: { readonly values?: readonly ProtoValue[] };
  readonly mapValue?: {
    readonly entries?: readonly { readonly key: ProtoValue; readonly value: ProtoValue }[];
  };
  readonly objectValue?: { readonly '@type': string; readonly value?: string };
}

/** One member is set. */
export interface ProtoType {
  readonly primitive?: 'BOOL' | 'INT64' | 'UINT64' | 'DOUBLE' | 'STRING' | 'BYTES';
  readonly wellKnown?: 'TIMESTAMP' | 'DURATION' | 'ANY';
  readonly dyn?: object;
  readonly null?: unknown;
  readonly typeParam?: string;
  readonly listType?: { readonly elemType?: ProtoType };
  readonly mapType?: { readonly keyType: ProtoType; readonly valueType: ProtoType };
  readonly type?: ProtoType;
  readonly abstractType?: { readonly name: string; readonly parameterTypes?: readonly ProtoType[] };
}

export interface ProtoDeclaration {
  readonly name: string;
  readonly ident?: { readonly type: ProtoType };
  readonly function?: { readonly overloads: readonly ProtoOverload[] };
}

interface ProtoOverload {
  readonly overloadId: string;
  readonly params?: readonly ProtoType[];
  readonly resultType: ProtoType;
  readonly isInstanceFunction?: boolean;
}

export function toValue(proto: ProtoValue): Value {
  if (proto.boolValue !== undefined) return proto.boolValue;
  if (proto.int64Value !== undefined) return int(BigInt(proto.int64Value));
  if (proto.uint64Value !== undefined) return new Uint(BigInt(proto.uint64Value));
  if (proto.doubleValue !== undefined) return double(Number(proto.doubleValue));
  if (proto.stringValue !== undefined) return proto.stringValue;
  if (proto.bytesValue !== undefined) return new Uint8Array(Buffer.from(proto.bytesValue, 'base64'));
  if (proto.typeValue !== undefined) return new TypeValue(proto.typeValue);
  if (proto.listValue !== undefined) return (proto.listValue.values ?? []).map(toValue);
  if (proto.mapValue !== undefined) return toMap(proto.mapValue.entries ?? []);
  if (proto.objectValue !== undefined) return toTime(proto.objectValue);
  if ('nullValue' in proto) return null;
  throw new Error(`no CEL value: ${JSON.stringify(proto)}`);
}

function toMap(entries: NonNullable<NonNullable<ProtoValue['mapValue']>['entries']>): Value {
  return mapOfEntries(entries.map(({ key, value }) => [toValue(key), toValue(value)]));
}

function toTime(message: NonNullable<ProtoValue['objectValue']>): Value {
  const type = message['@type'].replace(/^.*\./, '');
  if (type === 'Duration') return parseDuration(message.value ?? '');
  if (type === 'Timestamp') return parseTimestamp(message.value ?? '');
  throw new Error(`no CEL value: ${message['@type']}`);
}

const PRIMITIVES = {
  BOOL: 'bool',
  INT64: 'int',
  UINT64: 'uint',
  DOUBLE: 'double',
  STRING: 'string',
  BYTES: 'bytes',
} as const;

export function toType(proto: ProtoType): Type {
  if (proto.primitive !== undefined) return { kind: PRIMITIVES[proto.primitive] };
  if (proto.wellKnown === 'TIMESTAMP') return { kind: 'timestamp' };
  if (proto.wellKnown === 'DURATION') return { kind: 'duration' };
  if (proto.typeParam !== undefined) return { kind: 'param', name: proto.typeParam };
  if (proto.listType !== undefined) return { kind: 'list', element: toType(proto.listType.elemType ?? {}) };
  if (proto.mapType !== undefined) {
    return { kind: 'map', key: toType(proto.mapType.keyType), value: toType(proto.mapType.valueType) };
  }
  if (proto.type !== undefined) return { kind: 'type', of: toType(proto.type) };
  if (proto.abstractType !== undefined) {
    const { name, parameterTypes = [] } = proto.abstractType;
    return { kind: 'opaque', name, params: parameterTypes.map(toType) };
  }
  return 'null' in proto ? { kind: 'null' } : { kind: 'dyn' };
}

/** A declared function that nothing implements: for expressions that are only checked. */
export function toFunction({ name, function: declared }: ProtoDeclaration): FunctionDeclaration {
  const overloads = (declared?.overloads ?? []).map(
    (overload): Overload => ({
      id: overload.overloadId,
      member: overload.isInstanceFunction ?? false,
      args: (overload.params ?? []).map(toType),
      result: toType(overload.resultType),
      impl: () => {
        throw new Error(`${name} is declared only`);
      },
    }),
  );
  return { name, overloads };
}
