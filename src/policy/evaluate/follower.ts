/**
 * Who follows the evaluation of one request: what a gate counts beside findings, how long it waits for them, and what it
 * takes the unknown for.
 */
import type { CompiledPolicy } from '../form.ts';
import type { PolicyReview } from './review.ts';
import type { Stopwatch } from './stopwatch.ts';

/**
 * What becomes of a verdict that hangs on who makes the request, or on other objects, where nobody knows: `skip` where
 * nobody is at fault, as in files, which know no user and show not all of a cluster; `error` where a request waits.
 */
export type Unknown = 'skip' | 'error';

export interface Follower {
  readonly unknown: Unknown;
  /** Absent: the evaluation may take its time, within the budgets of policies. */
  readonly deadline?: Stopwatch;
  /** A policy is evaluated from here on, until the next one is. */
  begins?(policy: CompiledPolicy): void;
  /** Every validation holds. */
  passed(policy: CompiledPolicy): void;
  /** It does not concern the request, for a reason that rules do not tell. */
  skipped(policy: CompiledPolicy): void;
  /** Nothing is known of it: the time was over before. */
  unfinished(policy: CompiledPolicy): void;
  /** What an audit annotation of a policy has to say. */
  annotated(policy: CompiledPolicy, key: string, value: string): void;
}

/** Tells the follower what the policy's audit annotations say. */
export function tellAnnotations(policy: CompiledPolicy, review: PolicyReview, follower: Follower): void {
  if (policy.auditAnnotations.length === 0 || review.kind !== 'reviewed') return;
  for (const entry of review.runs) {
    if (entry.kind !== 'run' || entry.run.kind !== 'decided') continue;
    for (const result of entry.run.audit)
      if (result.kind === 'publish') follower.annotated(policy, result.key, result.value);
  }
}
