/** What policies really say of an object: nothing counts as evidence before the evaluator has been asked. */
import type { Discovery, JsonMap, Resource } from '../../model/index.ts';
import { createEvaluator, type Evaluator } from '../evaluate/evaluator.ts';
import type { PolicyReview } from '../evaluate/review.ts';
import type { CompiledPolicy } from '../form.ts';
import { type AdmissionRequest, createRequest } from '../request.ts';
import type { Target } from './applies.ts';

/** `apart`: the policy is not asked about it. `open`: nobody can tell from the object alone. */
export type Outcome = 'pass' | 'fail' | 'apart' | 'open';

/** An object, and what matters of its surroundings. */
export interface Case {
  readonly object: JsonMap;
  readonly namespaceLabels: JsonMap;
}

export type Judge = (policy: CompiledPolicy, of: Case, target: Target) => Outcome;

export function createJudge(discovery: Discovery, objects: readonly Resource[]): Judge {
  const evaluators = new Map<CompiledPolicy, Map<string, Evaluator>>();
  const evaluatorFor = (policy: CompiledPolicy, { object, namespaceLabels }: Case): Evaluator => {
    const known = evaluators.get(policy) ?? new Map<string, Evaluator>();
    evaluators.set(policy, known);
    const name = namespaceOf(object);
    const key = `${name} ${JSON.stringify(namespaceLabels)}`;
    let evaluator = known.get(key);
    if (evaluator === undefined) {
      const namespace = namespaceObject(name, namespaceLabels);
      evaluator = createEvaluator({ policies: [policy] }, { discovery, objects: [...objects, namespace] });
      known.set(key, evaluator);
    }
    return evaluator;
  };
  return (policy, of, target) => {
    const [reviewed] = evaluatorFor(policy, of).review(requestOf(of.object, target));
    return reviewed === undefined ? 'apart' : outcomeOf(policy, reviewed.review);
  };
}

function namespaceOf(object: JsonMap): string {
  return String((object['metadata'] as JsonMap | undefined)?.['namespace'] ?? 'default');
}

function namespaceObject(name: string, labels: JsonMap): Resource {
  return {
    ref: { apiVersion: 'v1', kind: 'Namespace', namespace: '', name },
    object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } },
    origin: { file: '', document: 0, line: 1, pointer: '' },
  };
}

function requestOf(object: JsonMap, { info, operation }: Target): AdmissionRequest {
  const metadata = object['metadata'] as JsonMap;
  const ref = {
    apiVersion: String(object['apiVersion']),
    kind: info.kind,
    namespace: info.namespaced ? namespaceOf(object) : '',
    name: String(metadata['name'] ?? ''),
  };
  const origin = { file: '', document: 0, line: 1, pointer: '' };
  const request = createRequest({ ref, object, origin }, info, { defaultNamespace: 'default' });
  // An update that changes nothing.
  return operation === 'UPDATE' ? { ...request, operation, oldObject: request.object } : request;
}

function outcomeOf({ failurePolicy }: CompiledPolicy, review: PolicyReview): Outcome {
  if (review.kind === 'not-matched' || review.kind === 'not-bound') return 'apart';
  if (review.kind === 'not-evaluated') return 'open';
  const broken: Outcome = failurePolicy === 'Fail' ? 'fail' : 'pass';
  const outcomes = review.runs.map((entry): Outcome => {
    if (entry.kind !== 'run') return 'open';
    const { run } = entry;
    if (run.kind === 'pass') return 'pass';
    if (run.kind === 'condition-false' || run.kind === 'exempted') return 'apart';
    if (run.kind === 'condition-error') return run.error.$code === 'needs-user' ? 'open' : broken;
    if (run.decisions.some(({ kind }) => kind === 'deny')) return 'fail';
    const errors = run.decisions.filter((decision) => decision.kind === 'error');
    if (errors.some(({ error }) => error.$code === 'needs-user')) return 'open';
    return errors.length > 0 ? broken : 'pass';
  });
  return (['fail', 'open', 'pass'] as const).find((outcome) => outcomes.includes(outcome)) ?? 'apart';
}
