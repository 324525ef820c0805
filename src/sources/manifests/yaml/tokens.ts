/** The scanner's output: numbers in one growing array, four a token, reused from text to text. */
import { ConstructError } from '../fault.ts';

export const TOKEN = {
  STREAM_END: 0,
  DOCUMENT_START: 1,
  DOCUMENT_END: 2,
  BLOCK_SEQUENCE_START: 3,
  BLOCK_MAPPING_START: 4,
  BLOCK_END: 5,
  FLOW_SEQUENCE_START: 6,
  FLOW_SEQUENCE_END: 7,
  FLOW_MAPPING_START: 8,
  FLOW_MAPPING_END: 9,
  BLOCK_ENTRY: 10,
  FLOW_ENTRY: 11,
  KEY: 12,
  VALUE: 13,
  ALIAS: 14,
  ANCHOR: 15,
  TAG: 16,
  SCALAR: 17,
  /** Scanning failed here; `error` says why. */
  ERROR: 18,
} as const;

/** How a scalar was written. EMPTY is one that was not. */
export const STYLE = { EMPTY: 0, PLAIN: 1, SINGLE: 2, DOUBLE: 3, LITERAL: 4, FOLDED: 5 } as const;

/** Numbers a token takes: type, start, end, and for scalars and tags what {@link scalarAux} packs. */
export const STRIDE = 4;

export interface Tokens {
  data: Int32Array;
  /** How many tokens there are. */
  count: number;
  /** Values of scalars that are not just a slice of the text, and full tags. */
  readonly texts: string[];
  error: Error | undefined;
}

const INITIAL = STRIDE * 1024;

/** Room for tokens beyond this is given back before the next text. */
const KEPT = STRIDE * 256 * 1024;

export function createTokens(): Tokens {
  return { data: new Int32Array(INITIAL), count: 0, texts: [], error: undefined };
}

/** Empties them for the next text. */
export function reset(tokens: Tokens): void {
  tokens.count = 0;
  tokens.texts.length = 0;
  tokens.error = undefined;
  if (tokens.data.length > KEPT) tokens.data = new Int32Array(INITIAL);
}

export function push(tokens: Tokens, type: number, start: number, end: number, aux: number): void {
  const at = tokens.count * STRIDE;
  if (at + STRIDE > tokens.data.length) grow(tokens);
  const { data } = tokens;
  tokens.count++;
  data[at] = type;
  data[at + 1] = start;
  data[at + 2] = end;
  data[at + 3] = aux;
}

/** Puts an empty token before the one with that index. Few stand behind it, so a loop beats copyWithin. */
export function insert(tokens: Tokens, index: number, type: number, start: number): void {
  if (tokens.count * STRIDE + STRIDE > tokens.data.length) grow(tokens);
  const { data } = tokens;
  const at = index * STRIDE;
  for (let from = tokens.count * STRIDE - 1; from >= at; from--) data[from + STRIDE] = data[from]!;
  tokens.count++;
  data[at] = type;
  data[at + 1] = start;
  data[at + 2] = start;
  data[at + 3] = 0;
}

/** Style and, if the value is no slice, its place in `texts`. */
export function scalarAux(tokens: Tokens, style: number, text: string | undefined): number {
  return text === undefined ? style : style | (tokens.texts.push(text) << 3);
}

export function styleOf(aux: number): number {
  return aux & 7;
}

/** Index in `texts`, or -1. */
export function textOf(aux: number): number {
  return (aux >> 3) - 1;
}

/** A document of 50 MB has about 9 million; one made of nothing but brackets would take gigabytes. */
const MAXIMUM = 16 * 1024 * 1024;

function grow(tokens: Tokens): void {
  if (tokens.count >= MAXIMUM) {
    const at = tokens.data[tokens.data.length - STRIDE + 1]!;
    throw new ConstructError('too-large', `more than ${MAXIMUM} words and signs in one document`, at);
  }
  const larger = new Int32Array(tokens.data.length * 2);
  larger.set(tokens.data);
  tokens.data = larger;
}
