/** One file of manifests → its Kubernetes objects, and what kept others from being read. */
import type { JsonMap, Problem, Reason, Resource } from '../../model/index.ts';
import { type Document, type Fault, readDocuments } from './documents.ts';
import { DEFAULT_LIMITS, type ReadLimits } from './limits.ts';
import { listItems } from './list.ts';
import { decodeText, positionOf, stripMark } from './text.ts';

export interface ManifestOptions {
  /** The name to show: relative, with `/`. */
  readonly file: string;
  /** Given on the command line itself: then what cannot be read is always a problem. */
  readonly named?: boolean;
  readonly limits?: ReadLimits;
}

/** A document (or a whole file) that holds no Kubernetes object; no error, but counted. */
export interface NotKubernetes {
  readonly file: string;
  readonly line: number;
  readonly detail: string;
}

export interface Manifest {
  readonly resources: Resource[];
  readonly problems: Problem[];
  readonly notKubernetes: NotKubernetes[];
  /** The text that the origins of the resources refer to; empty when the file is not text. */
  readonly text: string;
}

/**
 * Reads a file's content as kubectl and the API server do. Never throws for what the content is: every document becomes
 * resources, a problem, an entry of `notKubernetes`, or nothing if it is empty.
 */
export function readManifest(input: string | Uint8Array, options: ManifestOptions): Manifest {
  const limits = options.limits ?? DEFAULT_LIMITS;
  const manifest: Manifest = { resources: [], problems: [], notKubernetes: [], text: '' };
  if (input.length > limits.fileBytes) {
    const detail = `${input.length} bytes, more than the limit of ${limits.fileBytes}`;
    manifest.problems.push(problem('too-large', detail, options.file, { line: 1, column: 1 }));
    return manifest;
  }
  const text = typeof input === 'string' ? stripMark(input) : decodeText(input);
  if (text === undefined) {
    unreadable(manifest, input as Uint8Array, options);
    return manifest;
  }
  const result = { ...manifest, text };
  // Asked only when something cannot be read, and then once.
  let meant: boolean | undefined;
  const isMeant = (): boolean => {
    meant ??= options.named === true || looksLikeKubernetes(text);
    return meant;
  };
  for (const document of readDocuments(text, limits)) collect(result, document, options.file, isMeant);
  return result;
}

function collect(manifest: Manifest, document: Document, file: string, isMeant: () => boolean): void {
  const { text } = manifest;
  for (const fault of document.faults) {
    const at = positionOf(text, fault.offset, { offset: document.start, line: document.line });
    if ((fault.code === 'syntax' || fault.code === 'value') && !isMeant()) {
      const detail = `cannot be read: ${fault.message}`;
      manifest.notKubernetes.push({ file, line: at.line, detail });
    } else {
      manifest.problems.push(problem(REASON_OF[fault.code], explained(text, fault), file, at));
    }
  }
  if (document.value === undefined || document.value === null) return;
  const origin = { file, document: document.index, line: lineOf(text, document), pointer: '' };
  collectObject(manifest, document.value, origin);
}

/** What most often is no YAML: a template of Helm or of a script, before anybody has rendered it. */
function explained(text: string, { code, message, offset }: Fault): string {
  if (code !== 'syntax' && code !== 'value') return message;
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1).split('\n', 1)[0]!;
  return line.includes('{{') ? `${message}; {{ }} looks like a template: render it first` : message;
}

function collectObject(manifest: Manifest, value: unknown, origin: Resource['origin']): void {
  const identity = identify(value);
  if (identity.kind === 'none') {
    const { file, line } = origin;
    manifest.notKubernetes.push({ file, line, detail: identity.detail });
    return;
  }
  if (identity.kind === 'broken') {
    manifest.problems.push(
      problem('unreadable-document', identity.detail, origin.file, { line: origin.line, column: 1 }),
    );
    return;
  }
  const object = value as JsonMap;
  const broken = identity.objectKind === 'List' ? brokenList(object['items']) : undefined;
  if (broken !== undefined) {
    const at = { line: origin.line, column: 1 };
    manifest.problems.push(problem('unreadable-document', broken, origin.file, at));
  }
  const items = listItems(identity.apiVersion, identity.objectKind, object);
  if (items === undefined || !identity.objectKind.endsWith('List')) {
    manifest.resources.push({ ref: referTo(identity, object), object, origin });
  }
  items?.forEach((item, index) => {
    if (identity.objectKind === 'List' && identify(item).kind === 'none') return;
    collectObject(manifest, item, { ...origin, pointer: `${origin.pointer}/items/${index}` });
  });
}

/** What is in a List is meant for Kubernetes: what is no object there is refused by kubectl, and never just left out. */
function brokenList(items: unknown): string | undefined {
  if (items === undefined || items === null) return undefined;
  if (!Array.isArray(items)) return 'items of a List: expected a list';
  const wrong = items.flatMap((item, index) => {
    const identity = identify(item);
    return identity.kind === 'none' ? [`item ${index} ${identity.detail}`] : [];
  });
  if (wrong.length === 0) return undefined;
  const more = wrong.length > 1 ? ` (and ${wrong.length - 1} more)` : '';
  return `items of a List: ${wrong[0]}${more}`;
}

type Identity =
  | { readonly kind: 'object'; readonly apiVersion: string; readonly objectKind: string }
  | { readonly kind: 'none'; readonly detail: string }
  | { readonly kind: 'broken'; readonly detail: string };

/** What kind of object a value is, if any. Case counts: to the API server `Kind` is an unknown field. */
function identify(value: unknown): Identity {
  if (typeof value !== 'object' || value === null) return { kind: 'none', detail: 'is a single value' };
  if (Array.isArray(value)) {
    return value.some((item) => identify(item).kind === 'object')
      ? {
          kind: 'broken',
          detail: 'is a bare list of objects; Kubernetes reads one object a document, or a List',
        }
      : { kind: 'none', detail: 'is a list' };
  }
  const { apiVersion, kind } = value as JsonMap;
  if (apiVersion === undefined && kind === undefined)
    return { kind: 'none', detail: 'has no apiVersion and kind' };
  if (apiVersion === undefined) return { kind: 'none', detail: 'has a kind but no apiVersion' };
  if (kind === undefined) return { kind: 'none', detail: 'has an apiVersion but no kind' };
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || apiVersion === '' || kind === '') {
    const wrong = typeof apiVersion !== 'string' || apiVersion === '' ? 'apiVersion' : 'kind';
    return { kind: 'broken', detail: `${wrong} is no text` };
  }
  return { kind: 'object', apiVersion, objectKind: kind };
}

function referTo(identity: { apiVersion: string; objectKind: string }, object: JsonMap): Resource['ref'] {
  const { apiVersion, objectKind: kind } = identity;
  const metadata = object['metadata'];
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
    return { apiVersion, kind, namespace: '', name: '' };
  }
  const { name, generateName, namespace } = metadata as JsonMap;
  return {
    apiVersion,
    kind,
    namespace: typeof namespace === 'string' ? namespace : '',
    name: isText(name) ? name : isText(generateName) ? `${generateName}*` : '',
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

const REASON_OF: Record<Fault['code'], Reason> = {
  syntax: 'unreadable-document',
  value: 'unreadable-document',
  ambiguous: 'ambiguous-document',
  'too-large': 'too-large',
};

const MENTION = /(?:^|[{,])[ \t\-?"'&!*]*(?:apiVersion|kind)["']?[ \t]*(?::|$)/m;

/** Whether a text that cannot be read was meant for Kubernetes: a line begins with `apiVersion` or `kind`. */
function looksLikeKubernetes(text: string): boolean {
  return MENTION.test(text);
}

function unreadable(manifest: Manifest, bytes: Uint8Array, options: ManifestOptions): void {
  const detail = 'is not text in UTF-8';
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const guesses = [buffer.toString('latin1'), buffer.toString('utf16le')];
  if (options.named === true || guesses.some(looksLikeKubernetes)) {
    manifest.problems.push(problem('unreadable-file', detail, options.file, { line: 1, column: 1 }));
  } else {
    manifest.notKubernetes.push({ file: options.file, line: 1, detail });
  }
}

function lineOf(text: string, document: Document): number {
  return positionOf(text, document.first, { offset: document.start, line: document.line }).line;
}

function problem(
  reason: Reason,
  detail: string,
  file: string,
  at: { line: number; column: number },
): Problem {
  return { reason, detail, origin: { file, ...at } };
}
