import type { Discovery } from '../../model/index.ts';
import type { CompiledPolicy } from '../form.ts';
import { type MatchedResource, matchRules } from '../match/match.ts';
import type { AdmissionRequest } from '../request.ts';
import { inTurn } from './turns.ts';

/** The policies that a kind of request can concern, worked out once per kind of request. */
export type Plan = readonly PlanEntry[];

export interface PlanEntry {
  readonly policy: CompiledPolicy;
  /** What the rules match; null when names, selectors or exclusions decide anew for each request. */
  readonly matched: MatchedResource | null;
}

/**
 * Sorts out the policies whose rules cannot match requests like this one: a ConfigMap then meets no pod policy at all.
 * Everything the rules look at but names is the same for requests of one {@link planKey}.
 */
export function makePlan(
  policies: readonly CompiledPolicy[],
  request: AdmissionRequest,
  discovery: Discovery,
): Plan {
  const entries = policies.flatMap((policy): PlanEntry[] => {
    const { match, subject } = policy;
    if (subject === 'payload') return [];
    const matched = matchRules(match.resourceRules, match.matchPolicy, request, discovery, false);
    if (matched === undefined) return [];
    return [{ policy, matched: isStatic(policy) ? matched : null }];
  });
  return inTurn(entries);
}

function isStatic({ match, filter }: CompiledPolicy): boolean {
  return (
    filter === null &&
    match.namespaceSelector.length === 0 &&
    match.objectSelector.length === 0 &&
    match.excludeResourceRules.length === 0 &&
    match.resourceRules.every((rule) => rule.resourceNames.length === 0)
  );
}

export function planKey(request: AdmissionRequest): string {
  const { operation, resource, kind, subresource, namespace, original } = request;
  const scope = namespace === '' ? 'cluster' : 'namespaced';
  const asked = original === undefined ? '' : ` ${JSON.stringify(original)}`;
  return `${operation} ${resource.group}/${resource.version}/${resource.resource}/${subresource} ${kind.group}/${kind.version}/${kind.kind} ${scope}${asked}`;
}
