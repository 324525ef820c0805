import { describe } from 'node:test';
import { fails, holds, refuses } from './testing.ts';

describe('time', () => {
  holds([
    "time.now() > timestamp('2024-01-01T00:00:00Z')",
    "time.now() < timestamp('9000-01-01T00:00:00Z')",
    "time.toCron(timestamp('2024-02-29T13:05:59Z')) == '5 13 29 2 4'",
    // In the zone it is written with.
    "time.toCron(timestamp('2024-02-29T23:30:00+02:00')) == '30 23 29 2 4'",
    "time.truncate(timestamp('2024-02-29T13:05:59.5Z'), duration('1h')) == timestamp('2024-02-29T13:00:00Z')",
    "time.truncate(timestamp('2024-02-29T13:05:59Z'), duration('168h')) == timestamp('2024-02-26T00:00:00Z')",
    "time.truncate(timestamp('2024-02-29T13:05:59Z'), duration('0s')) == timestamp('2024-02-29T13:05:59Z')",
    "string(time.truncate(timestamp('2024-02-29T13:05:59+01:00'), duration('1m'))) == '2024-02-29T13:05:00+01:00'",
  ]);
  fails({ 'time.toCron(dyn(1))': 'no such overload: time.toCron(int)' });
  refuses({ "time.toCron('x')": "found no matching overload for 'time.toCron' applied to '(string)'" });
});
