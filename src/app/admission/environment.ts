/** What surrounds the requests of one worker: a cluster's objects as its watches show them, or those of folders. */
import type { JsonMap, LiveName, LiveObjects } from '../../model/index.ts';
import { type AdmissionRequest, type EvaluationContext, isWanted, wantedBy } from '../../policy/index.ts';
import {
  createDefaults,
  createDiscovery,
  createSchemas,
  type Served,
  type WatchedKind,
} from '../../sources/index.ts';
import { neededKinds } from '../cluster/kinds.ts';
import { definitionsOf } from '../cluster/live.ts';
import type { ClusterLive } from '../environment/cluster-live.ts';
import { liveNamespaces, liveParams, NAMESPACES } from '../environment/sources.ts';
import { liveSurroundings } from '../environment/surroundings.ts';
import type { CompiledSnapshot } from '../snapshot/compile.ts';
import { parseYaml } from '../value.ts';

export interface OpenEnvironment {
  readonly context: EvaluationContext;
  /** Why requests are not to be answered yet. */
  ready(): true | string;
  close(): void;
}

export interface AdmissionEnvironment {
  /** For the policies of a snapshot; what those before it look up goes on being watched until they are closed. */
  open(compiled: CompiledSnapshot): OpenEnvironment;
  /** Labels of a namespace; null where they are not known. */
  namespaceLabels(namespace: string): JsonMap | null;
  /** Resolves when what a request needs, and no watch has shown yet, was asked for; undefined: nothing is. */
  prepare(request: AdmissionRequest): Promise<void> | undefined;
  close(): Promise<void>;
}

/** Of one live look-up before a request is evaluated without. */
const FETCH_MS = 1_000;

export function clusterEnvironment(live: ClusterLive, served: Served): AdmissionEnvironment {
  const open = new Map<object, readonly WatchedKind[]>();
  const watchAll = () => live.need(unique([...open.values()].flat()));
  const definitions = definitionsOf(
    served,
    served.resources.map((resource) => ({ resource })),
  );

  return {
    open(compiled) {
      const kinds = kindsOf(compiled, served);
      const key = {};
      open.set(key, kinds);
      watchAll();
      const opened = contextOf(live, compiled, kinds, { minor: served.minor, definitions, whole: true });
      return {
        ...opened,
        ready() {
          const unlisted = kinds.find((kind) => !live.state(kind).synced);
          if (unlisted === undefined) return true;
          const { problem } = live.state(unlisted);
          return `${unlisted.kind} objects are not listed yet${problem === undefined ? '' : `: ${problem}`}`;
        },
        close() {
          opened.close();
          open.delete(key);
          watchAll();
        },
      };
    },
    namespaceLabels: (namespace) => labelsIn(live, namespace),
    prepare({ namespace, resource, operation }) {
      if (namespace === '' || live.get(NAMESPACES, '', namespace) !== undefined) return undefined;
      // Of a Namespace that is being made its own object says everything.
      if (resource.resource === 'namespaces' && operation === 'CREATE') return undefined;
      return live.fetch(NAMESPACES, '', namespace, FETCH_MS).then(() => {});
    },
    close: () => live.close(),
  };
}

/** Files say nothing of what else there may be; no object is asked for. */
export function folderEnvironment(live: LiveObjects): AdmissionEnvironment {
  return {
    open(compiled) {
      const minor = compiled.set.settings['kubernetes.version'];
      const opened = contextOf(live, compiled, [], { minor, definitions: [], whole: false });
      return { ...opened, ready: () => true };
    },
    namespaceLabels: (namespace) => labelsIn(live, namespace),
    prepare: () => undefined,
    close: () => live.close(),
  };
}

interface Around {
  readonly minor: number;
  readonly definitions: readonly JsonMap[];
  /** Whether what is not there does not exist. */
  readonly whole: boolean;
}

function contextOf(
  live: LiveObjects,
  { set, observed, content, podPaths }: CompiledSnapshot,
  kinds: readonly WatchedKind[],
  { minor, definitions, whole }: Around,
): Pick<OpenEnvironment, 'context' | 'close'> {
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
    close() {
      params.close();
      around?.close();
    },
  };
}

/** Namespaces, parameters, and what policies look up: a worker judges what it is asked about, and watches nothing of it. */
export function kindsOf({ set, observed, podPaths }: CompiledSnapshot, served: Served): WatchedKind[] {
  const policies = [...set.policies, ...observed.policies];
  const wanted = wantedBy(policies);
  return neededKinds({ ...set, policies }, served, podPaths)
    .filter(({ lookedUp, resource }) => lookedUp || isWanted(wanted, resource))
    .map(({ resource, metadataOnly }) => (metadataOnly ? { ...resource, metadataOnly } : resource));
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

function labelsIn(live: LiveObjects, namespace: string): JsonMap | null {
  const found = live.get(NAMESPACES as LiveName, '', namespace);
  if (found === undefined) return null;
  const metadata = found.object['metadata'] as JsonMap | undefined;
  return (metadata?.['labels'] as JsonMap | undefined) ?? {};
}
