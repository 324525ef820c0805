import type { Origin } from './finding.ts';
import type { Reason } from './reasons.ts';

/** Something that could not be read or compiled. Becomes a result with verdict `error` and a null resource. */
export interface Problem {
  readonly reason: Reason;
  readonly detail: string;
  readonly origin: Origin;
  /** What to do about it. */
  readonly help?: string;
  /** Source line and caret, when the fault is inside an expression. */
  readonly excerpt?: string;
  /** Policy it belongs to, when known. */
  readonly policy?: string;
}
