/** The content of a snapshot as text: how it is written, digested, and read again. */
import {
  type Resource,
  SEVERITIES,
  type SnapshotContent,
  type SnapshotDocument,
  STAGES,
  TIERS,
} from '../../model/index.ts';
import { parseSettings } from '../../policy/index.ts';
import { readManifest } from '../../sources/index.ts';
import { builtin } from '../builtin.ts';
import { parsePodPath } from '../pod-paths.ts';
import { canonicalJson } from './canonical.ts';

export function contentText(content: SnapshotContent): string {
  return canonicalJson(content);
}

/** The same in steps, for megabytes: nearly all of it is documents, which come before every other key. */
export function* writingContent({ documents, ...rest }: SnapshotContent): Generator<void, string> {
  const texts: string[] = [];
  for (const document of documents) {
    texts.push(canonicalJson(document));
    yield;
  }
  return `${START}${texts.join(',')}],${canonicalJson(rest).slice(1)}`;
}

/** @param text Of a content. */
export function digestOf(text: string): string {
  return `sha256:${builtin('node:crypto').hash('sha256', text)}`;
}

/** The same in steps, for megabytes. */
export function* digesting(text: string): Generator<void, string> {
  const hash = builtin('node:crypto').createHash('sha256');
  for (let at = 0; at < text.length; ) {
    const end = wholeCharacters(text, at + PIECE);
    hash.update(text.slice(at, end));
    at = end;
    yield;
  }
  return `sha256:${hash.digest('hex')}`;
}

/** Characters that are hashed in well under a millisecond. */
const PIECE = 1 << 18;

/** Not between the halves of a surrogate pair. */
function wholeCharacters(text: string, end: number): number {
  const last = text.charCodeAt(end - 1);
  return last >= 0xd800 && last < 0xdc00 ? end + 1 : end;
}

/** An object as a document; the place is that of the object unless another is named. */
export function documentOf(
  { object, origin }: Resource,
  decides: boolean,
  place: SnapshotDocument['origin'] = { file: origin.file, line: origin.line },
): SnapshotDocument {
  return { text: canonicalJson(object), origin: place, decides };
}

/** What files of watched objects are called by. */
export const CLUSTER = 'cluster:';

/** In an order that hangs on the documents alone. Watched ones come last: of two of one id the other counts. */
export function inOrder(documents: readonly SnapshotDocument[]): SnapshotDocument[] {
  return documents.toSorted(
    (a, b) =>
      Number(a.origin.file.startsWith(CLUSTER)) - Number(b.origin.file.startsWith(CLUSTER)) ||
      byCodeUnit(a.origin.file, b.origin.file) ||
      a.origin.line - b.origin.line ||
      byCodeUnit(a.text, b.text),
  );
}

export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The object of a document again. Undefined for a text that is none. */
export function resourceOf({ text, origin }: SnapshotDocument): Resource | undefined {
  const { file, line } = origin;
  const [resource] = readManifest(text, { file, named: true }).resources;
  return resource === undefined
    ? undefined
    : { ...resource, origin: { file, line, document: 0, pointer: '' } };
}

export type ReadContent =
  | { readonly ok: true; readonly content: SnapshotContent }
  | { readonly ok: false; readonly reason: 'malformed' | 'unknown-format'; readonly detail: string };

/** A content and its text, from which the next one takes the documents where they are the same. */
export interface FormerContent {
  readonly text: string;
  readonly documents: SnapshotContent['documents'];
}

/**
 * A content again, in steps. Only the text that {@link contentText} writes is one, so that its documents, nearly all of
 * it, can be taken one by one.
 */
export function* readingContent(text: string, former?: FormerContent): Generator<void, ReadContent> {
  const same = former === undefined ? undefined : endOfSameDocuments(text, former.text);
  yield;
  const documents: SnapshotDocument[] = [];
  let at = same ?? (text.startsWith(START) ? START.length : 0);
  for (; at > 0 && text[at] === '{'; ) {
    const end = documentEnd(text, at);
    const document = end === undefined ? undefined : parsed(text.slice(at, end));
    if (end === undefined || !isDocument(document)) return malformed('a document of it is none');
    documents.push(document);
    at = text[end] === ',' ? end + 1 : end;
    yield;
  }
  const rest = at === 0 ? parsed(text) : text[at] === ']' ? parsed(`{${text.slice(at + 2)}`) : undefined;
  if (typeof rest !== 'object' || rest === null) return malformed('it is no snapshot');
  const content = (
    at === 0 ? rest : { ...rest, documents: same === undefined ? documents : former!.documents }
  ) as SnapshotContent;
  if (!Number.isInteger(content.format)) return malformed('it is no snapshot');
  if (content.format !== 1)
    return {
      ok: false,
      reason: 'unknown-format',
      detail: `it is of format ${content.format}, and this version reads format 1`,
    };
  yield;
  const fault = at === 0 ? 'documents are not where they must be' : yield* faultOf(content);
  return fault === undefined ? { ok: true, content } : malformed(fault);
}

/** A canonical content begins with its documents: no other key comes before. */
const START = '{"documents":[';

/** The key after the documents. Inside of a string there is a backslash before the quote, and documents hold no lists. */
const AFTER = '],"format":';

/** Where the documents of both end; undefined: they are not the same. */
function endOfSameDocuments(text: string, former: string): number | undefined {
  const end = former.indexOf(AFTER);
  return end !== -1 && text.startsWith(former.slice(0, end + AFTER.length)) ? end : undefined;
}

/** Keys in the order of a canonical text. The strings may hold anything but quotes and line ends. */
const DOCUMENT =
  /\{"decides":(?:true|false),"origin":\{(?:"commit":"(?:[^"\\]|\\.)*",)?"file":"(?:[^"\\]|\\.)*","line":\d+\},"text":"/y;

function documentEnd(text: string, start: number): number | undefined {
  DOCUMENT.lastIndex = start;
  if (!DOCUMENT.test(text)) return undefined;
  // A text may have megabytes: a regular expression would need a stack for it.
  for (let at = text.indexOf('"', DOCUMENT.lastIndex); at !== -1; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text[at - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return text[at + 1] === '}' ? at + 2 : undefined;
  }
  return undefined;
}

function isDocument(value: unknown): value is SnapshotDocument {
  return typeof value === 'object' && value !== null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function malformed(detail: string): ReadContent {
  return { ok: false, reason: 'malformed', detail };
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const oneOf =
  (values: readonly string[]): Check =>
  (value) =>
    values.includes(value as string);
const listOf =
  (is: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(is);
const mapOf =
  (is: Check): Check =>
  (value) =>
    isMap(value) && Object.values(value).every(is);
const optional =
  (is: Check): Check =>
  (value) =>
    value === undefined || is(value);
/** Nothing else is in it: what this version does not know could change what the rest means. */
const shape =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isMap(value) &&
    Object.keys(value).every((key) => Object.hasOwn(fields, key)) &&
    Object.entries(fields).every(([key, is]) => is(value[key]));

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const isPercent: Check = (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 100;

const FIELDS: Readonly<Record<keyof SnapshotContent, Check>> = {
  format: (value) => value === 1,
  settings: (value) => mapOf(isText)(value) && parseSettings(assignments(value as Settings)).ok,
  // Each was looked at when it was taken out of the text.
  documents: () => true,
  policies: listOf(isText),
  severities: mapOf(oneOf(SEVERITIES)),
  stages: mapOf(
    listOf(
      shape({
        stage: oneOf(STAGES),
        scope: optional(
          shape({
            tiers: optional(listOf(oneOf(TIERS))),
            namespaces: optional(listOf(isText)),
            percent: optional(isPercent),
          }),
        ),
      }),
    ),
  ),
  unaccepted: optional(mapOf(listOf(isText))),
  tiers: shape({ default: oneOf(TIERS), namespaces: mapOf(oneOf(TIERS)) }),
  podPaths: (value) => listOf(isText)(value) && (value as readonly string[]).every(isPodPath),
  namespace: isText,
};

type Settings = SnapshotContent['settings'];

/** As flags would say them. */
export function assignments(settings: Settings): string[] {
  return Object.entries(settings).map(([name, value]) => `${name}=${value}`);
}

function isPodPath(text: string): boolean {
  try {
    parsePodPath(text);
    return true;
  } catch {
    return false;
  }
}

/** In steps: of a thousand policies there are a thousand stages. */
function* faultOf(content: SnapshotContent): Generator<void, string | undefined> {
  const strange = Object.keys(content).find((key) => !Object.hasOwn(FIELDS, key));
  if (strange !== undefined) return `it has a field ${JSON.stringify(strange.slice(0, 40))}`;
  for (const [key, is] of Object.entries(FIELDS)) {
    if (!is(content[key as keyof SnapshotContent])) return `its ${key} are not what they must be`;
    yield;
  }
  return undefined;
}
