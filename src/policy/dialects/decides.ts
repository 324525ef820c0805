/** Whether a policy may deny and mutate, or is only observed beside the engine it was written for. */
import type { Resource } from '../../model/index.ts';
import { isForeign, roleOf } from './kinds.ts';

/** What is known of the same object in the cluster, by group, kind, namespace and name. */
export interface Beside {
  /** It is watched there: its own engine enforces it. */
  readonly watched: boolean;
  /** A person handed it over, and its engine was seen to have let go. */
  readonly adopted: boolean;
}

const ALONE: Beside = { watched: false, adopted: false };

/**
 * Whether an object takes part in decisions. From `--policies` and Git (`files`) every dialect does, by its stage. Watched
 * in the cluster only HardeningPolicy does: what another engine enforces is observed there (background scan, counts),
 * never denied or mutated for a second time, also when the same object is among the files, until it is adopted.
 * Exemptions count from files alone: whoever may write to a namespace would else excuse themselves.
 */
export function decidesWhere(
  { ref: { apiVersion, kind } }: Pick<Resource, 'ref'>,
  from: 'files' | 'cluster',
  { watched, adopted }: Beside = ALONE,
): boolean {
  if (roleOf(apiVersion, kind) === 'native') return true;
  if (isForeign(apiVersion, kind)) return adopted || (from === 'files' && !watched);
  return from === 'files';
}
