/** Parsed YAML: reading it, following JSON Pointers in it, comparing it. */
import { readFileSync } from 'node:fs';
import type { JsonMap } from '../model/index.ts';
import { createLocator, DEFAULT_LIMITS, type Locate } from '../sources/index.ts';
import { readDocuments } from '../sources/manifests/documents.ts';
import { decodeText } from '../sources/manifests/text.ts';

/** A YAML file of one document, with the places of its fields. */
export interface YamlFile {
  /** To open. */
  readonly path: string;
  readonly text: string;
  readonly value: unknown;
  /** Index of the document. */
  readonly document: number;
  readonly locate: Locate;
}

export type YamlRead =
  | { readonly ok: true; readonly file: YamlFile }
  | { readonly ok: false; readonly detail: string; readonly line: number };

export function readText(path: string): string | undefined {
  try {
    return decodeText(readFileSync(path));
  } catch {
    return undefined;
  }
}

/** Reads a file of at most one document; without any, its value is null. */
export function readYaml(path: string): YamlRead {
  let text: string | undefined;
  try {
    const bytes = readFileSync(path);
    if (bytes.length > DEFAULT_LIMITS.fileBytes) return { ok: false, detail: 'is too large', line: 1 };
    text = decodeText(bytes);
  } catch (error) {
    return { ok: false, detail: `cannot be read: ${(error as NodeJS.ErrnoException).code}`, line: 1 };
  }
  if (text === undefined) return { ok: false, detail: 'is not text in UTF-8', line: 1 };
  const documents = readDocuments(text, DEFAULT_LIMITS);
  for (const { faults } of documents)
    if (faults[0] !== undefined) {
      const line = text.slice(0, faults[0].offset).split('\n').length;
      return { ok: false, detail: faults[0].message, line };
    }
  const filled = documents.filter(({ value }) => value !== null && value !== undefined);
  if (filled.length > 1) return { ok: false, detail: 'holds several documents', line: filled[1]!.line };
  const [only] = filled;
  const locate = createLocator(text);
  const value = only?.value ?? null;
  return { ok: true, file: { path, text, value, document: only?.index ?? 0, locate } };
}

export function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Number);
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A field of what should be a map. */
export function field(value: unknown, name: string): unknown {
  return isMap(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

export function pointerOf(tokens: readonly string[]): string {
  return tokens.map((token) => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

export function tokensOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** What a pointer leads to; undefined where it leads nowhere. */
export function follow(value: unknown, tokens: readonly string[]): unknown {
  let at = value;
  for (const token of tokens) at = Array.isArray(at) ? item(at, token) : field(at, token);
  return at;
}

function item(list: readonly unknown[], token: string): unknown {
  return /^\d+$/.test(token) ? list[Number(token)] : undefined;
}

export function equal(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) || Array.isArray(b))
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((one, index) => equal(one, b[index]))
    );
  if (isMap(a) || isMap(b)) {
    if (!isMap(a) || !isMap(b)) return false;
    const names = Object.keys(a);
    return (
      names.length === Object.keys(b).length &&
      names.every((name) => Object.hasOwn(b, name) && equal(a[name], b[name]))
    );
  }
  // Numbers with a fraction are boxed.
  return a === b || (a instanceof Number && b instanceof Number && a.valueOf() === b.valueOf());
}

/** Whether two values have the same keys and lengths everywhere, whatever their scalars. */
export function sameShape(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) || Array.isArray(b))
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((one, index) => sameShape(one, b[index]))
    );
  if (!isMap(a) || !isMap(b)) return !isMap(a) && !isMap(b);
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && sameShape(a[name], b[name]))
  );
}

/** JSON with Kubernetes' numbers in it: integers beyond 2^53 as they are. */
export function jsonOf(value: unknown): string {
  const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };
  return JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? rawJSON(inner.toString()) : inner));
}

/** Those of its fields that are there, of some. */
export function fieldsAmong(value: unknown, names: readonly string[]): JsonMap {
  return Object.fromEntries(
    names.flatMap((name) => (field(value, name) === undefined ? [] : [[name, field(value, name)]])),
  );
}
