/**
 * Nulls, as the API server's typed decoding treats them. A built-in kind is decoded into Go structs before any policy
 * sees it: a null field is an absent one, a null label an empty string. What stands in a file is read the same way, so
 * that `securityContext: null` gives one verdict in CI and in the cluster. Custom resources keep their nulls.
 */
import type { FieldSchema, JsonMap } from '../../model/index.ts';
import { isMap, put } from '../json.ts';

/** API groups whose kinds are built into the API server. */
const BUILT_IN_GROUPS: ReadonlySet<string> = new Set([
  '',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'apps',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'extensions',
  'flowcontrol.apiserver.k8s.io',
  'internal.apiserver.k8s.io',
  'networking.k8s.io',
  'node.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'resource.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
  'storagemigration.k8s.io',
]);

export function isBuiltIn(group: string): boolean {
  return BUILT_IN_GROUPS.has(group);
}

/** The object as it is decoded; the very same one when it holds no null. `schema` is asked for only when it does. */
export function decode(object: JsonMap, schema: () => FieldSchema | undefined): JsonMap {
  return hasNull(object) ? (decodeMap(object, schema()) as JsonMap) : object;
}

function hasNull(value: unknown): boolean {
  if (value === null) return true;
  if (typeof value !== 'object' || value instanceof Number) return false;
  if (Array.isArray(value)) {
    for (const item of value) if (hasNull(item)) return true;
    return false;
  }
  for (const key in value) if (hasNull((value as JsonMap)[key])) return true;
  return false;
}

function decodeValue(value: unknown, schema: FieldSchema | undefined): unknown {
  // A null among items stays: what it means depends on who reads it, and nobody may overlook it.
  if (Array.isArray(value)) return value.map((item) => decodeValue(item, schema?.items));
  return isMap(value) ? decodeMap(value, schema) : value;
}

function decodeMap(map: JsonMap, schema: FieldSchema | undefined): JsonMap {
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(map)) {
    const value = map[key];
    const field = schema?.field(key);
    if (value !== null) put(result, key, decodeValue(value, field));
    else if (schema?.type === 'map' && field?.type === 'string') put(result, key, '');
    else if (schema?.type === 'any' || schema?.open === true) put(result, key, null);
  }
  return result;
}
