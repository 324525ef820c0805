/** What a document consists of, in order: numbers in one growing array, five an event. */

export const EVENT = { POP: 0, SCALAR: 1, SEQUENCE: 2, MAPPING: 3, ALIAS: 4 } as const;

/**
 * Numbers an event takes: type; where its node begins, properties included; start and end of the scalar's or alias's
 * token; and the scalar's style and text as tokens.ts packs them.
 */
export const WIDTH = 5;

export interface Events {
  /** The text that the offsets refer to. */
  text: string;
  data: Int32Array;
  /** How many events there are. */
  count: number;
  texts: readonly string[];
  /** By event; undefined as long as there are none. */
  anchors: Map<number, string> | undefined;
  tags: Map<number, string> | undefined;
  /** Where something stands that the document does not include; -1 if nothing does. */
  leftOver: number;
}

const INITIAL = WIDTH * 1024;

/** Room for events beyond this is given back before the next text. */
const KEPT = WIDTH * 256 * 1024;

/** Empties them for the next text. */
export function clear(events: Events, text: string, texts: readonly string[]): void {
  events.text = text;
  events.texts = texts;
  events.count = 0;
  events.anchors = undefined;
  events.tags = undefined;
  if (events.data.length > KEPT) events.data = new Int32Array(INITIAL);
}

export function createEvents(): Events {
  return {
    text: '',
    data: new Int32Array(INITIAL),
    count: 0,
    texts: [],
    anchors: undefined,
    tags: undefined,
    leftOver: -1,
  };
}

/** Returns the index of the new event. */
export function add(
  events: Events,
  type: number,
  at: number,
  start: number,
  end: number,
  aux: number,
): number {
  const offset = events.count * WIDTH;
  if (offset + WIDTH > events.data.length) {
    const larger = new Int32Array(events.data.length * 2);
    larger.set(events.data);
    events.data = larger;
  }
  const { data } = events;
  data[offset] = type;
  data[offset + 1] = at;
  data[offset + 2] = start;
  data[offset + 3] = end;
  data[offset + 4] = aux;
  return events.count++;
}

export function typeOf(events: Events, index: number): number {
  return events.data[index * WIDTH]!;
}

/** Where the node begins. */
export function placeOf(events: Events, index: number): number {
  return events.data[index * WIDTH + 1]!;
}

/** Of a scalar, see tokens.ts. */
export function auxOf(events: Events, index: number): number {
  return events.data[index * WIDTH + 4]!;
}

/** The name an alias gives. */
export function aliasName(events: Events, index: number): string {
  const offset = index * WIDTH;
  return events.text.slice(events.data[offset + 2]! + 1, events.data[offset + 3]!);
}
