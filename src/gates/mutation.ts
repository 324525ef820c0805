/** What mutating policies that are enforced make of a request's object. In audit and warn they do nothing. */
import type { Finding, JsonMap } from '../model/index.ts';
import type {
  AdmissionRequest,
  CompiledPolicy,
  Evaluator,
  MutationError,
  Stopwatch,
} from '../policy/index.ts';

export interface Changed {
  /** What went wrong. */
  readonly findings: readonly Finding[];
  /** Null where the request has none. */
  readonly object: JsonMap | null;
}

export interface Who {
  readonly enforced: (policy: CompiledPolicy) => boolean;
  readonly policyOf: (id: string) => CompiledPolicy | undefined;
}

/**
 * The API server may call again with what it was answered: a change that is made twice was never one to begin with, so
 * what is changed is asked about once more, and who changes it again is named.
 */
export function changeWith(
  evaluator: Evaluator,
  request: AdmissionRequest,
  who: Who,
  deadline?: Stopwatch,
): Changed {
  const first = evaluator.mutate(request, who.enforced, deadline);
  const findings = first.errors.map((error) => failed(error, request, who));
  if (!first.allowed || !first.applied.some(({ changed }) => changed))
    return { findings, object: first.object };
  const second = evaluator.mutate({ ...request, object: first.object }, who.enforced, deadline);
  const again = new Set(second.applied.flatMap(({ changed, policy }) => (changed ? [policy] : [])));
  return {
    findings: [...findings, ...[...again].map((policy) => notIdempotent(policy, request, who))],
    object: first.object,
  };
}

function failed(
  { policy, reason, message, denies }: MutationError,
  { ref }: AdmissionRequest,
  who: Who,
): Finding {
  return {
    policy,
    severity: who.policyOf(policy)?.info.severity ?? 'medium',
    verdict: 'error',
    action: denies ? 'deny' : 'allow',
    reason,
    detail: message,
    resource: ref,
  };
}

function notIdempotent(policy: string, { ref }: AdmissionRequest, who: Who): Finding {
  return {
    policy,
    severity: who.policyOf(policy)?.info.severity ?? 'medium',
    verdict: 'error',
    action: 'warn',
    reason: 'misconfigured',
    detail: 'its change is not idempotent: asked about the changed object, it changes it again',
    resource: ref,
  };
}
