import type { LiveName, LiveObjects } from '../../model/index.ts';

export interface Stale {
  readonly kind: LiveName;
  /** Milliseconds since the last sign that its objects are current; undefined: there never was one. */
  readonly ageMs: number | undefined;
  /** False: not everything was listed yet, and nothing counts as missing. */
  readonly synced: boolean;
  readonly problem?: string;
}

/** How old the last sign may be, in milliseconds. */
export interface StaleLimits {
  /** Of a watch that is in order: of a quiet kind the API server says after up to two minutes that nothing happened. */
  readonly quietMs: number;
  /** Of a watch that has failed, and is tried again. */
  readonly brokenMs: number;
}

const LIMITS: StaleLimits = { quietMs: 150_000, brokenMs: 60_000 };

/** The kinds whose objects may no longer be what the cluster has. Look-ups go on answering with them. */
export function staleness(
  live: LiveObjects,
  kinds: readonly LiveName[],
  now: number,
  { quietMs, brokenMs }: StaleLimits = LIMITS,
): readonly Stale[] {
  return kinds.flatMap((kind): Stale[] => {
    const { synced, seenAt, problem } = live.state(kind);
    const ageMs = seenAt === 0 ? undefined : now - seenAt;
    const limitMs = problem === undefined ? quietMs : brokenMs;
    if (synced && ageMs !== undefined && ageMs <= limitMs) return [];
    return [{ kind, ageMs, synced, ...(problem === undefined ? {} : { problem }) }];
  });
}
