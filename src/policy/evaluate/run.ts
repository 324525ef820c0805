/** One policy on one request with one set of parameters: match conditions, validations, messages, annotations. */
import type { CelError } from '../../cel/errors.ts';
import { createExceptions } from '../../cel/libraries/index.ts';
import { trim } from '../../cel/libraries/strings.ts';
import {
  type AuditAnnotation,
  type CompiledPolicy,
  type Exception,
  type Expression,
  isKyverno,
  type PolicyCode,
  type StatusReason,
  TARGET,
} from '../form.ts';
import type { Outcome, Program } from '../program.ts';
import { messageOf } from './message.ts';
import { createMeter, OutOfBudget } from './meter.ts';
import { createRelatedScope } from './related.ts';
import { createScope, type Scope } from './scope.ts';
import { NO_EXCEPTIONS, type Vars } from './vars.ts';

/** What became of a validation that does not hold. Those that hold leave nothing. */
export type Decision =
  | { readonly kind: 'deny'; readonly index: number; readonly message: string; readonly reason: StatusReason }
  /** `index` is null when the evaluation as a whole failed. `message` is worded as the API server words it. */
  | {
      readonly kind: 'error';
      readonly index: number | null;
      readonly message: string;
      readonly error: CelError;
    };

export type AuditResult =
  | { readonly kind: 'publish'; readonly key: string; readonly value: string }
  | { readonly kind: 'error'; readonly key: string; readonly message: string; readonly error: CelError }
  /** Neither string nor null: denies whatever the failure policy says. */
  | { readonly kind: 'wrong-type'; readonly key: string; readonly message: string };

export type Run =
  | { readonly kind: 'pass' }
  | { readonly kind: 'exempted'; readonly by: readonly string[]; readonly as: Exception['result'] }
  | { readonly kind: 'condition-false'; readonly condition: string }
  | { readonly kind: 'condition-error'; readonly message: string; readonly error: CelError }
  | {
      readonly kind: 'decided';
      readonly decisions: readonly Decision[];
      readonly audit: readonly AuditResult[];
    };

/** A policy ready to run: code compiled, scope made. */
export interface Runnable {
  readonly policy: CompiledPolicy;
  readonly code: PolicyCode;
  readonly scope: Scope | null;
  /** With at least this budget left, messages of validations that hold may stay unevaluated. */
  readonly messageBound: number;
}

const PASS: Run = { kind: 'pass' };

export function prepare(policy: CompiledPolicy, code: PolicyCode): Runnable {
  const limit = policy.budget.expression;
  const related =
    code.related === undefined ? null : createRelatedScope(policy.related ?? [], code.related, limit);
  const scope =
    policy.variables.length === 0 && related === null
      ? null
      : createScope(policy.variables, code.variables, limit, related);
  return { policy, code, scope, messageBound: policy.lazyMessages ? 0 : messageBound(policy) };
}

/** Messages that cannot use up what validations left need not be run for those that hold. */
function messageBound({ validations, variables, budget }: CompiledPolicy): number {
  const messages = validations.flatMap((v) => v.messageExpression?.text ?? []);
  if (messages.length === 0) return 0;
  return costBound([...messages, ...variables.map((v) => v.expression.text)], budget.expression);
}

/** Functions that can cost more in a single step than an expression may: their cost is a product of two sizes. */
const DEAR_STEP = /matches|find|contains|intersects|equivalent|[iI]ndexOf|includes|replace|split/;

/**
 * What expressions can cost at most. The limit of one is checked after each step, so each may exceed it by a step; a
 * step is cheaper than the limit unless it is one of those above.
 */
function costBound(texts: readonly string[], limit: number): number {
  return texts.some((text) => DEAR_STEP.test(text)) ? Number.POSITIVE_INFINITY : texts.length * 2 * limit;
}

/**
 * @param vars Already holds object and parameters; its `variables` are set here.
 * @param conditionVars The same, as match conditions see them.
 */
export function run(runnable: Runnable, vars: Vars, conditionVars: Vars): Run {
  const unmet = runBefore(runnable, vars, conditionVars);
  if (unmet !== null) return unmet;
  const decisions = runValidations(runnable, vars);
  // Validations that ran out of their budget end the evaluation: annotations are not even tried.
  if (decisions[0]?.index === null) return { kind: 'decided', decisions, audit: NO_AUDIT };
  const audit = runnable.code.auditAnnotations.length === 0 ? NO_AUDIT : runAudit(runnable, vars);
  if (audit instanceof OutOfBudget)
    return { kind: 'decided', decisions: [wholeFailed(audit)], audit: NO_AUDIT };
  return decisions.length === 0 && audit.length === 0 ? PASS : { kind: 'decided', decisions, audit };
}

/** Exceptions and match conditions; null when the policy is to be run. */
export function runBefore(runnable: Runnable, vars: Vars, conditionVars: Vars): Run | null {
  const { policy, code } = runnable;
  prepareVars(runnable, vars);
  if (policy.exceptions.length > 0) {
    const exempted = runExceptions(runnable, conditionVars);
    if ('kind' in exempted) return exempted;
    vars.exceptions = createExceptions(exempted.allowedImages, exempted.allowedValues);
  } else vars.exceptions = NO_EXCEPTIONS;
  // Conditions of what mutates under Kyverno see variables, and mutations then see the same values.
  if (policy.mutations.length > 0 && policy.firstFailureOnly) enter(runnable.scope, vars, true);
  if (code.matchConditions.length === 0) return null;
  return runConditions(runnable, conditionVars, policy.matchConditions, code.matchConditions);
}

/** What expressions see of the policy itself. */
export function prepareVars({ policy }: Runnable, vars: Vars): void {
  vars.$policyNamespace = namespaceOf(policy);
  vars.$wholeRequest = isKyverno(policy.dialect);
  // Of an absent object Kyverno makes an empty one; of a JSON document, and of one that exists, there is no other.
  const showsEmpty = isKyverno(policy.dialect) && policy.subject === 'object' && policy.variant !== TARGET;
  vars.$showAbsent(showsEmpty, showsEmpty && policy.mutations.length > 0);
}

function namespaceOf({ dialect, id }: CompiledPolicy): string {
  return dialect === 'kyverno-namespaced' ? id.slice(0, id.indexOf('/')) : '';
}

const NO_AUDIT: readonly AuditResult[] = [];

/** What exceptions in force let expressions allow. */
interface Allowed {
  readonly allowedImages: string[];
  readonly allowedValues: string[];
}

/**
 * Source: kyverno pkg/cel/policies/vpol/compiler/policy.go. One exception without images and values exempts; then what
 * is wrong with a later one no longer matters.
 */
function runExceptions(runnable: Runnable, vars: Vars): Run | Allowed {
  const { policy, code } = runnable;
  const applied: Exception[] = [];
  let exempts = false;
  // Of what mutates, any error ends it; the failure policy then says what becomes of the request.
  const passesOver = policy.failurePolicy === 'Ignore' && policy.mutations.length === 0;
  const allowed: Allowed = { allowedImages: [], allowedValues: [] };
  for (const [i, exception] of policy.exceptions.entries()) {
    if (isOver(exception, vars)) continue;
    const unmet = runConditions(runnable, vars, exception.matchConditions, code.exceptions[i]!);
    if (unmet === null) {
      applied.push(exception);
      exempts ||= exception.images.length === 0 && exception.allowedValues.length === 0;
      allowed.allowedImages.push(...exception.images);
      allowed.allowedValues.push(...exception.allowedValues);
    } else if (unmet.kind === 'condition-error' && !exempts && !passesOver) return unmet;
  }
  if (!exempts) return allowed;
  // Priorities count from 1; without any, the first says what is reported.
  const strongest = applied.reduce((a, b) => (b.priority > Math.max(a.priority, 0) ? b : a));
  return { kind: 'exempted', by: applied.map(({ name }) => name), as: strongest.result };
}

/** As when it is loaded: at its very time it counts. Source: kyverno pkg/cel/engine/exception.go. */
function isOver({ expires }: Exception, { $context: { now } }: Vars): boolean {
  return expires !== undefined && now !== undefined && now() > expires;
}

/** Null when the conditions are met. Any false wins over errors, unless the budget ended them all. */
export function runConditions(
  { policy }: Pick<Runnable, 'policy'>,
  vars: Vars,
  matchConditions: CompiledPolicy['matchConditions'],
  programs: readonly Program[],
): Run | null {
  const { budget } = policy;
  const meter = createMeter(budget.matchConditions, budget.expression, null);
  const errors: { message: string; error: CelError }[] = [];
  let falseOne: string | undefined;
  try {
    for (let i = 0; i < matchConditions.length; i++) {
      // Once one is false, others matter only if they could still end the budget.
      if (
        falseOne !== undefined &&
        costBound(textsFrom(matchConditions, i), budget.expression) <= meter.left
      ) {
        break;
      }
      const outcome = meter.evaluate(programs[i]!, vars);
      if (!outcome.ok) errors.push(failure(matchConditions[i]!.expression, outcome.error));
      else if (outcome.value === false) falseOne ??= matchConditions[i]!.name;
    }
  } catch (thrown) {
    const { error } = budgetError(thrown);
    return { kind: 'condition-error', message: error.$message, error };
  }
  if (falseOne !== undefined) return { kind: 'condition-false', condition: falseOne };
  if (errors.length === 0) return null;
  return { kind: 'condition-error', message: aggregate(errors), error: weightiest(errors) };
}

function textsFrom(conditions: CompiledPolicy['matchConditions'], first: number): string[] {
  return conditions.slice(first).map(({ expression }) => expression.text);
}

function failure({ text }: Expression, error: CelError): { message: string; error: CelError } {
  return { message: `expression '${text}' resulted in error: ${error.$message}`, error };
}

/** As apimachinery's aggregates read: one alone, several distinct ones in brackets. */
function aggregate(errors: readonly { message: string }[]): string {
  const distinct = [...new Set(errors.map(({ message }) => message))];
  return distinct.length === 1 ? distinct[0]! : `[${distinct.join(', ')}]`;
}

/** An error that stands whoever asks says more than one that only a user could settle. */
function weightiest(errors: readonly { error: CelError }[]): CelError {
  return (errors.find(({ error }) => !error.$code.startsWith('needs-')) ?? errors[0]!).error;
}

function budgetError(thrown: unknown): OutOfBudget {
  if (thrown instanceof OutOfBudget) return thrown;
  throw thrown;
}

function runValidations(runnable: Runnable, vars: Vars): readonly Decision[] {
  const { policy, code, scope } = runnable;
  enter(scope, vars, true);
  const meter = createMeter(policy.budget.evaluation, policy.budget.expression, scope);
  let failed: { index: number; outcome: Outcome }[] | undefined;
  try {
    for (let index = 0; index < code.validations.length; index++) {
      const outcome = meter.evaluate(code.validations[index]!, vars);
      if (outcome.ok && outcome.value === true) continue;
      failed ??= [];
      failed.push({ index, outcome });
      if (policy.firstFailureOnly) break;
    }
  } catch (thrown) {
    return [wholeFailed(budgetError(thrown))];
  }
  const lazy = meter.left >= runnable.messageBound;
  if (failed === undefined && lazy) return NONE;
  // Whose messages count: without bounds to the cost, those of validations that hold too.
  const told = lazy ? failed!.map(({ index }) => index) : [...code.validations.keys()];
  return explainFailures(runnable, vars, failed ?? [], told, meter.left);
}

const NONE: readonly Decision[] = [];

function wholeFailed({ error }: OutOfBudget): Decision {
  return { kind: 'error', index: null, message: error.$message, error };
}

/** Variables are evaluated anew for each list of expressions, and charged anew. */
export function enter(scope: Scope | null, vars: Vars, authorizer: boolean): void {
  vars.$withoutAuthorizer = !authorizer;
  if (scope === null) return;
  scope.reset(vars);
}

function explainFailures(
  runnable: Runnable,
  vars: Vars,
  failed: readonly { index: number; outcome: Outcome }[],
  told: readonly number[],
  budget: number,
): readonly Decision[] {
  const { validations } = runnable.policy;
  const messages = runMessages(runnable, vars, told, budget);
  if (messages instanceof OutOfBudget)
    return messagesOutOfBudget(runnable.policy, failed, told, messages.error);
  return failed.map(({ index, outcome }): Decision => {
    const validation = validations[index]!;
    if (!outcome.ok) return { kind: 'error', index, ...failure(validation.expression, outcome.error) };
    const message = messageOf(validation, messages[index] ?? null, isKyverno(runnable.policy.dialect));
    return { kind: 'deny', index, message, reason: validation.reason };
  });
}

function runMessages(
  runnable: Runnable,
  vars: Vars,
  told: readonly number[],
  budget: number,
): (Outcome | undefined)[] | OutOfBudget {
  const { policy, code, scope } = runnable;
  enter(scope, vars, false);
  const meter = createMeter(budget, policy.budget.expression, scope);
  const outcomes: (Outcome | undefined)[] = [];
  try {
    for (const index of told) {
      const program = code.messages[index];
      if (program != null) outcomes[index] = meter.evaluate(program, vars);
    }
  } catch (thrown) {
    return budgetError(thrown);
  }
  return outcomes;
}

/** Then all fail for that reason, also validations that hold; only evaluation errors keep their own. */
function messagesOutOfBudget(
  { validations }: CompiledPolicy,
  failed: readonly { index: number; outcome: Outcome }[],
  told: readonly number[],
  error: CelError,
): readonly Decision[] {
  const byIndex = new Map(failed.map(({ index, outcome }) => [index, outcome]));
  return told.map((index): Decision => {
    const outcome = byIndex.get(index);
    if (outcome !== undefined && !outcome.ok) {
      return { kind: 'error', index, ...failure(validations[index]!.expression, outcome.error) };
    }
    return { kind: 'error', index, message: `failed messageExpression: ${error.$message}`, error };
  });
}

/** Annotations that run out of their budget end the evaluation as a whole, decisions included. */
export function runAudit(
  { policy, code, scope }: Runnable,
  vars: Vars,
): readonly AuditResult[] | OutOfBudget {
  enter(scope, vars, false);
  const meter = createMeter(policy.budget.evaluation, policy.budget.expression, scope);
  try {
    return policy.auditAnnotations.flatMap((annotation, i) => {
      const program: Program = code.auditAnnotations[i]!;
      return auditResult(annotation, meter.evaluate(program, vars), !isKyverno(policy.dialect));
    });
  } catch (thrown) {
    return budgetError(thrown);
  }
}

/** @param trims Kyverno leaves space where it is. */
function auditResult(
  { key, valueExpression }: AuditAnnotation,
  outcome: Outcome,
  trims: boolean,
): AuditResult[] {
  if (!outcome.ok) return [{ kind: 'error', key, ...failure(valueExpression, outcome.error) }];
  const { value } = outcome;
  if (value === null) return [];
  if (typeof value === 'string') {
    const published = trims ? trim(value) : value;
    return published === '' ? [] : [{ kind: 'publish', key, value: published }];
  }
  const message = `valueExpression '${valueExpression.text}' resulted in unsupported return type. Return type must be either string or null.`;
  return [{ kind: 'wrong-type', key, message }];
}
