/** Comments that say something to Rampart: found in the text, outside of what the documents themselves say. */
import { type Extent, outline } from './documents.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { lineStarts, stripMark } from './text.ts';
import { EVENT, type Events, typeOf, WIDTH } from './yaml/events.ts';
import { eventsOf } from './yaml/latest.ts';

export interface Comment {
  /** Index of the document in the file. */
  readonly document: number;
  /** From 1. */
  readonly line: number;
  /** Of the `#`, from 1. */
  readonly column: number;
  /** What stands behind the marker. */
  readonly text: string;
  /** The line it is about: its own if something stands before it, else the next that holds anything; 0 if none does. */
  readonly about: number;
}

/** Comments of YAML documents that begin with a marker, in their order. JSON has none. */
export function findComments(input: string, marker: string): Comment[] {
  const text = stripMark(input);
  if (!text.includes(marker)) return [];
  const starts = lineStarts(text);
  return outline(text, DEFAULT_LIMITS).flatMap((extent, document) => {
    const places = extent.format === 'json' ? [] : placesOf(text, extent, marker);
    const scalars = places.length === 0 ? [] : scalarsOf(text, extent);
    return places
      .filter(({ at }) => !scalars.some(({ start, end }) => start <= at && at < end))
      .map(({ at, from }): Comment => {
        const row = starts.findLastIndex((start) => start <= at);
        const lineEnd = starts[row + 1] ?? text.length;
        const alone = text.slice(starts[row], at).trim() === '';
        return {
          document,
          line: row + 1,
          column: at - starts[row]! + 1,
          text: text.slice(from, lineEnd).trim(),
          about: alone ? nextLine(text, starts, row + 1, extent.end) : row + 1,
        };
      });
  });
}

/** Where a `#` begins a comment with the marker, and where the marker ends; perhaps within a scalar. */
function placesOf(text: string, { start, end }: Extent, marker: string): { at: number; from: number }[] {
  const places: { at: number; from: number }[] = [];
  for (
    let found = text.indexOf(marker, start);
    found !== -1 && found < end;
    found = text.indexOf(marker, found + 1)
  ) {
    let at = found - 1;
    while (at >= start && (text[at] === ' ' || text[at] === '\t')) at--;
    while (at > start && text[at] === '#' && text[at - 1] === '#') at--;
    const begins = at >= start && text[at] === '#' && (at === start || /\s/.test(text[at - 1]!));
    if (begins) places.push({ at, from: found + marker.length });
  }
  return places;
}

/** Where text stands that is a value, not a comment. A document that cannot be parsed is all value. */
function scalarsOf(text: string, { start, end }: Extent): { start: number; end: number }[] {
  let events: Events;
  try {
    events = eventsOf(text, start, end, DEFAULT_LIMITS.depth);
  } catch {
    return [{ start, end }];
  }
  const scalars: { start: number; end: number }[] = [];
  for (let index = 0; index < events.count; index++) {
    if (typeOf(events, index) !== EVENT.SCALAR) continue;
    const offset = index * WIDTH;
    scalars.push({ start: events.data[offset + 2]!, end: events.data[offset + 3]! });
  }
  return scalars;
}

function nextLine(text: string, starts: readonly number[], from: number, end: number): number {
  for (let row = from; row < starts.length && starts[row]! < end; row++) {
    const line = text.slice(starts[row], starts[row + 1]).trim();
    if (line !== '' && !line.startsWith('#')) return row + 1;
  }
  return 0;
}
