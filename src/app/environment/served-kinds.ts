/**
 * Keeps a cluster's watches at what the policies in force need of what the cluster serves, also when custom kinds come and
 * go: their definitions are watched, and all is asked for again now and then.
 */
import type { PodPath, PolicySet } from '../../policy/index.ts';
import { isWanted, wantedBy } from '../../policy/index.ts';
import { type Cluster, type Served, served, type WatchedKind } from '../../sources/index.ts';
import { DEFINITIONS } from '../cluster/definitions.ts';
import { neededKinds } from '../cluster/kinds.ts';
import type { ClusterLive } from './cluster-live.ts';

export interface ServedKinds {
  /** What the cluster served when it last answered. */
  served(): Served;
  /** Why it did not answer since then. */
  problem(): string | undefined;
  /** From now on these kinds are needed. */
  use(kindsOf: KindsOf): void;
  close(): void;
}

export type KindsOf = (served: Served) => readonly WatchedKind[];

export interface ServedKindsOptions {
  /** All is asked for again this often, in milliseconds: aggregated APIs come without a definition. */
  readonly everyMs?: number;
  /** Definitions that change together are asked about once; those that are not established yet take a moment. */
  readonly settleMs?: number;
  /** After the cluster was asked. */
  readonly onServed?: (served: Served) => void;
}

/** What policies may ask for while they decide about a request: Namespaces, parameters, and what they look up. */
export function kindsForAdmission(set: PolicySet, podPaths: readonly PodPath[]): KindsOf {
  const wanted = wantedBy(set.policies);
  return (said) =>
    neededKinds(set, said, podPaths)
      .filter(({ lookedUp, resource }) => lookedUp || isWanted(wanted, resource))
      .map(({ resource, metadataOnly }) => ({ ...resource, metadataOnly }));
}

/** The same, and all that policies judge. */
export function kindsForBackground(set: PolicySet, podPaths: readonly PodPath[]): KindsOf {
  return (said) =>
    neededKinds(set, said, podPaths).map(({ resource, metadataOnly }) => ({ ...resource, metadataOnly }));
}

/** @throws ClusterError where the cluster does not say at all what it serves. */
export async function followServedKinds(
  cluster: Cluster,
  live: ClusterLive,
  first: KindsOf,
  { everyMs = 300_000, settleMs = 1_000, onServed = () => {} }: ServedKindsOptions = {},
): Promise<ServedKinds> {
  let kindsOf = first;
  let said = await served(cluster);
  let problem: string | undefined;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let asking = false;
  let again = false;

  function need(): void {
    // Of a group whose own server is away nobody knows what it serves: what was watched of it goes on.
    const away = live.kinds().filter(({ group }) => said.stale.includes(group));
    const kinds = [...kindsOf(said), ...away];
    const isNamed = kinds.some(({ group, kind }) => group === DEFINITIONS.group && kind === DEFINITIONS.kind);
    live.need(isNamed ? kinds : [...kinds, DEFINITIONS]);
  }

  async function ask(): Promise<void> {
    asking = true;
    again = false;
    try {
      said = await served(cluster);
      problem = undefined;
      if (closed) return;
      need();
      onServed(said);
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    } finally {
      asking = false;
      if (again || problem !== undefined) soon(problem === undefined ? settleMs : settleMs * 10);
      else soon(everyMs);
    }
  }

  function soon(ms: number): void {
    clearTimeout(timer);
    if (!closed) timer = setTimeout(ask, ms);
  }

  const end = live.onChange(({ resource: { ref } }) => {
    if (ref.kind !== DEFINITIONS.kind) return;
    if (asking) again = true;
    else soon(settleMs);
  });
  need();
  soon(everyMs);
  return {
    served: () => said,
    problem: () => problem,
    use(next) {
      kindsOf = next;
      need();
    },
    close() {
      closed = true;
      clearTimeout(timer);
      end();
    },
  };
}
