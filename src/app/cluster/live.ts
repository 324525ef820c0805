/** A live cluster as something to scan: each object is a document with the name `cluster:CONTEXT/NAMESPACE/RESOURCE/NAME`. */
import type { JsonMap, Problem, Resource } from '../../model/index.ts';
import type { PodPath, PolicySet } from '../../policy/index.ts';
import { SETTINGS } from '../../policy/index.ts';
import {
  type Cluster,
  ClusterError,
  connect,
  type FileEntry,
  type Json,
  listObjects,
  readManifest,
  type Served,
  type ServedResource,
  served,
} from '../../sources/index.ts';
import type { ScanOptions } from '../options.ts';
import { UsageError } from '../usage.ts';
import { definitionsOf } from './definitions.ts';
import { isSecrets, type NeededKind, neededKinds } from './kinds.ts';
import { controllersOf, isHistory, type Named } from './owners.ts';
import { readOnce, ruleFor } from './rbac.ts';

export interface OpenCluster {
  readonly cluster: Cluster;
  readonly served: Served;
  /** Those of the call, with what the cluster says itself. */
  readonly options: ScanOptions;
}

/** What was read of a cluster. */
export interface Live {
  readonly files: readonly FileEntry[];
  /** Text by name. */
  readonly given: ReadonlyMap<string, Uint8Array>;
  readonly problems: readonly Problem[];
  readonly notices: readonly string[];
  /** Namespaces and parameters. */
  readonly objects: readonly Resource[];
  /** What the cluster says of kinds that are not Kubernetes' own, as CustomResourceDefinitions without a schema. */
  readonly definitions: readonly Resource[];
  /** Names of what no report may quote. */
  readonly secret: ReadonlySet<string>;
  /** The controller of an object, both by name. */
  readonly controllers: ReadonlyMap<string, string>;
}

const AT_ONCE = 4;

/** Throws UsageError for what keeps it from being asked at all. */
export async function openCluster(options: ScanOptions, context: string): Promise<OpenCluster> {
  try {
    const cluster = await connect(context);
    const said = await served(cluster);
    return { cluster, served: said, options: withCluster(options, said) };
  } catch (error) {
    if (error instanceof ClusterError) throw new UsageError(`--cluster: ${error.message}`);
    throw error;
  }
}

/**
 * What the call says of the Kubernetes version goes before what the cluster says. What is not in the cluster does not exist,
 * unless something of it could not be listed. The API server filled in what it fills
 * in; with files beside it, filling in again changes nothing.
 */
function withCluster(options: ScanOptions, { minor }: Served): ScanOptions {
  const only = options.paths.length === 0;
  const { last } = SETTINGS['kubernetes.version'];
  return {
    ...options,
    set: [`kubernetes.version=v1.${Math.min(minor, last)}`, ...options.set],
    complete: true,
    defaults: options.defaults && !only,
    // What an Application of a cluster deploys is in the cluster, too.
    rendering: { ...options.rendering, run: options.rendering.run && !only },
  };
}

/** Lists what the policies need. What cannot be listed is a problem of its kind. */
export async function readLive(
  { cluster, served }: OpenCluster,
  set: PolicySet,
  podPaths: readonly PodPath[],
): Promise<Live> {
  const kinds = neededKinds(set, served, podPaths);
  const root = `cluster:${cluster.context}`;
  const listed = await listAll(cluster, kinds, root);
  const judged: (Named & { readonly kind: NeededKind })[] = [];
  let history = 0;
  for (const { kind, objects } of listed) {
    if (!kind.judged) continue;
    for (const object of objects)
      if (isHistory(object)) history++;
      else judged.push({ file: `${root}/${pathOf(kind.resource, object)}`, object, kind });
  }
  return {
    files: judged.map(({ file }) => ({ path: '-', file, named: true })),
    given: new Map(judged.map(({ file, object }) => [file, bytesOf(object)])),
    problems: [...listed.flatMap(({ problem }) => problem ?? []), ...staleGroups(served, root)],
    notices:
      history === 0 ? [] : [`${history} ReplicaSets that Deployments keep to go back to are left out.`],
    objects: listed.flatMap(({ kind, objects }) => (kind.lookedUp ? objects.flatMap(resourceOf) : [])),
    definitions: definitionsOf(served, kinds).flatMap(resourceOf),
    secret: new Set(judged.flatMap(({ file, kind }) => (isSecrets(kind.resource) ? [file] : []))),
    controllers: controllersOf(judged),
  };
}

interface Listed {
  readonly kind: NeededKind;
  readonly objects: readonly Json[];
  readonly problem?: Problem;
}

async function listAll(cluster: Cluster, kinds: readonly NeededKind[], root: string): Promise<Listed[]> {
  const listed: Listed[] = [];
  const left = [...kinds.entries()];
  const work = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [index, kind] = next;
      listed[index] = await list(cluster, kind, root);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return listed;
}

async function list(cluster: Cluster, kind: NeededKind, root: string): Promise<Listed> {
  try {
    const objects = await listObjects(cluster, kind.resource, { metadataOnly: kind.metadataOnly });
    return { kind, objects: isSecrets(kind.resource) ? objects.map(withoutCopy) : objects };
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    const file = `${root}/${resourceName(kind.resource)}`;
    const { status, message } = error;
    const missing = status === 403 ? `; the RBAC rule it takes: ${ruleFor(readOnce(kind.resource))}` : '';
    const problem: Problem = {
      reason: 'not-listed',
      detail: `No ${kind.resource.kind} was looked at: ${message}${missing}`,
      origin: { file, line: 1, column: 1 },
      ...(missing === ''
        ? {}
        : { help: 'the same call with --print-rbac prints all rules as one ClusterRole' }),
    };
    return { kind, objects: [], problem };
  }
}

/** An annotation of kubectl's repeats the whole object, with what is secret in it. */
function withoutCopy(object: Json): Json {
  const metadata = { ...(object['metadata'] as Json) };
  const { 'kubectl.kubernetes.io/last-applied-configuration': _, ...annotations } = (metadata[
    'annotations'
  ] ?? {}) as Json;
  if (metadata['annotations'] !== undefined) metadata['annotations'] = annotations;
  return { ...object, metadata };
}

/** An aggregated API whose server is away serves kinds nobody knows of. */
function staleGroups({ stale }: Served, root: string): Problem[] {
  return stale.map((group) => ({
    reason: 'not-listed',
    detail: `What the API group ${group} serves is not known: its own server does not answer`,
    origin: { file: `${root}/${group}`, line: 1, column: 1 },
  }));
}

function pathOf(resource: ServedResource, object: Json): string {
  const { namespace, name } = object['metadata'] as { namespace?: string; name: string };
  const place = namespace === undefined ? [] : [namespace];
  return [...place, resourceName(resource), name].join('/');
}

/** As kubectl takes it: `deployments.apps`. */
function resourceName({ group, resource }: ServedResource): string {
  return group === '' ? resource : `${resource}.${group}`;
}

function bytesOf(object: Json | JsonMap): Uint8Array {
  return Buffer.from(`${JSON.stringify(object, null, 2)}\n`);
}

export function resourceOf(object: Json | JsonMap): readonly Resource[] {
  return readManifest(bytesOf(object), { file: 'cluster', named: true }).resources;
}
