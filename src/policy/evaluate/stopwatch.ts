/** How long one request may hold the thread: evaluation is synchronous, so no timer could end it. */
import type { Deadline, Pace } from '../../cel/index.ts';

export interface Stopwatch extends Deadline, Pace {
  /** Whether somebody asked after the time was over, or for more than was left. */
  readonly over: boolean;
}

/** Thrown where an evaluation finds its time over; nothing but who admits a request catches it. */
export class OutOfTime {}

/** Questions that share one look at the clock, which costs as much as a small expression. */
const QUESTIONS_A_LOOK = 8;

const NANOSECONDS = 1e6;

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
      if (++questions % QUESTIONS_A_LOOK === 0) last = Math.max(last, clock());
      return last;
    },
    mayTake(nanoseconds) {
      last = Math.max(last, clock());
      // Who was refused once is not asked again: what was refused would be missing.
      if (last + nanoseconds / NANOSECONDS >= at) last = at;
      return last < at;
    },
    get over() {
      return last >= at;
    },
  };
}
