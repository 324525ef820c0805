/** What one policy says of one resource, as Kyverno's CLI puts it. */
import type { JsonMap, Resource } from '../../../../model/index.ts';
import { createEvaluator } from '../../../evaluate/evaluator.ts';
import { reviewPayload } from '../../../evaluate/payload.ts';
import type { BindingRun } from '../../../evaluate/review.ts';
import type { Run } from '../../../evaluate/run.ts';
import { type Binding, type CompiledPolicy, isKyverno } from '../../../form.ts';
import { EVERYTHING, type MatchResources } from '../../../match/match.ts';
import type { AdmissionRequest, UserInfo } from '../../../request.ts';
import { isPlain, type Responder, type Response, type Responses, type Surroundings } from './answers.ts';
import { createMutationResponder } from './mutations.ts';
import { withParams } from './params.ts';

/** @param readings One policy in all its readings. */
export function createResponder(readings: readonly CompiledPolicy[], around: Surroundings): Responder {
  if (readings.some(({ mutations }) => mutations.length > 0))
    return createMutationResponder(readings, around);
  const asked = readings.map((policy) => {
    const adapted = adapt(policy, around);
    return { policy, evaluators: adapted.map((one) => createEvaluator({ policies: [one] }, around.context)) };
  });
  const scored = (responses: Responses): Responses =>
    around.scored || responses === null
      ? responses
      : responses.map((response) =>
          response.status === 'fail' ? { ...response, status: 'warn' } : response,
        );
  return {
    ask: (request) =>
      scored(
        join(
          asked.map(({ policy, evaluators }) => {
            if (policy.subject === 'payload')
              return payloadResponses(policy, request.object ?? request.oldObject!, around);
            const answers = evaluators.flatMap((evaluator) =>
              responsesOf(evaluator.review(askedAs(request, policy))),
            );
            return recorded(policy, answers);
          }),
        ),
      ),
    askPayload: (payload) =>
      scored(
        join(
          readings.map((policy) =>
            policy.subject === 'payload' ? payloadResponses(policy, payload, around) : null,
          ),
        ),
      ),
  };
}

/** How the answers of a policy go on record. */
function recorded(policy: CompiledPolicy, answers: readonly Response[]): Responses {
  switch (policy.dialect) {
    case 'vap':
      return answers.slice(-1);
    case 'clusterpolicy':
      // An expression that errs is a denial like any other there.
      return answers.map((answer) => (answer.status === 'error' ? { ...answer, status: 'fail' } : answer));
    default:
      return answers.length === 0 && isPlain(policy.match) ? null : answers;
  }
}

function join(all: readonly Responses[]): Responses {
  const recorded = all.filter((responses) => responses !== null);
  return recorded.length === 0 ? null : recorded.flat();
}

/**
 * The policy as the CLI takes it: resources of all namespaces are a namespaced policy's business, a bound
 * ValidatingAdmissionPolicy has, without a cluster, no constraints but its bindings', and the last binding that matches
 * answers.
 */
function adapt(policy: CompiledPolicy, { cluster, params }: Surroundings): CompiledPolicy[] {
  const match: MatchResources = { ...policy.match, matchPolicy: 'Exact' };
  if (policy.dialect === 'clusterpolicy') return [policy];
  if (policy.dialect !== 'vap') return [{ ...policy, match, filter: null }];
  const bound = policy.bindings.some(({ name }) => name !== '');
  const own = bound && !cluster ? EVERYTHING : match;
  return policy.bindings.map((binding) => {
    const exact = exactly(binding);
    return { ...policy, match: own, bindings: [cluster ? exact : withParams(exact, params)] };
  });
}

function exactly(binding: Binding): Binding {
  if (binding.match === null) return binding;
  return { ...binding, match: { ...binding.match, matchPolicy: 'Exact' } };
}

const NOBODY = 'system:kyverno:background-scan';

/** For ValidatingAdmissionPolicies there is always somebody who asks. */
function askedAs(request: AdmissionRequest, policy: CompiledPolicy): AdmissionRequest {
  if (policy.dialect !== 'vap') return request;
  const { username, uid, groups, extra } = request.userInfo ?? {};
  const userInfo: UserInfo = {
    username: username || NOBODY,
    uid: uid || NOBODY,
    groups: groups !== undefined && groups.length > 0 ? groups : [NOBODY],
    ...(extra === undefined ? {} : { extra }),
  };
  return { ...request, userInfo };
}

function payloadResponses(policy: CompiledPolicy, payload: JsonMap, { context }: Surroundings): Response[] {
  return [responseOf(reviewPayload(policy, payload, context), policy)];
}

function responsesOf(reviewed: ReturnType<ReturnType<typeof createEvaluator>['review']>): Response[] {
  return reviewed.flatMap(({ policy, review }): Response[] => {
    if (review.kind === 'not-evaluated') return [{ status: 'error', message: review.detail }];
    return review.kind === 'reviewed' ? strongest(review.runs, policy) : [];
  });
}

/** One answer over all parameters. */
function strongest(runs: readonly BindingRun[], policy: CompiledPolicy): Response[] {
  const responses = runs.map(
    (entry): Response =>
      entry.kind === 'configuration'
        ? { status: 'error', message: entry.detail }
        : responseOf(entry.run, policy),
  );
  const first = responses.find(({ status }) => status === 'error' || status === 'fail') ?? responses[0];
  return first === undefined ? [] : [first];
}

function isIgnored({ dialect, failurePolicy }: CompiledPolicy): boolean {
  return isKyverno(dialect) && failurePolicy === 'Ignore';
}

function responseOf(run: Run, policy: CompiledPolicy): Response {
  switch (run.kind) {
    case 'pass':
      return { status: 'pass', message: '' };
    case 'exempted':
      return { status: run.as, message: `exempted by ${run.by.join(', ')}` };
    case 'condition-false':
      return { status: 'skip', message: `match condition ${run.condition} is false` };
    case 'condition-error':
      // Under Ignore they count as not met.
      return { status: isIgnored(policy) ? 'skip' : 'error', message: run.message };
    case 'decided': {
      const [decision] = run.decisions;
      if (decision !== undefined)
        return {
          status: decision.kind === 'deny' ? 'fail' : 'error',
          message: decision.message,
          ...(decision.index === null
            ? {}
            : { validation: nameIn(policy, policy.validations[decision.index]!.name) }),
        };
      const wrong = run.audit.find((result) => result.kind !== 'publish');
      return wrong === undefined
        ? { status: 'pass', message: '' }
        : { status: 'error', message: wrong.message };
    }
  }
}

/** Of a validation: with its rule, where policies have rules. */
export function nameIn({ dialect, id }: CompiledPolicy, validation: string): string {
  return dialect === 'clusterpolicy' ? `${id.slice(id.lastIndexOf('/') + 1)}/${validation}` : validation;
}

/** Namespaces of the values, and a bare one for each namespace that resources lie in. */
export function namespaceObjects(declared: readonly Resource[], mentioned: ReadonlySet<string>): Resource[] {
  const names = new Set(declared.map(({ ref }) => ref.name));
  const bare = [...mentioned].filter((name) => name !== '' && !names.has(name));
  return [...declared, ...bare.map(bareNamespace)];
}

function bareNamespace(name: string): Resource {
  return {
    ref: { apiVersion: 'v1', kind: 'Namespace', namespace: '', name },
    object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
    origin: { file: '', document: 0, line: 1, pointer: '' },
  };
}
