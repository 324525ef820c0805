import { explain, locate, type Origins } from '../../cel/explain.ts';
import type { JsonMap } from '../../model/index.ts';
import type { MatchedResource } from '../match/match.ts';
import { containerPointers } from './pod.ts';
import { enter, type Runnable } from './run.ts';
import type { RequestState } from './state.ts';

/**
 * JSON Pointer of the field that a failed validation hung on: where its `at` points, else the deepest field that
 * decided; it may name a field that is absent. Undefined when nothing of the object decided.
 */
export function findPath(
  runnable: Runnable,
  state: RequestState,
  matched: MatchedResource,
  params: JsonMap | null,
  index: number,
): string | undefined {
  const vars = state.vars(matched);
  vars.params = params;
  enter(runnable.scope, vars, true);
  const origins = originsOf(runnable, state);
  const place = runnable.code.places[index];
  const placed = place == null ? undefined : locate(place, vars, origins);
  return (placed ?? explain(runnable.code.validations[index]!, vars, origins))?.pointer;
}

function originsOf({ policy, code }: Runnable, state: RequestState): Origins {
  const origins: Record<string, Origins[string]> = { object: { pointer: '' } };
  policy.variables.forEach(({ name }, i) => {
    origins[`variables.${name}`] = { program: code.variables[i]! };
  });
  const { pod } = state;
  if (policy.subject === 'pod' && pod !== null && !('detail' in pod)) {
    origins['pod'] = { pointer: pod.pointer };
    origins['containers'] = { items: containerPointers(pod) };
  }
  return origins;
}
