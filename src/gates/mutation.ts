/** What mutating policies that are enforced make of a request's object. In audit and warn they do nothing. */
import type { Finding, JsonMap } from '../model/index.ts';
import {
  type AdmissionRequest,
  type CompiledPolicy,
  type Evaluator,
  type MutationError,
  type PatchOperation,
  patchBetween,
  type Shares,
  type Stopwatch,
} from '../policy/index.ts';

export interface Changed {
  /** What went wrong. */
  readonly findings: readonly Finding[];
  /** Null where the request has none. */
  readonly object: JsonMap | null;
  /** Ids of policies that had no time, or took more than they had: each has a finding, and changed nothing. */
  readonly late: readonly string[];
  /** Whether what was changed was asked about once more. */
  readonly checked: boolean;
}

/** What is answered of it. */
export interface Change {
  readonly findings: readonly Finding[];
  /** Empty: the object stays as it is. */
  readonly patch: readonly PatchOperation[];
}

export interface Who {
  readonly enforced: (policy: CompiledPolicy) => boolean;
  readonly policyOf: (id: string) => CompiledPolicy | undefined;
}

/**
 * The API server may call again with what it was answered: a change that is made twice was never one to begin with, so
 * what is changed is asked about once more, and who changes it again is named.
 *
 * @param deadline For both times.
 */
export function changeWith(
  evaluator: Evaluator,
  request: AdmissionRequest,
  who: Who,
  deadline?: Stopwatch | Shares,
): Changed {
  const first = evaluator.mutate(request, who.enforced, deadline);
  const { object, late } = first;
  const findings = first.errors.map((error) => failed(error, request, who));
  if (!first.allowed || !first.applied.some(({ changed }) => changed))
    return { findings, object, late, checked: true };
  // Who was late changed nothing, and would be late again.
  const again = (policy: CompiledPolicy) => who.enforced(policy) && !late.includes(policy.id);
  const second = evaluator.mutate({ ...request, object }, again, deadline);
  const twice = new Set(second.applied.flatMap(({ changed, policy }) => (changed ? [policy] : [])));
  return {
    findings: [...findings, ...[...twice].map((policy) => notIdempotent(policy, request, who))],
    object,
    late,
    checked: second.late.length === 0,
  };
}

export function changeOf({ object: before }: AdmissionRequest, { findings, object }: Changed): Change {
  return { findings, patch: object === null || before === null ? [] : patchBetween(before, object) };
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
