import type { CompiledPolicy } from '../form.ts';
import { type Stopwatch, startStopwatch } from './stopwatch.ts';

/** The time of several policies, one after the other: who takes all of his own leaves the others theirs. */
export interface Shares extends Stopwatch {
  /** The next one begins. @param left How many have not begun, with it. */
  next(policy: CompiledPolicy, left: number): void;
}

/**
 * @param limit Milliseconds from now, for all of them.
 * @param onNext Told whose turn it is.
 * @param clock Milliseconds, of a clock that only goes forward.
 */
export function startShares(
  limit: number,
  onNext: (policy: CompiledPolicy) => void = () => {},
  clock: () => number = () => performance.now(),
): Shares {
  const end = clock() + limit;
  let own = startStopwatch(limit, clock);
  return {
    next(policy, left) {
      onNext(policy);
      own = startStopwatch(Math.max(0, end - clock()) / left, clock);
    },
    get at() {
      return own.at;
    },
    get over() {
      return own.over;
    },
    now: () => own.now(),
    mayTake: (nanoseconds) => own.mayTake(nanoseconds),
  };
}
