import assert from 'node:assert/strict';
import { test } from 'node:test';
import { discovery, mutating, mutatingBinding, pod, policies, request, schemas } from '../policy/fixture.ts';
import { createEvaluator, startStopwatch } from '../policy/index.ts';
import { changeWith } from './mutation.ts';

const LABEL = (value: string) => `  mutations:
    - patchType: ApplyConfiguration
      applyConfiguration: {expression: 'Object{metadata: Object.metadata{labels: {"${value}": "x"}}}'}`;

/** Each comparison costs next to nothing, and takes milliseconds. */
const ENDLESS = `  mutations:
    - patchType: ApplyConfiguration
      applyConfiguration:
        expression: >-
          Object{metadata: Object.metadata{labels: {"late":
          object.metadata.annotations.all(x, object.metadata.annotations.all(y,
          [object.metadata.annotations] == [oldObject.metadata.annotations])) ? "x" : "y"}}}`;

const annotated = () =>
  pod({
    metadata: { annotations: Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`k${i}`, 'v'])) },
  });

test('a mutation that takes too long changes nothing, and is an error as those after it are; those before it stay', () => {
  const text =
    mutating(LABEL('first'), undefined, 'a') +
    mutatingBinding('', 'a', 'a') +
    mutating(ENDLESS, undefined, 'b') +
    mutatingBinding('', 'b', 'b') +
    mutating(`  failurePolicy: Ignore\n${LABEL('last')}`, undefined, 'c') +
    mutatingBinding('', 'c', 'c');
  const set = policies(text);
  assert.deepEqual(set.problems, []);
  const evaluator = createEvaluator(set, { discovery, schemas });
  const policyOf = (id: string) => set.policies.find((policy) => policy.id === id);
  const start = performance.now();
  const { findings } = changeWith(
    evaluator,
    request({ operation: 'UPDATE', object: annotated(), oldObject: annotated() }),
    { enforced: () => true, policyOf },
    startStopwatch(1_000),
  );
  assert.ok(performance.now() - start < 10_000);
  assert.deepEqual(
    findings.map(({ policy, reason, action }) => [policy, reason, action]),
    [
      ['b', 'budget-exceeded', 'deny'],
      ['c', 'budget-exceeded', 'allow'],
    ],
  );
});

test('in time, nothing changes', () => {
  const set = policies(mutating(LABEL('first')) + mutatingBinding());
  const evaluator = createEvaluator(set, { discovery, schemas });
  const asked = request({ object: pod() });
  assert.deepEqual(evaluator.mutate(asked, undefined, startStopwatch(10_000)), evaluator.mutate(asked));
});
