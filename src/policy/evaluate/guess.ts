/** Findings that rest on a guess say so: of kinds that nobody describes, the resource's name and scope are guessed. */
import type { Finding, Resource } from '../../model/index.ts';
import type { CompiledPolicy } from '../form.ts';
import type { PolicySet } from '../load.ts';
import { type AdmissionRequest, resourceInfoOf } from '../request.ts';
import type { EvaluationContext } from './context.ts';

export function isGuessed(resource: Resource, { discovery }: EvaluationContext): boolean {
  return resourceInfoOf(discovery, resource).guessed;
}

/** Says in a finding's detail that its policy matched a resource whose name and scope nobody describes. */
export function withGuess(
  { policies }: Pick<PolicySet, 'policies'>,
  { resource, namespace }: AdmissionRequest,
): (finding: Finding) => Finding {
  const scope = namespace === '' ? 'cluster-scoped' : 'namespaced';
  return (finding) => {
    const policy = policies.find(({ id }) => id === finding.policy);
    // Kinds that carry pods are known for what they are, whichever version the file names.
    if (policy === undefined || policy.subject === 'pod' || !asksForNames(policy)) return finding;
    const guess = `no schema describes the kind: "${resource.resource}", ${scope}, is a guess`;
    return { ...finding, detail: `${finding.detail} (${guess})` };
  };
}

/** Rules on everything match whatever the resource is called. */
function asksForNames({ match }: CompiledPolicy): boolean {
  return match.resourceRules.some(
    (rule) => rule.scope !== '*' || rule.resources.some(({ resource }) => resource !== '*'),
  );
}
