/** The one YAML or JSON document of a file of suppressions, and where its parts stand. */
import type { JsonMap } from '../../model/index.ts';
import { readDocuments } from '../manifests/documents.ts';
import { DEFAULT_LIMITS } from '../manifests/limits.ts';
import { createLocator } from '../manifests/locate.ts';
import { positionOf } from '../manifests/text.ts';
import type { SuppressionEntry, Tool } from './suppression.ts';

interface Opened {
  readonly value: unknown;
  /** By JSON Pointer. */
  readonly at: (pointer: string) => { readonly line: number; readonly column: number };
  /** Why there is no value. */
  readonly fault: SuppressionEntry | undefined;
}

export function openDocument(text: string, tool: Tool): Opened {
  const documents = readDocuments(text, DEFAULT_LIMITS).filter(
    ({ value, faults }) => value != null || faults.length > 0,
  );
  const locate = createLocator(text);
  const [first] = documents;
  const [fault] = documents.flatMap(({ faults }) => faults);
  const at = (pointer: string) => {
    const { line, column } = locate(first?.index ?? 0, pointer);
    return { line, column };
  };
  const failed = (place: { line: number; column: number }, what: string): Opened => ({
    value: undefined,
    at,
    fault: { ...place, said: { tool, fault: what } },
  });
  if (fault !== undefined) return failed(positionOf(text, fault.offset), fault.message);
  if (documents.length > 1)
    return failed({ line: documents[1]!.line, column: 1 }, 'a second document is never read');
  return { value: first?.value, at, fault: undefined };
}

export function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Number);
}
