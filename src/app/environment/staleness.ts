import type { LiveName, LiveObjects } from '../../model/index.ts';

export interface Stale {
  readonly kind: LiveName;
  /** Milliseconds since the last sign that its objects are current; undefined: there never was one. */
  readonly ageMs: number | undefined;
  /** False: not everything was listed yet, and nothing counts as missing. */
  readonly synced: boolean;
  readonly problem?: string;
}

/** Of a quiet kind the API server says once a minute that nothing happened, not on the second. */
const STALE_MS = 90_000;

/** The kinds whose objects may no longer be what the cluster has. Look-ups go on answering with them. */
export function staleness(
  live: LiveObjects,
  kinds: readonly LiveName[],
  now: number,
  limitMs = STALE_MS,
): readonly Stale[] {
  return kinds.flatMap((kind): Stale[] => {
    const { synced, seenAt, problem } = live.state(kind);
    const ageMs = seenAt === 0 ? undefined : now - seenAt;
    if (synced && ageMs !== undefined && ageMs <= limitMs) return [];
    return [{ kind, ageMs, synced, ...(problem === undefined ? {} : { problem }) }];
  });
}
