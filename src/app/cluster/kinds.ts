/** What a scan asks a cluster for: the kinds that policies judge, and what they look up besides. */
import {
  type CompiledPolicy,
  isSeenThrough,
  isWanted,
  looksBeyondMetadata,
  type PodPath,
  type PolicySet,
  type ReachedKind,
  reaches,
  wantedBy,
} from '../../policy/index.ts';
import type { Served, ServedResource } from '../../sources/index.ts';
import { judges } from '../profiles.ts';

export interface NeededKind {
  readonly resource: ServedResource;
  /** Whether policies judge its objects, or look them up for others (`related`). */
  readonly judged: boolean;
  /** Whether policies may ask for its objects: Namespaces, and parameters. */
  readonly lookedUp: boolean;
  /** Whether nothing but metadata is asked for: of Secrets whose content no policy looks at. */
  readonly metadataOnly: boolean;
}

/** Every one once, in the version that most policies name first; sorted by group and resource. */
export function neededKinds(set: PolicySet, served: Served, podPaths: readonly PodPath[]): NeededKind[] {
  const policies = set.policies.filter(judges);
  const paramKinds = new Set(
    policies.flatMap(({ paramKind }) =>
      paramKind === null ? [] : [`${paramKind.apiVersion} ${paramKind.kind}`],
    ),
  );
  const kinds = Map.groupBy(served.resources, ({ group, resource }) => `${group}/${resource}`);
  // The same objects under another name.
  if (kinds.has('/events')) kinds.delete('events.k8s.io/events');
  const needed = [...kinds.values()].flatMap((versions): NeededKind[] => {
    const asParam = versions.find((version) => paramKinds.has(nameOf(version)));
    const asJudged = judgedVersion(policies, versions, set, podPaths);
    const resource = asJudged ?? asParam ?? versions[0]!;
    const lookedUp = asParam !== undefined || isNamespaces(resource);
    if (asJudged === undefined && !lookedUp) return [];
    const own = { resource, judged: asJudged !== undefined, lookedUp };
    const kept = {
      ...own,
      metadataOnly: isSecrets(resource) && asParam === undefined && !readsMore(policies, resource),
    };
    // A parameter is what its kind says, in that version.
    return asParam === undefined || asParam === resource
      ? [kept]
      : [
          { ...kept, lookedUp: false },
          { resource: asParam, judged: false, lookedUp: true, metadataOnly: false },
        ];
  });
  return needed.sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

export function isSecrets({ group, resource }: ServedResource): boolean {
  return group === '' && resource === 'secrets';
}

function isNamespaces({ group, resource }: ServedResource): boolean {
  return group === '' && resource === 'namespaces';
}

function judgedVersion(
  policies: readonly CompiledPolicy[],
  versions: readonly ServedResource[],
  { expansions }: PolicySet,
  podPaths: readonly PodPath[],
): ServedResource | undefined {
  const wanted = wantedBy(policies);
  const exact = versions.find((version) => policies.some((policy) => reaches(policy, version) === 'exactly'));
  return (
    exact ??
    versions.find(
      (version) =>
        policies.some((policy) => reaches(policy, version) !== 'no') ||
        isSeenThrough(version, expansions, podPaths) ||
        isWanted(wanted, version),
    )
  );
}

function readsMore(policies: readonly CompiledPolicy[], kind: ReachedKind): boolean {
  return (
    isWanted(wantedBy(policies), kind) ||
    policies.some((policy) => reaches(policy, kind) !== 'no' && looksBeyondMetadata(policy))
  );
}

function nameOf({ group, version, kind }: ServedResource): string {
  return `${group === '' ? version : `${group}/${version}`} ${kind}`;
}

function sortKey({ resource: { group, resource, version } }: NeededKind): string {
  return `${group}/${resource}/${version}`;
}
