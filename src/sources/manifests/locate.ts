/**
 * Where a field stands in its file. Only documents with findings are looked at, and only then: the events that built
 * the value are made again, and followed along the pointer. JSON goes the same way, as the YAML that it is.
 *
 * A field is shown at its key, an item of a list at its first token, the root at the document's first token. What comes
 * by an alias or a merge key is shown where it is written. An absent field is shown at its nearest existing parent.
 */
import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE } from 'js-yaml';
import { isMerge, offsetOf, resolveAliases, type Source, scalarKey } from './construct.ts';
import { type Extent, outline } from './documents.ts';
import { DEFAULT_LIMITS, type ReadLimits } from './limits.ts';
import { lineStarts, stripMark } from './text.ts';

/** From 1; columns in UTF-16 units. */
export interface Location {
  readonly line: number;
  readonly column: number;
  /** False when the pointer names an absent field, and this is its nearest existing parent. */
  readonly exists: boolean;
}

/**
 * Finds a JSON Pointer (RFC 6901; of the whole document, so with the `/items/3` of a List) in a document of the text, by
 * its index in the file.
 */
export type Locate = (document: number, pointer: string) => Location;

/** One text's places. Keeps what it parsed, so that many findings in a document cost one parse. */
export function createLocator(input: string, limits: ReadLimits = DEFAULT_LIMITS): Locate {
  const text = stripMark(input);
  const maps = new Map<number, DocumentMap | undefined>();
  let extents: readonly Extent[] | undefined;
  return (document, pointer) => {
    extents ??= outline(text, limits);
    const extent = extents[document];
    if (extent === undefined) return { line: 1, column: 1, exists: false };
    if (!maps.has(document)) maps.set(document, mapDocument(text, extent, limits));
    const map = maps.get(document);
    if (map === undefined) return { line: extent.line, column: 1, exists: false };
    const { offset, exists } = findPointer(map, pointer);
    const row = rowOf(map.lineStarts, offset);
    return { line: extent.line + row, column: offset - map.lineStarts[row]! + 1, exists };
  };
}

/** {@link createLocator} for a single look. */
export function locate(text: string, document: number, pointer: string): Location {
  return createLocator(text)(document, pointer);
}

/** A document's events with what was learnt of its collections so far. */
interface DocumentMap extends Source {
  /** Event index → index of the event behind the node. */
  readonly ends: Int32Array;
  readonly links: ReadonlyMap<number, number>;
  readonly lineStarts: readonly number[];
  readonly fields: Map<number, ReadonlyMap<string, Field>>;
  readonly items: Map<number, readonly number[]>;
}

/** Event indexes of a field's key and value. */
interface Field {
  readonly key: number;
  readonly value: number;
}

const { SCALAR, SEQUENCE, MAPPING, ALIAS, POP } = EVENT_ID;

function mapDocument(text: string, { start, end }: Extent, limits: ReadLimits): DocumentMap | undefined {
  try {
    const source = text.slice(start, end);
    const events = parseEvents(source, { maxDepth: limits.depth + 2 });
    if (events.length < 2) return undefined;
    return {
      text: source,
      events,
      ends: nodeEnds(events),
      links: resolveAliases({ text: source, events }),
      lineStarts: lineStarts(source),
      fields: new Map(),
      items: new Map(),
    };
  } catch {
    // A document that cannot be parsed has no findings but its fault, which knows its own place.
    return undefined;
  }
}

function nodeEnds(events: readonly Event[]): Int32Array {
  const ends = new Int32Array(events.length);
  const open: number[] = [];
  events.forEach(({ type }, index) => {
    if (type === POP) ends[open.pop()!] = index + 1;
    else if (type === SCALAR || type === ALIAS) ends[index] = index + 1;
    else open.push(index);
  });
  return ends;
}

function findPointer(map: DocumentMap, pointer: string): { offset: number; exists: boolean } {
  let node = 1;
  let shown = placeOf(map, node);
  for (const token of tokens(pointer)) {
    const collection = resolve(map, node);
    const { type } = map.events[collection]!;
    if (type === MAPPING) {
      const field = fieldsOf(map, collection, 0).get(token);
      if (field === undefined) return { offset: shown, exists: false };
      node = field.value;
      shown = placeOf(map, field.key);
    } else {
      const item =
        type === SEQUENCE && /^\d+$/.test(token) ? itemsOf(map, collection)[Number(token)] : undefined;
      if (item === undefined) return { offset: shown, exists: false };
      node = item;
      // An empty item has no token of its own.
      shown = isEmpty(map.events[item]!) ? shown : placeOf(map, item);
    }
  }
  return { offset: shown, exists: true };
}

/** The last row that begins at or before the offset. */
function rowOf(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

function tokens(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function resolve(map: DocumentMap, index: number): number {
  return map.links.get(index) ?? index;
}

function itemsOf(map: DocumentMap, sequence: number): readonly number[] {
  const known = map.items.get(sequence);
  if (known !== undefined) return known;
  const items: number[] = [];
  for (let at = sequence + 1; map.events[at]!.type !== POP; at = map.ends[at]!) items.push(at);
  map.items.set(sequence, items);
  return items;
}

/** The fields of a mapping with what is merged in, the later one winning as in the value. */
function fieldsOf(map: DocumentMap, mapping: number, depth: number): ReadonlyMap<string, Field> {
  const known = map.fields.get(mapping);
  if (known !== undefined) return known;
  const fields = new Map<string, Field>();
  for (let key = mapping + 1; map.events[key]!.type !== POP; ) {
    const value = map.ends[key]!;
    const event = map.events[resolve(map, key)]!;
    if (event.type === SCALAR) {
      if (event === map.events[key] && isMerge(map, event)) mergeFields(map, value, fields, depth);
      else fields.set(textOfKey(map, event), { key, value });
    }
    key = map.ends[value]!;
  }
  map.fields.set(mapping, fields);
  return fields;
}

function mergeFields(map: DocumentMap, value: number, fields: Map<string, Field>, depth: number): void {
  const source = resolve(map, value);
  const { type } = map.events[source]!;
  // A merge of itself has no value, so it is no field either.
  if (depth > map.events.length) return;
  if (type === MAPPING) {
    for (const [key, field] of fieldsOf(map, source, depth + 1)) fields.set(key, field);
  } else if (type === SEQUENCE) {
    for (const item of itemsOf(map, source).toReversed()) mergeFields(map, item, fields, depth + 1);
  }
}

function textOfKey(map: DocumentMap, event: Event & { type: typeof SCALAR }): string {
  try {
    if (event.style === SCALAR_STYLE.PLAIN || event.tagStart !== -1) return scalarKey(map, event);
  } catch {
    // Only in a document that was refused.
  }
  return getScalarValue(map.text, event);
}

function isEmpty(event: Event): boolean {
  return (
    event.type === SCALAR && event.valueStart === -1 && event.tagStart === -1 && event.anchorStart === -1
  );
}

/** Offset of a node's first token; of a block scalar that is its `|` or `>`. */
function placeOf(map: DocumentMap, index: number): number {
  const event = map.events[index]!;
  if (event.type === SCALAR && event.tagStart === -1 && event.anchorStart === -1) {
    const { style, valueStart } = event;
    const mark =
      style === SCALAR_STYLE.LITERAL_BLOCK ? '|' : style === SCALAR_STYLE.FOLDED_BLOCK ? '>' : undefined;
    if (mark !== undefined) return Math.max(0, map.text.lastIndexOf(mark, valueStart - 1));
  }
  return offsetOf(event);
}
