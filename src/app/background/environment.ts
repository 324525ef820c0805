/** What the background scan looks at, and what surrounds it: a cluster's objects as its watches show them, or those of folders. */
import type {
  JsonMap,
  LiveName,
  LiveObjects,
  Observation,
  Resource,
  UnlistedKind,
} from '../../model/index.ts';
import { type EvaluationContext, parseApiVersion } from '../../policy/index.ts';
import type { Cluster, Served, WatchedKind } from '../../sources/index.ts';
import { createClusterQuestions } from '../admission/cluster-questions.ts';
import { type NeededKind, neededKinds } from '../cluster/kinds.ts';
import {
  aroundCluster,
  aroundFolders,
  contextOf,
  labelsIn,
  unlistedIn,
  whyUnlisted,
} from '../environment/context.ts';
import type { FolderLive } from '../environment/folder-live.ts';
import { followCluster } from '../environment/followed-cluster.ts';
import type { EnvironmentMaker } from '../environment/open.ts';
import type { KindsOf } from '../environment/served-kinds.ts';
import { NAMESPACES } from '../environment/sources.ts';
import type { CompiledSnapshot } from '../snapshot/compile.ts';
import { isDue, watchedWebhooks } from './due.ts';

export interface OpenSurroundings {
  readonly context: EvaluationContext;
  /** Kinds whose objects are judged; others are only looked up. */
  judged(): readonly LiveName[];
  /** When an object was last changed, and whether somebody had to be asked; undefined for objects of files. */
  changeOf(resource: Resource): Observation['change'];
  /** Why not everything is known yet, of what may be listed. */
  ready(): true | string;
  /** What may not be: nothing is known of it, and it is not waited for. */
  forbidden(): readonly UnlistedKind[];
  close(): void;
}

export interface BackgroundEnvironment {
  readonly live: LiveObjects;
  /** Whether objects stand in files, which have lines. */
  readonly placed: boolean;
  /** Where reports can be written; undefined: nowhere. */
  readonly cluster: { readonly cluster: Cluster; readonly served: () => Served } | undefined;
  /** For the policies of a snapshot. */
  open(compiled: CompiledSnapshot): OpenSurroundings;
  /** Tells when kinds came or went: what was opened before does not know of them. @returns Ends it. */
  onChange(listener: () => void): () => void;
  /** Labels of a namespace; null where they are not known. */
  namespaceLabels(namespace: string): JsonMap | null;
  /** Resolves when what policies wanted to know since the last call was asked for; undefined: nothing was. Never rejects. */
  askFor(): Promise<void> | undefined;
  close(): Promise<void>;
}

/** Which webhooks ask, to know whom they should have asked. */
export const WEBHOOKS: WatchedKind = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  resource: 'validatingwebhookconfigurations',
  kind: 'ValidatingWebhookConfiguration',
  namespaced: false,
};

export const BACKGROUND: EnvironmentMaker<BackgroundEnvironment> = {
  ofCluster: clusterBackground,
  ofFolders: folderBackground,
};

/** @throws ClusterError where the cluster does not say what it serves. */
async function clusterBackground(cluster: Cluster): Promise<BackgroundEnvironment> {
  const followed = await followCluster(cluster, [WEBHOOKS]);
  const { live } = followed;
  const questions = createClusterQuestions(cluster, Date.now);
  return {
    live,
    placed: false,
    cluster: { cluster, served: followed.served },
    open(compiled) {
      const needed = neededBy(compiled);
      const stopWatching = followed.watch(kindsLookedAt(compiled));
      const said = followed.served();
      const now = needed(said);
      const { context, close } = contextOf(live, compiled, now.map(watched), aroundCluster(said));
      // Namespaces are looked at in any case: whether anybody is asked about what is in them.
      const judged = now
        .filter(({ judged, resource }) => judged || kindName(resource) === kindName(NAMESPACES))
        .map(({ resource }) => resource);
      const plurals = new Map(
        judged.map(({ group, version, kind, resource }) => [
          `${group === '' ? version : `${group}/${version}`} ${kind}`,
          resource,
        ]),
      );
      return {
        context: { ...context, ask: (question) => context.ask?.(question) ?? questions.ask(question) },
        judged: () => judged,
        changeOf(resource) {
          const { ref, changedAt: at = '' } = resource;
          const plural = plurals.get(`${ref.apiVersion} ${ref.kind}`);
          if (plural === undefined || at === '') return undefined;
          const labels = ref.namespace === '' ? null : labelsIn(live, ref.namespace);
          return { at, due: isDue(watchedWebhooks(live), resource, plural, labels) };
        },
        ready() {
          const webhooks = live.state(WEBHOOKS);
          // Whoever may not list them knows of nothing that is due, and scans all the same.
          if (!webhooks.synced && webhooks.problem === undefined) return 'webhooks are not listed yet';
          return whyUnlisted(live, now.map(watched));
        },
        forbidden: () => unlistedIn(live, now.map(watched)),
        close() {
          close();
          stopWatching();
        },
      };
    },
    onChange: followed.onChange,
    namespaceLabels: (namespace) => labelsIn(live, namespace),
    askFor: () => questions.askFor(),
    close: followed.close,
  };
}

/** Files say nothing of what else there may be. */
function folderBackground(live: FolderLive): BackgroundEnvironment {
  return {
    live,
    placed: true,
    cluster: undefined,
    open(compiled) {
      const { context, close } = contextOf(live, compiled, live.kinds(), aroundFolders(compiled));
      return {
        context,
        judged: live.kinds,
        changeOf: () => undefined,
        ready: () => true,
        forbidden: () => [],
        close,
      };
    },
    onChange: () => () => {},
    namespaceLabels: (namespace) => labelsIn(live, namespace),
    askFor: () => undefined,
    close: () => live.close(),
  };
}

/** All that the background scan watches for a snapshot. */
export function kindsLookedAt(compiled: CompiledSnapshot): KindsOf {
  const needed = neededBy(compiled);
  return (said) => needed(said).map(watched);
}

function neededBy({ set, observed, podPaths }: CompiledSnapshot): (said: Served) => NeededKind[] {
  const all = {
    ...set,
    policies: [...set.policies, ...observed.policies],
    expansions: [...set.expansions, ...observed.expansions],
  };
  return (said) => neededKinds(all, said, podPaths);
}

function watched({ resource, metadataOnly }: NeededKind): WatchedKind {
  return { ...resource, metadataOnly };
}

/** With the version: parameters may be watched in another one than what is judged. */
export function kindName({ group, version, kind }: LiveName): string {
  return version === undefined ? `${group}/${kind}` : `${group}/${version}/${kind}`;
}

/** Whether an object is of one of the kinds, by their names. */
export function isOfKind(names: ReadonlySet<string>, apiVersion: string, kind: string): boolean {
  const { group, version } = parseApiVersion(apiVersion);
  return names.has(`${group}/${version}/${kind}`) || names.has(`${group}/${kind}`);
}
