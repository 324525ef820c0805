/** What the background scan says of an object that exists. */
import type { Effect } from './decision.ts';
import type { Action, ResourceRef, Severity, Stage, Verdict } from './finding.ts';
import type { Reason } from './reasons.ts';

/** An object as it is named across time: made again under the same name it is another one. */
export interface LiveRef extends ResourceRef {
  /** Empty for objects of files. */
  readonly uid: string;
}

/** A finding about an object that exists, by policy and validation. */
export interface LiveFinding {
  readonly policy: string;
  /** Empty: the policy as a whole. */
  readonly validation: string;
  readonly severity: Severity;
  readonly verdict: Verdict;
  readonly action: Action;
  readonly reason: Reason;
  readonly detail: string;
  /** JSON Pointer. */
  readonly path?: string;
  readonly stage: Stage;
  readonly effect: Effect;
  /** Where the object stands; absent for those of a cluster. */
  readonly origin?: { readonly file: string; readonly line: number };
}

/** What all policies say of one object; replaces what they said before. */
export interface Observation {
  readonly resource: LiveRef;
  readonly findings: readonly LiveFinding[];
  /** Uid of the object that controls it. */
  readonly owner?: string;
  /** How many policies looked at it. */
  readonly policies: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Digest of the snapshot. */
  readonly snapshot: string;
  /**
   * When it was last made or changed, in RFC 3339, and whether the API server had to ask about that; absent for objects of
   * files.
   */
  readonly change?: { readonly at: string; readonly due: boolean };
  /** It was made or changed while nobody was asked about it. */
  readonly unevaluated?: true;
}

/** An object that is no longer there. */
export interface Departure {
  readonly resource: LiveRef;
  readonly time: number;
  /** It is still there: no policy looks at its kind any more. */
  readonly unlooked?: true;
}

/** A kind whose objects the API server does not let Rampart list. */
export interface UnlistedKind {
  /** Empty for the core group. */
  readonly group: string;
  readonly kind: string;
  /** The API server's words, and the rule that is missing. */
  readonly detail: string;
}

export interface FindingBatch {
  readonly key: string;
  /** Of the run of the scan that sends it. What only former runs saw is gone when this one is complete. */
  readonly run: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** How many objects each policy looks at now, by id; absent: as said before. */
  readonly looked?: Readonly<Record<string, number>>;
  readonly observed: readonly Observation[];
  readonly gone: readonly Departure[];
  /** Kinds of which nothing is known now, though policies look at them; absent: as said before. */
  readonly unlisted?: readonly UnlistedKind[];
  /** True: everything that exists, but for what is `unlisted`, was looked at once by this run, with this batch. */
  readonly complete: boolean;
}
