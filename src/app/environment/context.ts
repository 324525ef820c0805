/** What an evaluator knows of what surrounds the objects that are watched, in a cluster or in folders. */
import type { JsonMap, LiveName, LiveObjects, UnlistedKind } from '../../model/index.ts';
import type { EvaluationContext } from '../../policy/index.ts';
import { createDefaults, createDiscovery, createSchemas, type Served } from '../../sources/index.ts';
import { askBy } from '../ask.ts';
import { definitionsOf } from '../cluster/definitions.ts';
import type { CompiledSnapshot } from '../snapshot/compile.ts';
import { parseYaml } from '../value.ts';
import { liveNamespaces, liveParams, NAMESPACES } from './sources.ts';
import { liveSurroundings, type Reach } from './surroundings.ts';

export interface Around extends Reach {
  /** Of Kubernetes: 37 for 1.37. */
  readonly minor: number;
  /** CustomResourceDefinitions. */
  readonly definitions: readonly JsonMap[];
}

/** What a cluster says of itself. */
export function aroundCluster(said: Served): Around {
  const kinds = said.resources.map((resource) => ({ resource }));
  return { minor: said.minor, definitions: definitionsOf(said, kinds), whole: true, away: said.stale };
}

/** Files say nothing of the version of a cluster, and nothing of what else there may be. */
export function aroundFolders({ set }: Pick<CompiledSnapshot, 'set'>): Around {
  return { minor: set.settings['kubernetes.version'], definitions: [], whole: false, away: [] };
}

export interface LiveContext {
  readonly context: EvaluationContext;
  /** Follows no changes from then on. */
  close(): void;
}

/** For the policies of a snapshot; `kinds` are those that are watched for them. */
export function contextOf(
  live: LiveObjects,
  { set, observed, content, podPaths }: CompiledSnapshot,
  kinds: readonly LiveName[],
  { minor, definitions, ...reach }: Around,
): LiveContext {
  const schemas = createSchemas(minor, definitions);
  const defaults = createDefaults(minor, schemas);
  const sources = { schemas, defaults, complete: reach.whole };
  const params = liveParams(live, { ...sources, defaultNamespace: content.namespace });
  const discovery = createDiscovery(minor, definitions);
  const base: EvaluationContext = {
    discovery,
    schemas,
    defaults,
    parseYaml,
    // What kinds are called is known; nothing is asked of anybody.
    ask: askBy(undefined, discovery),
    podPaths,
    defaultNamespace: content.namespace,
    namespaces: liveNamespaces(live, sources),
    params,
  };
  const policies = [...set.policies, ...observed.policies];
  const around = liveSurroundings(live, kinds, { policies }, base, reach);
  return {
    context: around === undefined ? base : { ...base, surroundings: around.surroundings },
    close() {
      params.close();
      around?.close();
    },
  };
}

/** Labels of a namespace; null where they are not known. */
export function labelsIn(live: LiveObjects, namespace: string): JsonMap | null {
  const found = live.get(NAMESPACES, '', namespace);
  if (found === undefined) return null;
  const metadata = found.object['metadata'] as JsonMap | undefined;
  return (metadata?.['labels'] as JsonMap | undefined) ?? {};
}

/** Why not all objects of the kinds that may be listed are known yet. What may not be is not waited for: see {@link unlistedIn}. */
export function whyUnlisted(live: LiveObjects, kinds: readonly LiveName[]): true | string {
  const late = kinds.find((kind) => {
    const { synced, forbidden } = live.state(kind);
    return !synced && forbidden !== true;
  });
  if (late === undefined) return true;
  const { problem } = live.state(late);
  return `${late.kind} objects are not listed yet${problem === undefined ? '' : `: ${problem}`}`;
}

/** The kinds that may not be listed: of their objects nothing is known until somebody allows it. */
export function unlistedIn(live: LiveObjects, kinds: readonly LiveName[]): readonly UnlistedKind[] {
  return kinds.flatMap((name) => {
    const { synced, forbidden, problem = '' } = live.state(name);
    return !synced && forbidden === true ? [{ group: name.group, kind: name.kind, detail: problem }] : [];
  });
}
