import type { FieldSchema, Finding, JsonMap, Schemas } from '../model/index.ts';
import { builtin } from './builtin.ts';

/**
 * What stays the same of a finding when its file is reformatted or moved, lines move, list-map items are reordered or the
 * kind is served in another version: policy, validation, kind and group, namespace, name, and the path with list-map keys
 * in place of indexes.
 */
export function identityOf(finding: Finding, path: string | undefined): string {
  const { policy, validation, resource } = finding;
  const kind = resource === null ? null : groupKind(resource.apiVersion, resource.kind);
  // A problem without policy and resource is told apart by what it is.
  const cause = resource === null ? finding.reason : null;
  const parts = [policy, validation ?? null, kind, resource?.namespace, resource?.name, path ?? null, cause];
  return JSON.stringify(parts);
}

/**
 * The first 32 hex digits of SHA-256 over a finding's identity and its file.
 *
 * @param file From the repository's root, so that it does not hang on where Rampart is started.
 */
export function fingerprint(identity: string, file: string): string {
  return builtin('node:crypto')
    .hash('sha256', JSON.stringify([file, identity]))
    .slice(0, 32);
}

function groupKind(apiVersion: string, kind: string): string {
  const slash = apiVersion.lastIndexOf('/');
  return slash === -1 ? kind : `${kind}.${apiVersion.slice(0, slash)}`;
}

/** A JSON Pointer with `{"name":"app"}` for the index of a list-map item; other indexes stay. */
export function stablePath(pointer: string, object: JsonMap, schema: FieldSchema | undefined): string {
  // Nothing to replace, and schemas are read only when needed.
  if (!/\/\d+(?:\/|$)/.test(pointer)) return pointer;
  let value: unknown = object;
  let shape = schema;
  let stable = '';
  for (const segment of pointer.split('/').slice(1)) {
    const name = segment.includes('~') ? segment.replaceAll('~1', '/').replaceAll('~0', '~') : segment;
    stable += `/${Array.isArray(value) ? itemKey(value, Number(name), shape) : segment}`;
    shape = Array.isArray(value) ? shape?.items : shape?.field(name);
    value = child(value, name);
  }
  return stable;
}

function child(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value[Number(name)];
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as JsonMap)[name];
}

function itemKey(list: readonly unknown[], index: number, shape: FieldSchema | undefined): string {
  const item = list[index];
  const keys = shape === undefined ? ['name'] : shape.listMapKeys;
  if (keys.length === 0 || !isMap(item)) return String(index);
  const pairs = keys.map((key) => [key, item[key] ?? shape?.items?.field(key)?.default ?? null] as const);
  // A list of an unknown shape whose items have no name, or one name twice, is not a list-map.
  if (shape === undefined && !namesAreUnique(list)) return String(index);
  return JSON.stringify(Object.fromEntries(pairs), (_, value) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
}

function namesAreUnique(list: readonly unknown[]): boolean {
  const names = list.map((item) => (isMap(item) ? item['name'] : undefined));
  return names.every((name) => typeof name === 'string') && new Set(names).size === names.length;
}

function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Lists that are list-maps by name in every pod there is; most findings point into one of them. */
const CONTAINERS = /\/(?:containers|initContainers|ephemeralContainers)\/\d+(?=\/|$)/g;
/** The smallest schema under which {@link stablePath} reads names as keys, and nothing else. */
const NAMED: FieldSchema = {
  type: 'array',
  fieldNames: [],
  field: () => NAMED,
  required: [],
  listMapKeys: ['name'],
  atomic: false,
  open: false,
};

/**
 * {@link stablePath} by the schema of the object's kind, which is read only when the path has indexes that mean
 * something else than a container.
 */
export function stablePathOf(
  pointer: string,
  object: JsonMap,
  kind: { readonly apiVersion: string; readonly kind: string },
  schemas: Schemas,
): string {
  if (!/\/\d+(?:\/|$)/.test(pointer)) return pointer;
  const onlyContainers = !/\/\d+(?:\/|$)/.test(pointer.replace(CONTAINERS, ''));
  if (onlyContainers && POD_KINDS.has(kind.kind)) return stablePath(pointer, object, NAMED);
  return stablePath(pointer, object, schemas.ofKind(kind.apiVersion, kind.kind));
}

const POD_KINDS: ReadonlySet<string> = new Set([
  'Pod',
  'PodTemplate',
  'ReplicationController',
  'ReplicaSet',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
]);
