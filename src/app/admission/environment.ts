/** What surrounds the requests of one worker: a cluster's objects as its watches show them, or those of folders. */
import type { JsonMap, UnlistedKind } from '../../model/index.ts';
import type { AdmissionRequest, EvaluationContext } from '../../policy/index.ts';
import type { Cluster } from '../../sources/index.ts';
import {
  type Around,
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
import { type KindsOf, kindsForAdmission } from '../environment/served-kinds.ts';
import { NAMESPACES } from '../environment/sources.ts';
import type { CompiledSnapshot } from '../snapshot/compile.ts';
import { createAuthorizer } from './authorizer.ts';
import { createClusterQuestions } from './cluster-questions.ts';

export interface OpenEnvironment {
  readonly context: EvaluationContext;
  /** What the context was made of. */
  readonly around: Around;
  /** Why requests are not to be answered yet. */
  ready(): true | string;
  /** What may not be listed: policies that need it are errors, and nobody waits for it. */
  unlisted(): readonly UnlistedKind[];
  close(): void;
}

export interface AdmissionEnvironment {
  /** For the policies of a snapshot; what those before it look up goes on being watched until they are closed. */
  open(compiled: CompiledSnapshot): OpenEnvironment;
  /** Tells when kinds came or went: what was opened before does not know of them. @returns Ends it. */
  onChange(listener: () => void): () => void;
  /** Labels of a namespace; null where they are not known. */
  namespaceLabels(namespace: string): JsonMap | null;
  /** Resolves when what a request needs, and no watch has shown yet, was asked for; undefined: nothing is. */
  prepare(request: AdmissionRequest): Promise<void> | undefined;
  /** Resolves when what policies wanted to know about a request was asked for; undefined: nothing was. */
  askFor(request: AdmissionRequest): Promise<void> | undefined;
  close(): Promise<void>;
}

export const ADMISSION: EnvironmentMaker<AdmissionEnvironment> = {
  ofCluster: clusterEnvironment,
  ofFolders: folderEnvironment,
};

/** Of one live look-up before a request is evaluated without. */
const FETCH_MS = 1_000;

/** @throws ClusterError where the cluster does not say what it serves. */
async function clusterEnvironment(cluster: Cluster): Promise<AdmissionEnvironment> {
  const followed = await followCluster(cluster);
  const { live } = followed;
  const authorizer = createAuthorizer(cluster, Date.now);
  const questions = createClusterQuestions(cluster, Date.now);
  return {
    open(compiled) {
      const needed = kindsFor(compiled);
      const stopWatching = followed.watch(needed);
      const said = followed.served();
      const watched = needed(said);
      const around = aroundCluster(said);
      const { context, close } = contextOf(live, compiled, watched, around);
      return {
        context: {
          ...context,
          authorize: authorizer.authorize,
          ask: (question) => context.ask?.(question) ?? questions.ask(question),
        },
        around,
        ready: () => whyUnlisted(live, watched),
        unlisted: () => unlistedIn(live, watched),
        close() {
          close();
          stopWatching();
        },
      };
    },
    onChange: followed.onChange,
    namespaceLabels: (namespace) => labelsIn(live, namespace),
    prepare({ namespace, resource, operation }) {
      if (namespace === '' || live.get(NAMESPACES, '', namespace) !== undefined) return undefined;
      // Of a Namespace that is being made its own object says everything.
      if (resource.resource === 'namespaces' && operation === 'CREATE') return undefined;
      return live.fetch(NAMESPACES, '', namespace, FETCH_MS).then(() => {});
    },
    askFor(request) {
      const asking = [authorizer.askFor(request), questions.askFor()];
      return asking.every((one) => one === undefined) ? undefined : Promise.all(asking).then(() => {});
    },
    close: followed.close,
  };
}

/** Files say nothing of what else there may be; no object is asked for. */
function folderEnvironment(live: FolderLive): AdmissionEnvironment {
  return {
    open(compiled) {
      const around = aroundFolders(compiled);
      return {
        ...contextOf(live, compiled, live.kinds(), around),
        around,
        ready: () => true,
        unlisted: () => [],
      };
    },
    onChange: () => () => {},
    namespaceLabels: (namespace) => labelsIn(live, namespace),
    prepare: () => undefined,
    askFor: () => undefined,
    close: () => live.close(),
  };
}

/** A worker judges what it is asked about, and watches nothing of it. */
export function kindsFor({ set, observed, podPaths }: CompiledSnapshot): KindsOf {
  return kindsForAdmission({ ...set, policies: [...set.policies, ...observed.policies] }, podPaths);
}
