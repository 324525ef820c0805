/**
 * Durations and timestamps: values, parsing and text as Go's `time` package has them, which is what cel-go uses
 * (common/types/duration.go, timestamp.go, overflow.go).
 */
import { CelError } from '../errors.ts';
import { DURATION, TIMESTAMP, type Type } from '../types.ts';
import type { Opaque, Value } from '../values.ts';
import { fixedNotation } from './numbers.ts';

const SECOND = 1_000_000_000n;

/** From year 1 to year 9999, in seconds since 1970. */
const MIN_SECONDS = -62_135_596_800;
const MAX_SECONDS = 253_402_300_799;

const overflow = (what: string) => new CelError('overflow', `${what} overflow`);

/** A length of time: an int64 of nanoseconds. */
export class Duration implements Opaque {
  readonly $nanos: bigint;
  constructor(nanos: bigint) {
    this.$nanos = nanos;
  }
  get $type(): Type {
    return DURATION;
  }
  $equals(other: Value): boolean {
    return other instanceof Duration && other.$nanos === this.$nanos;
  }
  $compare(other: Value): number | undefined {
    return other instanceof Duration ? order(this.$nanos, other.$nanos) : undefined;
  }
  $isZero(): boolean {
    return this.$nanos === 0n;
  }
  $negate(): Duration {
    return duration(-this.$nanos);
  }
  $add(other: Value): Value | undefined {
    if (other instanceof Duration) return duration(this.$nanos + other.$nanos);
    return other instanceof Timestamp ? other.$add(this) : undefined;
  }
  $subtract(other: Value): Value | undefined {
    return other instanceof Duration ? duration(this.$nanos - other.$nanos) : undefined;
  }
}

/** An instant with nanoseconds, and the offset it was written with, which only its text shows. */
export class Timestamp implements Opaque {
  /** Since 1970, rounded down. */
  readonly $seconds: number;
  /** 0 … 999,999,999. */
  readonly $nanos: number;
  /** Seconds east of UTC. */
  readonly $offset: number;
  constructor(seconds: number, nanos: number, offset = 0) {
    this.$seconds = seconds;
    this.$nanos = nanos;
    this.$offset = offset;
  }
  get $type(): Type {
    return TIMESTAMP;
  }
  $equals(other: Value): boolean {
    return other instanceof Timestamp && other.$seconds === this.$seconds && other.$nanos === this.$nanos;
  }
  $compare(other: Value): number | undefined {
    if (!(other instanceof Timestamp)) return undefined;
    return order(this.$seconds, other.$seconds) || order(this.$nanos, other.$nanos);
  }
  /** Go's zero time, the beginning of year 1. */
  $isZero(): boolean {
    return this.$seconds === MIN_SECONDS && this.$nanos === 0;
  }
  $add(other: Value): Value | undefined {
    if (!(other instanceof Duration)) return undefined;
    const nanos = BigInt(this.$nanos) + other.$nanos;
    const carried = floorDivide(nanos, SECOND);
    return timestamp(this.$seconds + Number(carried), Number(nanos - carried * SECOND), this.$offset);
  }
  $subtract(other: Value): Value | undefined {
    if (other instanceof Duration) return this.$add(other.$negate());
    if (!(other instanceof Timestamp)) return undefined;
    // cel-go checks the seconds alone first, so a difference can overflow before its nanoseconds bring it back.
    const seconds = duration(BigInt(this.$seconds - other.$seconds) * SECOND);
    return duration(seconds.$nanos + BigInt(this.$nanos - other.$nanos));
  }
}

/** A duration, or the error `integer overflow`. */
export function duration(nanos: bigint): Duration {
  if (BigInt.asIntN(64, nanos) !== nanos) throw overflow('integer');
  return new Duration(nanos);
}

/** A timestamp of the years 1 to 9999, or the error `timestamp overflow`. */
export function timestamp(seconds: number, nanos: number, offset = 0): Timestamp {
  if (seconds < MIN_SECONDS || seconds > MAX_SECONDS) throw overflow('timestamp');
  return new Timestamp(seconds, nanos, offset);
}

/** An int64 of seconds since 1970. */
export function timestampFromSeconds(seconds: number | bigint): Timestamp {
  return timestamp(Number(seconds), 0);
}

// RFC 3339 as Go's time.Parse reads it: an hour may have one digit, a comma may stand for the point.
const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d{1,2}):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))$/;

export function parseTimestamp(text: string): Timestamp {
  const match = RFC3339.exec(text);
  if (!match) throw conversionError('string', TIMESTAMP_NAME);
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [offsetHours, offsetMinutes] = [Number(match[9] ?? 0), Number(match[10] ?? 0)];
  const valid =
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysIn(year, month) &&
    hour <= 23 &&
    minute <= 59 &&
    second <= 59 &&
    offsetHours <= 24 &&
    offsetMinutes <= 60;
  if (!valid) throw conversionError('string', TIMESTAMP_NAME);
  const offset = (match[8] === '-' ? -60 : 60) * (offsetHours * 60 + offsetMinutes);
  const local = daysSinceEpoch(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
  const nanos = Number((match[7] ?? '').slice(0, 9).padEnd(9, '0'));
  return timestamp(local - offset, nanos, offset);
}

/** RFC 3339 with as many digits of the second as are needed. */
export function formatTimestamp(time: Timestamp): string {
  const { year, month, day, hours, minutes, seconds } = calendar(time.$seconds + time.$offset);
  const date = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
  const fraction = time.$nanos === 0 ? '' : `.${pad(time.$nanos, 9).replace(/0+$/, '')}`;
  return `${date}T${pad(hours, 2)}:${pad(minutes, 2)}:${pad(seconds, 2)}${fraction}${formatOffset(time.$offset)}`;
}

function formatOffset(offset: number): string {
  const minutes = Math.trunc(Math.abs(offset) / 60);
  if (offset === 0) return 'Z';
  return `${offset < 0 ? '-' : '+'}${pad(Math.trunc(minutes / 60), 2)}:${pad(minutes % 60, 2)}`;
}

export interface Calendar {
  readonly year: number;
  /** 1 … 12 */
  readonly month: number;
  /** 1 … 31 */
  readonly day: number;
  /** 0 … 365 */
  readonly dayOfYear: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
}

/** Date and time of seconds since 1970, in the proleptic Gregorian calendar. */
export function calendar(epochSeconds: number): Calendar {
  const days = Math.floor(epochSeconds / 86_400);
  const rest = epochSeconds - days * 86_400;
  const date = new Date(days * 86_400_000);
  const year = date.getUTCFullYear();
  return {
    year,
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    dayOfYear: days - daysSinceEpoch(year, 1, 1),
    weekday: date.getUTCDay(),
    hours: Math.trunc(rest / 3600),
    minutes: Math.trunc((rest % 3600) / 60),
    seconds: rest % 60,
  };
}

/** `2562047h47m16.854775807s`, as Go's time.ParseDuration reads it. */
export function parseDuration(text: string): Duration {
  const unsigned = text.replace(/^[+-]/, '');
  if (unsigned === '0') return new Duration(0n);
  if (!DURATION_TEXT.test(unsigned)) throw conversionError('string', DURATION_NAME);
  let total = 0n;
  for (const [, whole, fraction, unit] of unsigned.matchAll(DURATION_PART)) {
    const part = BigInt(whole || 0) * UNITS[unit!]! + fractionOf(fraction ?? '', UNITS[unit!]!);
    // Go adds unsigned, so that twice 2^63 is nothing.
    total = BigInt.asUintN(64, total + part);
    if (part > LARGEST || total > LARGEST) throw conversionError('string', DURATION_NAME);
  }
  const nanos = text.startsWith('-') ? -total : total;
  if (BigInt.asIntN(64, nanos) !== nanos) throw conversionError('string', DURATION_NAME);
  return new Duration(nanos);
}

const LARGEST = 1n << 63n;
const DURATION_PART = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/g;
const DURATION_TEXT = /^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/;
const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: SECOND,
  m: 60n * SECOND,
  h: 3600n * SECOND,
};

/** Digits behind the point in nanoseconds, through float64 as in Go; digits that would overflow are dropped. */
function fractionOf(digits: string, unit: bigint): bigint {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    const next = value * 10n + BigInt(digit);
    if (value > (LARGEST - 1n) / 10n || next > LARGEST) break;
    value = next;
    scale *= 10;
  }
  return value === 0n ? 0n : BigInt(Math.trunc(Number(value) * (Number(unit) / scale)));
}

/** Seconds as a decimal number and `s`. */
export function formatDuration(value: Duration): string {
  return `${fixedNotation(inUnits(value, SECOND))}s`;
}

/** Whole and fractional units as a float64, computed as Go does (its rounding shows in very long durations). */
export function inUnits({ $nanos }: Duration, unit: bigint): number {
  return Number($nanos / unit) + Number($nanos % unit) / Number(unit);
}

const TIMESTAMP_NAME = 'google.protobuf.Timestamp';
const DURATION_NAME = 'google.protobuf.Duration';

export function conversionError(from: string, to: string): CelError {
  return new CelError('invalid-argument', `type conversion error from '${from}' to '${to}'`);
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

function daysSinceEpoch(year: number, month: number, day: number): number {
  // Date.UTC takes years below 100 for 19xx.
  return new Date(0).setUTCFullYear(year, month - 1, day) / 86_400_000;
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}

function order<T extends number | bigint>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
