/** What mutating policies did to a request's object. */
import type { JsonMap, Reason } from '../../model/index.ts';

export interface MutationAnswer {
  readonly allowed: boolean;
  /** After all mutations; as it came where the request is denied. */
  readonly object: JsonMap | null;
  /** Of the first error that denies; the others are among `errors`. */
  readonly denial?: MutationDenial;
  readonly errors: readonly MutationError[];
  /** Patches that were applied, in their order, also those that changed nothing. */
  readonly applied: readonly AppliedMutation[];
  /** Policies that match, and leave the object as it is. */
  readonly skipped: readonly SkippedMutation[];
  /** Ids of policies that had no time, or took more than they had: each is among `errors`, too. */
  readonly late: readonly string[];
}

export interface MutationDenial {
  readonly message: string;
  readonly reason: 'Forbidden' | 'Invalid' | 'InternalError';
  /** HTTP status. */
  readonly code: 403 | 500;
}

export interface MutationError {
  /** Id of the policy. */
  readonly policy: string;
  readonly variant: string;
  /** Null when the policy did not get as far as its bindings. */
  readonly binding: string | null;
  /** Index of the mutation; null when it is not about one. */
  readonly mutation: number | null;
  readonly reason: Reason;
  readonly message: string;
  /** False: the failure policy lets the request pass without the mutation. */
  readonly denies: boolean;
}

export interface SkippedMutation {
  readonly policy: string;
  readonly variant: string;
  readonly binding: string;
  /** What it is reported as. */
  readonly as: 'skip' | 'pass';
  readonly detail: string;
}

export interface AppliedMutation {
  readonly policy: string;
  /** As {@link CompiledPolicy.variant}. */
  readonly variant: string;
  readonly binding: string;
  readonly mutation: number;
  /** Whether it was the second round. */
  readonly reinvoked: boolean;
  readonly changed: boolean;
}
