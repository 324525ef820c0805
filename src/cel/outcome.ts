/** What an evaluation yields, and what may end it. */
import type { CelError } from './errors.ts';
import type { Value } from './values.ts';

/** `cost` is what the API server would have counted, also for an error. */
export type Outcome =
  | { readonly ok: true; readonly value: Value; readonly cost: number }
  | { readonly ok: false; readonly error: CelError; readonly cost: number };

/** When an evaluation has to be over, whatever its cost: milliseconds of the clock that `now` reads. */
export interface Deadline {
  readonly at: number;
  readonly now: () => number;
}

/**
 * Evaluates a program with these variables.
 *
 * @param limit cost budget
 */
export type Evaluate = (vars: object, limit?: number, deadline?: Deadline) => Outcome;

/** Cost between two looks at the clock. */
export const CLOCK_INTERVAL = 5_000;
