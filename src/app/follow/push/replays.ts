/** What was seen once and may not be seen again. */
export interface ReplayMemory {
  /** `full`: it cannot be kept, so nobody may rely on it. Times are Unix milliseconds. */
  see(once: string, until: number, now: number): 'new' | 'again' | 'full';
}

/** As many as are remembered; senders are authentic, so only their own mistakes fill it. */
const MOST = 4096;

export function createReplayMemory(most = MOST): ReplayMemory {
  const seen = new Map<string, number>();
  return {
    see(once, until, now) {
      if (seen.has(once)) return 'again';
      if (seen.size >= most) for (const [old, end] of seen) if (end < now) seen.delete(old);
      if (seen.size >= most) return 'full';
      seen.set(once, until);
      return 'new';
    },
  };
}
