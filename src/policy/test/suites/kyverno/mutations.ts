/** What mutating policies make of one resource, as Kyverno's CLI puts it. */
import { createEvaluator } from '../../../evaluate/evaluator.ts';
import type { MutationAnswer } from '../../../evaluate/mutation-answer.ts';
import type { CompiledPolicy } from '../../../form.ts';
import { EVERYTHING } from '../../../match/match.ts';
import { isPlain, type Responder, type Response, type Responses, type Surroundings } from './answers.ts';
import { withParams } from './params.ts';

/**
 * Policies of one engine are run one after the other: those of Kyverno all of them before any result is looked at, admission
 * policies up to the one that is asked about.
 *
 * @param readings One policy in all its readings.
 */
export function createMutationResponder(
  readings: readonly CompiledPolicy[],
  around: Surroundings,
): Responder {
  const [asked] = readings;
  const isAdmission = asked!.dialect === 'map';
  const family = around.mutating.filter(({ dialect }) => (dialect === 'map') === isAdmission);
  const last = isAdmission ? family.indexOf(readings.at(-1)!) + 1 : family.length;
  const policies = family.slice(0, last).map((policy) => adapt(policy, around));
  const onRequests = createEvaluator({ policies }, around.context);
  const onTargets = createEvaluator({ policies }, around.existing);
  return {
    ask: (request, triggers) => {
      const answers = triggers?.map((trigger) => onTargets.mutateExisting(request, trigger)) ?? [
        onRequests.mutate(request),
      ];
      const responses = answers.flatMap((answer) =>
        readings.flatMap((policy) => responsesOf(policy, answer)),
      );
      if (responses.length > 0) return responses;
      return isAdmission || readings.every(({ match }) => isPlain(match)) ? null : [];
    },
    askPayload: () => null,
  };
}

/**
 * The CLI calls nothing twice, takes resources of all namespaces, and goes on after an error. Any resource leads to changes
 * of objects that exist, whether the policy matches it or not.
 */
function adapt(policy: CompiledPolicy, { cluster, params }: Surroundings): CompiledPolicy {
  const match = { ...policy.match, matchPolicy: 'Exact' } as const;
  const bindings = cluster ? policy.bindings : policy.bindings.map((binding) => withParams(binding, params));
  const targets =
    policy.targets === null ? null : { ...policy.targets, match: EVERYTHING, matchConditions: [] };
  return {
    ...policy,
    match,
    targets,
    bindings,
    filter: null,
    failurePolicy: 'Ignore',
    reinvocation: 'Never',
  };
}

function responsesOf({ id, variant }: CompiledPolicy, answer: MutationAnswer): Responses & object {
  const isOf = (one: { readonly policy: string; readonly variant: string }) =>
    one.policy === id && one.variant === variant;
  const patched = answer.object === null ? {} : { patched: answer.object };
  const error = answer.errors.find(isOf);
  if (error !== undefined) return [{ status: 'error', message: error.message }];
  const skipped = answer.skipped.find(isOf);
  const applied = answer.applied.find(isOf);
  if (applied !== undefined) return [{ status: 'pass', message: '', ...patched } satisfies Response];
  return skipped === undefined ? [] : [{ status: skipped.as, message: skipped.detail, ...patched }];
}
