import { explain, locate, type Origins } from '../../cel/explain.ts';
import { expectTime } from '../../cel/index.ts';
import type { JsonMap } from '../../model/index.ts';
import { isMap } from '../json.ts';
import type { MatchedResource } from '../match/match.ts';
import { containerPointers } from './pod.ts';
import { enter, type Runnable } from './run.ts';
import type { RequestState } from './state.ts';

/**
 * JSON Pointer of the field that a failed validation hung on: where its `at` points, else the deepest field that
 * decided; it may name a field that is absent. Undefined when nothing of the object decided.
 *
 * @param denied Whether it was false; else it could not be evaluated.
 */
export function findPath(
  runnable: Runnable,
  state: RequestState,
  matched: MatchedResource,
  params: JsonMap | null,
  index: number,
  denied: boolean,
): string | undefined {
  const vars = state.vars(matched);
  vars.params = params;
  enter(runnable.scope, vars, true);
  const origins = originsOf(runnable, state);
  const place = runnable.code.places[index];
  const { deadline } = state;
  const placed = place == null ? undefined : locate(place, vars, origins, { deadline });
  const validation = runnable.code.validations[index]!;
  if (placed !== undefined) return placed.pointer;
  const result = denied ? false : undefined;
  return explain(validation, vars, origins, { precedence: byIdentity, deadline, result })?.pointer;
}

/**
 * Of several items that break a rule, the one with the first name (or, without names, content) is pointed at: the same
 * one however the list is ordered, so that a finding keeps its fingerprint.
 */
function byIdentity(a: unknown, b: unknown): number {
  const left = identity(a);
  const right = identity(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Nanoseconds. */
const STRINGIFY_TIME = 2_000;

function identity(item: unknown): string {
  if (typeof item === 'string') return item;
  if (isMap(item) && typeof item['name'] === 'string') return item['name'];
  expectTime(STRINGIFY_TIME);
  return JSON.stringify(item, (_, value: unknown) => {
    if (typeof value === 'bigint') return String(value);
    return isMap(value)
      ? Object.fromEntries(Object.entries(value).sort(([x], [y]) => (x < y ? -1 : 1)))
      : value;
  });
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
