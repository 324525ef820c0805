/** The mutations of one policy, one after the other on one object. */

import { equals } from '../../cel/equality.ts';
import type { CelError } from '../../cel/errors.ts';
import type { Value } from '../../cel/values.ts';
import type { FieldSchema, JsonMap, Schemas } from '../../model/index.ts';
import type { Mutation } from '../form.ts';
import type { GroupVersionKind } from '../match/rules.ts';
import { fill } from '../mutate/fill.ts';
import { applyPatch, type PatchOutcome } from '../mutate/patch.ts';
import { apiVersionOf } from '../request.ts';
import { decode, isBuiltIn } from './decode.ts';
import { createMeter, OutOfBudget } from './meter.ts';
import { enter, type Runnable } from './run.ts';
import type { Vars } from './vars.ts';

/** The object as one version of its kind. */
export interface Version {
  readonly kind: GroupVersionKind;
  object: JsonMap | null;
  /** Whether a patch was applied, be it one that changed nothing. */
  dirty: boolean;
}

export type MutationResult =
  | { readonly kind: 'patched'; readonly mutation: number; readonly changed: boolean }
  | {
      readonly kind: 'failed';
      readonly mutation: number;
      readonly message: string;
      readonly error?: CelError;
    }
  /** Ends the request. */
  | { readonly kind: 'broken'; readonly mutation: number; readonly message: string };

/**
 * A mutation that fails does not keep those after it from being applied. Each has the whole budget, and evaluates the
 * variables it reads anew; where a policy succeeds or fails as a whole, they are evaluated once, when first read.
 *
 * @param schemas Of built-in kinds, which are then read as the API server reads them.
 */
export function* runMutations(
  runnable: Runnable,
  vars: Vars,
  version: Version,
  { schemas, typed }: { readonly schemas: Schemas | undefined; readonly typed: boolean },
): Generator<MutationResult> {
  for (const [mutation, { expression, atomics }] of runnable.policy.mutations.entries()) {
    if (version.object === null) return;
    const value = evaluate(runnable, mutation, expression, vars);
    if ('message' in value) {
      yield { kind: 'failed', mutation, ...value };
      continue;
    }
    const before = version.object;
    const outcome = patched(value.value, version, { schemas, typed, atomics });
    if (outcome.kind === 'patched') {
      version.object = outcome.object;
      version.dirty = true;
      vars.object = outcome.object;
      yield { kind: 'patched', mutation, changed: !equals(before as Value, outcome.object as Value) };
    } else yield { ...outcome, mutation };
  }
}

type Evaluated = { readonly value: Value } | { readonly message: string; readonly error: CelError };

function evaluate(
  { policy, code, scope }: Runnable,
  mutation: number,
  { text }: Mutation['expression'],
  vars: Vars,
): Evaluated {
  if (!policy.firstFailureOnly) enter(scope, vars, true);
  const { budget } = policy;
  try {
    const outcome = createMeter(budget.evaluation, budget.expression, scope).evaluate(
      code.mutations[mutation]!,
      vars,
    );
    if (outcome.ok) return { value: outcome.value };
    const { error } = outcome;
    return { message: `expression '${text}' resulted in error: ${error.$message}`, error };
  } catch (thrown) {
    if (thrown instanceof OutOfBudget) return { message: thrown.error.$message, error: thrown.error };
    throw thrown;
  }
}

/** An object of a built-in kind as the API server's policies see it. */
export function asShown(object: JsonMap, schema: FieldSchema | undefined): JsonMap {
  const decoded = decode(object, () => schema);
  return schema === undefined ? decoded : fill(schema, decoded);
}

interface PatchOptions extends Pick<Mutation, 'atomics'> {
  readonly schemas: Schemas | undefined;
  readonly typed: boolean;
}

function patched(
  value: Value,
  { object, kind }: Version,
  { schemas, typed, atomics }: PatchOptions,
): PatchOutcome {
  const schema = schemas?.ofKind(apiVersionOf(kind), kind.kind);
  const builtIn = typed && isBuiltIn(kind.group);
  const outcome = applyPatch(value, object!, { schema, builtIn, atomics });
  if (outcome.kind !== 'patched' || !builtIn) return outcome;
  return { kind: 'patched', object: asShown(outcome.object, schema) };
}
