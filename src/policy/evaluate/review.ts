/** One policy on one request: what each run with a binding and its parameters yields. */
import { CelError } from '../../cel/errors.ts';
import type { JsonMap } from '../../model/index.ts';
import type { Binding } from '../form.ts';
import type { MatchedResource } from '../match/match.ts';
import { findInvocations, type Invocation, type Misconfigured, type NotInvoked } from './invocations.ts';
import { type Run, type Runnable, run } from './run.ts';
import { RequestState } from './state.ts';
import { podRequests } from './templates.ts';
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
  const { filter } = runnable.policy;
  const by = filter !== null && 'except' in filter ? state.exceptionsTo(filter) : [];
  if ('detail' in by) return { kind: 'not-evaluated', reason: 'needs-namespace', ...by };
  if (by.length > 0) {
    const run: Run = { kind: 'exempted', by, as: 'skip' };
    const runs = found.invocations.map(
      ({ binding }): BindingRun => ({ binding, kind: 'run', params: null, run }),
    );
    return { kind: 'reviewed', matched: found.matched, runs };
  }
  const runs = found.invocations.map((invocation) => {
    if (invocation.kind !== 'run') return invocation;
    const once = (of: RequestState) => runOnce(runnable, of, found.matched, invocation);
    return runnable.policy.template === 'found' ? runOnTemplates(state, once) : once(state);
  });
  return { kind: 'reviewed', matched: found.matched, runs };
}

function runOnce(
  runnable: Runnable,
  state: RequestState,
  matched: MatchedResource,
  { binding, params }: Invocation,
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

/** Says which template it is about. */
function located(entry: BindingRun, place: string): BindingRun {
  if (entry.kind !== 'run' || entry.run.kind !== 'decided') return entry;
  const decisions = entry.run.decisions.map((decision) => ({
    ...decision,
    message: `${decision.message} (pod template at ${place})`,
  }));
  return { ...entry, run: { ...entry.run, decisions } };
}

/** Annotations that are published say nothing against the object. */
function isPass(entry: BindingRun): boolean {
  if (entry.kind !== 'run') return false;
  const { run } = entry;
  if (run.kind !== 'decided') return run.kind === 'pass';
  return run.decisions.length === 0 && run.audit.every(({ kind }) => kind === 'publish');
}

/**
 * Asks about each pod template found in the object as if it were a Pod; the first that does not pass answers for all.
 * An object without any is an error: nobody may take it for checked.
 */
function runOnTemplates(state: RequestState, once: (of: RequestState) => BindingRun): BindingRun {
  let exempted: BindingRun | undefined;
  let passed: BindingRun | undefined;
  let left: BindingRun | undefined;
  for (const { request, place } of podRequests(state.request)) {
    const entry = once(new RequestState(request, state.context, state.deadline));
    const kind = entry.kind === 'run' ? entry.run.kind : entry.kind;
    if (kind === 'exempted') exempted ??= entry;
    else if (kind === 'condition-false') left ??= entry;
    else if (isPass(entry)) passed = entry;
    else return located(entry, place);
  }
  const answer = passed ?? exempted ?? left;
  if (answer !== undefined) return answer;
  const { binding, params } = once(state) as Extract<BindingRun, { kind: 'run' }>;
  const { apiVersion, kind } = state.request.ref;
  const error = new CelError('invalid-argument', `no pod template found in ${apiVersion} ${kind}`);
  const failure: Run = { kind: 'condition-error', message: error.$message, error };
  return { binding, kind: 'run', params, run: failure };
}
