/** A failing remote is asked less often, and at most this seldom, unless it is asked more seldom anyway. */
const LONGEST_MS = 15 * 60_000;
/** Several followers of one server do not ask at the same moment. */
const JITTER = 0.1;

/**
 * Milliseconds until the next look.
 *
 * @param failures In a row until now.
 * @param random From 0 up to, not including, 1.
 */
export function nextDelay(pollSeconds: number, failures: number, random: number): number {
  const usual = pollSeconds * 1000;
  const longer = Math.min(usual * 2 ** Math.min(failures, 16), Math.max(usual, LONGEST_MS));
  return Math.round(longer * (1 - JITTER + 2 * JITTER * random));
}
