/** The kinds of objects that policies may meet each other on. */
import type { Discovery, ResourceInfo } from '../../model/index.ts';
import type { CompiledPolicy } from '../form.ts';
import type { Rule } from '../match/rules.ts';

/** What policies on everything are compared on, beside the kinds that others name. */
const COMMON: readonly (readonly [apiVersion: string, kind: string])[] = [
  ['v1', 'Pod'],
  ['v1', 'ConfigMap'],
  ['v1', 'Secret'],
  ['v1', 'Service'],
  ['v1', 'Namespace'],
  ['v1', 'ServiceAccount'],
  ['apps/v1', 'Deployment'],
  ['batch/v1', 'Job'],
  ['batch/v1', 'CronJob'],
  ['networking.k8s.io/v1', 'Ingress'],
  ['rbac.authorization.k8s.io/v1', 'ClusterRole'],
];

/** Each once: of several versions that policies name, one that is known. */
export function kindsOf(policies: readonly CompiledPolicy[], discovery: Discovery): readonly ResourceInfo[] {
  const found = new Map<string, ResourceInfo>();
  const add = (info: ResourceInfo | undefined) => {
    if (info === undefined) return;
    const key = `${info.group}/${info.resource}`;
    const known = found.get(key);
    if (known === undefined || (known.guessed && !info.guessed)) found.set(key, info);
  };
  for (const [apiVersion, kind] of COMMON) {
    const info = discovery.ofKind(apiVersion, kind);
    if (!info.guessed) add(info);
  }
  for (const policy of policies) {
    const bound = policy.bindings.flatMap(({ match }) => match?.resourceRules ?? []);
    for (const rule of [...policy.match.resourceRules, ...bound])
      for (const info of ofRule(rule, discovery)) add(info);
    const { filter } = policy;
    for (const { apiGroups, kinds } of filter !== null && 'kinds' in filter ? filter.kinds : [])
      for (const kind of kinds) for (const group of apiGroups) add(ofGroupKind(group, kind, discovery));
  }
  // Old manifests' groups of a kind that is known by its present one.
  const known = new Set(
    [...found.values()].filter(({ guessed }) => !guessed).map(({ resource }) => resource),
  );
  return [...found.values()].filter(({ guessed, resource }) => !guessed || !known.has(resource));
}

function* ofRule(
  { apiGroups, apiVersions, resources, scope }: Rule,
  discovery: Discovery,
): Iterable<ResourceInfo> {
  const namespace = scope === 'Cluster' ? '' : 'default';
  for (const { resource, subresource } of resources) {
    if (resource === '*' || subresource !== '') continue;
    for (const group of apiGroups) {
      if (group === '*') continue;
      for (const version of apiVersions) {
        const name = version === '*' ? 'v1' : version;
        yield discovery.ofResource(group, name, resource) ?? guessed(group, name, resource, namespace);
      }
    }
  }
}

/** A kind that nobody describes, called after its plural. */
function guessed(group: string, version: string, resource: string, namespace: string): ResourceInfo {
  const singular = resource
    .replace(/ies$/, 'y')
    .replace(/(ss|x|ch)es$/, '$1')
    .replace(/([^s])s$/, '$1');
  const kind = singular.charAt(0).toUpperCase() + singular.slice(1);
  return { group, version, kind, resource, namespaced: namespace !== '', subresources: [], guessed: true };
}

const VERSIONS = ['v1', 'v2', 'v1beta1'];
const GROUPS = [
  '',
  'apps',
  'batch',
  'networking.k8s.io',
  'rbac.authorization.k8s.io',
  'policy',
  'autoscaling',
];

function ofGroupKind(group: string, kind: string, discovery: Discovery): ResourceInfo | undefined {
  if (kind === '*') return undefined;
  const groups = group === '*' ? GROUPS : [group];
  const candidates = groups.flatMap((of) =>
    VERSIONS.map((version) => discovery.ofKind(of === '' ? version : `${of}/${version}`, kind, 'default')),
  );
  const known = candidates.find((info) => !info.guessed);
  return known ?? (group === '*' ? undefined : candidates[0]);
}
