/** How long one request may hold the thread: evaluation is synchronous, so no timer could end it. */
import type { Deadline } from '../../cel/index.ts';

export interface Stopwatch extends Deadline {
  /** Whether somebody asked after the time was over. */
  readonly over: boolean;
}

/** Thrown where an evaluation finds its time over; nothing but who admits a request catches it. */
export class OutOfTime {}

/** Questions that share one look at the clock, which costs as much as a small expression. */
const QUESTIONS_A_LOOK = 8;

/**
 * @param limit Milliseconds from now.
 * @param clock Milliseconds, of a clock that only goes forward.
 */
export function startStopwatch(limit: number, clock: () => number = () => performance.now()): Stopwatch {
  const start = clock();
  const at = start + limit;
  let last = start;
  let questions = 0;
  return {
    at,
    now() {
      if (++questions % QUESTIONS_A_LOOK === 0) last = clock();
      return last;
    },
    get over() {
      return last >= at;
    },
  };
}
