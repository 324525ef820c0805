/** Long work in steps: all at once, or with pauses in which others get their turn. */
import { builtin } from '../builtin.ts';

export interface Pausing {
  /** Milliseconds of work between two pauses. */
  readonly every: number;
  /** Resolves when the work may go on. */
  readonly pause: () => Promise<void>;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** One turn of the event loop after each millisecond or two. */
const GENTLY: Pausing = {
  every: 2,
  pause: () => new Promise((resolve) => setImmediate(resolve)),
  now: () => builtin('node:perf_hooks').performance.now(),
};

export function atOnce<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

export async function withPauses<T>(
  steps: Generator<void, T>,
  { every, pause, now }: Pausing = GENTLY,
): Promise<T> {
  let since = now();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (now() - since < every) continue;
    await pause();
    since = now();
  }
}
