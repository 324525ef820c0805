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
  return new Running(clock, limit);
}

/** A class: each request has one, and V8 makes an object with a getter in half a microsecond. */
class Running implements Stopwatch {
  readonly at: number;
  readonly #clock: () => number;
  #last: number;
  #questions = 0;

  constructor(clock: () => number, limit: number) {
    this.#clock = clock;
    this.#last = clock();
    this.at = this.#last + limit;
  }

  now(): number {
    if (++this.#questions % QUESTIONS_A_LOOK === 0) this.#look();
    return this.#last;
  }

  mayTake(nanoseconds: number): boolean {
    this.#look();
    // Who was refused once is not asked again: what was refused would be missing.
    if (this.#last + nanoseconds / NANOSECONDS >= this.at) this.#last = this.at;
    return !this.over;
  }

  get over(): boolean {
    return this.#last >= this.at;
  }

  #look(): void {
    this.#last = Math.max(this.#last, this.#clock());
  }
}
