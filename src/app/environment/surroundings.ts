/** The objects that policies look up for others, kept as they change. */
import type { LiveName, LiveObjects, Resource } from '../../model/index.ts';
import {
  createEvaluator,
  createSurroundings,
  type EvaluationContext,
  isWanted,
  type Lookup,
  type PolicySet,
  parseApiVersion,
  type RelatedCoverage,
  type Relative,
  relativeOf,
  type Surroundings,
  wantedBy,
} from '../../policy/index.ts';
import { NAMESPACES, whyNot } from './sources.ts';

/** How much of what there is the watches can show. */
export interface Reach {
  /** Whether what is not there does not exist; false of files, which say something of the namespaces that they define. */
  readonly whole: boolean;
  /** Groups whose own server does not answer: what there is of their kinds is not known. */
  readonly away: readonly string[];
}

export interface LiveSurroundings {
  readonly surroundings: Surroundings;
  /** Follows no changes from then on. */
  close(): void;
}

/**
 * Undefined when no policy looks up anything.
 *
 * @param kinds Those that are watched; what policies look up beside them does not exist, but for groups that are away.
 * @param context With the discovery, schemas and defaults that requests are read with.
 */
export function liveSurroundings(
  live: LiveObjects,
  kinds: readonly LiveName[],
  set: Pick<PolicySet, 'policies'>,
  context: EvaluationContext,
  { whole, away }: Reach = ALL,
): LiveSurroundings | undefined {
  const looking = set.policies.filter(({ related }) => related !== undefined);
  const wanted = wantedBy(looking);
  if (wanted.kinds.size === 0 && !wanted.pods) return undefined;
  const watched = kinds.filter((kind) => isWanted(wanted, kind));
  const watchedFor = once((lookup: Lookup) => {
    const wantedByIt = wantedBy([{ related: [lookup] }]);
    return watched.filter((kind) => isWanted(wantedByIt, kind));
  });
  const awayFrom = once(({ of }: Lookup) =>
    of === 'pods'
      ? undefined
      : of.find(
          ({ group, kind }) =>
            away.includes(group) && !watched.some((one) => one.group === group && one.kind === kind),
        ),
  );
  // Nothing but policies that look up: then it evaluates none, and reads the object as they see it.
  const reader = createEvaluator({ policies: looking }, context);

  function relativesOf(resource: Resource | undefined): Relative[] {
    if (resource === undefined) return [];
    const { group } = parseApiVersion(resource.ref.apiVersion);
    if (!isWanted(wanted, { group, kind: resource.ref.kind })) return [];
    return [relativeOf(wanted, resource, reader.begin(resource).request)];
  }

  function coverage(lookup: Lookup, namespace: string | undefined): RelatedCoverage {
    const unlisted = watchedFor(lookup).find((kind) => !live.state(kind).synced);
    if (unlisted !== undefined)
      return { kind: 'open', detail: `the object looked for may exist: ${whyNot(live, unlisted)}` };
    const gone = awayFrom(lookup);
    if (gone !== undefined)
      return {
        kind: 'open',
        detail: `the object looked for may exist: whoever serves ${gone.kind} of ${gone.group || 'the core group'} does not answer`,
      };
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

const ALL: Reach = { whole: true, away: [] };

function once<T extends object, A>(of: (argument: T) => A): (argument: T) => A {
  const known = new WeakMap<T, { readonly answer: A }>();
  return (argument) => {
    const before = known.get(argument) ?? { answer: of(argument) };
    known.set(argument, before);
    return before.answer;
  };
}

const ELSEWHERE = 'the object looked for may exist elsewhere in the cluster';
const UNDEFINED = 'the watched files do not define the namespace, so it may hold the object looked for';
