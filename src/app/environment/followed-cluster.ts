/** A cluster whose watches follow whoever needs them, and what it serves. */
import type { Cluster, Served, WatchedKind } from '../../sources/index.ts';
import { type ClusterLive, createClusterLive } from './cluster-live.ts';
import { followServedKinds, type KindsOf } from './served-kinds.ts';

export interface FollowedCluster {
  readonly live: ClusterLive;
  /** What the cluster served when it last answered. */
  served(): Served;
  /** Watches these kinds, too. @returns Ends it. */
  watch(kinds: KindsOf): () => void;
  /** Tells when kinds came or went. @returns Ends it. */
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
}

/**
 * @param always Kinds that are watched whoever needs what.
 * @throws ClusterError where the cluster does not say what it serves.
 */
export async function followCluster(
  cluster: Cluster,
  always: readonly WatchedKind[] = [],
): Promise<FollowedCluster> {
  const live = createClusterLive(cluster, []);
  const needs = new Set<KindsOf>();
  const listeners = new Set<() => void>();
  let known = '';
  const all: KindsOf = (said) => eachOnce([...always, ...[...needs].flatMap((one) => one(said))]);
  const kinds = await followServedKinds(cluster, live, all, {
    onServed(said) {
      const now = JSON.stringify(said);
      if (now === known) return;
      known = now;
      for (const listener of listeners) listener();
    },
  });
  known = JSON.stringify(kinds.served());
  return {
    live,
    served: kinds.served,
    watch(needed) {
      needs.add(needed);
      kinds.use(all);
      return () => {
        needs.delete(needed);
        kinds.use(all);
      };
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      kinds.close();
      await live.close();
    },
  };
}

function eachOnce(kinds: readonly WatchedKind[]): WatchedKind[] {
  const byName = new Map<string, WatchedKind>();
  for (const kind of kinds) {
    const name = `${kind.group}/${kind.version}/${kind.kind}`;
    const known = byName.get(name);
    // Who needs whole objects does not have enough in their metadata.
    if (known === undefined || known.metadataOnly === true) byName.set(name, kind);
  }
  return [...byName.values()];
}
