/** One policy on one request: which bindings concern it, with which parameters, and what each run yields. */
import { CelError } from '../../cel/errors.ts';
import type { JsonMap } from '../../model/index.ts';
import type { Binding } from '../form.ts';
import type { MatchAnswer, MatchedResource } from '../match/match.ts';
import { type CollectedParams, collectParams } from './params.ts';
import { type Run, type Runnable, run } from './run.ts';
import { RequestState } from './state.ts';
import { podRequests } from './templates.ts';
import type { Vars } from './vars.ts';

/** What a policy made of a request. */
export type PolicyReview =
  | { readonly kind: 'not-matched' }
  | { readonly kind: 'not-bound' }
  /** Names the reason of the finding; the API server would call each a configuration error. */
  | {
      readonly kind: 'not-evaluated';
      readonly reason:
        | 'needs-namespace'
        | 'needs-user'
        | 'needs-conversion'
        | 'evaluation-failed'
        | 'invalid-policy';
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
  if (passes !== true) {
    const { reason = 'needs-namespace', detail } = passes;
    return { kind: 'not-evaluated', reason, detail };
  }
  const pod = policy.subject === 'pod' ? state.pod : undefined;
  if (pod === null) return NOT_MATCHED;
  if (pod !== undefined && 'detail' in pod)
    return { kind: 'not-evaluated', reason: 'evaluation-failed', ...pod };
  const runs: BindingRun[] = [];
  for (const given of policy.bindings) {
    const binding = given.overrides === undefined ? given : state.effective(given);
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
      for (const param of params.params) {
        const once = (of: RequestState) => runOnce(runnable, of, answer.matched, binding, param);
        runs.push(policy.template === 'found' ? runOnTemplates(state, once) : once(state));
      }
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
  const conditionVars = asksConditions(runnable) ? state.conditionVars(matched) : vars;
  vars.params = params;
  conditionVars.params = params;
  if (runnable.policy.subject === 'pod') showPod(state, vars, conditionVars);
  return { binding, kind: 'run', params, run: run(runnable, vars, conditionVars) };
}

/** Whether something is asked that sees less of the request than validations do. */
function asksConditions({ policy }: Runnable): boolean {
  return policy.matchConditions.length > 0 && !policy.conditionsSeeAll;
}

function showPod({ pod }: RequestState, ...all: readonly Vars[]): void {
  if (pod === null || 'detail' in pod) return;
  for (const vars of all) {
    vars.pod = pod.pod;
    vars.containers = pod.containers;
  }
}

/**
 * Asks about each pod template found in the object as if it were a Pod; the first that does not pass answers for all.
 * An object without any is an error: nobody may take it for checked.
 */
function runOnTemplates(state: RequestState, once: (of: RequestState) => BindingRun): BindingRun {
  const requests = podRequests(state.request);
  let exempted: BindingRun | undefined;
  let passed: BindingRun | undefined;
  let left: BindingRun | undefined;
  for (const request of requests) {
    const entry = once(new RequestState(request, state.context));
    const kind = entry.kind === 'run' ? entry.run.kind : entry.kind;
    if (kind === 'exempted') exempted ??= entry;
    else if (kind === 'condition-false') left ??= entry;
    else if (kind === 'pass') passed = entry;
    else return entry;
  }
  const answer = passed ?? exempted ?? left;
  if (answer !== undefined) return answer;
  const { binding, params } = once(state) as Extract<BindingRun, { kind: 'run' }>;
  const { apiVersion, kind } = state.request.ref;
  const error = new CelError('invalid-argument', `no pod template found in ${apiVersion} ${kind}`);
  const failure: Run = { kind: 'condition-error', message: error.$message, error };
  return { binding, kind: 'run', params, run: failure };
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
