/** What became of one request. */
import type { Finding, ResourceRef, Stage } from './finding.ts';
import type { Tier } from './snapshot.ts';

/** What a finding does to the request: nothing where the policy's own failure rule lets it pass. */
export type Effect = 'deny' | 'warn' | 'audit' | 'none';

/** A finding, with what it does. */
export interface Outcome extends Finding {
  readonly stage: Stage;
  readonly effect: Effect;
}

export interface Decision {
  readonly answer: 'allow' | 'warn' | 'deny';
  /** In the order of policies; passes are counted elsewhere. */
  readonly outcomes: readonly Outcome[];
  readonly tier: Tier;
  /** Digest of the snapshot that decided. */
  readonly snapshot: string;
}

/** A decision that somebody may want to read later. No object, no field values. */
export interface DecisionRecord extends Decision {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Of the request, as the API server names it. */
  readonly uid: string;
  readonly operation: string;
  readonly resource: ResourceRef;
  readonly subresource: string;
  readonly user: string;
}

/** How often a policy said what. */
export interface PolicyCounts {
  pass: number;
  violation: number;
  error: number;
  exempted: number;
  /** Denied, warned: of violations and errors. */
  denied: number;
  warned: number;
}
