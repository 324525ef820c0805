/** What `rampart context pull` wrote, as a scan takes it from --context. */
import type { JsonMap, Resource } from '../model/index.ts';
import { roleOf, SETTINGS } from '../policy/index.ts';
import { UsageError } from './usage.ts';

export const CONTEXT_KIND = 'ClusterContext';

export interface ClusterContext {
  /** Namespaces, parameters, what policies look up. */
  readonly objects: readonly Resource[];
  readonly definitions: readonly Resource[];
  /** Of policies that are given elsewhere. */
  readonly bindings: readonly Resource[];
  /** `NAME=VALUE`, to be set before what the caller sets. */
  readonly settings: readonly string[];
}

/** Sorts the objects of --context by what they are for. Throws UsageError for a header that says nothing. */
export function clusterContextOf(resources: readonly Resource[]): ClusterContext {
  const of = (wanted: Part) => resources.filter((resource) => partOf(resource) === wanted);
  return {
    objects: of('object'),
    definitions: of('definition'),
    bindings: of('binding'),
    settings: of('header').map(versionOf),
  };
}

type Part = 'header' | 'definition' | 'binding' | 'object';

function partOf({ ref }: Resource): Part {
  if (ref.apiVersion === 'rampart.dev/v1' && ref.kind === CONTEXT_KIND) return 'header';
  if (ref.kind === 'CustomResourceDefinition' && ref.apiVersion.startsWith('apiextensions.k8s.io/'))
    return 'definition';
  const role = roleOf(ref.apiVersion, ref.kind);
  return role === 'vap-binding' || role === 'map-binding' ? 'binding' : 'object';
}

function versionOf({ object, origin }: Resource): string {
  const version = (object['spec'] as JsonMap | undefined)?.['kubernetesVersion'];
  const minor = /^v1\.(\d{1,3})$/.exec(String(version))?.[1];
  if (minor === undefined)
    throw new UsageError(
      `--context: ${origin.file}:${origin.line}: spec.kubernetesVersion is no version such as v1.36`,
      'rampart context pull writes it',
    );
  return `kubernetes.version=v1.${Math.min(Number(minor), SETTINGS['kubernetes.version'].last)}`;
}
