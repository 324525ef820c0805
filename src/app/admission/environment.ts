/** What surrounds the requests of one worker: a cluster's objects as its watches show them, or those of folders. */
import type { JsonMap, LiveName, LiveObjects, Resource } from '../../model/index.ts';
import {
  type AdmissionRequest,
  type CompiledPolicy,
  type EvaluationContext,
  parseApiVersion,
} from '../../policy/index.ts';
import {
  type Cluster,
  createDefaults,
  createDiscovery,
  createSchemas,
  type WatchedKind,
} from '../../sources/index.ts';
import { definitionsOf } from '../cluster/definitions.ts';
import { resourceOf } from '../cluster/live.ts';
import { createClusterLive } from '../environment/cluster-live.ts';
import type { FolderLive } from '../environment/folder-live.ts';
import { followServedKinds, type KindsOf, kindsForAdmission } from '../environment/served-kinds.ts';
import { liveNamespaces, liveParams, NAMESPACES } from '../environment/sources.ts';
import { liveSurroundings } from '../environment/surroundings.ts';
import type { CompiledSnapshot } from '../snapshot/compile.ts';
import { parseYaml } from '../value.ts';
import { createAuthorizer } from './authorizer.ts';
import type { SlowSetup } from './slow.ts';

export interface OpenEnvironment {
  readonly context: EvaluationContext;
  /** What threads have to know that evaluate what takes long. */
  readonly setup: SlowSetup;
  /** Namespaces and parameters that policies may ask for about a request. */
  objectsFor(request: AdmissionRequest, policies: readonly CompiledPolicy[]): readonly Resource[];
  /** Why requests are not to be answered yet. */
  ready(): true | string;
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

/** Of one live look-up before a request is evaluated without. */
const FETCH_MS = 1_000;

/** @throws ClusterError where the cluster does not say what it serves. */
export async function clusterEnvironment(cluster: Cluster): Promise<AdmissionEnvironment> {
  const live = createClusterLive(cluster, []);
  const authorizer = createAuthorizer(cluster, Date.now);
  const open = new Set<KindsOf>();
  const listeners = new Set<() => void>();
  let known = '';
  const kindsOf: KindsOf = (said) => unique([...open].flatMap((one) => one(said)));
  const kinds = await followServedKinds(cluster, live, kindsOf, {
    onServed: (said) => {
      const now = JSON.stringify(said);
      if (now === known) return;
      known = now;
      for (const listener of listeners) listener();
    },
  });

  return {
    open(compiled) {
      const of = kindsFor(compiled);
      open.add(of);
      kinds.use(kindsOf);
      const said = kinds.served();
      const watched = of(said);
      const definitions = definitionsOf(
        said,
        said.resources.map((resource) => ({ resource })),
      );
      const opened = contextOf(live, compiled, watched, { minor: said.minor, definitions, whole: true });
      return {
        ...opened,
        context: { ...opened.context, authorize: authorizer.authorize },
        ready() {
          const unlisted = watched.find((kind) => !live.state(kind).synced);
          if (unlisted === undefined) return true;
          const { problem } = live.state(unlisted);
          return `${unlisted.kind} objects are not listed yet${problem === undefined ? '' : `: ${problem}`}`;
        },
        close() {
          opened.close();
          open.delete(of);
          kinds.use(kindsOf);
        },
      };
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    namespaceLabels: (namespace) => labelsIn(live, namespace),
    prepare({ namespace, resource, operation }) {
      if (namespace === '' || live.get(NAMESPACES, '', namespace) !== undefined) return undefined;
      // Of a Namespace that is being made its own object says everything.
      if (resource.resource === 'namespaces' && operation === 'CREATE') return undefined;
      return live.fetch(NAMESPACES, '', namespace, FETCH_MS).then(() => {});
    },
    askFor: authorizer.askFor,
    async close() {
      kinds.close();
      await live.close();
    },
  };
}

/** Files say nothing of what else there may be; no object is asked for. */
export function folderEnvironment(live: FolderLive): AdmissionEnvironment {
  return {
    open(compiled) {
      const minor = compiled.set.settings['kubernetes.version'];
      const opened = contextOf(live, compiled, live.kinds(), { minor, definitions: [], whole: false });
      return { ...opened, ready: () => true };
    },
    onChange: () => () => {},
    namespaceLabels: (namespace) => labelsIn(live, namespace),
    prepare: () => undefined,
    askFor: () => undefined,
    close: () => live.close(),
  };
}

interface Around {
  readonly minor: number;
  readonly definitions: readonly JsonMap[];
  /** Whether what is not there does not exist. */
  readonly whole: boolean;
}

/** What an evaluator knows of what surrounds the objects that are watched. */
export function contextOf(
  live: LiveObjects,
  { set, observed, content, podPaths }: CompiledSnapshot,
  kinds: readonly LiveName[],
  { minor, definitions, whole }: Around,
): Pick<OpenEnvironment, 'context' | 'setup' | 'objectsFor' | 'close'> {
  const discovery = createDiscovery(minor, definitions);
  const schemas = createSchemas(minor, definitions);
  const defaults = createDefaults(minor, schemas);
  const sources = { schemas, defaults, complete: whole };
  const params = liveParams(live, { ...sources, defaultNamespace: content.namespace });
  const base: EvaluationContext = {
    discovery,
    schemas,
    defaults,
    parseYaml,
    podPaths,
    defaultNamespace: content.namespace,
    namespaces: liveNamespaces(live, sources),
    params,
  };
  const policies = [...set.policies, ...observed.policies];
  const around = liveSurroundings(live, kinds, { policies }, base, whole);
  return {
    context: around === undefined ? base : { ...base, surroundings: around.surroundings },
    setup: { minor, definitions: definitions.flatMap(resourceOf), podPaths, defaults: true },
    objectsFor: (request, asked) => [
      ...optional(live.get(NAMESPACES, '', request.namespace)),
      ...paramKinds(asked).flatMap((kind) => [...live.list(kind)]),
    ],
    close() {
      params.close();
      around?.close();
    },
  };
}

/** A worker judges what it is asked about, and watches nothing of it. */
export function kindsFor({ set, observed, podPaths }: CompiledSnapshot): KindsOf {
  return kindsForAdmission({ ...set, policies: [...set.policies, ...observed.policies] }, podPaths);
}

function unique(kinds: readonly WatchedKind[]): WatchedKind[] {
  const byName = new Map<string, WatchedKind>();
  for (const kind of kinds) {
    const name = `${kind.group}/${kind.version}/${kind.kind}`;
    const known = byName.get(name);
    // Who needs whole objects does not have enough in their metadata.
    if (known === undefined || known.metadataOnly === true) byName.set(name, kind);
  }
  return [...byName.values()];
}

/** Of a namespace; null where they are not known. */
export function labelsIn(live: LiveObjects, namespace: string): JsonMap | null {
  const found = live.get(NAMESPACES as LiveName, '', namespace);
  if (found === undefined) return null;
  const metadata = found.object['metadata'] as JsonMap | undefined;
  return (metadata?.['labels'] as JsonMap | undefined) ?? {};
}

function optional<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}

function paramKinds(policies: readonly CompiledPolicy[]): LiveName[] {
  const kinds = policies.flatMap(({ paramKind }) => optional(paramKind ?? undefined));
  return [...new Map(kinds.map((kind) => [`${kind.apiVersion} ${kind.kind}`, kind])).values()].map(
    ({ apiVersion, kind }) => ({ ...parseApiVersion(apiVersion), kind }),
  );
}
