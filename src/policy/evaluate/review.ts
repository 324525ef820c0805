/** One policy on one request: which bindings concern it, with which parameters, and what each run yields. */
import type { JsonMap } from '../../model/index.ts';
import type { Binding } from '../form.ts';
import type { MatchAnswer, MatchedResource } from '../match/match.ts';
import { type CollectedParams, collectParams } from './params.ts';
import { type Run, type Runnable, run } from './run.ts';
import type { RequestState } from './state.ts';
import type { Vars } from './vars.ts';

/** What a policy made of a request. */
export type PolicyReview =
  | { readonly kind: 'not-matched' }
  | { readonly kind: 'not-bound' }
  /** Names the reason of the finding; the API server would call each a configuration error. */
  | {
      readonly kind: 'not-evaluated';
      readonly reason: 'needs-namespace' | 'needs-conversion' | 'evaluation-failed' | 'invalid-policy';
      readonly detail: string;
      /** Where in the object, when something there is at fault. */
      readonly pointer?: string;
    }
  | { readonly kind: 'reviewed'; readonly matched: MatchedResource; readonly runs: readonly BindingRun[] };

export type BindingRun =
  | { readonly binding: Binding; readonly kind: 'run'; readonly params: JsonMap | null; readonly run: Run }
  | {
      readonly binding: Binding;
      readonly kind: 'configuration';
      readonly reason: 'needs-namespace' | 'needs-params' | 'misconfigured';
      readonly detail: string;
    };

const NOT_MATCHED: PolicyReview = { kind: 'not-matched' };
const NOT_BOUND: PolicyReview = { kind: 'not-bound' };

/** @param matched What the plan knows already; null when the policy must be asked. */
export function reviewPolicy(
  runnable: Runnable,
  state: RequestState,
  matched: MatchedResource | null,
): PolicyReview {
  const { policy } = runnable;
  const answer: MatchAnswer = matched === null ? state.matches(policy.match) : { answer: 'yes', matched };
  if (answer.answer === 'no') return NOT_MATCHED;
  if (answer.answer === 'undecided') {
    return { kind: 'not-evaluated', reason: 'needs-namespace', detail: answer.detail };
  }
  const passes = policy.filter === null || state.passes(policy.filter);
  if (passes === false) return NOT_MATCHED;
  if (passes !== true) return { kind: 'not-evaluated', reason: 'needs-namespace', detail: passes.detail };
  const pod = policy.subject === 'pod' ? state.pod : undefined;
  if (pod === null) return NOT_MATCHED;
  if (pod !== undefined && 'detail' in pod)
    return { kind: 'not-evaluated', reason: 'evaluation-failed', ...pod };
  const runs: BindingRun[] = [];
  for (const binding of policy.bindings) {
    const bound = binding.match === null ? BOUND : state.matches(binding.match);
    if (bound.answer === 'no') continue;
    if (bound.answer === 'undecided') {
      runs.push({ binding, kind: 'configuration', reason: 'needs-namespace', detail: bound.detail });
      continue;
    }
    const params = collectParams(
      policy.paramKind,
      binding,
      state.request.namespace,
      state.context.params,
      state.context.discovery,
    );
    if (!('params' in params)) runs.push(configuration(binding, params));
    else if (params.params.length > 0) {
      // Only now does the version of the object matter.
      if (answer.matched.conversion === 'impossible') return needsConversion(state, answer.matched);
      for (const param of params.params) runs.push(runOnce(runnable, state, answer.matched, binding, param));
    }
  }
  return runs.length === 0 ? NOT_BOUND : { kind: 'reviewed', matched: answer.matched, runs };
}

const BOUND = { answer: 'yes' } as const;

function runOnce(
  runnable: Runnable,
  state: RequestState,
  matched: MatchedResource,
  binding: Binding,
  params: JsonMap | null,
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

function configuration(binding: Binding, params: Exclude<CollectedParams, { params: unknown }>): BindingRun {
  if ('unknown' in params)
    return { binding, kind: 'configuration', reason: 'needs-params', detail: params.unknown };
  return { binding, kind: 'configuration', reason: 'misconfigured', detail: params.misconfigured };
}

function needsConversion({ request }: RequestState, { kind }: MatchedResource): PolicyReview {
  const from = apiVersionOf(request.kind);
  const to = apiVersionOf(kind);
  const detail = `the policy reads ${to} ${kind.kind}; the object is ${from}, which only the API server converts`;
  return { kind: 'not-evaluated', reason: 'needs-conversion', detail };
}

function apiVersionOf({ group, version }: { group: string; version: string }): string {
  return group === '' ? version : `${group}/${version}`;
}
