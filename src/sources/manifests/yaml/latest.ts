/**
 * The events of one document at a time. Who asks for the same document again, as whoever shows where a finding stands in
 * a file that was just read, gets them without a second pass over the text.
 */
import { createEvents, type Events } from './events.ts';
import { parse } from './parser.ts';

interface Asked {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly maximumDepth: number;
  readonly isJson: boolean;
}

const events = createEvents();
let latest: Asked | undefined;

/**
 * Events of the first document of `text[start, end)`, as {@link parse} makes them; valid until another document is asked
 * for, and not to be changed. Throws ConstructError.
 */
export function eventsOf(
  text: string,
  start: number,
  end: number,
  maximumDepth: number,
  isJson = false,
): Events {
  const asked = { text, start, end, maximumDepth, isJson };
  if (latest === undefined || !isSame(latest, asked)) {
    latest = undefined;
    parse(text, start, end, maximumDepth, events, isJson);
    latest = asked;
  }
  return events;
}

function isSame(a: Asked, b: Asked): boolean {
  return (
    a.start === b.start &&
    a.end === b.end &&
    a.maximumDepth === b.maximumDepth &&
    a.isJson === b.isJson &&
    a.text === b.text
  );
}
