/** How long to wait before something is tried again: longer each time, never the same for two clients. */
export interface Backoff {
  /** Milliseconds. */
  next(): number;
  reset(): void;
}

/** Doubles from `firstMs` up to `mostMs`; what is waited lies between half of that and all of it. */
export function createBackoff(firstMs: number, mostMs: number, random: () => number): Backoff {
  let step = firstMs;
  return {
    next() {
      const wait = step * (0.5 + random() / 2);
      step = Math.min(mostMs, step * 2);
      return wait;
    },
    reset() {
      step = firstMs;
    },
  };
}
