import { DEFAULT_LIMITS, locate } from '../sources/index.ts';
import { readDocuments } from '../sources/manifests/documents.ts';
import { decodeText } from '../sources/manifests/text.ts';
import { createContentReader } from './content.ts';
import { UsageError } from './usage.ts';

/** The one YAML or JSON document of a file that a flag names. `shown` is the file as the caller wrote it. */
export function readValue(flag: string, path: string, shown: string): unknown {
  return readLocated(flag, path, shown).value;
}

/** The same with where its values stand. */
export interface Located {
  readonly value: unknown;
  /** `file:line:column` of the value at a pointer, or of its nearest existing parent. */
  place(pointer: string): string;
}

export function readLocated(flag: string, path: string, shown: string): Located {
  const content = createContentReader(DEFAULT_LIMITS.fileBytes)(path);
  if (!content.ok) throw new UsageError(`${flag}: ${shown}: ${content.detail}`);
  const text = decodeText(content.bytes);
  if (text === undefined) throw new UsageError(`${flag}: ${shown}: it is no UTF-8 text`);
  const read = readOne(text);
  if ('fault' in read) throw new UsageError(`${flag}: ${shown}:${read.place}: ${read.fault}`);
  return {
    value: read.value,
    place: (pointer) => {
      const { line, column } = locate(text, 0, pointer);
      return `${shown}:${line}:${column}`;
    },
  };
}

/** The one YAML or JSON document of a file that Rampart itself writes. `shown`: as messages name the file. */
export function readOwn(text: string, shown: string): unknown {
  const read = readOne(text);
  if ('value' in read) return read.value;
  throw new UsageError(`${shown}:${read.place}: ${read.fault}`);
}

/** All YAML or JSON documents of a text that hold something, each with its number in the text. */
export function parseValues(text: string): { readonly value: unknown; readonly document: number }[] {
  const documents = readDocuments(text, DEFAULT_LIMITS);
  const [fault] = documents.flatMap(({ faults }) => faults);
  if (fault !== undefined) throw new Error(fault.message);
  return documents.flatMap(({ value }, document) => (value == null ? [] : [{ value, document }]));
}

/** The one YAML or JSON document of a text. */
export function parseValue(text: string): unknown {
  const read = readOne(text);
  if ('value' in read) return read.value;
  throw new Error(read.fault);
}

type One = { readonly value: unknown } | { readonly fault: string; readonly place: string };

function readOne(text: string): One {
  const documents = readDocuments(text, DEFAULT_LIMITS).filter(
    ({ value, faults }) => value != null || faults.length > 0,
  );
  const [fault] = documents.flatMap(({ faults }) => faults);
  if (fault !== undefined) return { fault: fault.message, place: placeAt(text, fault.offset) };
  if (documents.length === 1) return { value: documents[0]!.value };
  return {
    fault: `expected 1 document, got ${documents.length}`,
    place: `${documents[1]?.line ?? 1}:1`,
  };
}

function placeAt(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `${before.length}:${before.at(-1)!.length + 1}`;
}

/** The same for what expressions parse. */
export function parseYaml(text: string): { readonly value: unknown } | { readonly error: string } {
  try {
    return { value: parseValue(text) };
  } catch (thrown) {
    return { error: (thrown as Error).message };
  }
}
