/**
 * `rampart context pull`: what a scan of files cannot know of a cluster, as one file: its version, namespaces, the objects
 * that policies ask for, the bindings of its policies, what its kinds are called, and the schemas of those that policies need.
 */
import type { JsonMap, Problem } from '../../model/index.ts';
import { isWanted, type PolicySet, wantedBy } from '../../policy/index.ts';
import {
  type Cluster,
  ClusterError,
  type Json,
  listObjects,
  type Served,
  type ServedResource,
} from '../../sources/index.ts';
import { CONTEXT_KIND } from '../cluster-context.ts';
import type { ScanOptions } from '../options.ts';
import { openProfiles } from '../profiles.ts';
import { UsageError } from '../usage.ts';
import { DEFINITIONS, definitionsOf, readDefinition } from './definitions.ts';
import { isSecrets, type NeededKind, neededKinds } from './kinds.ts';
import { openCluster, resourceOf } from './live.ts';
import { ruleFor } from './rbac.ts';

export interface Pulled {
  /** Documents of the file, in a stable order. */
  readonly documents: readonly JsonMap[];
  /** What could not be listed: without it the file would say that it does not exist. */
  readonly problems: readonly Problem[];
  readonly notices: readonly string[];
}

/** Throws UsageError for what keeps the cluster from being asked at all. */
export async function pullContext(given: ScanOptions, context: string): Promise<Pulled> {
  const open = await openCluster(given, context);
  const reader = createReader(open.cluster);
  // Only its binding says that a policy takes parameters.
  for (const resource of bindingsAmong(open.served)) await reader.read(resource);
  const bindings = reader.objects.flatMap(resourceOf);
  const [set] = openProfiles(open.options, bindings).sets;
  const needed = neededKinds(set!, open.served, given.podPaths);
  for (const resource of contextKinds(set!, needed)) await reader.read(resource);
  const header = {
    apiVersion: 'rampart.dev/v1',
    kind: CONTEXT_KIND,
    metadata: { name: open.cluster.context },
    spec: { kubernetesVersion: `v1.${open.served.minor}` },
  };
  const definitions = await reader.definitions(open.served, needed);
  return {
    documents: [header, ...[...definitions, ...reader.objects].sort(byName)],
    problems: reader.problems,
    notices: reader.notices,
  };
}

/** Lists kinds, and keeps what a file may hold of them. */
function createReader(cluster: Cluster) {
  const objects: JsonMap[] = [];
  const problems: Problem[] = [];
  const notices: string[] = [];
  return {
    objects,
    problems,
    notices,
    async read(resource: ServedResource): Promise<void> {
      if (isSecrets(resource)) {
        notices.push('Secrets are left out: the file is for people and CI to read.');
        return;
      }
      try {
        for (const object of await listObjects(cluster, resource)) objects.push(kept(object));
      } catch (error) {
        if (!(error instanceof ClusterError)) throw error;
        problems.push(notRead(resource, error, cluster.context, 'list'));
      }
    },
    /** Of all custom kinds: with schemas where policies need them. */
    async definitions(served: Served, needed: readonly NeededKind[]): Promise<JsonMap[]> {
      const schemas = new Map<string, JsonMap>();
      for (const definition of definitionsOf(served, needed)) {
        const { group, names } = definition['spec'] as { group: string; names: { plural: string } };
        try {
          const own = await readDefinition(cluster, { group, resource: names.plural });
          if (own !== undefined) schemas.set(nameOf(own), own);
        } catch (error) {
          if (!(error instanceof ClusterError)) throw error;
          problems.push(notRead(DEFINITIONS, error, cluster.context, 'get'));
          // Nothing will be written; one definition that may not be read says it for all.
          break;
        }
      }
      const all = served.resources.map((resource) => ({ resource }));
      const byDiscovery = new Map(definitionsOf(served, all).map((one) => [nameOf(one), one]));
      return [...byDiscovery].map(([name, one]) => schemas.get(name) ?? one);
    },
  };
}

function bindingsAmong({ resources }: Served): ServedResource[] {
  const found = resources.filter(
    ({ group, resource }) => group === 'admissionregistration.k8s.io' && BINDINGS.includes(resource),
  );
  return onceEach(found);
}

const BINDINGS = ['validatingadmissionpolicybindings', 'mutatingadmissionpolicybindings'];

/** Namespaces, parameters, and what policies look up; each in one version. */
function contextKinds(set: PolicySet, needed: readonly NeededKind[]): ServedResource[] {
  const wanted = wantedBy(set.policies);
  const asked = needed.filter(({ lookedUp, resource }) => lookedUp || isWanted(wanted, resource));
  return onceEach(asked.map(({ resource }) => resource));
}

function onceEach(resources: readonly ServedResource[]): ServedResource[] {
  const first = new Map<string, ServedResource>();
  for (const resource of resources) {
    const key = `${resource.group}/${resource.resource}`;
    if (!first.has(key)) first.set(key, resource);
  }
  return [...first.values()].sort((a, b) => (a.group + a.resource < b.group + b.resource ? -1 : 1));
}

/** What policies may read, and nothing that changes by itself: so that two pulls of one state are the same. */
function kept({ status: _, metadata, ...object }: Json): JsonMap {
  const { name, namespace, labels, annotations } = metadata as Json;
  const { 'kubectl.kubernetes.io/last-applied-configuration': __, ...others } = (annotations ?? {}) as Json;
  return {
    apiVersion: object['apiVersion'],
    kind: object['kind'],
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels === undefined ? {} : { labels }),
      ...(Object.keys(others).length === 0 ? {} : { annotations: others }),
    },
    ...object,
  };
}

function nameOf({ metadata }: JsonMap): string {
  return String((metadata as Json)['name']);
}

function byName(a: JsonMap, b: JsonMap): number {
  const key = ({ kind, apiVersion, metadata }: JsonMap) => {
    const { namespace = '', name } = metadata as Json;
    return JSON.stringify([kind, apiVersion, namespace, name]);
  };
  return key(a) < key(b) ? -1 : 1;
}

function notRead(
  resource: ServedResource,
  { message, status }: ClusterError,
  context: string,
  verb: 'get' | 'list',
): Problem {
  const rule = status === 403 ? `; the RBAC rule it takes: ${ruleFor({ ...resource, verbs: [verb] })}` : '';
  return {
    reason: 'not-listed',
    detail: `No ${resource.kind} was read: ${message}${rule}`,
    origin: { file: `cluster:${context}/${resource.resource}`, line: 1, column: 1 },
  };
}

/** Throws UsageError where something is missing: half a context would be taken for a whole one. */
export function whole({ problems, ...pulled }: Pulled): Omit<Pulled, 'problems'> {
  if (problems.length === 0) return pulled;
  const lines = problems.map(({ origin, detail }) => `  ${origin.file}: ${detail}`);
  throw new UsageError(['nothing is written, since not everything could be read:', ...lines].join('\n'));
}
