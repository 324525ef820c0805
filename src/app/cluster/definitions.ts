/** Kinds that are not Kubernetes' own, as CustomResourceDefinitions that say what a scan can use. */
import type { JsonMap } from '../../model/index.ts';
import {
  type Cluster,
  ClusterError,
  createDiscovery,
  type Served,
  type ServedResource,
} from '../../sources/index.ts';
import { withoutDescriptions } from './descriptions.ts';
import type { NeededKind } from './kinds.ts';

/** By what discovery says: names, scope and versions, without a schema. */
export function definitionsOf(
  { minor, resources }: Served,
  kinds: readonly Pick<NeededKind, 'resource'>[],
): JsonMap[] {
  const known = createDiscovery(minor);
  const custom = kinds.filter(
    ({ resource: { group, version, kind } }) =>
      known.ofKind(group === '' ? version : `${group}/${version}`, kind).guessed,
  );
  return custom.map(({ resource: { group, resource, kind, namespaced } }) =>
    definition({
      group,
      names: { plural: resource, kind },
      scope: namespaced ? 'Namespaced' : 'Cluster',
      versions: resources
        .filter((other) => other.group === group && other.resource === resource)
        .map(({ version }) => ({ name: version, served: true, storage: false })),
    }),
  );
}

/** Where definitions are, as a kind of the cluster. */
export const DEFINITIONS: ServedResource = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  resource: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
};

/**
 * The cluster's own definition, with schemas and subresources of what it serves. Undefined where there is none: the kind is
 * of an aggregated API server.
 *
 * @throws ClusterError
 */
export async function readDefinition(
  cluster: Cluster,
  { group, resource }: Pick<ServedResource, 'group' | 'resource'>,
): Promise<JsonMap | undefined> {
  const collection = `/apis/${DEFINITIONS.group}/${DEFINITIONS.version}/${DEFINITIONS.resource}`;
  try {
    const { spec } = await cluster.get(`${collection}/${resource}.${group}`);
    const { names, scope, versions, preserveUnknownFields } = spec as Spec;
    return definition({
      group,
      names: { plural: names.plural, kind: names.kind },
      scope,
      ...(preserveUnknownFields === true ? { preserveUnknownFields } : {}),
      versions: versions.filter(({ served }) => served).map(keptVersion),
    });
  } catch (error) {
    if (error instanceof ClusterError && error.status === 404) return undefined;
    throw error;
  }
}

interface Spec {
  readonly names: { readonly plural: string; readonly kind: string };
  readonly scope: string;
  readonly versions: readonly Version[];
  /** Of definitions made before Kubernetes 1.22 alone. */
  readonly preserveUnknownFields?: boolean;
}

interface Version {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly schema?: { readonly openAPIV3Schema?: JsonMap };
  readonly subresources?: JsonMap;
}

function keptVersion({ name, served, storage, schema, subresources }: Version): JsonMap {
  const { openAPIV3Schema } = schema ?? {};
  return {
    name,
    served,
    storage,
    ...(openAPIV3Schema === undefined
      ? {}
      : { schema: { openAPIV3Schema: withoutDescriptions(openAPIV3Schema) } }),
    ...(subresources === undefined ? {} : { subresources }),
  };
}

function definition(spec: JsonMap & { readonly group: string; readonly names: Spec['names'] }): JsonMap {
  return {
    apiVersion: `${DEFINITIONS.group}/${DEFINITIONS.version}`,
    kind: DEFINITIONS.kind,
    metadata: { name: `${spec.names.plural}.${spec.group}` },
    spec,
  };
}
