/** What a policy says of a resource. */
import type { JsonMap, Resource } from '../../../../model/index.ts';
import type { EvaluationContext } from '../../../evaluate/context.ts';
import type { CompiledPolicy } from '../../../form.ts';
import type { MatchResources } from '../../../match/match.ts';
import type { AdmissionRequest } from '../../../request.ts';

export type Status = 'pass' | 'fail' | 'warn' | 'error' | 'skip';

export interface Response {
  readonly status: Status;
  readonly message: string;
  /** The one that failed. */
  readonly validation?: string;
  /** The object after the policies that change it. */
  readonly patched?: JsonMap;
}

/** Null: the policy does not match, and the CLI does not even record that; empty: it records that. */
export type Responses = readonly Response[] | null;

export interface Responder {
  /**
   * What the policy says of a resource.
   *
   * @param triggers Where it is one of those that mutations change besides: the requests that may lead to it.
   */
  ask(request: AdmissionRequest, triggers: readonly AdmissionRequest[] | null): Responses;
  /** What it says of a JSON document. */
  askPayload(payload: JsonMap): Responses;
}

export interface Surroundings {
  readonly context: EvaluationContext;
  /** Of objects that exist: policies on those can look them up. */
  readonly existing: EvaluationContext;
  /** With a cluster, the constraints of a bound ValidatingAdmissionPolicy count as in one. */
  readonly cluster: boolean;
  /** What bindings may choose from. */
  readonly params: readonly Resource[];
  /** The suite's policies that change objects. */
  readonly mutating: readonly CompiledPolicy[];
  /** Whether failures of the policy are only warnings: its annotation `policies.kyverno.io/scored` is false. */
  readonly scored: boolean;
}

/** One rule on all objects of some resources: of those the CLI records no mismatch. */
export function isPlain({
  namespaceSelector,
  objectSelector,
  excludeResourceRules,
  resourceRules,
}: MatchResources): boolean {
  const [rule, ...others] = resourceRules;
  return (
    namespaceSelector.length === 0 &&
    objectSelector.length === 0 &&
    excludeResourceRules.length === 0 &&
    others.length === 0 &&
    rule?.resourceNames.length === 0
  );
}
