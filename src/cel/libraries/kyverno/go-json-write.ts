/** Values as Go's encoding/json writes them: keys sorted, what HTML would take for markup escaped. */
import { CelError } from '../../errors.ts';
import { Optional } from '../../optional.ts';
import { isMap, mapEntries } from '../../runtime/maps.ts';
import { typeName } from '../../runtime/names.ts';
import { Duration, formatDuration, formatTimestamp, Timestamp } from '../../stdlib/time.ts';
import { Uint, type Value } from '../../values.ts';

/**
 * What stands between: Go's own values (durations are nanoseconds), or protobuf's JSON value (durations are text, large
 * integers too, the others floats).
 */
type Form = 'native' | 'protobuf';

const MAX_SAFE = 9_007_199_254_740_991n;

const fail = (message: string): never => {
  throw new CelError('invalid-argument', message);
};

export function writeGoJson(value: Value, form: Form): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'boolean':
    case 'number':
      return String(value);
    case 'bigint':
      return form === 'native' ? String(value) : quote(String(value));
    default:
      return writeObject(value, form);
  }
}

function writeObject(value: Exclude<Value, null>, form: Form): string {
  if (value instanceof Number) return writeDouble(value.valueOf(), form);
  if (value instanceof Uint) {
    const text = String(value.$value);
    return form === 'protobuf' && value.$value > MAX_SAFE ? quote(text) : text;
  }
  if (value instanceof Uint8Array) return quote(Buffer.from(value).toString('base64'));
  if (Array.isArray(value)) return `[${value.map((element: Value) => writeGoJson(element, form)).join(',')}]`;
  if (isMap(value)) return writeMap(mapEntries(value), form);
  if (value instanceof Timestamp) return quote(formatTimestamp(value));
  if (value instanceof Duration)
    return form === 'native' ? String(value.$nanos) : quote(formatDuration(value));
  if (value instanceof Optional) return value.$value === undefined ? 'null' : writeGoJson(value.$value, form);
  return fail(`json: unsupported type: ${typeName(value)}`);
}

function writeMap(entries: readonly (readonly [Value, Value])[], form: Form): string {
  const members = entries.map(([key, value]): readonly [string, string] => [
    keyText(key, form),
    writeGoJson(value, form),
  ]);
  members.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return `{${members.map(([key, value]) => `${quote(key)}:${value}`).join(',')}}`;
}

/** Protobuf's JSON takes other scalars for keys too. */
function keyText(key: Value, form: Form): string {
  if (typeof key === 'string') return key;
  if (form === 'native') {
    return fail(
      `json: failed to convert CEL map to native map: unsupported type conversion from '${typeName(key)}' to string`,
    );
  }
  return key instanceof Uint ? String(key.$value) : String(key);
}

/** ECMAScript's form, which encoding/json took over: 1.0 is `1`. */
function writeDouble(value: number, form: Form): string {
  if (!Number.isFinite(value)) {
    const name = Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
    if (form === 'native') return fail(`json: unsupported value: ${name}`);
    return fail(`protojson: google.protobuf.Value cannot have ${name.replace('+', '')}`);
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
