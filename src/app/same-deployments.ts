/** What a rampart.yaml says of the ways in which charts are deployed, before and after a change. */
import { isDeepStrictEqual } from 'node:util';
import type { JsonMap } from '../model/index.ts';
import { DEFAULT_LIMITS } from '../sources/index.ts';
import { readDocuments } from '../sources/manifests/documents.ts';

/** Whatever else of the file changed. */
export function sameDeployments(before: string, now: string): boolean {
  return isDeepStrictEqual(deploymentsIn(before), deploymentsIn(now));
}

function deploymentsIn(text: string): readonly unknown[] {
  return readDocuments(text, DEFAULT_LIMITS).map(({ value }) => {
    const { helm, environments } = mapOf(value);
    const named = Object.entries(mapOf(environments)).map(([name, overlay]) => [
      name,
      mapOf(overlay)['helm'],
    ]);
    return { helm, environments: named };
  });
}

function mapOf(value: unknown): JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonMap) : {};
}
