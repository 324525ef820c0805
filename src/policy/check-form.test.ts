import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkForms } from './check-form.ts';
import { mutating, mutatingBinding, policies } from './fixture.ts';

const policy = (variables: string, validations: string, more = '') => `---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: p}
spec:
  matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]}
${more}
  variables: [${variables}]
  validations: [${validations}]
`;
const A = '{name: a, expression: "object.spec.a"}';
const B = '{name: b, expression: "variables.a && object.spec.b"}';
const BASE = policy(A, '{expression: "variables.a == true", message: one}, {expression: "1 < 2"}');

function formsOf(text: string): string[] {
  const { policies: found, problems } = policies(text);
  assert.deepEqual(problems, []);
  return [...checkForms(found).values()];
}
const same = (text: string) => {
  const [base, other] = [formsOf(BASE), formsOf(text)];
  return base.map((form, i) => form === other[i]);
};

test('what does not decide is no difference: spaces, comments, messages, other variables', () => {
  assert.deepEqual(
    same(
      policy(
        `${A}, ${B}`,
        '{expression: "variables.a==(true) // yes\\n", message: two}, {expression: "1<2"}',
      ),
    ),
    [true, true],
  );
});

test('what decides is one, and only for the checks it concerns', () => {
  const checks = '{expression: "variables.a == true"}, {expression: "1 < 2"}';
  assert.deepEqual(same(policy('{name: a, expression: "object.spec.c"}', checks)), [false, true]);
  assert.deepEqual(same(policy(A, '{expression: "variables.a == true"}, {expression: "1 <= 2"}')), [
    true,
    false,
  ]);
  assert.deepEqual(same(policy(A, checks, '  failurePolicy: Ignore')), [false, false]);
  assert.deepEqual(
    same(policy(A, checks, '  matchConditions: [{name: m, expression: "object.metadata.name != \'x\'"}]')),
    [false, false],
  );
});

test('a variable counts by way of others', () => {
  const checks = '{expression: "variables.b"}';
  const through = (a: string) => formsOf(policy(`{name: a, expression: "${a}"}, ${B}`, checks));
  assert.notDeepEqual(through('object.spec.a'), through('object.spec.z'));
});

test('mutations are one check, which differs when one of them, or when they are made, does', () => {
  const text = (value: string, reinvocation = 'Never', more = '') =>
    mutating(
      `  mutations:
    - patchType: JSONPatch
      jsonPatch: {expression: '[JSONPatch{op: "add", path: "/metadata/labels/a", value: ${value}}]'}${more}`,
    ).replace('Policy: Never', `Policy: ${reinvocation}`) + mutatingBinding();
  const form = (of: string) => {
    const { policies: found, problems } = policies(of);
    assert.deepEqual(problems, []);
    const forms = [...checkForms(found)];
    assert.deepEqual(
      forms.map(([name]) => name),
      ['mutation'],
    );
    return forms[0]![1];
  };
  const base = form(text('"x"'));
  assert.equal(form(text(' ("x") ')), base, 'written otherwise');
  assert.notEqual(form(text('"y"')), base);
  assert.notEqual(form(text('"x"', 'IfNeeded')), base);
});
