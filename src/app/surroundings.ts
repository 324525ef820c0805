/** What the files of a scan, and --context, say of the environment around an object. */
import {
  createSurroundings,
  isMeant,
  kindsOf,
  type RelatedCoverage,
  type Relative,
  type Surroundings,
  type Wanted,
} from '../policy/index.ts';
import type { Facts } from './facts.ts';

/** Where what policies look up comes from. */
export interface Sources {
  /** Of a file that is remembered, by the name it is remembered by. */
  remembered(name: string): readonly Relative[];
  /** Those of --context; one that the files hold as well is what the files make of it. */
  given(): readonly Relative[];
  /** An object of the files as policies see it. */
  seen(relative: Relative): Relative;
}

/** Undefined when no policy looks up anything. Objects are read when policies first look up their kinds. */
export function surroundingsOf(
  { complete, unlisted }: { readonly complete: boolean; readonly unlisted: number },
  { relatives, traces, namespaces, unread }: Facts,
  sources: Sources,
  wanted: Wanted,
): Surroundings | undefined {
  if (wanted.kinds.size === 0 && !wanted.pods) return undefined;
  const hidden = unread + unlisted;
  const read = new Set<string>();
  return createSurroundings(
    [],
    (_, namespace) => coverageOf(namespace),
    (of) => {
      const kinds = new Set(kindsOf(of).filter((kind) => !read.has(kind)));
      for (const kind of kinds) read.add(kind);
      return kinds.size === 0 ? [] : relativesOf(kinds);
    },
  );

  function relativesOf(kinds: ReadonlySet<string>): Relative[] {
    const files = traces.flatMap(({ remembered, traces: ofFile }) =>
      remembered !== undefined && ofFile.some((trace) => isMeant(kinds, trace)) ? [remembered] : [],
    );
    const scanned = [...relatives, ...files.flatMap(sources.remembered)]
      .filter((one) => isMeant(kinds, one))
      .map(sources.seen);
    const names = new Set(scanned.map(nameOf));
    const others = sources.given().filter((one) => isMeant(kinds, one) && !names.has(nameOf(one)));
    return [...scanned, ...others];
  }

  /** What cannot be read may hold anything. Who defines a namespace is taken to say what is in it. */
  function coverageOf(namespace: string | undefined): RelatedCoverage {
    if (hidden > 0) return { kind: 'open', detail: UNREAD };
    if (complete) return { kind: 'whole' };
    if (namespace === undefined) return { kind: 'open', detail: ELSEWHERE };
    return namespaces.has(namespace) ? { kind: 'defined' } : { kind: 'open', detail: UNDEFINED };
  }
}

function nameOf({ group, kind, namespace, name }: Relative): string {
  return `${group}\n${kind}\n${namespace}\n${name}`;
}

const UNREAD = 'the object looked for may stand in a file that could not be read';
const ELSEWHERE = 'the object looked for may exist elsewhere in the cluster';
const UNDEFINED = 'the files do not define the namespace, so it may hold the object looked for';
