/** `time.now`, `time.truncate`, `time.toCron` (sdk extensions/cel/libs/time). */
import type { Library } from '../../library.ts';
import { calendar, type Duration, type Timestamp, timestamp } from '../../stdlib/time.ts';
import { DURATION, STRING, TIMESTAMP } from '../../types.ts';
import { declare, global } from '../declare.ts';

const SECOND = 1_000_000_000n;
/** Of Go's zero time, which multiples count from: the beginning of year 1. */
const ZERO_SECONDS = -62_135_596_800n;

function now(): Timestamp {
  const milliseconds = Date.now();
  const seconds = Math.floor(milliseconds / 1000);
  return timestamp(seconds, (milliseconds - seconds * 1000) * 1_000_000);
}

/** Down to a multiple of the duration since the zero time; left as it is where the duration is none. */
function truncate(time: Timestamp, { $nanos: step }: Duration): Timestamp {
  if (step <= 0n) return time;
  const sinceZero = (BigInt(time.$seconds) - ZERO_SECONDS) * SECOND + BigInt(time.$nanos);
  const kept = sinceZero - (sinceZero % step);
  const seconds = kept / SECOND;
  return timestamp(Number(seconds + ZERO_SECONDS), Number(kept - seconds * SECOND), time.$offset);
}

/** In the zone that the timestamp was written with. */
function toCron({ $seconds, $offset }: Timestamp): string {
  const { minutes, hours, day, month, weekday } = calendar($seconds + $offset);
  return `${minutes} ${hours} ${day} ${month} ${weekday}`;
}

export const times: Library = Object.freeze({
  name: 'kyverno.time',
  functions: declare({
    'time.now': [global('time_now', [], TIMESTAMP, now)],
    'time.truncate': [global('time_truncate', [TIMESTAMP, DURATION], TIMESTAMP, truncate)],
    'time.toCron': [global('time_to_cron', [TIMESTAMP], STRING, toCron)],
  }),
});
