/** Policies as objects of the cluster: ours decide, those that other engines run are observed beside them. */
import type { Resource } from '../../model/index.ts';
import { roleOf } from '../../policy/index.ts';
import type { Cluster, Served, WatchedKind } from '../../sources/index.ts';
import { createClusterLive } from '../environment/cluster-live.ts';
import { followServedKinds } from '../environment/served-kinds.ts';

export interface WatchedPolicies {
  /** All that there are; undefined: not all were listed yet. */
  objects(): readonly Resource[] | undefined;
  /** Why some kinds cannot be watched. */
  problems(): readonly string[];
  /** Tells that something changed, after a while without another change. */
  onChange(listener: () => void): void;
  /** Resolves when all were listed, or that took too long. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

/** Applied together, policies and their bindings come one after the other. */
const SETTLE_MS = 500;
const LIST_MS = 10_000;

/** @throws ClusterError where the cluster does not say what it serves. */
export async function watchPolicies(cluster: Cluster): Promise<WatchedPolicies> {
  const live = createClusterLive(cluster, []);
  const kinds = await followServedKinds(cluster, live, policyKinds);
  let listener = () => {};
  let settling: NodeJS.Timeout | undefined;
  live.onChange(({ resource: { ref } }) => {
    if (roleOf(ref.apiVersion, ref.kind) === 'object') return;
    clearTimeout(settling);
    settling = setTimeout(() => listener(), SETTLE_MS);
  });
  const watched = () => policyKinds(kinds.served());
  return {
    objects() {
      // What may not be listed is nothing that anybody could observe; what was not listed yet would seem deleted.
      const open = watched().filter(
        (kind) => !live.state(kind).synced && live.state(kind).problem === undefined,
      );
      return open.length > 0 ? undefined : watched().flatMap((kind) => [...live.list(kind)]);
    },
    problems: () => watched().flatMap((kind) => live.state(kind).problem ?? []),
    onChange(next) {
      listener = next;
    },
    ready: live.synced(LIST_MS).then(() => {}),
    async close() {
      clearTimeout(settling);
      kinds.close();
      await live.close();
    },
  };
}

/** Each once, in the first version that is read here. */
export function policyKinds({ resources }: Served): readonly WatchedKind[] {
  const kinds = new Map<string, WatchedKind>();
  for (const resource of resources) {
    const { group, version, kind } = resource;
    const role = roleOf(`${group}/${version}`, kind);
    const name = `${group}/${resource.resource}`;
    if (role === 'object' || typeof role === 'object' || kinds.has(name)) continue;
    kinds.set(name, resource);
  }
  return [...kinds.values()];
}
