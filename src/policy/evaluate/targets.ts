/**
 * Which objects that exist a policy changes, where an expression about a request says so. Source: kyverno
 * pkg/background/mpol/processor.go.
 */
import { CelError } from '../../cel/errors.ts';
import type { JsonMap, ResourceRef } from '../../model/index.ts';
import type { TargetChoice } from '../form.ts';
import { isMap, mapAt, own, stringAt } from '../json.ts';
import { jsonOf } from '../mutate/convert.ts';
import type { AdmissionRequest } from '../request.ts';
import { createMeter, OutOfBudget } from './meter.ts';
import { enter, prepareVars, type Runnable, runConditions } from './run.ts';
import { RequestState, type SharedContext } from './state.ts';
import type { Vars } from './vars.ts';

/** Objects that were chosen, or why none could be. */
export type Choice =
  | { readonly kind: 'chosen'; readonly objects: readonly JsonMap[] }
  | { readonly kind: 'failed'; readonly message: string; readonly error?: CelError };

const NONE: Choice = { kind: 'chosen', objects: [] };

/** @param trigger the request that leads to a change of objects which exist */
export function chooseTargets(
  runnable: Runnable,
  targets: TargetChoice,
  trigger: AdmissionRequest,
  shared: SharedContext,
): Choice {
  const state = new RequestState(trigger, shared);
  const answer = state.matches(targets.match);
  if (answer.answer === 'undecided') return { kind: 'failed', message: answer.detail };
  if (answer.answer === 'no') return NONE;
  const vars = state.vars(answer.matched);
  // Kyverno's controller looks up no namespace, and shows the one object there is: that of a deletion as well.
  vars.$namespaceObject = null;
  prepareVars(runnable, vars);
  vars.object ??= vars.oldObject;
  vars.oldObject = null;
  enter(runnable.scope, vars, true);
  const unmet = runConditions(
    runnable,
    vars,
    targets.matchConditions,
    runnable.code.targets!.matchConditions,
  );
  // A request whose conditions err leads to nothing, whatever the failure policy is.
  return unmet === null ? evaluate(runnable, vars) : NONE;
}

/** Whether an object is among those chosen: by kind and place, where they say them. */
export function isChosen(objects: readonly JsonMap[], ref: ResourceRef): boolean {
  return objects.some((object) => {
    const metadata = mapAt(object, 'metadata') ?? {};
    const says = (field: 'apiVersion' | 'kind') => stringAt(object, field) || ref[field];
    return (
      stringAt(metadata, 'name') === ref.name &&
      stringAt(metadata, 'namespace') === ref.namespace &&
      says('apiVersion') === ref.apiVersion &&
      says('kind') === ref.kind
    );
  });
}

function evaluate({ policy, code, scope }: Runnable, vars: Vars): Choice {
  const { budget } = policy;
  try {
    const outcome = createMeter(budget.evaluation, budget.expression, scope).evaluate(
      code.targets!.expression,
      vars,
    );
    return outcome.ok ? chosen(jsonOf(outcome.value)) : failed(outcome.error);
  } catch (thrown) {
    if (thrown instanceof OutOfBudget) return failed(thrown.error);
    if (thrown instanceof CelError) return failed(thrown);
    throw thrown;
  }
}

function failed(error: CelError): Choice {
  return { kind: 'failed', message: error.$message, error };
}

function chosen(value: unknown): Choice {
  if (!isMap(value)) return { kind: 'failed', message: 'the expression yields no object' };
  const items = own(value, 'items');
  if (!Array.isArray(items)) return { kind: 'chosen', objects: [value] };
  if (!items.every(isMap)) return { kind: 'failed', message: 'an item is not a valid Kubernetes object' };
  return { kind: 'chosen', objects: items };
}
