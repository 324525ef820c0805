import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CelError } from '../errors.ts';
import type { Overload } from '../library.ts';
import { double, Uint, type Value } from '../values.ts';
import { STANDARD_LIBRARY } from './index.ts';
import { Duration, Timestamp } from './time.ts';
import { TypeValue, typeOf } from './type-value.ts';

const OVERLOADS = new Map(STANDARD_LIBRARY.functions.flatMap((f) => f.overloads).map((o) => [o.id, o]));

function overload(id: string): Overload {
  return OVERLOADS.get(id) ?? assert.fail(`no overload ${id}`);
}

function call(id: string, ...args: Value[]): Value {
  return overload(id).impl(...(args as never[]));
}

function message(id: string, ...args: Value[]): string {
  try {
    return assert.fail(`${id} gives ${String(call(id, ...args))}`);
  } catch (error) {
    if (error instanceof CelError) return error.$message;
    throw error;
  }
}

test('overload ids are unique', () => {
  const ids = STANDARD_LIBRARY.functions.flatMap((f) => f.overloads.map((o) => o.id));
  assert.equal(new Set(ids).size, ids.length);
});

test('conversions keep to the ranges of int64 and uint64', () => {
  assert.equal(call('double_to_int64', double(-1.9)), -1);
  assert.equal(call('double_to_int64', double(2 ** 62)), 2n ** 62n);
  assert.equal(message('double_to_int64', double(2 ** 63)), 'integer overflow');
  assert.equal(message('double_to_int64', double(-(2 ** 63))), 'integer overflow');
  assert.equal(message('double_to_int64', double(Number.NaN)), 'integer overflow');
  assert.deepEqual(call('double_to_uint64', double(2 ** 63)), new Uint(2n ** 63n));
  assert.equal(message('double_to_uint64', double(-0.5)), 'unsigned integer overflow');
  assert.equal(message('double_to_uint64', double(2 ** 64)), 'unsigned integer overflow');
  assert.equal(message('uint64_to_int64', new Uint(2n ** 63n)), 'integer overflow');
  assert.equal(message('int64_to_uint64', -1), 'unsigned integer overflow');
  assert.deepEqual(call('int64_to_double', 2n ** 63n - 1n), double(2 ** 63));
  assert.equal(call('uint64_to_int64', new Uint(7n)), 7);
});

test('strings convert as strconv converts them', () => {
  assert.equal(call('string_to_int64', '9007199254740993'), 9007199254740993n);
  assert.equal(message('string_to_int64', '1.0'), "type conversion error from 'string' to 'int'");
  assert.equal(message('string_to_uint64', '-1'), "type conversion error from 'string' to 'uint'");
  assert.equal(message('string_to_double', 'x'), "type conversion error from 'string' to 'double'");
  assert.equal(message('string_to_bool', 'yes'), "type conversion error from 'string' to 'bool'");
  assert.equal(call('string_to_bool', 'T'), true);
  assert.equal(call('int64_to_string', -(2n ** 63n)), '-9223372036854775808');
  assert.equal(call('bool_to_string', true), 'true');
  assert.equal(call('bytes_to_string', Uint8Array.of(0xef, 0xbb, 0xbf, 0x41)), '\ufeffA');
  assert.equal(
    message('bytes_to_string', Uint8Array.of(0xff)),
    'invalid UTF-8 in bytes, cannot convert to string',
  );
  assert.deepEqual(call('string_to_bytes', 'é'), Uint8Array.of(0xc3, 0xa9));
});

test('times convert to and from numbers', () => {
  assert.deepEqual(call('int64_to_timestamp', 60), new Timestamp(60, 0));
  assert.equal(message('int64_to_timestamp', 2n ** 60n), 'timestamp overflow');
  assert.equal(call('timestamp_to_int64', new Timestamp(-1, 999_999_999)), -1);
  assert.equal(call('duration_to_int64', new Duration(2n ** 62n)), 2n ** 62n);
});

test('durations are counted in whole units, through float64 as in Go', () => {
  const ninetyMinutes = new Duration(-5_400_000_000_000n);
  assert.equal(call('duration_to_hours', ninetyMinutes), -1);
  assert.equal(call('duration_to_minutes', ninetyMinutes), -90);
  assert.ok(Object.is(call('duration_to_hours', new Duration(-1n)), 0));
  assert.equal(call('duration_to_seconds', ninetyMinutes), -5400);
  assert.equal(call('duration_to_milliseconds', ninetyMinutes), -5_400_000);
  assert.equal(call('duration_to_seconds', new Duration(9_223_372_036_999_999_999n)), 9_223_372_037);
});

test('accessors count from zero where CEL says so', () => {
  const time = new Timestamp(Date.UTC(2023, 6, 14, 10, 30, 45) / 1000, 123_999_999);
  const parts = [
    'year',
    'month',
    'day_of_year',
    'day_of_month',
    'day_of_month_1_based',
    'day_of_week',
    'hours',
    'minutes',
    'seconds',
    'milliseconds',
  ];
  assert.deepEqual(
    parts.map((part) => call(`timestamp_to_${part}`, time)),
    [2023, 6, 194, 13, 14, 5, 10, 30, 45, 123],
  );
  assert.equal(call('timestamp_to_hours_with_tz', time, 'America/Los_Angeles'), 3);
  assert.equal(call('timestamp_to_seconds_tz', time, '+01:00'), 45);
});

test('sizes count code points, bytes, elements and entries', () => {
  assert.equal(call('size_string', 'a😀'), 2);
  assert.equal(call('bytes_size', Uint8Array.of(1, 2)), 2);
  assert.equal(call('list_size', [1, 2, 3]), 3);
  assert.equal(call('size_map', { a: 1 }), 1);
});

test('matches finds RE2 patterns anywhere, and reports bad ones as Go does', () => {
  assert.equal(call('matches_string', 'xaby', 'a.'), true);
  assert.match(message('matches', 'a', '('), /^error parsing regexp: missing closing \)/);
});

test('costs are those of the API server', () => {
  const cost = (id: string, ...args: Value[]) => overload(id).cost?.(args, null) ?? 1;
  assert.equal(cost('contains_string', 'a'.repeat(25), 'a'.repeat(11)), 3 * 2);
  assert.equal(cost('contains_string', 'abc', ''), 0);
  assert.equal(cost('starts_with_string', 'a'.repeat(99), 'a'.repeat(11)), 2);
  assert.equal(cost('matches_string', '', 'abcde'), 2);
  assert.equal(cost('matches', 'a'.repeat(20), 'a'.repeat(8)), 3 * 2);
  assert.equal(cost('string_to_bytes', '😀'.repeat(11)), 2);
  assert.equal(cost('size_string', 'abc'), 1);
});

test('type values compare by name', () => {
  assert.ok(typeOf([1]).$equals(typeOf(['a'])));
  assert.equal(typeOf(null).$name, 'null_type');
  assert.equal(typeOf(typeOf(1)).$name, 'type');
  assert.equal(typeOf(new Timestamp(0, 0)).$name, 'google.protobuf.Timestamp');
  assert.ok(STANDARD_LIBRARY.constants!['int']!.value instanceof TypeValue);
  assert.deepEqual(Object.keys(STANDARD_LIBRARY.constants!).sort(), [
    'bool',
    'bytes',
    'double',
    'google.protobuf.Duration',
    'google.protobuf.Timestamp',
    'int',
    'list',
    'map',
    'null_type',
    'string',
    'type',
    'uint',
  ]);
});
