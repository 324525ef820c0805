/**
 * Where a field stands in its file. Only documents with findings are looked at, and only then: the events that built
 * the value are followed along the pointer, made again unless the document was the last to be read. JSON goes the same way, as the YAML that it is.
 *
 * A field is shown at its key, an item of a list at its first token, the root at the document's first token. What comes
 * by an alias or a merge key is shown where it is written. An absent field is shown at its nearest existing parent.
 */
import { isMerge, resolveAliases, scalarKey } from './construct.ts';
import { type Extent, outline } from './documents.ts';
import { DEFAULT_LIMITS, type ReadLimits } from './limits.ts';
import { lineStarts, stripMark } from './text.ts';
import { auxOf, EVENT, type Events, placeOf, typeOf, WIDTH } from './yaml/events.ts';
import { eventsOf } from './yaml/latest.ts';
import { STYLE, styleOf } from './yaml/tokens.ts';

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
interface DocumentMap {
  readonly events: Events;
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

function mapDocument(
  text: string,
  { start, end, format }: Extent,
  limits: ReadLimits,
): DocumentMap | undefined {
  try {
    const latest = eventsOf(text, start, end, limits.depth, format === 'json');
    if (latest.count === 0) return undefined;
    // They are gone when the next document is asked for.
    const events = {
      ...latest,
      data: latest.data.slice(0, latest.count * WIDTH),
      texts: [...latest.texts],
    };
    return {
      events,
      ends: nodeEnds(events),
      links: resolveAliases(events),
      lineStarts: lineStarts(events.text),
      fields: new Map(),
      items: new Map(),
    };
  } catch {
    // A document that cannot be parsed has no findings but its fault, which knows its own place.
    return undefined;
  }
}

function nodeEnds(events: Events): Int32Array {
  const ends = new Int32Array(events.count);
  const open: number[] = [];
  for (let index = 0; index < events.count; index++) {
    const type = typeOf(events, index);
    if (type === EVENT.POP) ends[open.pop()!] = index + 1;
    else if (type === EVENT.SCALAR || type === EVENT.ALIAS) ends[index] = index + 1;
    else open.push(index);
  }
  return ends;
}

function findPointer(map: DocumentMap, pointer: string): { offset: number; exists: boolean } {
  const { events } = map;
  let node = 0;
  let shown = placeOf(events, node);
  for (const token of tokens(pointer)) {
    const collection = resolve(map, node);
    const type = typeOf(events, collection);
    if (type === EVENT.MAPPING) {
      const field = fieldsOf(map, collection, 0).get(token);
      if (field === undefined) return { offset: shown, exists: false };
      node = field.value;
      shown = placeOf(events, field.key);
    } else {
      const item =
        type === EVENT.SEQUENCE && /^\d+$/.test(token) ? itemsOf(map, collection)[Number(token)] : undefined;
      if (item === undefined) return { offset: shown, exists: false };
      node = item;
      // An empty item has no token of its own.
      shown = isEmpty(events, item) ? shown : placeOf(events, item);
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
  for (let at = sequence + 1; typeOf(map.events, at) !== EVENT.POP; at = map.ends[at]!) items.push(at);
  map.items.set(sequence, items);
  return items;
}

/** The fields of a mapping with what is merged in, the later one winning as in the value. */
function fieldsOf(map: DocumentMap, mapping: number, depth: number): ReadonlyMap<string, Field> {
  const known = map.fields.get(mapping);
  if (known !== undefined) return known;
  const fields = new Map<string, Field>();
  const { events } = map;
  for (let key = mapping + 1; typeOf(events, key) !== EVENT.POP; ) {
    const value = map.ends[key]!;
    const scalar = resolve(map, key);
    if (typeOf(events, scalar) === EVENT.SCALAR) {
      if (scalar === key && isMerge(events, key)) mergeFields(map, value, fields, depth);
      else fields.set(keyOf(events, scalar), { key, value });
    }
    key = map.ends[value]!;
  }
  map.fields.set(mapping, fields);
  return fields;
}

function mergeFields(map: DocumentMap, value: number, fields: Map<string, Field>, depth: number): void {
  const source = resolve(map, value);
  const type = typeOf(map.events, source);
  // A mapping that merges itself was refused; do not follow it round.
  if (depth > 100) return;
  if (type === EVENT.MAPPING) {
    for (const [key, field] of fieldsOf(map, source, depth + 1)) fields.set(key, field);
  } else if (type === EVENT.SEQUENCE) {
    for (const item of itemsOf(map, source).toReversed()) mergeFields(map, item, fields, depth + 1);
  }
}

function keyOf(events: Events, index: number): string {
  try {
    return scalarKey(events, index);
  } catch {
    // A key such as null; the document was refused.
    return '';
  }
}

function isEmpty(events: Events, index: number): boolean {
  if (typeOf(events, index) !== EVENT.SCALAR || styleOf(auxOf(events, index)) !== STYLE.EMPTY) return false;
  return events.tags?.has(index) !== true && events.anchors?.has(index) !== true;
}
