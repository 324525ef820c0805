import type { MatchedResource } from '../match/match.ts';
import type { Runnable } from './run.ts';
import type { RequestState } from './state.ts';

/** JSON Pointer of the field that a failed validation hung on, or that its `at` names. */
export function findPath(
  _runnable: Runnable,
  _state: RequestState,
  _matched: MatchedResource | null,
  _index: number,
): string | undefined {
  return undefined;
}
