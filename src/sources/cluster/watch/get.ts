import type { Resource } from '../../../model/index.ts';
import type { Cluster } from '../connect.ts';
import { ClusterError } from '../error.ts';
import { acceptOf, asResource, objectPath, parsed, type WatchedKind } from './wire.ts';

/**
 * One object as it is now, in the form that an informer keeps it.
 *
 * @param namespace Empty for cluster-scoped kinds.
 * @returns Undefined where there is none.
 * @throws ClusterError
 */
export async function getObject(
  cluster: Cluster,
  kind: WatchedKind,
  namespace: string,
  name: string,
  withinMs: number,
): Promise<Resource | undefined> {
  const path = objectPath(kind, namespace, name);
  try {
    const text = await cluster.read(path, { accept: acceptOf(kind, 'get'), withinMs });
    return asResource(parsed(text, path), kind, `cluster:${cluster.context}`);
  } catch (error) {
    if (error instanceof ClusterError && error.status === 404) return undefined;
    throw error;
  }
}
