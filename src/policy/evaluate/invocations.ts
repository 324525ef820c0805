/** Which bindings of a policy concern a request, and with which parameters each is to be run. */
import type { JsonMap } from '../../model/index.ts';
import type { Binding, CompiledPolicy } from '../form.ts';
import type { MatchAnswer, MatchedResource } from '../match/match.ts';
import { apiVersionOf } from '../request.ts';
import { type CollectedParams, collectParams } from './params.ts';
import type { RequestState } from './state.ts';

/** A policy is to be run once, with a binding and one set of parameters. */
export interface Invocation {
  readonly kind: 'run';
  readonly binding: Binding;
  readonly params: JsonMap | null;
}

/** A binding that cannot be run; the API server would call it a configuration error. */
export interface Misconfigured {
  readonly kind: 'configuration';
  readonly binding: Binding;
  readonly reason: 'needs-namespace' | 'needs-params' | 'misconfigured';
  readonly detail: string;
}

/** A policy that does not get as far as its bindings. */
export type NotInvoked =
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
    };

export interface Invoked {
  readonly kind: 'invoked';
  readonly matched: MatchedResource;
  readonly invocations: readonly (Invocation | Misconfigured)[];
}

const NOT_MATCHED: NotInvoked = { kind: 'not-matched' };
const NOT_BOUND: NotInvoked = { kind: 'not-bound' };
const BOUND = { answer: 'yes' } as const;

/** @param matched What the plan knows already; null when the policy must be asked. */
export function findInvocations(
  policy: CompiledPolicy,
  state: RequestState,
  matched: MatchedResource | null,
): NotInvoked | Invoked {
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
  const invocations = policy.bindings.flatMap((binding) => ofBinding(policy, binding, state));
  if (invocations.length === 0) return NOT_BOUND;
  // Only now does the version of the object matter.
  const converts =
    answer.matched.conversion === 'impossible' && invocations.some(({ kind }) => kind === 'run');
  if (converts) return needsConversion(state, answer.matched);
  return { kind: 'invoked', matched: answer.matched, invocations };
}

function ofBinding(
  policy: CompiledPolicy,
  given: Binding,
  state: RequestState,
): (Invocation | Misconfigured)[] {
  const binding = given.overrides === undefined ? given : state.effective(given);
  const bound = binding.match === null ? BOUND : state.matches(binding.match);
  if (bound.answer === 'no') return [];
  if (bound.answer === 'undecided') {
    return [{ binding, kind: 'configuration', reason: 'needs-namespace', detail: bound.detail }];
  }
  const { params: source, discovery } = state.context;
  const found = collectParams(policy.paramKind, binding, state.request.namespace, source, discovery);
  if (!('params' in found)) return [misconfigured(binding, found)];
  return found.params.map((params) => ({ binding, kind: 'run', params }));
}

function misconfigured(
  binding: Binding,
  params: Exclude<CollectedParams, { params: unknown }>,
): Misconfigured {
  if ('unknown' in params)
    return { binding, kind: 'configuration', reason: 'needs-params', detail: params.unknown };
  return { binding, kind: 'configuration', reason: 'misconfigured', detail: params.misconfigured };
}

function needsConversion({ request }: RequestState, { kind }: MatchedResource): NotInvoked {
  const from = apiVersionOf(request.kind);
  const to = apiVersionOf(kind);
  const detail = `the policy reads ${to} ${kind.kind}; the object is ${from}, which only the API server converts`;
  return { kind: 'not-evaluated', reason: 'needs-conversion', detail };
}
