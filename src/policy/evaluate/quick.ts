/**
 * The answer that nearly every evaluation has, found without ceremony: the policy is bound everywhere, has nothing but
 * validations, and all hold. Whatever is not so plain is left to the exact path, which evaluates anew and is alone
 * responsible for what it says.
 */
import type { MatchedResource } from '../match/match.ts';
import { prepareVars, type Runnable } from './run.ts';
import type { RequestState } from './state.ts';
import { NO_EXCEPTIONS } from './vars.ts';

/**
 * What a request that waits for its answer may cost here, in a few milliseconds, without a look at the clock, which would
 * cost as much as many an expression. Beyond that the exact path looks at it.
 */
const QUICK_COST = 100_000;

/** Whether {@link allHold} may be asked about the policy at all. */
export function isPlain({ policy, code, messageBound }: Runnable): boolean {
  const [binding, ...others] = policy.bindings;
  return (
    Number.isFinite(messageBound) &&
    code.issues.length === 0 &&
    code.matchConditions.length === 0 &&
    code.auditAnnotations.length === 0 &&
    policy.paramKind === null &&
    policy.exceptions.length === 0 &&
    (policy.filter === null || !('except' in policy.filter) || policy.filter.except.length === 0) &&
    policy.dialect !== 'kyverno-namespaced' &&
    policy.template !== 'found' &&
    others.length === 0 &&
    binding !== undefined &&
    binding.match === null &&
    binding.paramRef === null
  );
}

/** True: every validation holds, within the budget. False: ask the exact path. */
export function allHold(runnable: Runnable, state: RequestState, matched: MatchedResource): boolean {
  const { policy, code, scope, messageBound } = runnable;
  if (matched.conversion === 'impossible') return false;
  const vars = state.vars(matched);
  if (policy.subject === 'pod') {
    const { pod } = state;
    if (pod === null || 'detail' in pod) return false;
    vars.pod = pod.pod;
    vars.containers = pod.containers;
  }
  vars.exceptions = NO_EXCEPTIONS;
  prepareVars(runnable, vars);
  vars.params = policy.bindings[0]!.params;
  if (scope !== null) scope.reset(vars);
  const { budget } = policy;
  const waits = state.deadline !== undefined;
  const limit = waits ? Math.min(budget.expression, QUICK_COST) : budget.expression;
  let left = budget.evaluation;
  for (const program of code.validations) {
    const outcome = program.evaluate(vars, limit);
    if (!outcome.ok || outcome.value !== true) return false;
    const cost = scope === null ? outcome.cost : outcome.cost + scope.takeCost();
    left -= cost;
    state.spent += cost;
    if (left < 0 || (waits && state.spent > QUICK_COST)) return false;
  }
  // An error for want of time may have been absorbed on the way.
  return left >= messageBound && vars.$deadline?.over !== true;
}
