/** `t.getHours()`, `t.getHours('America/Los_Angeles')`, `d.getHours()`, …; UTC where no zone is named. */
import type { FunctionDeclaration, Overload } from '../library.ts';
import { DURATION, INT, STRING, TIMESTAMP } from '../types.ts';
import { int, type Value } from '../values.ts';
import { declare, member } from './declare.ts';
import { type Calendar, type Duration, inUnits, type Timestamp } from './time.ts';
import { inZone } from './zones.ts';

type Part = (calendar: Calendar, time: Timestamp) => number;

function accessor(name: string, id: string, part: Part, ...more: Overload[]): FunctionDeclaration {
  const get = (time: Timestamp, zone: string) => part(inZone(time, zone), time);
  // cel-go's one irregular id.
  const zoned = id === 'seconds' ? 'timestamp_to_seconds_tz' : `timestamp_to_${id}_with_tz`;
  return declare(
    name,
    member(`timestamp_to_${id}`, [TIMESTAMP], INT, { impl: (time: Timestamp) => get(time, 'UTC') }),
    member(zoned, [TIMESTAMP, STRING], INT, { impl: get }),
    ...more,
  );
}

function ofDuration(id: string, impl: (value: Duration) => Value): Overload {
  return member(`duration_to_${id}`, [DURATION], INT, { impl });
}

const SECOND = 1_000_000_000n;

/** Rounded toward zero; an int has no negative zero. */
function wholeUnits(value: Duration, unit: bigint): number {
  return Math.trunc(inUnits(value, unit)) + 0;
}

export const TIME_ACCESSORS: readonly FunctionDeclaration[] = [
  accessor('getFullYear', 'year', (calendar) => calendar.year),
  accessor('getMonth', 'month', (calendar) => calendar.month - 1),
  accessor('getDayOfYear', 'day_of_year', (calendar) => calendar.dayOfYear),
  accessor('getDayOfMonth', 'day_of_month', (calendar) => calendar.day - 1),
  accessor('getDate', 'day_of_month_1_based', (calendar) => calendar.day),
  accessor('getDayOfWeek', 'day_of_week', (calendar) => calendar.weekday),
  accessor(
    'getHours',
    'hours',
    (calendar) => calendar.hours,
    ofDuration('hours', (value) => wholeUnits(value, 3600n * SECOND)),
  ),
  accessor(
    'getMinutes',
    'minutes',
    (calendar) => calendar.minutes,
    ofDuration('minutes', (value) => wholeUnits(value, 60n * SECOND)),
  ),
  accessor(
    'getSeconds',
    'seconds',
    (calendar) => calendar.seconds,
    ofDuration('seconds', (value) => wholeUnits(value, SECOND)),
  ),
  accessor(
    'getMilliseconds',
    'milliseconds',
    (_calendar, time) => Math.trunc(time.$nanos / 1_000_000),
    ofDuration('milliseconds', (value) => int(value.$nanos / 1_000_000n)),
  ),
];
