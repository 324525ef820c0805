/** What a cluster serves: kinds, their resources, and its version. Source: k8s.io/api/apidiscovery/v2. */
import type { Cluster, Json } from './connect.ts';
import { ClusterError } from './error.ts';

/** A resource that can be listed, in one version. */
export interface ServedResource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

export interface Served {
  /** 36 for v1.36. */
  readonly minor: number;
  /** Preferred versions of a group first. */
  readonly resources: readonly ServedResource[];
  /** Groups with a version whose own server does not answer: what it serves is not known. */
  readonly stale: readonly string[];
}

const ACCEPT = ['v2', 'v2beta1']
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .concat('application/json')
  .join(',');

/** @throws ClusterError, also where the cluster is older than 1.26, which had no aggregated discovery. */
export async function served(cluster: Cluster): Promise<Served> {
  const [version, ...roots] = await Promise.all([
    cluster.get('/version'),
    cluster.get('/api', ACCEPT),
    cluster.get('/apis', ACCEPT),
  ]);
  const groups = roots.flatMap((root) => {
    if (root['kind'] !== 'APIGroupDiscoveryList')
      throw new ClusterError('the API server does not say in one list what it serves: it is older than 1.26');
    return (root['items'] ?? []) as DiscoveredGroup[];
  });
  const versions = groups.flatMap(({ metadata = {}, versions = [] }) =>
    versions.map((version) => ({ group: metadata.name ?? '', ...version })),
  );
  return {
    minor: minorOf(version),
    resources: versions.flatMap(({ group, version, resources = [] }) =>
      resources
        .filter(({ verbs }) => verbs?.includes('list'))
        .map(({ resource, responseKind, scope }) => ({
          group,
          version,
          resource,
          kind: responseKind?.kind ?? '',
          namespaced: scope === 'Namespaced',
        })),
    ),
    stale: [...new Set(versions.filter(({ freshness }) => freshness === 'Stale').map(({ group }) => group))],
  };
}

interface DiscoveredGroup {
  readonly metadata?: { readonly name?: string };
  readonly versions?: readonly {
    readonly version: string;
    readonly freshness?: string;
    readonly resources?: readonly {
      readonly resource: string;
      readonly responseKind?: { readonly kind?: string };
      readonly scope?: string;
      readonly verbs?: readonly string[];
    }[];
  }[];
}

/** Some providers write `36+`. */
function minorOf(version: Json): number {
  const [minor] = /^\d+/.exec(String(version['minor'])) ?? [];
  if (version['major'] !== '1' || minor === undefined)
    throw new ClusterError('the API server does not say which version of Kubernetes it is');
  return Number(minor);
}
