/** Time zones of the timestamp accessors: fixed offsets and names of the IANA database. */
import { CelError } from '../errors.ts';
import { quoteGo } from '../libraries/text.ts';
import { type Calendar, calendar, type Timestamp } from './time.ts';
import { isZoneName } from './zone-names.ts';

const invalid = (message: string) => new CelError('invalid-argument', message);

/** `Local` is the zone of the API server's container: verdicts must not hang on the zone of whoever scans. */
const UTC = new Set(['', 'UTC', 'Local']);

/** Date and time of an instant in a zone: `-08:00`, `America/Los_Angeles`, `UTC` or empty. */
export function inZone(time: Timestamp, zone: string): Calendar {
  if (zone.includes(':')) return calendar(time.$seconds + offsetOf(zone));
  if (UTC.has(zone)) return calendar(time.$seconds);
  return calendar(time.$seconds + namedOffset(time.$seconds, zone));
}

/** `±hh:mm` as cel-go reads it: two whole numbers, the sign of the hours for both. */
function offsetOf(zone: string): number {
  const colon = zone.indexOf(':');
  const hours = wholeNumber(zone.slice(0, colon));
  const minutes = wholeNumber(zone.slice(colon + 1));
  return 60 * (hours * 60 + (zone.startsWith('-') ? -minutes : minutes));
}

/** Go's strconv.Atoi. */
function wholeNumber(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw invalid(`strconv.Atoi: parsing ${quoteGo(text)}: invalid syntax`);
  const value = Number(text);
  if (Math.abs(value) >= 2 ** 63) throw invalid(`strconv.Atoi: parsing "${text}": value out of range`);
  return value;
}

/** Seconds east of UTC of a named zone at an instant. */
function namedOffset(epochSeconds: number, zone: string): number {
  if (/^[/\\]|\.\./.test(zone)) throw invalid('time: invalid location name');
  const format = isZoneName(zone) ? formatter(zone) : undefined;
  if (!format) throw invalid(zone.includes('\0') ? 'invalid argument' : `unknown time zone ${zone}`);
  const parts: Record<string, number> = {};
  let era = '';
  for (const { type, value } of format.formatToParts(epochSeconds * 1000)) {
    if (type === 'era') era = value;
    else if (type !== 'literal') parts[type] = Number(value);
  }
  const year = era.startsWith('B') ? 1 - parts['year']! : parts['year']!;
  const date = new Date(0).setUTCFullYear(year, parts['month']! - 1, parts['day']!);
  const local = date / 1000 + parts['hour']! * 3600 + parts['minute']! * 60 + parts['second']!;
  return local - epochSeconds;
}

const formatters = new Map<string, Intl.DateTimeFormat | undefined>();

/** Making a formatter is slow, so each is kept; there are no more of them than zones. */
function formatter(zone: string): Intl.DateTimeFormat | undefined {
  if (!formatters.has(zone)) formatters.set(zone, createFormatter(zone));
  return formatters.get(zone);
}

function createFormatter(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US-u-ca-gregory', {
      timeZone,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return undefined;
  }
}
