import type { Origin } from './finding.ts';

/** A time-boxed exception for named objects of one namespace: a PolicyExemption. Exempted violations stay visible. */
export interface Exemption {
  readonly name: string;
  /** It covers objects here, or cluster-scoped ones where it stands in Rampart's own namespace. */
  readonly namespace: string;
  readonly policy: string;
  /** Validations of the policy; empty: all. */
  readonly validations: readonly string[];
  readonly kinds: readonly string[];
  /** Exact names, or patterns of the whole name with `*`. */
  readonly names: readonly string[];
  readonly reason: string;
  readonly ticket: string | undefined;
  /** The last day it counts, `YYYY-MM-DD`, in UTC. */
  readonly expires: string;
  readonly origin: Origin;
}
