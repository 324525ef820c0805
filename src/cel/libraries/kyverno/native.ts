/** Between CEL's values and plain JSON, as Kyverno's libraries convert them. */
import { CelError } from '../../errors.ts';
import { Optional, unwrap } from '../../optional.ts';
import { isMap, mapEntries } from '../../runtime/maps.ts';
import { goTypeName, typeName } from '../../runtime/names.ts';
import { formatTimestamp, Timestamp } from '../../stdlib/time.ts';
import { double, int, type JsonObject, Uint, type Value } from '../../values.ts';
import { Quantity } from '../quantity.ts';
import { Image } from './image.ts';

/** Of an argument declared `dyn` that must be a string. */
export function nativeString(value: Value): string {
  if (typeof value === 'string') return value;
  if (value instanceof Optional) return nativeString(unwrap(value));
  if (value instanceof Image) return value.$reference.text;
  throw new CelError('invalid-argument', notText(value));
}

/** Types that convert themselves in cel-go, and how they call themselves then. */
const OWN_NAMES: Readonly<Record<string, string>> = {
  bool: 'bool',
  double: 'Double',
  bytes: 'Bytes',
  list: 'list',
  map: 'map',
  'google.protobuf.Duration': "'Duration'",
  'google.protobuf.Timestamp': "'Timestamp'",
};

/** Why a value is no text, in cel-go's words, which differ by type. */
export function notText(value: Value): string {
  const name = typeName(value);
  if (name === 'int' || name === 'uint') return `unsupported type conversion from '${name}' to string`;
  if (name === 'type') return "type conversion not supported for 'type'";
  return `type conversion error from ${OWN_NAMES[name] ?? `'${name}'`} to 'string'`;
}

/** Of the Go type that a value becomes. */
export function nativeName(value: Value): string {
  const name = typeName(value);
  return NATIVE_NAMES[name] ?? name;
}

const NATIVE_NAMES: Readonly<Record<string, string>> = {
  int: 'int64',
  uint: 'uint64',
  double: 'float64',
  bytes: '[]uint8',
  list: '[]interface {}',
  null_type: 'structpb.NullValue',
  'google.protobuf.Timestamp': 'time.Time',
  'google.protobuf.Duration': 'time.Duration',
};

/** Of an argument declared `map(string, string)`: the checks at run time look at the first entry alone. */
export function nativeStrings(value: Value, argument: number): Readonly<Record<string, string>> {
  if (!isMap(value)) return invalidArgument(argument, value, 'map[string]string');
  const entries = mapEntries(value).map(([key, text]): [string, string] => {
    const other = [key, text].find((part) => typeof part !== 'string');
    if (other !== undefined)
      throw new CelError('invalid-argument', `invalid arg ${argument}: ${notText(other)}`);
    return [key as string, text as string];
  });
  return Object.fromEntries(entries);
}

function invalidArgument(argument: number, value: Value, wanted: string): never {
  throw new CelError(
    'invalid-argument',
    `invalid arg ${argument}: unsupported type conversion from '${typeName(value)}' to ${wanted}`,
  );
}

/** Integers beyond it go into JSON as text, since readers may not keep them (protobuf's JSON values). */
const MAX_SAFE = 2n ** 53n - 1n;

/** What upstream sends away: protobuf's JSON value, in which every number is a float. */
export function jsonValue(value: Value, argument: number): unknown {
  const fail = (wanted: string): never => invalidArgument(argument, value, wanted);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Number) return value.valueOf();
  if (value instanceof Uint) return value.$value > MAX_SAFE ? String(value.$value) : Number(value.$value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map((element: Value) => jsonValue(element, argument));
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Quantity) return fail('*structpb.Value');
  if (!isMap(value)) return fail('*structpb.Value');
  return Object.fromEntries(
    mapEntries(value).map(([key, element]) => {
      if (typeof key !== 'string') return fail(`string: ${goTypeName(key)}`);
      return [key, jsonValue(element, argument)];
    }),
  );
}

/** Parsed JSON as a value; `floats` when every number is one, as of what Go's encoding/json reads. */
export function valueOfJson(json: unknown, floats: boolean): Value {
  switch (typeof json) {
    case 'number':
      return floats || !Number.isSafeInteger(json) ? double(json) : json === 0 ? 0 : json;
    case 'bigint':
      return floats ? double(Number(json)) : int(json);
    case 'string':
    case 'boolean':
      return json;
    case 'object':
      break;
    default:
      return null;
  }
  if (json === null) return null;
  if (json instanceof Number) return double(json.valueOf());
  if (Array.isArray(json)) return json.map((element) => valueOfJson(element, floats));
  const made: Record<string, Value> = Object.create(null);
  for (const [key, element] of Object.entries(json)) made[key] = valueOfJson(element, floats);
  return made as JsonObject;
}
