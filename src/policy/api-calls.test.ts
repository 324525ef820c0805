import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiCalls } from './api-calls.ts';
import { policies } from './fixture.ts';

const RULE = '{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}';

function callsOf(expression: string, spec = `validations: [{expression: ${JSON.stringify(expression)}}]`) {
  const set = policies(`apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {name: p}
spec:
  matchConstraints: {resourceRules: [${RULE}]}
  ${spec}
`);
  assert.deepEqual(set.problems, []);
  return apiCalls(set.policies);
}

test('what stands in an expression is told, wherever that is', () => {
  const read = { verb: 'get', apiVersion: 'v1', of: { resource: 'secrets' } };
  assert.deepEqual(callsOf("resource.Get('v1', 'secrets', 'shop', object.metadata.name).size() == 0").reads, [
    read,
  ]);
  assert.deepEqual(callsOf("resource.list(resource.toGVR('apps/v1', 'Deployment'), '').items.size() == 0"), {
    authorizer: false,
    reads: [{ verb: 'list', apiVersion: 'apps/v1', of: { kind: 'Deployment' } }],
    computed: [],
  });
  const inVariable = callsOf(
    '',
    `variables: [{name: s, expression: "[1].map(x, resource.get('v1', 'secrets', 'shop', string(x)))"}]
  validations: [{expression: "variables.s.size() == 1", messageExpression: "string(resource.list('v1', 'pods', '').items.size())"}]`,
  );
  assert.deepEqual(inVariable.reads, [read, { verb: 'list', apiVersion: 'v1', of: { resource: 'pods' } }]);
});

test('a kind that is computed is said to be', () => {
  const name = 'object.metadata.name';
  for (const expression of [
    `resource.get('v1', ${name}, 'shop', 'a').size() == 0`,
    `resource.list(${name}, 'secrets', '').items.size() == 0`,
    `resource.get(resource.toGVR('v1', ${name}), 'shop', 'a').size() == 0`,
    'dyn(resource) == null',
  ])
    assert.deepEqual(callsOf(expression).computed, ['p'], expression);
});

test('who may ask the authorizer, and only they', () => {
  const vap = (expression: string) =>
    apiCalls(
      policies(`apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: p}
spec:
  matchConstraints: {resourceRules: [${RULE}]}
  validations: [{expression: ${JSON.stringify(expression)}}]
`).policies,
    );
  const none = { authorizer: false, reads: [], computed: [] };
  assert.deepEqual(vap("authorizer.path('/x').check('get').allowed()"), { ...none, authorizer: true });
  assert.deepEqual(vap("authorizer.requestResource.check('get').allowed()"), { ...none, authorizer: true });
  assert.deepEqual(vap("[{'resource': 'authorizer'}].all(resource, resource.resource != 'x')"), none);
});
