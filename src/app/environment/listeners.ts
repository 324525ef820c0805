import type { Change } from '../../model/index.ts';

export type Listener = (change: Change) => void;

/** Who hears of changes. One that throws harms neither the others nor who tells. */
export interface Listeners {
  /** @returns Ends it. */
  add(listener: Listener): () => void;
  tell(change: Change): void;
  /** What listeners threw, counted; the last of it. */
  failures(): { readonly count: number; readonly last: unknown };
}

export function createListeners(): Listeners {
  const listeners = new Set<{ readonly hear: Listener }>();
  let count = 0;
  let last: unknown;
  return {
    add(hear) {
      const entry = { hear };
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
    tell(change) {
      for (const { hear } of listeners)
        try {
          hear(change);
        } catch (error) {
          count++;
          last = error;
        }
    },
    failures: () => ({ count, last }),
  };
}
