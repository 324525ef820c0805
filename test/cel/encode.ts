/** Values as the Go program writes them (test/interop/cel_value.go), so that the two can be compared. */

import { Optional } from '../../src/cel/optional.ts';
import { Duration, formatTimestamp, Timestamp, TypeValue } from '../../src/cel/stdlib/index.ts';
import { CelMap, type JsonObject, type Opaque, Uint, type Value } from '../../src/cel/values.ts';

export type Encoded = unknown;

export function encode(value: Value): Encoded {
  switch (typeof value) {
    case 'boolean':
    case 'string':
      return value;
    case 'number':
    case 'bigint':
      return { int: String(value) };
    default:
      return value === null ? { null: true } : encodeObject(value);
  }
}

function encodeObject(value: object): Encoded {
  if (value instanceof Number) return { double: Object.is(value.valueOf(), -0) ? '-0' : String(value) };
  if (value instanceof Uint) return { uint: String(value.$value) };
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return { list: value.map(encode) };
  if (value instanceof CelMap) return { map: encodeEntries([...value.$entries.values()]) };
  if ('$type' in value) return encodeOpaque(value as Opaque);
  return { map: encodeEntries(Object.entries(value as JsonObject)) };
}

function encodeEntries(entries: readonly (readonly [Value, Value])[]): Encoded {
  const encoded = entries.map(([key, value]) => [encode(key), encode(value)] as const);
  const texts = new Map(encoded.map((entry) => [JSON.stringify(entry[0]), entry]));
  // Go sorts by the bytes of the keys' text.
  return [...texts.keys()]
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map((key) => texts.get(key));
}

const OPAQUE_TAGS: Readonly<Record<string, string>> = {
  'kubernetes.Quantity': 'quantity',
  'kubernetes.URL': 'url',
  'net.IP': 'ip',
  'net.CIDR': 'cidr',
  'kubernetes.Semver': 'semver',
  'kubernetes.NamedFormat': 'format',
};

function encodeOpaque(value: Opaque): Encoded {
  if (value instanceof Optional)
    return { optional: value.$value === undefined ? [] : [encode(value.$value)] };
  if (value instanceof Duration) return { duration: String(value.$nanos) };
  if (value instanceof Timestamp) {
    return { timestamp: formatTimestamp(new Timestamp(value.$seconds, value.$nanos)) };
  }
  if (value instanceof TypeValue) return { type: value.$name };
  const name = 'name' in value.$type ? value.$type.name : value.$type.kind;
  const tag = OPAQUE_TAGS[name];
  return tag === undefined ? { opaque: name } : { [tag]: String(value) };
}

/** Go's answer with its doubles spelled as JavaScript spells them. */
export function normalize(answer: Encoded): Encoded {
  if (Array.isArray(answer)) return answer.map(normalize);
  if (typeof answer !== 'object' || answer === null) return answer;
  if ('double' in answer) {
    const number = Number(answer.double);
    return { double: Object.is(number, -0) ? '-0' : String(number) };
  }
  return Object.fromEntries(Object.entries(answer).map(([key, value]) => [key, normalize(value)]));
}
