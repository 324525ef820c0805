/**
 * Builds the value of one YAML document from js-yaml's parser events: plain JSON with the keys, scalars, merges and
 * alias accounting of sigs.k8s.io/yaml's YAMLToJSON, in one pass and without js-yaml's tag machinery.
 *
 * - Every mapping is a plain object whose keys are its own, whatever their name.
 * - Aliases are expanded by reading the anchored events again, so no two places share an object, and go-yaml's own rule
 *   against excessive aliasing bounds the work.
 * - A key given twice is refused: what it means depends on the reader.
 */
import { EVENT_ID, type Event, getScalarValue, type ScalarEvent } from 'js-yaml';
import { checkEscapes, fullTag } from './properties.ts';
import { plainKey, plainValue, ScalarError, taggedKey, taggedValue } from './scalars.ts';

/** Why a document has no value, and at which offset of its text. */
export class ConstructError extends Error {
  readonly code: 'syntax' | 'ambiguous' | 'too-large';
  readonly offset: number;
  constructor(code: 'syntax' | 'ambiguous' | 'too-large', message: string, offset: number) {
    super(message);
    this.code = code;
    this.offset = offset;
  }
}

export interface MutableMap {
  [key: string]: unknown;
}

const { SCALAR, SEQUENCE, MAPPING, ALIAS, POP, DOCUMENT } = EVENT_ID;
const PLAIN = 1;
const DOUBLE_QUOTED = 3;
const NONE = -1;
const LESS_THAN = 0x3c;

/** A document's text and its events, the DOCUMENT event first. */
export interface Source {
  readonly text: string;
  readonly events: readonly Event[];
}

interface State extends Source {
  readonly maximumDepth: number;
  /** Index of an alias event → index of the event it stands for; worked out when the first alias is met. */
  links: ReadonlyMap<number, number> | undefined;
  /** Anchored events that are being expanded. */
  expanding: Set<number> | undefined;
  index: number;
  depth: number;
  decoded: number;
  aliased: number;
  aliasDepth: number;
}

/**
 * The value of the document whose DOCUMENT event stands first in `events`; later documents of the same text are not
 * looked at, as in go-yaml. `text` is what the events' offsets refer to, `end` the index of the event after the document.
 * Throws {@link ConstructError}.
 */
export function construct(
  text: string,
  events: readonly Event[],
  maximumDepth: number,
): { value: unknown; end: number } {
  if (events.length === 0) return { value: null, end: 0 };
  const state: State = {
    text,
    events,
    maximumDepth,
    links: undefined,
    expanding: undefined,
    index: 1,
    depth: 0,
    decoded: 1,
    aliased: 0,
    aliasDepth: 0,
  };
  try {
    return { value: readNode(state), end: state.index + 1 };
  } catch (error) {
    if (!(error instanceof ScalarError)) throw error;
    throw new ConstructError('syntax', error.message, offsetOf(events[state.index - 1]!));
  }
}

function readNode(state: State): unknown {
  count(state);
  const event = state.events[state.index]!;
  switch (event.type) {
    case SCALAR:
      state.index++;
      if (event.anchorStart !== NONE) checkAnchor(state, event);
      return scalarValue(state, event);
    case MAPPING:
      return readMapping(state);
    case SEQUENCE:
      return readSequence(state);
    case ALIAS:
      return expand(state, readNode);
    default:
      throw new ConstructError('syntax', 'a value is expected here', 0);
  }
}

function readSequence(state: State): unknown[] {
  open(state);
  const items: unknown[] = [];
  while (state.events[state.index]!.type !== POP) items.push(readNode(state));
  state.index++;
  state.depth--;
  return items;
}

function readMapping(state: State): MutableMap {
  open(state);
  const target: MutableMap = {};
  // Keys given here, as opposed to merged in; undefined as long as nothing was merged and all keys are.
  let given: Set<string> | undefined;
  for (;;) {
    const keyEvent = state.events[state.index]!;
    if (keyEvent.type === POP) break;
    if (keyEvent.type === SCALAR && isMerge(state, keyEvent)) {
      state.index++;
      given ??= new Set(Object.keys(target));
      merge(state, target);
      continue;
    }
    const key = readKey(state);
    const value = readNode(state);
    if (given !== undefined) {
      if (given.has(key)) throw duplicate(key, keyEvent);
      given.add(key);
      put(target, key, value);
    } else if (target[key] === undefined && key !== '__proto__') {
      target[key] = value;
    } else {
      // Given already, or one of the names every object inherits: `constructor`, `toString`, `__proto__`.
      if (Object.hasOwn(target, key)) throw duplicate(key, keyEvent);
      put(target, key, value);
    }
  }
  state.index++;
  state.depth--;
  return target;
}

/** Copies what the value of a `<<` holds over what is there already: in go-yaml v2 the later one wins. */
function merge(state: State, target: MutableMap): void {
  const event = state.events[state.index]!;
  if (event.type !== SEQUENCE) {
    copy(readMergeSource(state), target);
    return;
  }
  open(state);
  const sources: number[] = [];
  while (state.events[state.index]!.type !== POP) {
    sources.push(state.index);
    skip(state);
  }
  const end = state.index + 1;
  // From the last to the first, so that the first wins.
  for (let at = sources.length - 1; at >= 0; at--) {
    state.index = sources[at]!;
    copy(readMergeSource(state), target);
  }
  state.index = end;
  state.depth--;
}

function readMergeSource(state: State): MutableMap {
  const event = state.events[state.index]!;
  const isMap = event.type === MAPPING || (event.type === ALIAS && linked(state).type === MAPPING);
  if (!isMap) throw new ConstructError('syntax', '<< needs a mapping or a list of mappings', offsetOf(event));
  return readNode(state) as MutableMap;
}

/** Moves past one node without reading it. */
function skip(state: State): void {
  let open = 0;
  do {
    const { type } = state.events[state.index++]!;
    if (type === MAPPING || type === SEQUENCE) open++;
    else if (type === POP) open--;
  } while (open > 0);
}

function copy(source: MutableMap, target: MutableMap): void {
  for (const key of Object.keys(source)) put(target, key, source[key]);
}

function readKey(state: State): string {
  count(state);
  const event = state.events[state.index]!;
  if (event.type === SCALAR) {
    state.index++;
    if (event.anchorStart !== NONE) checkAnchor(state, event);
    return scalarKey(state, event);
  }
  if (event.type === ALIAS) return expand(state, readKey);
  throw new ConstructError('syntax', 'a key must be a scalar', offsetOf(event));
}

/** Reads the anchored node again in place of the alias. */
function expand<T>(state: State, read: (state: State) => T): T {
  const event = state.events[state.index]!;
  const target = link(state);
  state.expanding ??= new Set();
  if (state.expanding.has(target)) {
    throw new ConstructError('syntax', 'the anchored value contains itself', offsetOf(event));
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

function linked(state: State): Event {
  return state.events[link(state)]!;
}

/** Index of the event that the alias at hand stands for. */
function link(state: State): number {
  state.links ??= resolveAliases(state);
  return state.links.get(state.index)!;
}

/**
 * An alias means the last anchor of that name before it in the text, also where its line is read again for another
 * alias.
 */
export function resolveAliases({ text, events }: Source): Map<number, number> {
  const anchors = new Map<string, number>();
  const links = new Map<number, number>();
  for (let index = 1; index < events.length; index++) {
    const event = events[index]!;
    if (event.type === DOCUMENT) break;
    if (event.type === POP || event.anchorStart === NONE) continue;
    const name = text.slice(event.anchorStart, event.anchorEnd);
    if (event.type !== ALIAS) {
      anchors.set(name, index);
      continue;
    }
    const target = anchors.get(name);
    if (target === undefined) {
      throw new ConstructError(
        'syntax',
        `no anchor &${name} stands before this alias`,
        event.anchorStart - 1,
      );
    }
    links.set(index, target);
  }
  return links;
}

function scalarValue(state: State, event: ScalarEvent): unknown {
  if (event.tagStart !== NONE) return tagged(state, event, plainValue, taggedValue);
  if (event.style === PLAIN) {
    if (event.valueStart === NONE) return null;
    const text = event.fast
      ? state.text.slice(event.valueStart, event.valueEnd)
      : getScalarValue(state.text, event);
    return plainValue(text);
  }
  return quoted(state, event);
}

/** The key that a scalar stands for. */
export function scalarKey(state: Source, event: ScalarEvent): string {
  if (event.tagStart !== NONE) return tagged(state, event, plainKey, taggedKey);
  if (event.style === PLAIN) {
    const text = event.valueStart === NONE ? '' : getScalarValue(state.text, event);
    return plainKey(text);
  }
  return quoted(state, event);
}

function quoted(state: Source, event: ScalarEvent): string {
  if (event.fast) return state.text.slice(event.valueStart, event.valueEnd);
  if (event.style === DOUBLE_QUOTED) {
    const fault = checkEscapes(state.text, event.valueStart, event.valueEnd);
    if (fault !== undefined) throw new ConstructError('syntax', fault.message, fault.offset);
  }
  return getScalarValue(state.text, event);
}

function tagged<T>(
  state: Source,
  event: ScalarEvent,
  plain: (text: string) => T,
  withTag: (tag: string, text: string) => T,
): T {
  const text = event.valueStart === NONE ? '' : quoted(state, event);
  const tag = fullTag(state.text.slice(event.tagStart, event.tagEnd), state.events[0]!);
  return tag === '!' ? plain(text) : withTag(tag, text);
}

/** Whether a key is `<<` and means a merge. */
export function isMerge(state: Source, event: ScalarEvent): boolean {
  if (event.valueEnd - event.valueStart !== 2 || state.text.charCodeAt(event.valueStart) !== LESS_THAN)
    return false;
  if (state.text.charCodeAt(event.valueStart + 1) !== LESS_THAN) return false;
  if (event.tagStart === NONE) return event.style === PLAIN;
  const tag = fullTag(state.text.slice(event.tagStart, event.tagEnd), state.events[0]!);
  return tag === '!' || tag === 'tag:yaml.org,2002:merge';
}

/** Enters the collection at hand. */
function open(state: State): void {
  const event = state.events[state.index]!;
  if ((event as { anchorStart: number }).anchorStart !== NONE) checkAnchor(state, event);
  descend(state);
  state.index++;
}

function descend(state: State): void {
  if (++state.depth <= state.maximumDepth) return;
  const event = state.events[state.index]!;
  throw new ConstructError('too-large', `nested deeper than ${state.maximumDepth}`, offsetOf(event));
}

const ANCHOR = /^[0-9A-Za-z_-]+$/;

/** libyaml ends an anchor's name earlier than YAML 1.2 does: `&a: 1` is a null key to it. */
function checkAnchor(state: State, event: Event): void {
  if (event.type === DOCUMENT || event.type === POP) return;
  if (ANCHOR.test(state.text.slice(event.anchorStart, event.anchorEnd))) return;
  throw new ConstructError(
    'syntax',
    'the name of an anchor may hold letters, digits, - and _ only',
    event.anchorStart,
  );
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

function duplicate(key: string, event: Event): ConstructError {
  return new ConstructError('ambiguous', `the key ${JSON.stringify(key)} is given twice`, offsetOf(event));
}

/** Where a node begins in the text, its anchor and tag included. */
export function offsetOf(event: Event): number {
  switch (event.type) {
    case SCALAR: {
      const quote = event.style === 2 || event.style === DOUBLE_QUOTED ? 1 : 0;
      return first(event.tagStart, event.anchorStart - 1, event.valueStart - quote);
    }
    case SEQUENCE:
    case MAPPING:
      return first(event.tagStart, event.anchorStart - 1, event.start);
    case ALIAS:
      return event.anchorStart - 1;
    default:
      return 0;
  }
}

function first(...offsets: number[]): number {
  let lowest = Number.POSITIVE_INFINITY;
  for (const offset of offsets) if (offset >= 0 && offset < lowest) lowest = offset;
  return lowest === Number.POSITIVE_INFINITY ? 0 : lowest;
}
