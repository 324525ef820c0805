/** Which kinds policies may have something to say of: what is worth asking a cluster for. */
import type { PodPath } from '../evaluate/embedded.ts';
import type { CompiledPolicy, Expansion } from '../form.ts';
import type { BlockFilter } from './blocks.ts';
import type { Filter } from './filter.ts';
import { globMatches } from './glob.ts';
import type { Rule } from './rules.ts';

/** A kind of a cluster, in one version. */
export interface ReachedKind {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/**
 * Whether objects of the kind may be a policy's business when they are created: `exactly` in this version, or in one that
 * stands for others. Never a wrong no; labels and names may still leave every object out.
 */
export function reaches(policy: CompiledPolicy, kind: ReachedKind): 'no' | 'equivalent' | 'exactly' {
  if (!filterReaches(policy.filter, kind)) return 'no';
  const { resourceRules, matchPolicy } = policy.match;
  if (resourceRules.length === 0) return 'exactly';
  const rules = resourceRules.filter((rule) => ruleReaches(rule, kind));
  if (rules.some(({ apiVersions }) => has(apiVersions, kind.version))) return 'exactly';
  return rules.length > 0 && matchPolicy === 'Equivalent' ? 'equivalent' : 'no';
}

/** Whether what objects of the kind carry is seen as an object of its own: a Pod, or what an expansion makes. */
export function isSeenThrough(
  kind: ReachedKind,
  expansions: readonly Expansion[],
  podPaths: readonly PodPath[],
): boolean {
  return (
    podPaths.some((path) => path.group === kind.group && path.kind === kind.kind) ||
    expansions.some(({ applyTo }) =>
      applyTo.some(({ groups, kinds }) => has(groups, kind.group) && has(kinds, kind.kind)),
    )
  );
}

/**
 * Whether the expressions may look at more of an object than its metadata. Never a wrong no: wherever the object as a
 * whole stands, they may.
 */
export function looksBeyondMetadata(policy: CompiledPolicy): boolean {
  const plain = policy.subject === 'object' && policy.template === null && policy.related === undefined;
  if (!plain || policy.mutations.length > 0) return true;
  const expressions = [
    ...policy.matchConditions,
    ...policy.variables,
    ...policy.exceptions.flatMap(({ matchConditions }) => matchConditions),
  ].map(({ expression }) => expression);
  for (const { expression, messageExpression, at } of policy.validations)
    for (const one of [expression, messageExpression, at]) if (one !== null) expressions.push(one);
  for (const { valueExpression } of policy.auditAnnotations) expressions.push(valueExpression);
  return expressions.some(({ text }) =>
    /\b(?:object|oldObject|request)\b/.test(
      text.replace(/\b(?:object|oldObject)\.(?:metadata|kind|apiVersion)\b/g, ''),
    ),
  );
}

function ruleReaches({ operations, apiGroups, resources, scope }: Rule, kind: ReachedKind): boolean {
  const isNamespace = kind.group === '' && kind.resource === 'namespaces';
  return (
    has(operations, 'CREATE') &&
    has(apiGroups, kind.group) &&
    resources.some(
      ({ resource, subresource }) =>
        (resource === '*' || resource === kind.resource) && (subresource === '' || subresource === '*'),
    ) &&
    (scope === '*' || (scope === 'Namespaced') === (kind.namespaced && !isNamespace))
  );
}

function filterReaches(filter: Filter | BlockFilter | null, { group, kind }: ReachedKind): boolean {
  if (filter === null) return true;
  if ('kinds' in filter)
    return (
      filter.kinds.length === 0 ||
      filter.kinds.some(
        ({ apiGroups, kinds }) =>
          (apiGroups.length === 0 || has(apiGroups, group)) && (kinds.length === 0 || has(kinds, kind)),
      )
    );
  const { needs, blocks } = filter.match;
  const fits = blocks.map(
    ({ kinds }) =>
      kinds.length === 0 ||
      kinds.some((pattern) => globMatches(pattern.group, group) && globMatches(pattern.kind, kind)),
  );
  return needs === 'any' ? fits.length === 0 || fits.includes(true) : !fits.includes(false);
}

function has(items: readonly string[], item: string): boolean {
  return items.includes('*') || items.includes(item);
}
