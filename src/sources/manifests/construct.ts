/**
 * Builds the value of one YAML document from its events: plain JSON with the keys, scalars, merges and alias accounting
 * of sigs.k8s.io/yaml's YAMLToJSON (go-yaml v2, decode.go).
 *
 * - Every mapping is a plain object whose keys are its own, whatever their name.
 * - Aliases are expanded by reading the anchored events again, so no two places share an object, and go-yaml's own rule
 *   against excessive aliasing bounds the work.
 * - A key given twice is refused: what it means depends on the reader.
 */
import { ConstructError } from './fault.ts';
import { plainKey, plainValue, ScalarError, taggedKey, taggedValue } from './scalars.ts';
import { aliasName, auxOf, EVENT, type Events, placeOf, typeOf, WIDTH } from './yaml/events.ts';
import { STYLE, styleOf, textOf } from './yaml/tokens.ts';

export interface MutableMap {
  [key: string]: unknown;
}

interface State {
  readonly events: Events;
  readonly maximumDepth: number;
  /** Index of an alias → index of the event it stands for; worked out when the first alias is met. */
  links: ReadonlyMap<number, number> | undefined;
  /** Anchored events that are being expanded. */
  expanding: Set<number> | undefined;
  /** Where keys that are given twice are noted; undefined: the first one ends the reading. */
  readonly duplicates: ConstructError[] | undefined;
  index: number;
  depth: number;
  decoded: number;
  aliased: number;
  aliasDepth: number;
}

/**
 * The value of a document; null for one without events. Throws {@link ConstructError}; with `duplicates`, keys given
 * twice are added there instead, and the first value stands.
 */
export function construct(events: Events, maximumDepth: number, duplicates?: ConstructError[]): unknown {
  if (events.count === 0) return null;
  const state: State = {
    events,
    maximumDepth,
    links: events.anchors === undefined ? undefined : resolveAliases(events),
    expanding: undefined,
    duplicates,
    index: 0,
    depth: 0,
    decoded: 1,
    aliased: 0,
    aliasDepth: 0,
  };
  try {
    return readNode(state);
  } catch (error) {
    if (!(error instanceof ScalarError)) throw error;
    throw new ConstructError('value', error.message, placeOf(events, state.index - 1));
  }
}

function readNode(state: State): unknown {
  count(state);
  switch (typeOf(state.events, state.index)) {
    case EVENT.SCALAR:
      return scalarValue(state.events, state.index++);
    case EVENT.MAPPING:
      return readMapping(state);
    case EVENT.SEQUENCE:
      return readSequence(state);
    default:
      return expand(state, readNode);
  }
}

function readSequence(state: State): unknown[] {
  open(state);
  const items: unknown[] = [];
  while (typeOf(state.events, state.index) !== EVENT.POP) items.push(readNode(state));
  close(state);
  return items;
}

function readMapping(state: State): MutableMap {
  open(state);
  const { events } = state;
  const target: MutableMap = {};
  // Keys given here, as opposed to merged in; undefined as long as nothing was merged and all keys are.
  let given: Set<string> | undefined;
  for (;;) {
    const at = state.index;
    const type = typeOf(events, at);
    if (type === EVENT.POP) break;
    if (type === EVENT.SCALAR && isMerge(events, at)) {
      state.index++;
      given ??= new Set(Object.keys(target));
      merge(state, target);
      continue;
    }
    const key = readKey(state);
    const value = readNode(state);
    if (given !== undefined) {
      if (given.has(key)) refuse(state, duplicate(events, key, at));
      else put(target, key, value);
      given.add(key);
    } else if (target[key] === undefined && key !== '__proto__') {
      target[key] = value;
    } else {
      // Given already, or one of the names every object inherits: `constructor`, `toString`, `__proto__`.
      if (Object.hasOwn(target, key)) refuse(state, duplicate(events, key, at));
      else put(target, key, value);
    }
  }
  close(state);
  return target;
}

/** Copies what the value of a `<<` holds over what is there already: in go-yaml v2 the later one wins. */
function merge(state: State, target: MutableMap): void {
  if (typeOf(state.events, state.index) !== EVENT.SEQUENCE) {
    copy(readMergeSource(state), target);
    return;
  }
  open(state);
  const sources: number[] = [];
  while (typeOf(state.events, state.index) !== EVENT.POP) {
    sources.push(state.index);
    skip(state);
  }
  const end = state.index;
  // From the last to the first, so that the first wins.
  for (let at = sources.length - 1; at >= 0; at--) {
    state.index = sources[at]!;
    copy(readMergeSource(state), target);
  }
  state.index = end;
  close(state);
}

function readMergeSource(state: State): MutableMap {
  const { events, index } = state;
  const type = typeOf(events, index);
  if (type === EVENT.MAPPING || (type === EVENT.ALIAS && typeOf(events, link(state)) === EVENT.MAPPING)) {
    return readNode(state) as MutableMap;
  }
  throw new ConstructError('value', '<< needs a mapping or a list of mappings', placeOf(events, index));
}

/** Moves past one node without reading it. */
function skip(state: State): void {
  let depth = 0;
  do {
    const type = typeOf(state.events, state.index++);
    if (type === EVENT.MAPPING || type === EVENT.SEQUENCE) depth++;
    else if (type === EVENT.POP) depth--;
  } while (depth > 0);
}

function copy(source: MutableMap, target: MutableMap): void {
  for (const key of Object.keys(source)) put(target, key, source[key]);
}

function readKey(state: State): string {
  count(state);
  const type = typeOf(state.events, state.index);
  if (type === EVENT.SCALAR) return scalarKey(state.events, state.index++);
  if (type === EVENT.ALIAS) return expand(state, readKey);
  throw new ConstructError('value', 'a key must be a scalar', placeOf(state.events, state.index));
}

/** Reads the anchored node again in place of the alias. */
function expand<T>(state: State, read: (state: State) => T): T {
  const target = link(state);
  state.expanding ??= new Set();
  if (state.expanding.has(target)) {
    throw new ConstructError(
      'syntax',
      'the anchored value contains itself',
      placeOf(state.events, state.index),
    );
  }
  const back = state.index + 1;
  state.expanding.add(target);
  state.aliasDepth++;
  descend(state);
  state.index = target;
  const value = read(state);
  state.index = back;
  state.depth--;
  state.aliasDepth--;
  state.expanding.delete(target);
  return value;
}

/** Index of the event that the alias at hand stands for. */
function link(state: State): number {
  state.links ??= resolveAliases(state.events);
  return state.links.get(state.index)!;
}

/**
 * An alias means the last anchor of that name before it in the text, also where its line is read again for another
 * alias.
 */
export function resolveAliases(events: Events): Map<number, number> {
  const anchors = new Map<string, number>();
  const links = new Map<number, number>();
  for (let index = 0; index < events.count; index++) {
    const anchor = events.anchors?.get(index);
    if (anchor !== undefined) anchors.set(anchor, index);
    if (typeOf(events, index) !== EVENT.ALIAS) continue;
    const name = aliasName(events, index);
    const target = anchors.get(name);
    if (target === undefined) {
      throw new ConstructError(
        'syntax',
        `no anchor &${name} stands before this alias`,
        placeOf(events, index),
      );
    }
    links.set(index, target);
  }
  return links;
}

function scalarValue(events: Events, index: number): unknown {
  const aux = auxOf(events, index);
  const tag = events.tags?.get(index);
  const text = scalarText(events, index);
  if (tag !== undefined) return taggedValue(tag, text);
  return styleOf(aux) <= STYLE.PLAIN ? plainValue(text) : text;
}

/** The key that a scalar stands for. */
export function scalarKey(events: Events, index: number): string {
  const aux = auxOf(events, index);
  if (aux === STYLE.PLAIN && events.tags === undefined) {
    const offset = index * WIDTH;
    return knownKey(events.text, events.data[offset + 2]!, events.data[offset + 3]!);
  }
  const tag = events.tags?.get(index);
  const text = scalarText(events, index);
  if (tag !== undefined) return taggedKey(tag, text);
  return styleOf(aux) <= STYLE.PLAIN ? plainKey(text) : text;
}

/**
 * Manifests use the same few hundred keys over and over. A string that has been a key before is found by its ends and
 * compared in place, which spares making it anew and looking it up in the engine's table of names.
 */
const seen = new Array<string>(2048).fill('');
const seenAs = new Array<string>(2048).fill('');

function knownKey(text: string, start: number, end: number): string {
  const length = end - start;
  if (length > 40 || length === 0) return plainKey(text.slice(start, end));
  const middle = text.charCodeAt(start + (length >> 1));
  const mixed = text.charCodeAt(start) * 31 + text.charCodeAt(end - 1) * 7 + middle * 131 + length * 17;
  const slot = mixed & 2047;
  const known = seen[slot]!;
  if (known.length === length && text.startsWith(known, start)) return seenAs[slot]!;
  const written = text.slice(start, end);
  const key = plainKey(written);
  seen[slot] = written;
  seenAs[slot] = key;
  return key;
}

function scalarText(events: Events, index: number): string {
  const offset = index * WIDTH;
  const { data } = events;
  const aux = data[offset + 4]!;
  const own = textOf(aux);
  if (own !== -1) return events.texts[own]!;
  const quote = styleOf(aux) > STYLE.PLAIN ? 1 : 0;
  return events.text.slice(data[offset + 2]! + quote, data[offset + 3]! - quote);
}

/** Whether a key is `<<` and means a merge. */
export function isMerge(events: Events, index: number): boolean {
  const offset = index * WIDTH;
  const { data, text } = events;
  const start = data[offset + 2]!;
  if (text.charCodeAt(start) !== 0x3c && events.tags === undefined) return false;
  const tag = events.tags?.get(index);
  const plain = tag === undefined ? styleOf(data[offset + 4]!) === STYLE.PLAIN : tag === '!' || tag === MERGE;
  return plain && scalarText(events, index) === '<<';
}

const MERGE = 'tag:yaml.org,2002:merge';

/** Enters the collection at hand. */
function open(state: State): void {
  descend(state);
  state.index++;
}

function close(state: State): void {
  state.index++;
  state.depth--;
}

function descend(state: State): void {
  if (++state.depth <= state.maximumDepth) return;
  const at = placeOf(state.events, state.index);
  throw new ConstructError('too-large', `nested deeper than ${state.maximumDepth}`, at);
}

/** go-yaml's bound on what aliases may add (decode.go, `allowedAliasRatio`). */
function count(state: State): void {
  state.decoded++;
  if (state.aliasDepth > 0) state.aliased++;
  if (state.aliased <= 100 || state.decoded <= 1000) return;
  if (state.aliased / state.decoded > allowedAliasRatio(state.decoded)) {
    throw new ConstructError('too-large', 'aliases repeat too much of the document', 0);
  }
}

function allowedAliasRatio(decoded: number): number {
  if (decoded <= 400_000) return 0.99;
  if (decoded >= 4_000_000) return 0.1;
  return 0.99 - 0.89 * ((decoded - 400_000) / 3_600_000);
}

function put(target: MutableMap, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    target[key] = value;
  }
}

function refuse({ duplicates }: State, fault: ConstructError): void {
  if (duplicates === undefined) throw fault;
  duplicates.push(fault);
}

function duplicate(events: Events, key: string, index: number): ConstructError {
  return new ConstructError(
    'ambiguous',
    `the key ${JSON.stringify(key)} is given twice`,
    placeOf(events, index),
  );
}
