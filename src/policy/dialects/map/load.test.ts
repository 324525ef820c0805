import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  binding,
  CHANGES,
  DENY,
  documents,
  mutating,
  mutatingBinding,
  pod,
  policies,
  problemsOf,
  scan,
  vap,
} from '../../fixture.ts';
import { loadMutating, loadMutatingBinding } from './load.ts';

const APPLY = '  mutations: [{patchType: ApplyConfiguration, applyConfiguration: {expression: "Object{}"}}]';
const PATCH = '  mutations: [{patchType: JSONPatch, jsonPatch: {expression: "[JSONPatch{}]"}}]';

test('good policies of every version compile, and are loaded as what they are', () => {
  for (const version of ['v1', 'v1beta1', 'v1alpha1']) {
    const text = (mutating(APPLY) + mutatingBinding()).replaceAll('k8s.io/v1', `k8s.io/${version}`);
    const set = policies(text);
    assert.deepEqual([set.problems, set.warnings], [[], []]);
    assert.equal(set.policies[0]!.info.kind, 'MutatingAdmissionPolicy');
    assert.equal(set.policies[0]!.mutations.length, 1);
  }
  assert.equal(
    policies(mutating(APPLY).replace('k8s.io/v1', 'k8s.io/v2')).problems[0]!.reason,
    'unsupported',
  );
});

/** What stands in a document, where the fault is, and what is said of it. */
const REFUSED: [spec: string, pointer: string, said: RegExp][] = [
  ['', '/spec/mutations', /At least one mutation/],
  ['  mutations: []', '/spec/mutations', /At least one mutation/],
  ['  mutations: [{}]', '/spec/mutations/0/patchType', /is required/],
  ['  mutations: [{patchType: jsonPatch}]', '/spec/mutations/0/patchType', /Did you mean "JSONPatch"/],
  ['  mutations: [{patchType: JSONPatch}]', '/spec/mutations/0/jsonPatch', /required when patchType/],
  [
    '  mutations: [{patchType: ApplyConfiguration}]',
    '/spec/mutations/0/applyConfiguration',
    /required when patchType/,
  ],
  [
    `${APPLY.slice(0, -2)}, jsonPatch: {expression: "[]"}}]`,
    '/spec/mutations/0/jsonPatch',
    /Must not be given when patchType is ApplyConfiguration/,
  ],
  [
    '  mutations: [{patchType: JSONPatch, jsonPatch: {expression: " "}}]',
    '/spec/mutations/0/jsonPatch/expression',
    /An expression is required/,
  ],
  [`${APPLY}\n  failurePolicy: fail`, '/spec/failurePolicy', /Did you mean "Fail"/],
  [`${APPLY}\n  paramKind: {apiVersion: v1}`, '/spec/paramKind/kind', /A kind is required/],
  [`${APPLY}\n  variables: [{name: a-b, expression: "1"}]`, '/spec/variables/0/name', /CEL identifier/],
  [`${APPLY}\n  matchConditions: [{expression: "true"}]`, '/spec/matchConditions/0/name', /A name/],
];

test('what the API server refuses in a policy is refused where it stands', () => {
  for (const [spec, pointer, said] of REFUSED) {
    const { value, faults } = loadMutating(documents(mutating(spec))[0]!);
    assert.equal(value, undefined, spec);
    assert.deepEqual(
      faults.map((fault) => fault.pointer),
      [pointer],
      spec,
    );
    assert.match(faults[0]!.detail, said);
  }
});

test('a reinvocation policy must be given', () => {
  const text = mutating(APPLY);
  assert.match(
    problemsOf(text.replace('  reinvocationPolicy: Never\n', '')).join(),
    /"reinvocationPolicy" is required/,
  );
  assert.match(problemsOf(text.replace('Never', 'Always')).join(), /"Always" is not one of/);
  assert.equal(policies(text.replace('Never', 'IfNeeded')).policies[0]!.reinvocation, 'IfNeeded');
});

test('only what creates or updates can be changed', () => {
  const rules = CHANGES.replace('UPDATE', 'DELETE');
  const { faults } = loadMutating(documents(mutating(APPLY, rules))[0]!);
  assert.equal(faults[0]!.pointer, '/spec/matchConstraints/resourceRules/0/operations/1');
  const bound = loadMutatingBinding(
    documents(mutatingBinding(`  matchResources: {resourceRules: [${rules}]}`))[0]!,
  );
  assert.equal(bound.faults[0]!.pointer, '/spec/matchResources/resourceRules/0/operations/1');
  assert.deepEqual(problemsOf(mutating(APPLY, rules.replace(/CREATE.*\]/, '"*"]'))), []);
});

test('bindings: the policy they name, parameters, and nothing of actions', () => {
  const refused = (spec: string) =>
    loadMutatingBinding(documents(mutatingBinding(spec))[0]!).faults.map(({ pointer }) => pointer);
  assert.deepEqual(refused('  paramRef: {name: x}'), ['/spec/paramRef/parameterNotFoundAction']);
  assert.deepEqual(refused('  paramRef: {parameterNotFoundAction: Deny}'), ['/spec/paramRef']);
  assert.deepEqual(refused('  validationActions: [Deny]'), ['/spec/validationActions']);
  const alpha = mutatingBinding('  paramRef: {name: x}').replace('k8s.io/v1', 'k8s.io/v1alpha1');
  assert.equal(loadMutatingBinding(documents(alpha)[0]!).value!.binding.paramRef!.notFound, 'Deny');
});

test('expressions must give what their patch type applies', () => {
  const problems = (spec: string) => problemsOf(mutating(spec)).join();
  assert.match(problems(APPLY.replace('Object{}', '{}')), /must evaluate to Object but got map\(dyn, dyn\)/);
  assert.match(
    problems(APPLY.replace('Object{}', 'Object.spec{}')),
    /must evaluate to Object but got Object\.spec/,
  );
  assert.match(problems(PATCH.replace('[JSONPatch{}]', 'JSONPatch{}')), /must evaluate to list\(JSONPatch\)/);
  assert.match(problems(PATCH.replace('[JSONPatch{}]', '[]')), /must evaluate to list\(JSONPatch\)/);
  assert.match(
    problems(PATCH.replace('[JSONPatch{}]', '[JSONPatch{op: 1}]')),
    /expected type of field 'op' is 'string' but provided type is 'int'/,
  );
});

test('conditions and variables know nothing of patches', () => {
  const conditions = `${APPLY}\n  matchConditions: [{name: a, expression: "Object{} == Object{}"}]`;
  assert.match(problemsOf(mutating(conditions)).join(), /undeclared reference to 'Object'/);
  const variables = `${APPLY}\n  variables: [{name: a, expression: "jsonpatch.escapeKey('a')"}]`;
  assert.match(problemsOf(mutating(variables)).join(), /undeclared reference/);
  const validating = vap('  validations: [{expression: "Object{} == Object{}"}]');
  assert.match(problemsOf(validating).join(), /undeclared reference to 'Object'/);
});

test('a validating policy and its bindings may have the names of a mutating one', () => {
  const set = policies(
    vap('  validations: [{expression: "false"}]', undefined, 'm') +
      binding(DENY, 'b', 'm') +
      mutating(APPLY) +
      mutatingBinding(),
  );
  assert.deepEqual([set.problems, set.warnings], [[], []]);
  assert.deepEqual(
    set.policies.map(({ dialect, bindings }) => [dialect, bindings.map(({ actions }) => actions)]),
    [
      ['vap', [['Deny']]],
      ['map', [[]]],
    ],
  );
  assert.deepEqual(
    scan(set, pod()).map(({ verdict }) => verdict),
    ['violation'],
  );
});

test('a scan says nothing of a mutating policy', () => {
  const set = policies(mutating(APPLY));
  assert.deepEqual(
    set.warnings.map(({ detail }) => detail),
    ['No binding among the policies names it: it mutates as if bound everywhere (and nothing in a scan).'],
  );
  assert.deepEqual(scan(set, pod()), []);
});
