/** What an admission worker tells its controller. */
import type { DecisionRecord, PolicyCounts } from './decision.ts';

export interface DecisionCounts {
  /** By policy id. */
  readonly policies: Readonly<Record<string, PolicyCounts>>;
  readonly requests: number;
  readonly dryRuns: number;
}

export interface DecisionBatch {
  /** Of this batch alone: one that comes twice counts once. */
  readonly key: string;
  /** Since the batch before. */
  readonly counts: DecisionCounts;
  readonly records: readonly DecisionRecord[];
  /** Records that had no room; their decisions are counted all the same. */
  readonly dropped: number;
  /** Absent: nobody was asked about an object that is made or changed. */
  readonly asked?: AskedAbout;
}

/** Requests that make or change an object, were let through and were no dry runs. */
export interface AskedAbout {
  /** `metadata.uid`, and the time of the change (see changedAt), with a space between them. */
  readonly objects: readonly string[];
  /** Requests by namespace; empty for cluster-scoped objects. */
  readonly namespaces: Readonly<Record<string, number>>;
  /** Objects that had no room. */
  readonly dropped: number;
}
