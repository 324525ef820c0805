/** What the files of a scan, and --context, say of the environment around an object. */
import {
  createSurroundings,
  type RelatedCoverage,
  type Relative,
  type Surroundings,
  type Wanted,
} from '../policy/index.ts';
import type { Facts } from './facts.ts';

/**
 * Undefined when no policy looks up anything.
 *
 * @param given the objects of --context; one that the files hold as well is what the files make of it
 */
export function surroundingsOf(
  { complete, unlisted }: { readonly complete: boolean; readonly unlisted: number },
  { relatives, namespaces, unread }: Facts,
  given: readonly Relative[],
  wanted: Wanted,
): Surroundings | undefined {
  if (wanted.kinds.size === 0 && !wanted.pods) return undefined;
  const hidden = unread + unlisted;
  const scanned = new Set(relatives.map(nameOf));
  const others = given.filter((relative) => !scanned.has(nameOf(relative)));
  return createSurroundings([...relatives, ...others], coverageOf);

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
