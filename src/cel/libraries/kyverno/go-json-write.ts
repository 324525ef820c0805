/** Values as Go's encoding/json writes them: keys sorted, what HTML would take for markup escaped. */
import { CelError } from '../../errors.ts';
import { Optional, unwrap } from '../../optional.ts';
import { isMap, mapEntries } from '../../runtime/maps.ts';
import { typeName } from '../../runtime/names.ts';
import { expectTime } from '../../runtime/pace.ts';
import { Duration, formatDuration, formatTimestamp, Timestamp } from '../../stdlib/time.ts';
import { TypeValue } from '../../stdlib/type-value.ts';
import { Uint, type Value } from '../../values.ts';
import { Quantity } from '../quantity.ts';
import { Image } from './image.ts';
import { nativeName, notText } from './native.ts';
import { ServiceAccount } from './user.ts';

/**
 * What stands between: Go's own values (durations are nanoseconds), or protobuf's JSON value (durations are text, large
 * integers too, the others floats).
 */
type Form = 'native' | 'protobuf';

/** Where a value stands. Upstream words errors by what the outermost container is converted to first. */
interface Place {
  readonly form: Form;
  /** Before complaints of what is inside. */
  readonly prefix: string;
  readonly depth: number;
}

const MAX_SAFE = 9_007_199_254_740_991n;

const fail = (message: string): never => {
  throw new CelError('invalid-argument', message);
};

export function writeGoJson(value: Value, form: Form): string {
  return write(value, { form, prefix: form === 'native' ? containerPrefix(value) : '', depth: 0 });
}

function containerPrefix(value: Value): string {
  if (Array.isArray(value)) return 'json: failed to convert CEL list to native slice: ';
  return isMap(value) ? 'json: failed to convert CEL map to native map: ' : '';
}

function write(value: Value, place: Place): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'boolean':
    case 'number':
      return String(value);
    case 'bigint':
      return place.form === 'native' ? String(value) : quote(String(value));
    default:
      return writeObject(value, place);
  }
}

/** Nanoseconds. */
const ELEMENT_TIME = 300;
const ENTRY_TIME = 2_000;

function writeObject(value: Exclude<Value, null>, place: Place): string {
  const native = place.form === 'native';
  if (value instanceof Number) return writeDouble(value.valueOf(), native);
  if (value instanceof Uint) {
    const text = String(value.$value);
    return !native && value.$value > MAX_SAFE ? quote(text) : text;
  }
  if (value instanceof Uint8Array) return quote(Buffer.from(value).toString('base64'));
  const inner = { ...place, depth: place.depth + 1 };
  if (Array.isArray(value)) {
    expectTime(value.length * ELEMENT_TIME);
    return `[${value.map((element: Value) => write(element, inner)).join(',')}]`;
  }
  if (isMap(value)) {
    const entries = mapEntries(value);
    expectTime(entries.length * ENTRY_TIME);
    return writeMap(entries, place, inner);
  }
  if (value instanceof Timestamp) return quote(formatTimestamp(value));
  if (value instanceof Duration) return native ? String(value.$nanos) : quote(formatDuration(value));
  return writeOpaque(value, place);
}

function writeOpaque(value: Exclude<Value, null>, place: Place): string {
  const { form, prefix, depth } = place;
  if (value instanceof Optional) {
    if (value.$value !== undefined) return write(value.$value, place);
    // Alone, it is Go's nil.
    return form === 'native' && depth === 0 ? 'null' : fail(`${prefix}${messageOf(() => unwrap(value))}`);
  }
  if (value instanceof TypeValue) {
    return form === 'native' && depth === 0 ? quote(value.$name) : fail(`${prefix}${notText(value)}`);
  }
  if (value instanceof Image) {
    return form === 'native'
      ? quote(value.$reference.text)
      : fail("type conversion error from 'Image' to '*structpb.Value'");
  }
  if (value instanceof Quantity && form === 'native') return quote(String(value));
  if (value instanceof ServiceAccount) return writeServiceAccount(value, form);
  return fail(`json: unsupported type: ${typeName(value)}`);
}

function messageOf(run: () => Value): string {
  try {
    run();
  } catch (error) {
    if (error instanceof CelError) return error.$message;
    throw error;
  }
  return '';
}

/** Go's struct has names for JSON, which protobuf's value does not know. */
function writeServiceAccount({ $name, $namespace }: ServiceAccount, form: Form): string {
  const names = form === 'native' ? ['name', 'namespace'] : ['Name', 'Namespace'];
  const members = [$name, $namespace].map((text, i) =>
    text === '' ? '' : `${quote(names[i]!)}:${quote(text)}`,
  );
  return `{${members.filter((member) => member !== '').join(',')}}`;
}

function writeMap(entries: readonly (readonly [Value, Value])[], place: Place, inner: Place): string {
  const members = entries.map(([key, value]): readonly [string, string] => [
    keyText(key, place),
    write(value, inner),
  ]);
  members.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return `{${members.map(([key, value]) => `${quote(key)}:${value}`).join(',')}}`;
}

function keyText(key: Value, { form, prefix, depth }: Place): string {
  if (typeof key === 'string') return key;
  if (form === 'protobuf' || depth === 0) return fail(`${prefix}${notText(key)}`);
  const name = nativeName(key);
  return fail(`json: unsupported map key type ${name} (original key type: ${name})`);
}

/** ECMAScript's form, which encoding/json took over: 1.0 is `1`. */
function writeDouble(value: number, native: boolean): string {
  if (!Number.isFinite(value)) {
    const name = Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
    return fail(
      native
        ? `json: unsupported value: ${name}`
        : `proto: google.protobuf.Value.number_value: invalid ${name} value`,
    );
  }
  if (Object.is(value, -0)) return '-0';
  return String(value);
}

const ESCAPED = /["\\<>&\0-\x1f\u2028\u2029]/g;
const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

function quote(text: string): string {
  const escaped = text
    .toWellFormed()
    .replace(ESCAPED, (char) => SHORT[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `"${escaped}"`;
}
