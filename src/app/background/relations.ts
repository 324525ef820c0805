/**
 * Whose verdicts may hang on an object beside its own: those in a Namespace on its labels, all on parameters and on the
 * webhooks that ask about them, and on what policies look up those whose kind such a policy judges.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Change, Discovery, JsonMap, Resource } from '../../model/index.ts';
import {
  type CompiledPolicy,
  isSeenThrough,
  isWanted,
  type PodPath,
  type PolicySet,
  parseApiVersion,
  reaches,
  wantedBy,
} from '../../policy/index.ts';
import { isOwnConfiguration } from './due.ts';

/** Objects to look at again. */
export interface Affected {
  /** Only those in it; null: wherever they are. */
  readonly namespace: string | null;
  /** Only those for which one of these policies may look up others; null: whatever looks at them. */
  readonly policies: readonly string[] | null;
}

/** What several changes affect together. */
export interface AffectedSet {
  add(affected: Affected): void;
  /** @param lookers Ids of policies that may look up others for an object in the namespace. */
  has(namespace: string, lookers: readonly string[]): boolean;
}

export function createAffectedSet(): AffectedSet {
  /** Namespaces by policy; null in place of one: all. */
  const places = new Map<string | null, Set<string | null>>();
  const isIn = (policy: string | null, namespace: string) => {
    const namespaces = places.get(policy);
    return namespaces?.has(null) === true || namespaces?.has(namespace) === true;
  };
  return {
    add({ namespace, policies }) {
      for (const policy of policies ?? [null])
        places.set(policy, (places.get(policy) ?? new Set<string | null>()).add(namespace));
    },
    has: (namespace, lookers) => isIn(null, namespace) || lookers.some((policy) => isIn(policy, namespace)),
  };
}

/** Never one too few: by kind alone. @returns Ids of the policies that may look up others for an object. */
export function lookersIn(
  { policies, expansions }: Pick<PolicySet, 'policies' | 'expansions'>,
  podPaths: readonly PodPath[],
  discovery: Discovery,
): (resource: Resource) => readonly string[] {
  const looking = policies.filter(({ related }) => related !== undefined);
  const known = new Map<string, readonly string[]>();
  return ({ ref: { apiVersion, kind, namespace } }) => {
    const key = `${apiVersion} ${kind}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const { resource, namespaced } = discovery.ofKind(apiVersion, kind, namespace);
    const reached = { ...parseApiVersion(apiVersion), kind, resource, namespaced };
    const isThrough = isSeenThrough(reached, expansions, podPaths);
    const ids = looking
      .filter((policy) => isThrough || reaches(policy, reached) !== 'no')
      .map(({ id }) => id);
    known.set(key, ids);
    return ids;
  };
}

type Kind = ReturnType<typeof kindOf>;

/** Empty: nobody else's verdict hangs on the change. */
export function affectedBy(policies: readonly CompiledPolicy[]): (change: Change) => readonly Affected[] {
  const params = new Set(
    policies.flatMap(({ paramKind }) =>
      paramKind === null ? [] : [`${parseApiVersion(paramKind.apiVersion).group}/${paramKind.kind}`],
    ),
  );
  const lookers = lookersAmong(policies);
  return (change) => {
    const { resource } = change;
    const kind = kindOf(resource);
    const isNamespace = kind.group === '' && kind.kind === 'Namespace';
    const looking = lookers(kind);
    const isParam = params.has(`${kind.group}/${kind.kind}`) || isOwnConfiguration(resource);
    if (!isNamespace && !isParam && looking === undefined) return NONE;
    const isWhole = isNamespace || isParam || looking!.isWhole;
    if (change.type === 'put' && change.before !== undefined && seemSame(change.before, resource, isWhole))
      return NONE;
    if (isParam) return ALL;
    const { name, namespace } = resource.ref;
    const related = looking === undefined ? [] : affectedLookers(looking, namespace);
    return isNamespace ? [{ namespace: name, policies: null }, ...related] : related;
  };
}

const NONE: readonly Affected[] = [];
const ALL: readonly Affected[] = [{ namespace: null, policies: null }];

interface Lookers {
  /** Ids of those that look in the namespace of the object in question, and of those that look elsewhere too. */
  readonly near: readonly string[];
  readonly far: readonly string[];
  /** False: nothing is looked up of the kind but its Pods, which say nothing of their status. */
  readonly isWhole: boolean;
}

/** Undefined: nobody looks up the kind. */
function lookersAmong(policies: readonly CompiledPolicy[]): (kind: Kind) => Lookers | undefined {
  const looking = policies.flatMap(({ id, related }) =>
    (related ?? []).map((lookup) => ({
      id,
      isNear: lookup.namespace === null,
      wanted: wantedBy([{ related: [lookup] }]),
    })),
  );
  const known = new Map<string, Lookers | undefined>();
  return (kind) => {
    const key = `${kind.group}/${kind.kind}`;
    if (!known.has(key)) known.set(key, lookersOf(kind));
    return known.get(key);
  };

  function lookersOf(kind: Kind): Lookers | undefined {
    const those = looking.filter(({ wanted }) => isWanted(wanted, kind));
    if (those.length === 0) return undefined;
    const far = new Set(those.filter(({ isNear }) => !isNear).map(({ id }) => id));
    const near = new Set(those.map(({ id }) => id)).difference(far);
    return { near: [...near], far: [...far], isWhole: those.some(({ wanted }) => !wanted.pods) };
  }
}

function affectedLookers({ near, far }: Lookers, namespace: string): Affected[] {
  // What stands in no namespace is looked up from all of them.
  const apart = namespace === '' ? null : namespace;
  return [
    { namespace: apart, policies: near },
    { namespace: null, policies: far },
  ].filter(({ policies }) => policies.length > 0);
}

/** But for what changes all the time, and says nothing. */
function seemSame(before: Resource, after: Resource, isWhole: boolean): boolean {
  return isDeepStrictEqual(settled(before, isWhole), settled(after, isWhole));
}

function settled({ object }: Resource, isWhole: boolean): JsonMap {
  const { metadata, status, ...rest } = object;
  const { resourceVersion: _, generation: __, ...kept } = (metadata ?? {}) as JsonMap;
  return { ...rest, metadata: kept, ...(isWhole ? { status } : {}) };
}

function kindOf({ ref: { apiVersion, kind } }: Resource) {
  return { group: parseApiVersion(apiVersion).group, kind };
}
