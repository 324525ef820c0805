import type { DecisionTotals, FindingTotals } from '../../store/index.ts';
import type { WorkerState } from './publisher.ts';

/** What a controller says of itself. */
export interface ControllerStatus {
  /** Of the snapshot in force; 0 and empty: there is none. */
  readonly epoch: number;
  readonly digest: string;
  readonly policies: number;
  readonly workers: readonly WorkerState[];
  readonly decisions: DecisionTotals;
  readonly findings: FindingTotals;
  /** Why what the configuration says now is not in force; undefined: it is. */
  readonly refused: { readonly at: number; readonly reasons: readonly string[] } | undefined;
}
