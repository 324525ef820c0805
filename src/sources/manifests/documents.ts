/**
 * The documents of one file, each with its value or the reason why it has none. Which bytes make a document follows
 * kubectl (k8s.io/apimachinery YAMLOrJSONDecoder): a file that begins with `{` is a stream of JSON values as long as it
 * can be read so, everything else is YAML cut at `---`.
 */
import { construct } from './construct.ts';
import { ConstructError, type FaultCode } from './fault.ts';
import { readJson, skipJsonSpace } from './json.ts';
import type { ReadLimits } from './limits.ts';
import { newlines, split } from './split.ts';
import { placeOf } from './yaml/events.ts';
import { eventsOf } from './yaml/latest.ts';

/** Why something could not be read; `offset` counts UTF-16 units of the whole text. */
export interface Fault {
  readonly code: FaultCode;
  readonly message: string;
  readonly offset: number;
}

/** Where a document stands in its text. */
export interface Extent {
  readonly format: 'json' | 'yaml';
  readonly start: number;
  readonly end: number;
  /** Line of `start`, from 1. */
  readonly line: number;
}

export interface Document extends Extent {
  /** From 0; empty documents count. */
  readonly index: number;
  /** Parsed JSON; undefined when the document could not be read, null when it is empty. */
  readonly value?: unknown;
  /** Offset of the first token. */
  readonly first: number;
  readonly faults: readonly Fault[];
}

/** More faults than this in one file, and reading stops. */
const MAXIMUM_FAULTS = 100;

export function readDocuments(text: string, limits: ReadLimits): Document[] {
  const documents: Document[] = [];
  const rest = beginsLikeJson(text) ? readJsonStream(text, limits, documents) : 0;
  if (rest < text.length) readYamlStream(text, rest, limits, documents, false);
  return documents;
}

/**
 * The same for what a person wrote by hand and wants to put right at once: all as YAML, which JSON nearly is, and a
 * document with keys given twice has a fault for each and a value all the same.
 */
export function readHandwritten(text: string, limits: ReadLimits): Document[] {
  const documents: Document[] = [];
  readYamlStream(text, 0, limits, documents, true);
  return documents;
}

/** Where the documents stand, without reading those of a YAML file. */
export function outline(text: string, limits: ReadLimits): readonly Extent[] {
  if (beginsLikeJson(text)) return readDocuments(text, limits);
  return split(text, limits.documents).chunks.map((chunk) => ({ ...chunk, format: 'yaml' }));
}

const JSON_START = /^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*\{/;

function beginsLikeJson(text: string): boolean {
  const first = text.charCodeAt(0);
  // The regular expression is for the rare file that begins with white space.
  if (first > 0x20 && first < 0x7f) return first === 0x7b;
  return JSON_START.test(text);
}

/** Reads JSON values until the text ends or is no JSON. Returns the offset from which on it is YAML. */
function readJsonStream(text: string, limits: ReadLimits, documents: Document[]): number {
  let at = skipJsonSpace(text, 0);
  let fallback = 0;
  let line = 1 + newlines(text, 0, at);
  let faults = 0;
  while (at < text.length) {
    if (documents.length >= limits.documents || faults >= MAXIMUM_FAULTS) {
      documents.push(tooMany(documents.length, 'json', at, line));
      return text.length;
    }
    const extent = { index: documents.length, format: 'json' as const, start: at, first: at, line };
    let next: number;
    try {
      const { value, end } = readJson(text, at, limits.depth);
      documents.push({ ...extent, end, value, faults: [] });
      next = end;
    } catch (error) {
      const fault = faultOf(error, 0);
      // kubectl falls back to YAML as long as it has seen at most one JSON value; a duplicate key is no reason to.
      if (fault.code === 'syntax' && documents.length <= 1) return fallback;
      faults++;
      next = fault.code === 'syntax' ? lineAfter(text, Math.max(at, fault.offset)) : endOfValue(text, at);
      documents.push({ ...extent, end: next, faults: [fault] });
    }
    fallback = afterFirstBreak(text, next);
    next = skipJsonSpace(text, next);
    line += newlines(text, at, next);
    at = next;
  }
  return text.length;
}

/** kubectl eats white space behind a JSON value up to the end of the line before it turns to YAML. */
function afterFirstBreak(text: string, from: number): number {
  const end = /[^\S\n]*\n?/y;
  end.lastIndex = from;
  end.test(text);
  return end.lastIndex;
}

function lineAfter(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end === -1 ? text.length : end + 1;
}

/** End of a JSON value that is well-formed but refused, found by its brackets. */
function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      for (at++; at < text.length && text.charCodeAt(at) !== 0x22; at++)
        if (text.charCodeAt(at) === 0x5c) at++;
    } else if (code === 0x7b || code === 0x5b) depth++;
    else if ((code === 0x7d || code === 0x5d) && --depth <= 0) return at + 1;
  }
  return text.length;
}

function readYamlStream(
  text: string,
  from: number,
  limits: ReadLimits,
  documents: Document[],
  goOn: boolean,
): void {
  const base = { line: 1 + newlines(text, 0, from), index: documents.length };
  const { chunks, bad, rest } = split(from === 0 ? text : text.slice(from), limits.documents);
  const unusual = CONTROL.test(text) || !text.isWellFormed();
  let faults = 0;
  let nextBad = 0;
  for (const chunk of chunks) {
    const extent: Extent = {
      format: 'yaml',
      start: chunk.start + from,
      end: chunk.end + from,
      line: chunk.line + base.line - 1,
    };
    const separators: Fault[] = [];
    for (; nextBad < bad.length && bad[nextBad]!.offset <= chunk.end; nextBad++) {
      const { offset, text: found } = bad[nextBad]!;
      separators.push({
        code: 'syntax',
        message: `only a comment may stand behind ---, found ${JSON.stringify(found.trim().slice(0, 40))}`,
        offset: offset + from,
      });
    }
    const document = readYamlDocument(text, extent, documents.length, limits, unusual, separators, goOn);
    documents.push(document);
    faults += document.faults.length;
    if (faults >= MAXIMUM_FAULTS) {
      documents.push(tooMany(documents.length, 'yaml', extent.end, extent.line));
      return;
    }
  }
  if (rest !== undefined) {
    documents.push(tooMany(documents.length, 'yaml', rest.offset + from, rest.line + base.line - 1));
  }
}

function readYamlDocument(
  text: string,
  extent: Extent,
  index: number,
  limits: ReadLimits,
  unusual: boolean,
  faults: Fault[],
  goOn: boolean,
): Document {
  const { start, end } = extent;
  const duplicates: ConstructError[] | undefined = goOn ? [] : undefined;
  try {
    if (unusual) refuseControls(text.slice(start, end));
    const events = eventsOf(text, start, end, limits.depth);
    const value = construct(events, limits.depth, duplicates);
    for (const duplicate of duplicates ?? []) faults.push(faultOf(duplicate, start));
    if (events.leftOver !== -1) faults.push(leftOver(start + events.leftOver));
    const first = start + (events.count > 0 ? placeOf(events, 0) : 0);
    return { ...extent, index, first, value, faults };
  } catch (error) {
    const fault = faultOf(error, start);
    faults.push({ ...fault, offset: ontoText(text, fault.offset, start, end) });
    return { ...extent, index, first: start, faults };
  }
}

/** What is missed at the end of a document is shown at its last character, not on an empty line behind it. */
function ontoText(text: string, offset: number, start: number, end: number): number {
  if (text.slice(offset, end).trim() !== '') return offset;
  return start + Math.max(0, text.slice(start, offset).trimEnd().length - 1);
}

/** Characters that YAML 1.1 forbids anywhere, comments included; the second also finds half a surrogate pair. */
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/;
const FORBIDDEN =
  /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

function refuseControls(source: string): void {
  const found = FORBIDDEN.exec(source);
  if (found === null) return;
  const code = found[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  throw new ConstructError('syntax', `the character U+${code} is not allowed`, found.index);
}

/** Behind `...` kubectl reads nothing more of a document, other readers do. */
function leftOver(offset: number): Fault {
  return {
    code: 'ambiguous',
    message: 'the API server ignores what follows the end of the document here; separate documents by ---',
    offset,
  };
}

function faultOf(error: unknown, start: number): Fault {
  if (error instanceof ConstructError) {
    return { code: error.code, message: error.message, offset: error.offset + start };
  }
  if (error instanceof RangeError) {
    return { code: 'too-large', message: 'too large or too deeply nested to be read', offset: start };
  }
  throw error;
}

function tooMany(index: number, format: 'json' | 'yaml', at: number, line: number): Document {
  const message = 'too many documents or faults; the rest of the file was not read';
  return {
    index,
    format,
    start: at,
    end: at,
    first: at,
    line,
    faults: [{ code: 'too-large', message, offset: at }],
  };
}
