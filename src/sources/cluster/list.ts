/** All objects of a kind, a page at a time. */
import type { Cluster, Json } from './connect.ts';
import { ClusterError } from './error.ts';
import type { ServedResource } from './resources.ts';

/** Objects in one answer, as kubectl asks for. */
const PAGE_SIZE = 500;

const METADATA = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

export interface ListOptions {
  /** Objects in one answer. */
  readonly limit?: number;
  /** Only `metadata`. */
  readonly metadataOnly?: boolean;
}

/**
 * As the API server has them, with apiVersion and kind, and without `metadata.managedFields`. Where the place in the list
 * expires between two pages (410), all is listed again, in one answer, as client-go does.
 *
 * @throws ClusterError
 */
export async function listObjects(
  cluster: Cluster,
  resource: ServedResource,
  { limit = PAGE_SIZE, metadataOnly = false }: ListOptions = {},
): Promise<Json[]> {
  const accept = metadataOnly ? METADATA : undefined;
  try {
    return await pages(cluster, resource, limit, accept);
  } catch (error) {
    if (!(error instanceof ClusterError) || error.status !== 410) throw error;
    return pages(cluster, resource, 0, accept);
  }
}

/** @param limit 0: all in one page. */
async function pages(
  cluster: Cluster,
  resource: ServedResource,
  limit: number,
  accept: string | undefined,
): Promise<Json[]> {
  const objects: Json[] = [];
  const path = pathOf(resource);
  for (let token = ''; ; ) {
    const query = new URLSearchParams(limit === 0 ? {} : { limit: String(limit) });
    if (token !== '') query.set('continue', token);
    const page = await cluster.get(limit === 0 ? path : `${path}?${query}`, accept);
    const { items } = page;
    if (!Array.isArray(items)) throw new ClusterError(`${path} is answered with something that is no list`);
    for (const item of items as Json[]) objects.push(asObject(item, resource));
    const next = (page['metadata'] as Json | undefined)?.['continue'];
    if (typeof next !== 'string' || next === '') return objects;
    if (next === token) throw new ClusterError(`${path}: the list does not go on`);
    token = next;
  }
}

function pathOf({ group, version, resource }: ServedResource): string {
  return group === '' ? `/api/${version}/${resource}` : `/apis/${group}/${version}/${resource}`;
}

/** Items of a list do not repeat what they are; metadata alone says of itself that it is partial. */
function asObject(item: Json, { group, version, kind }: ServedResource): Json {
  const { apiVersion: _, kind: __, metadata, ...rest } = item;
  const { managedFields: ___, ...kept } = (metadata ?? {}) as Json;
  return { apiVersion: group === '' ? version : `${group}/${version}`, kind, metadata: kept, ...rest };
}
