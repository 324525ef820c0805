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
}
