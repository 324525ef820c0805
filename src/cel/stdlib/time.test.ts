import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CelError } from '../errors.ts';
import {
  Duration,
  duration,
  formatDuration,
  formatTimestamp,
  parseDuration,
  parseTimestamp,
  Timestamp,
  timestamp,
} from './time.ts';
import { inZone } from './zones.ts';

function fails(run: () => unknown, message: string): void {
  assert.throws(run, (error) => error instanceof CelError && error.$message === message);
}

test('timestamps print as they were written, without needless digits', () => {
  const texts = {
    '2023-01-01T01:02:03Z': '2023-01-01T01:02:03Z',
    '2023-01-01T1:02:03.500Z': '2023-01-01T01:02:03.5Z',
    '2023-01-01T01:02:03,5+00:00': '2023-01-01T01:02:03.5Z',
    '2023-01-01T01:02:03.1234567899-01:30': '2023-01-01T01:02:03.123456789-01:30',
    '2023-01-01T01:02:03+24:60': '2023-01-01T01:02:03+25:00',
    '2024-02-29T23:59:59Z': '2024-02-29T23:59:59Z',
    '0001-01-01T00:00:00Z': '0001-01-01T00:00:00Z',
  };
  for (const [text, printed] of Object.entries(texts))
    assert.equal(formatTimestamp(parseTimestamp(text)), printed);
});

test('texts that Go does not parse are conversion errors', () => {
  const bad =
    '2023-01-01|2023-01-01T24:00:00Z|2023-02-29T00:00:00Z|2023-01-01t00:00:00Z|2023-01-01T00:00:60Z|2023-01-01T00:00:00.Z|2023-01-01T00:00:00-25:00|2023-1-01T00:00:00Z|2023-01-01T00:00:00| 2023-01-01T00:00:00Z';
  for (const text of bad.split('|')) {
    fails(() => parseTimestamp(text), "type conversion error from 'string' to 'google.protobuf.Timestamp'");
  }
});

test('timestamps outside of the years 1 to 9999 overflow', () => {
  fails(() => parseTimestamp('0000-12-31T23:59:59Z'), 'timestamp overflow');
  fails(() => parseTimestamp('9999-12-31T23:59:59-00:01'), 'timestamp overflow');
  fails(() => timestamp(253402300799, 0).$add(duration(1_000_000_000n)), 'timestamp overflow');
});

test('durations parse and print as in Go', () => {
  const texts: readonly (readonly [string, bigint, string])[] = [
    ['1h2m3.5s', 3_723_500_000_000n, '3723.5s'],
    ['-1.5h', -5_400_000_000_000n, '-5400s'],
    ['+0', 0n, '0s'],
    ['1µs1μs', 2_000n, '0.000002s'],
    ['.5s', 500_000_000n, '0.5s'],
    ['1.s', 1_000_000_000n, '1s'],
    ['2562047h47m16.854775807s', 2n ** 63n - 1n, '9223372036.854776s'],
    ['-9223372036854775808ns', -(2n ** 63n), '-9223372036.854776s'],
    ['9223372036854775808ns9223372036854775808ns', 0n, '0s'],
  ];
  for (const [text, nanos, printed] of texts) {
    assert.equal(parseDuration(text).$nanos, nanos);
    assert.equal(formatDuration(parseDuration(text)), printed);
  }
  for (const text of ['', '1', 's', '1d', '1e3s', '1h 2m', '--1s', '3000000h', '9223372036854775808ns']) {
    fails(() => parseDuration(text), "type conversion error from 'string' to 'google.protobuf.Duration'");
  }
});

test('arithmetic overflows as in cel-go', () => {
  const largest = new Duration(2n ** 63n - 1n);
  fails(() => largest.$add(new Duration(1n)), 'integer overflow');
  fails(() => new Duration(-(2n ** 63n)).$negate(), 'integer overflow');
  fails(() => parseTimestamp('9999-01-01T00:00:00Z').$subtract(timestamp(0, 0)), 'integer overflow');
});

const instants = fc.record({
  seconds: fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }),
  nanos: fc.integer({ min: 0, max: 999_999_999 }),
});
const nanoseconds = fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n });

test('a printed timestamp parses to the same instant', () => {
  fc.assert(
    fc.property(instants, ({ seconds, nanos }) => {
      const time = new Timestamp(seconds, nanos);
      assert.ok(parseTimestamp(formatTimestamp(time)).$equals(time));
    }),
  );
});

test('time + duration - time is the duration', () => {
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 32), max: 2 ** 32 }), nanoseconds, (seconds, nanos) => {
      const time = timestamp(seconds, 999_999_999);
      const later = time.$add(new Duration(nanos));
      assert.ok(later instanceof Timestamp);
      const between = later.$subtract(time);
      assert.ok(between instanceof Duration);
      assert.equal(between.$nanos, nanos);
      assert.equal(Math.sign(later.$compare(time)!), nanos === 0n ? 0 : nanos > 0n ? 1 : -1);
    }),
  );
});

test('zones: fixed offsets, names of the IANA database, UTC', () => {
  const time = parseTimestamp('2023-07-01T05:30:00Z');
  const clock = (zone: string) => {
    const { day, hours, minutes } = inZone(time, zone);
    return `${day} ${hours}:${minutes}`;
  };
  assert.equal(clock('America/Los_Angeles'), '30 22:30');
  assert.equal(clock('Asia/Kathmandu'), '1 11:15');
  assert.equal(clock('US/Central'), '1 0:30');
  assert.equal(clock('-08:00'), '30 21:30');
  assert.equal(clock('-00:45'), '1 4:45');
  assert.equal(clock('05:30'), '1 11:0');
  assert.equal(clock(''), '1 5:30');
  assert.equal(clock('Local'), '1 5:30');
  fails(() => clock('us/central'), 'unknown time zone us/central');
  fails(() => clock('PST'), 'unknown time zone PST');
  fails(() => clock('+0530'), 'unknown time zone +0530');
  fails(() => clock('../etc'), 'time: invalid location name');
  fails(() => clock('x:00'), 'strconv.Atoi: parsing "x": invalid syntax');
});

test('the calendar agrees with Date over the whole range', () => {
  fc.assert(
    fc.property(instants, ({ seconds, nanos }) => {
      const date = new Date(seconds * 1000);
      const calendar = inZone(new Timestamp(seconds, nanos), 'UTC');
      assert.equal(calendar.year, date.getUTCFullYear());
      assert.equal(
        calendar.hours * 3600 + calendar.minutes * 60 + calendar.seconds,
        ((seconds % 86_400) + 86_400) % 86_400,
      );
      const yearStart = new Date(date).setUTCMonth(0, 1);
      assert.equal(calendar.dayOfYear, Math.round((date.valueOf() - yearStart) / 86_400_000));
    }),
  );
});
