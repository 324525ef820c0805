import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonMap } from '../../model/index.ts';
import { discovery, pod, policies, resource, vap } from '../fixture.ts';
import { createEvaluator } from './evaluator.ts';

/** Policies that use what the quick answer leaves to the exact path, and what it does not. */
const SETS = [
  '  validations: [{expression: "has(object.spec.hostNetwork)"}, {expression: "object.spec.hostPID == true", message: m}]',
  '  variables: [{name: a, expression: "object.spec.hostPID"}]\n  validations: [{expression: "variables.a || has(object.spec.hostNetwork)"}]',
  '  matchConditions: [{name: c, expression: "has(object.spec.hostPID)"}]\n  validations: [{expression: "object.spec.hostPID"}]',
  '  validations: [{expression: "true"}]\n  auditAnnotations: [{key: k, valueExpression: "string(object.spec.hostPID)"}]',
  '  validations: [{expression: "request.userInfo.username == \'a\' || has(object.spec.hostNetwork)"}]',
  '  validations: [{expression: "has(object.spec.hostPID)", messageExpression: "\'no \' + object.metadata.name"}]',
].map((spec) => policies(vap(spec.replace('"object.spec.hostPID"}', '"object.spec.hostPID == true"}'))));

const native = policies(`
apiVersion: rampart.dev/v1
kind: HardeningPolicy
metadata: {name: n}
spec:
  title: T
  severity: low
  pods: {}
  variables: [{name: names, expression: "containers.map(c, c.name)"}]
  validations: [{expression: "'app' in variables.names"}, {expression: "!has(pod.spec.hostPID)"}]
`);

test('the quick answer and the exact one agree', () => {
  const spec = fc.record(
    {
      hostNetwork: fc.boolean(),
      hostPID: fc.oneof(fc.boolean(), fc.constant('x')),
      containers: fc.constantFrom<unknown>([{ name: 'app' }], [{}], [], 'none', null),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(spec, { maxLength: 4 }), fc.constantFrom(...SETS, native), (specs, set) => {
      assert.deepEqual(set.problems, []);
      const quick = createEvaluator(set, { discovery });
      // Passes are only told by the exact path.
      const exact = createEvaluator(set, { discovery }, { passes: true });
      for (const one of specs) {
        const object = resource(pod({ spec: one as JsonMap }));
        const told = exact.scan(object).filter(({ verdict }) => verdict !== 'pass');
        assert.deepEqual(quick.scan(object), told);
      }
    }),
  );
});
