/** Documents and objects as resources. */
import { JSON_SCHEMA, loadAll } from 'js-yaml';
import type { JsonMap, Resource } from '../../../src/model/index.ts';

export type { JsonMap, Resource };

export function documentsOf(text: string): JsonMap[] {
  return loadAll(text, { schema: JSON_SCHEMA }) as JsonMap[];
}

export function resourceOf(object: JsonMap): Resource {
  const { name, namespace } = metadataOf(object);
  return {
    ref: {
      apiVersion: String(object['apiVersion']),
      kind: String(object['kind']),
      namespace: typeof namespace === 'string' ? namespace : '',
      name: typeof name === 'string' ? name : '',
    },
    object,
    origin: { file: 'test', document: 0, line: 1, pointer: '' },
  };
}

export function metadataOf(object: JsonMap): JsonMap {
  return (object['metadata'] ?? {}) as JsonMap;
}
