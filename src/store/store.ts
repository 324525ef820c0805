/** What the controller remembers. One interface, whatever keeps it: today memory, which forgets when it ends. */
import type { DecisionBatch, DecisionCounts, DecisionRecord } from '../model/index.ts';

export interface DecisionStore {
  /** False: a batch with this key was added before, and this one changes nothing. */
  add(batch: DecisionBatch): boolean;
  totals(): DecisionTotals;
  /** The last ones, newest first. */
  recent(limit: number): readonly DecisionRecord[];
}

export interface DecisionTotals extends DecisionCounts {
  /** Records that nobody has any more. */
  readonly dropped: number;
  /** Milliseconds since 1970: what came before was forgotten. */
  readonly since: number;
}
