/** What lists and watches of a kind look like on the wire. Source: k8s.io/apimachinery pkg/apis/meta/v1. */
import { type JsonMap, type LiveKind, lastChange, type Resource } from '../../../model/index.ts';
import { ClusterError } from '../error.ts';
import { parseNumbers } from './parse.ts';

/** A kind to watch. */
export interface WatchedKind extends LiveKind {
  /** Only `metadata` is asked for. Default false. */
  readonly metadataOnly?: boolean;
}

export interface Page {
  readonly items: readonly JsonMap[];
  readonly version: string;
  /** Empty on the last one. */
  readonly next: string;
}

export type WatchEvent =
  | { readonly type: 'put' | 'delete'; readonly object: JsonMap; readonly version: string }
  | { readonly type: 'bookmark'; readonly version: string }
  | { readonly type: 'error'; readonly error: ClusterError };

const PARTIAL = 'g=meta.k8s.io;v=v1';

export function acceptOf({ metadataOnly = false }: WatchedKind, what: 'list' | 'watch' | 'get'): string {
  if (!metadataOnly) return 'application/json';
  return `application/json;as=PartialObjectMetadata${what === 'list' ? 'List' : ''};${PARTIAL}`;
}

export function collectionPath({ group, version, resource }: LiveKind): string {
  return group === '' ? `/api/${version}/${resource}` : `/apis/${group}/${version}/${resource}`;
}

export function objectPath(kind: LiveKind, namespace: string, name: string): string {
  const { group, version, resource } = kind;
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const place = kind.namespaced ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${place}/${resource}/${encodeURIComponent(name)}`;
}

/** @throws ClusterError */
export function readPage(text: string, path: string): Page {
  const list = parsed(text, path);
  const { items } = list;
  const metadata = mapIn(list, 'metadata');
  const version = metadata?.['resourceVersion'];
  if (!Array.isArray(items) || typeof version !== 'string')
    throw new ClusterError(`${path} is answered with something that is no list`);
  const next = metadata!['continue'];
  return { items: items.filter(isMap), version, next: typeof next === 'string' ? next : '' };
}

/**
 * One line of a watch.
 *
 * @throws ClusterError where it is none.
 */
export function readEvent(line: string, path: string): WatchEvent {
  const { type, object } = parsed(line, path);
  if (!isMap(object)) throw new ClusterError(`${path}: an event of the watch is about nothing`);
  if (type === 'ERROR') return { type: 'error', error: errorOf(object, path) };
  const version = mapIn(object, 'metadata')?.['resourceVersion'];
  if (typeof version !== 'string')
    throw new ClusterError(`${path}: an event of the watch has no resourceVersion`);
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
      return { type: 'put', object, version };
    case 'DELETED':
      return { type: 'delete', object, version };
    case 'BOOKMARK':
      return { type: 'bookmark', version };
    default:
      throw new ClusterError(`${path}: the watch knows no event ${JSON.stringify(type)}`);
  }
}

function errorOf(status: JsonMap, path: string): ClusterError {
  const code = Number(status['code'] ?? 0);
  const seconds = Number(mapIn(status, 'details')?.['retryAfterSeconds']);
  return new ClusterError(`${path}: the watch ends with ${code}: ${String(status['message'])}`, code, {
    ...(seconds >= 0 ? { retryAfterMs: seconds * 1000 } : {}),
  });
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * An object as policies see it. Items of a list do not repeat what they are; metadata alone says of itself that it is
 * partial. Left out are `metadata.managedFields`, and of Secrets the annotation in which kubectl repeats them.
 *
 * @param root What its origin begins with: `cluster:CONTEXT`.
 * @returns Undefined where it has no name.
 */
export function asResource(object: JsonMap, kind: LiveKind, root: string): Resource | undefined {
  const { apiVersion: _, kind: __, metadata, ...rest } = object;
  const { managedFields: ___, ...kept } = isMap(metadata) ? metadata : {};
  const { name, namespace = '' } = kept;
  if (typeof name !== 'string' || name === '' || typeof namespace !== 'string') return undefined;
  const isSecret = kind.group === '' && kind.resource === 'secrets';
  if (isSecret && isMap(kept['annotations'])) {
    const { [LAST_APPLIED]: ____, ...annotations } = kept['annotations'];
    kept['annotations'] = annotations;
  }
  const apiVersion = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
  const folder = kind.group === '' ? kind.resource : `${kind.resource}.${kind.group}`;
  const place = namespace === '' ? folder : `${namespace}/${folder}`;
  const { at, through } = lastChange(object);
  return {
    ref: { apiVersion, kind: kind.kind, namespace, name },
    object: { apiVersion, kind: kind.kind, metadata: kept, ...rest },
    origin: { file: `${root}/${place}/${name}`, document: 0, line: 1, pointer: '' },
    changedAt: at,
    ...(through !== '' && { changedThrough: through }),
  };
}

/** @throws ClusterError */
export function parsed(text: string, path: string): JsonMap {
  let value: unknown;
  try {
    value = parseNumbers(text);
  } catch (error) {
    throw new ClusterError(`${path} is answered with something that is no JSON`, 0, { cause: error });
  }
  if (isMap(value)) return value;
  throw new ClusterError(`${path} is answered with something that is no JSON object`);
}

function mapIn(map: JsonMap, key: string): JsonMap | undefined {
  const value = map[key];
  return isMap(value) ? value : undefined;
}

function isMap(value: unknown): value is JsonMap & Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
