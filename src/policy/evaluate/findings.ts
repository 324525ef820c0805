/** What a review becomes in results: one finding a failed validation, or one for the whole policy. */
import type { CelError } from '../../cel/errors.ts';
import type { Action, Finding, JsonMap, Reason, ResourceRef, Verdict } from '../../model/index.ts';
import { type CompiledPolicy, isKyverno, type ValidationAction } from '../form.ts';
import { compare } from '../load.ts';
import type { MatchedResource } from '../match/match.ts';
import type { Unknown } from './follower.ts';
import type { BindingRun, PolicyReview } from './review.ts';
import type { Run } from './run.ts';

/**
 * Finds the field a validation hung on under some parameters; only asked for violations and errors.
 *
 * @param denied Whether it was false; else it could not be evaluated.
 */
export type FindPath = (
  index: number,
  matched: MatchedResource,
  params: JsonMap | null,
  denied: boolean,
) => string | undefined;

/** What is returned beside violations, errors and what nobody knows. */
export interface Wanted {
  readonly passes: boolean;
  /** Not matched, not bound, condition false. */
  readonly skips: boolean;
}

export function findingsOf(
  policy: CompiledPolicy,
  review: PolicyReview,
  resource: ResourceRef,
  wanted: Wanted,
  unknown: Unknown,
  findPath: FindPath,
): Finding[] {
  const make = (verdict: Verdict, action: Action, reason: Reason, detail: string): Finding => ({
    policy: policy.id,
    severity: policy.info.severity,
    verdict,
    action,
    reason,
    detail,
    resource,
  });
  const skip = (reason: Reason, detail: string) =>
    wanted.skips ? [make('skip', 'allow', reason, detail)] : [];
  switch (review.kind) {
    case 'not-matched':
      return skip('not-matched', 'the policy does not match this resource');
    case 'not-bound':
      return skip('not-bound', 'no binding of the policy selects this resource');
    case 'not-evaluated': {
      if (review.reason === 'needs-user' && unknown === 'skip')
        return [make('skip', 'allow', 'needs-user', review.detail)];
      const finding = make('error', configurationAction(policy), review.reason, review.detail);
      return [review.pointer === undefined ? finding : { ...finding, path: review.pointer }];
    }
    case 'reviewed':
      return ofRuns(policy, review.runs, make, wanted, unknown, (index, params, denied) =>
        findPath(index, review.matched, params, denied),
      );
  }
}

type FindFailedPath = (index: number, params: JsonMap | null, denied: boolean) => string | undefined;

type Make = (verdict: Verdict, action: Action, reason: Reason, detail: string) => Finding;

function ofRuns(
  policy: CompiledPolicy,
  runs: readonly BindingRun[],
  make: Make,
  wanted: Wanted,
  unknown: Unknown,
  findPath: FindFailedPath,
): Finding[] {
  const failures = mergeFailures(policy, runs, unknown);
  if (failures.length > 0) return failures.map((failure) => ofFailure(failure, policy, make, findPath));
  const condition = onlyConditionFalse(runs);
  if (condition !== undefined) {
    const detail = `match condition "${condition}" is false`;
    return wanted.skips ? [make('skip', 'allow', 'match-condition-false', detail)] : [];
  }
  return wanted.passes ? [make('pass', 'allow', 'compliant', 'all validations hold')] : [];
}

/** When no run got past its conditions, nothing was checked: that is no pass. */
function onlyConditionFalse(runs: readonly BindingRun[]): string | undefined {
  let first: string | undefined;
  for (const entry of runs) {
    if (entry.kind !== 'run' || entry.run.kind !== 'condition-false') return undefined;
    first ??= entry.run.condition;
  }
  return first;
}

/** One thing that went wrong, over all bindings and parameters. */
interface Failure {
  /** Of the validation; null when the policy as a whole failed. */
  readonly index: number | null;
  readonly verdict: 'violation' | 'error' | 'skip' | 'exempted';
  readonly reason: Reason;
  action: Action;
  readonly details: string[];
  /** Those of the first run that failed. */
  readonly params: JsonMap | null;
}

function mergeFailures(policy: CompiledPolicy, runs: readonly BindingRun[], unknown: Unknown): Failure[] {
  const merged = new Map<string, Failure>();
  for (const entry of runs) {
    const params = entry.kind === 'run' ? entry.params : null;
    const add: Add = (index, verdict, reason, action, detail) => {
      const key = `${index} ${verdict} ${reason}`;
      const failure = merged.get(key);
      if (failure === undefined) {
        merged.set(key, { index, verdict, reason, action, details: [detail], params });
      } else {
        failure.action = stronger(failure.action, action);
        if (!failure.details.includes(detail)) failure.details.push(detail);
      }
    };
    if (entry.kind === 'configuration') {
      add(null, 'error', entry.reason, configurationAction(policy), entry.detail);
    } else addRun(policy, entry.run, actionOf(entry.binding.actions), unknown, add);
  }
  return [...merged.values()].sort(byIndex);
}

type Add = (
  index: number | null,
  verdict: Failure['verdict'],
  reason: Reason,
  action: Action,
  detail: string,
) => void;

function addRun(policy: CompiledPolicy, run: Run, action: Action, unknown: Unknown, add: Add): void {
  const addError = unknown === 'skip' ? addExcused : addFault;
  const onConditions = policy.failurePolicy === 'Fail' ? action : 'allow';
  // Kyverno minds the failure policy in conditions alone, and the actions in whatever goes wrong.
  const onError = isKyverno(policy.dialect) ? action : onConditions;
  const onAnnotation = isKyverno(policy.dialect) ? action : configurationAction(policy);
  if (run.kind === 'exempted')
    add(null, 'exempted', 'exempted', 'allow', `exempted by PolicyException ${run.by.join(', ')}`);
  if (run.kind === 'condition-error') addError(null, run.error, onConditions, add);
  if (run.kind !== 'decided') return;
  for (const decision of run.decisions) {
    if (decision.kind === 'deny')
      add(decision.index, 'violation', 'validation-failed', action, decision.message);
    else addError(decision.index, decision.error, onError, add);
  }
  for (const annotation of run.audit) {
    if (annotation.kind === 'wrong-type') add(null, 'error', 'evaluation-failed', 'deny', annotation.message);
    else if (annotation.kind === 'error') addError(null, annotation.error, onAnnotation, add);
  }
}

type AddError = (index: number | null, error: CelError, action: Action, add: Add) => void;

const addFault: AddError = (index, error, action, add) =>
  add(index, 'error', reasonOf(error), action, error.$message);

/** Of what nobody knows nobody is accused. */
const addExcused: AddError = (index, error, action, add) => {
  const reason = reasonOf(error);
  if (reason === 'needs-related') add(null, 'skip', reason, 'allow', error.$message);
  else if (reason === 'needs-user') add(index, 'skip', reason, 'allow', error.$message);
  else addFault(index, error, action, add);
};

export function reasonOf(error: CelError): Reason {
  switch (error.$code) {
    case 'needs-user':
    case 'needs-namespace':
    case 'needs-answer':
    case 'needs-related':
      return error.$code;
    case 'cost-exceeded':
    case 'variable-cost-exceeded':
    case 'deadline-exceeded':
      return 'budget-exceeded';
    default:
      return 'evaluation-failed';
  }
}

function ofFailure(failure: Failure, policy: CompiledPolicy, make: Make, findPath: FindFailedPath): Finding {
  const finding = make(failure.verdict, failure.action, failure.reason, detailOf(failure.details));
  if (failure.index === null) return finding;
  const { index, params, verdict } = failure;
  const path = verdict === 'skip' ? undefined : findPath(index, params, verdict === 'violation');
  const validation = policy.validations[index]!.name;
  return path === undefined ? { ...finding, validation } : { ...finding, validation, path };
}

const MAX_DETAILS = 5;

/** Several parameters can give several messages; all belong to one finding. */
function detailOf(details: readonly string[]): string {
  const shown = details.slice(0, MAX_DETAILS).join('; ');
  return details.length > MAX_DETAILS ? `${shown}; and ${details.length - MAX_DETAILS} more` : shown;
}

function byIndex(a: Failure, b: Failure): number {
  return (a.index ?? -1) - (b.index ?? -1) || compare(a.verdict, b.verdict) || compare(a.reason, b.reason);
}

const STRENGTH: readonly Action[] = ['allow', 'audit', 'warn', 'deny'];

function stronger(a: Action, b: Action): Action {
  return STRENGTH.indexOf(a) >= STRENGTH.indexOf(b) ? a : b;
}

/** The strongest of a binding's actions: that is what the requester meets. */
function actionOf(actions: readonly ValidationAction[]): Action {
  if (actions.includes('Deny')) return 'deny';
  if (actions.includes('Warn')) return 'warn';
  return actions.includes('Audit') ? 'audit' : 'allow';
}

/** What a configuration error leads to: it does not go through the binding's actions. */
function configurationAction(policy: CompiledPolicy): Action {
  if (policy.failurePolicy === 'Ignore') return 'allow';
  // A native policy without a stage audits, whatever goes wrong.
  return policy.dialect === 'native' ? actionOf(policy.bindings[0]!.actions) : 'deny';
}
