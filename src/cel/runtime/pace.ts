/**
 * Time that cost does not tell. The API server's costs are of its own making: a comparison of two maps costs as much as
 * that of two names, a walk over a text a tenth of its length, whatever the walk does. So whatever takes long beyond its
 * cost says beforehand how long, about; who waits may refuse.
 *
 * The pace is the thread's, since evaluation is synchronous and goes through getters that know of no evaluation.
 */
import { deadlineExceeded } from './limits.ts';

/** Who waits for an evaluation. */
export interface Pace {
  /** Told before each long step, with the nanoseconds that it and small steps before it take, about. False: not begun. */
  mayTake(nanoseconds: number): boolean;
}

/** Small steps are told together. */
const TOLD_FROM = 100_000;

let pace: Pace | undefined;
let untold = 0;

/** Runs something at a pace; without one, steps take as long as they take. */
export function paced<T>(by: Pace | undefined, run: () => T): T {
  const before = pace;
  pace = by;
  try {
    return run();
  } finally {
    pace = before;
  }
}

/** Announces a step. Throws what ends an evaluation where there is no time for it. */
export function expectTime(nanoseconds: number): void {
  untold += nanoseconds;
  if (untold >= TOLD_FROM) tell();
}

function tell(): void {
  const nanoseconds = untold;
  untold = 0;
  if (pace !== undefined && !pace.mayTake(nanoseconds)) throw deadlineExceeded();
}
