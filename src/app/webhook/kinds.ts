/**
 * Which resources serve objects of the kinds that filters name: rules of webhooks know resources alone. What no table of
 * Kubernetes' own kinds has is a custom kind, or what a subresource takes; then every resource it may be is one of them.
 */
import type { KindPattern } from '../../policy/match/blocks.ts';
import type { KindFilter } from '../../policy/match/filter.ts';
import { globMatches } from '../../policy/match/glob.ts';
import type { Rule } from '../../policy/match/rules.ts';
import { builtInResources } from '../../sources/index.ts';

export type Resources = Pick<Rule, 'apiGroups' | 'resources'>;

/** Wherever objects of the kinds are asked about, also through subresources. */
export function carrying({ apiGroups, kinds }: KindFilter): Resources[] {
  const wanted = (list: readonly string[]) => (list.length === 0 || list.includes('*') ? ['*'] : list);
  return wanted(apiGroups).flatMap((group) => wanted(kinds).map((kind) => resourcesOf(group, kind, '*')));
}

/** Whatever the version: what a kind's resource is called does not hang on it. */
export function matching({ group, kind, subresource }: KindPattern): Resources[] {
  const own = resourcesOf(
    hasWildcard(group) ? '*' : group,
    kind,
    hasWildcard(subresource) ? '*' : subresource,
  );
  // A pattern of Pods is one of their ephemeral containers, too (policy/match/blocks.ts).
  const isOfPods = globMatches(kind, 'Pod') && globMatches(group, '');
  return isOfPods ? [own, EPHEMERAL] : [own];
}

const EPHEMERAL: Resources = {
  apiGroups: [''],
  resources: [{ resource: 'pods', subresource: 'ephemeralcontainers' }],
};

/** Kinds that have a resource in the tables, and that a subresource of another one takes, too: `pods/binding`. */
const ALSO_ELSEWHERE: ReadonlySet<string> = new Set(['Binding', 'Eviction', 'Scale', 'TokenRequest']);

/** Groups whose kinds subresources of other groups take: Scale, Eviction, TokenRequest. */
const GROUPS_ELSEWHERE: ReadonlySet<string> = new Set([
  '*',
  'autoscaling',
  'policy',
  'authentication.k8s.io',
]);

let names: ReadonlyMap<string, ReadonlySet<string>> | undefined;

/** @param group `*`: any. @param kind May hold wildcards. */
export function resourcesOf(group: string, kind: string, subresource: string): Resources {
  names ??= resourceNames();
  const known = ALSO_ELSEWHERE.has(kind) ? undefined : names.get(group === '*' ? kind : `${group} ${kind}`);
  if (known !== undefined)
    return { apiGroups: [group], resources: [...known].map((resource) => ({ resource, subresource })) };
  return {
    apiGroups: [subresource !== '' && GROUPS_ELSEWHERE.has(group) ? '*' : group],
    resources: [{ resource: '*', subresource }],
  };
}

/** By `group kind`, and by kind alone. */
function resourceNames(): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { group, kind, resource } of builtInResources())
    for (const key of [kind, `${group} ${kind}`]) found.set(key, (found.get(key) ?? new Set()).add(resource));
  return found;
}

function hasWildcard(text: string): boolean {
  return text.includes('*') || text.includes('?');
}
