/** The objects that policies look up for others, kept as they change. */
import type { LiveName, LiveObjects, Resource } from '../../model/index.ts';
import {
  createEvaluator,
  createSurroundings,
  type EvaluationContext,
  isWanted,
  type PolicySet,
  parseApiVersion,
  type RelatedCoverage,
  type Relative,
  relativeOf,
  type Surroundings,
  wantedBy,
} from '../../policy/index.ts';
import { NAMESPACES } from './sources.ts';

export interface LiveSurroundings {
  readonly surroundings: Surroundings;
  /** Follows no changes from then on. */
  close(): void;
}

/**
 * Undefined when no policy looks up anything.
 *
 * @param kinds Those that are watched; what policies look up beside them does not exist in the cluster.
 * @param context With the discovery, schemas and defaults that requests are read with.
 * @param whole False: files, which say something of the namespaces that they define.
 */
export function liveSurroundings(
  live: LiveObjects,
  kinds: readonly LiveName[],
  set: Pick<PolicySet, 'policies'>,
  context: EvaluationContext,
  whole = true,
): LiveSurroundings | undefined {
  const looking = set.policies.filter(({ related }) => related !== undefined);
  const wanted = wantedBy(looking);
  if (wanted.kinds.size === 0 && !wanted.pods) return undefined;
  const watched = kinds.filter((kind) => isWanted(wanted, kind));
  // Nothing but policies that look up: then it evaluates none, and reads the object as they see it.
  const reader = createEvaluator({ policies: looking }, context);

  function relativesOf(resource: Resource | undefined): Relative[] {
    if (resource === undefined) return [];
    const { group } = parseApiVersion(resource.ref.apiVersion);
    if (!isWanted(wanted, { group, kind: resource.ref.kind })) return [];
    return [relativeOf(wanted, resource, reader.begin(resource).request)];
  }

  function coverage(namespace: string | undefined): RelatedCoverage {
    const unlisted = watched.find((kind) => !live.state(kind).synced);
    if (unlisted !== undefined)
      return { kind: 'open', detail: `the object looked for may exist: ${unlisted.kind} was not listed yet` };
    if (whole) return { kind: 'whole' };
    if (namespace === undefined) return { kind: 'open', detail: ELSEWHERE };
    return live.get(NAMESPACES, '', namespace) === undefined
      ? { kind: 'open', detail: UNDEFINED }
      : { kind: 'defined' };
  }

  const all = watched.flatMap((kind) => [...live.list(kind)].flatMap(relativesOf));
  const surroundings = createSurroundings(all, coverage);
  const close = live.onChange((change) => {
    const gone = change.type === 'delete' ? change.resource : change.before;
    for (const relative of relativesOf(gone)) surroundings.delete(relative);
    if (change.type === 'put')
      for (const relative of relativesOf(change.resource)) surroundings.put(relative);
  });
  return { surroundings, close };
}

const ELSEWHERE = 'the object looked for may exist elsewhere in the cluster';
const UNDEFINED = 'the watched files do not define the namespace, so it may hold the object looked for';
