/** One policy on one request: what each run with a binding and its parameters yields. */
import type { JsonMap } from '../../model/index.ts';
import type { Binding } from '../form.ts';
import type { MatchedResource } from '../match/match.ts';
import { findInvocations, type Invocation, type Misconfigured, type NotInvoked } from './invocations.ts';
import { type Run, type Runnable, run } from './run.ts';
import type { RequestState } from './state.ts';
import type { Vars } from './vars.ts';

/** What a policy made of a request. */
export type PolicyReview =
  | NotInvoked
  | { readonly kind: 'reviewed'; readonly matched: MatchedResource; readonly runs: readonly BindingRun[] };

export type BindingRun =
  | { readonly binding: Binding; readonly kind: 'run'; readonly params: JsonMap | null; readonly run: Run }
  | Misconfigured;

/** @param matched What the plan knows already; null when the policy must be asked. */
export function reviewPolicy(
  runnable: Runnable,
  state: RequestState,
  matched: MatchedResource | null,
): PolicyReview {
  const found = findInvocations(runnable.policy, state, matched);
  if (found.kind !== 'invoked') return found;
  const runs = found.invocations.map((invocation) =>
    invocation.kind === 'run' ? runOnce(runnable, state, found.matched, invocation) : invocation,
  );
  return { kind: 'reviewed', matched: found.matched, runs };
}

function runOnce(
  runnable: Runnable,
  state: RequestState,
  matched: MatchedResource,
  { binding, params }: Invocation,
): BindingRun {
  const vars = state.vars(matched);
  const conditionVars = runnable.code.matchConditions.length > 0 ? state.conditionVars(matched) : vars;
  vars.params = params;
  conditionVars.params = params;
  if (runnable.policy.subject === 'pod') showPod(state, vars, conditionVars);
  return { binding, kind: 'run', params, run: run(runnable, vars, conditionVars) };
}

function showPod({ pod }: RequestState, ...all: readonly Vars[]): void {
  if (pod === null || 'detail' in pod) return;
  for (const vars of all) {
    vars.pod = pod.pod;
    vars.containers = pod.containers;
  }
}
