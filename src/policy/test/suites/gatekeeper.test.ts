import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filesIo } from '../fixture.ts';
import { runPolicyTests } from '../run.ts';

const TEMPLATE = `
apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: musthave}
spec:
  crd: {spec: {names: {kind: MustHave}, validation: {openAPIV3Schema: {type: object, properties: {label: {type: string}}}}}}
  targets:
    - target: admission.k8s.gatekeeper.sh
      operations: [DELETE]
      code:
        - engine: K8sNativeValidation
          source:
            validations:
              - expression: "has(variables.anyObject.metadata.labels) && variables.params.label in variables.anyObject.metadata.labels"
                messageExpression: "'no label ' + variables.params.label"
              - {expression: "variables.anyObject.metadata.name != 'twice'", message: "badly named"}
`;

const constraint = (spec: string) => `
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: MustHave
metadata: {name: one}
spec: {parameters: {label: team}${spec}}
`;

const pod = (name: string, labels = '') =>
  `\napiVersion: v1\nkind: Pod\nmetadata: {name: ${name}${labels}}\n`;

const FILES = {
  'g/template.yaml': TEMPLATE,
  'g/constraint.yaml': constraint(''),
  'g/good.yaml': pod('good', ', labels: {team: a}'),
  'g/bad.yaml': pod('bad'),
  'g/twice.yaml': pod('twice'),
};

const suite = (tests: string, more = '') =>
  `\napiVersion: test.gatekeeper.sh/v1alpha1\nkind: Suite\nmetadata: {name: s}\n${more}\ntests:\n${tests}`;

const oneTest = (cases: string, more = 'constraint: constraint.yaml') =>
  suite(`- {name: t, template: template.yaml, ${more}, cases: [${cases}]}`);

function run(text: string, files: Readonly<Record<string, string>> = {}): string[] {
  const { results } = runPolicyTests(['g'], filesIo({ ...FILES, ...files, 'g/suite.yaml': text }));
  return results.map(({ result, case: name, detail }) => `${result} ${name ?? '-'}: ${detail}`);
}

const outcome = (cases: string, files: Readonly<Record<string, string>> = {}) =>
  run(oneTest(cases), files).map((line) => line.split(' ')[0]);

test('yes, no, counts and messages, in every spelling', () => {
  const asserts = (object: string, assertion: string) =>
    outcome(`{name: c, object: ${object}, assertions: [${assertion}]}`)[0];
  assert.equal(asserts('good.yaml', '{violations: "no"}'), 'pass');
  assert.equal(asserts('good.yaml', '{violations: false}'), 'pass');
  assert.equal(asserts('good.yaml', '{violations: 0}'), 'pass');
  assert.equal(asserts('good.yaml', '{violations: "yes"}'), 'fail');
  assert.equal(asserts('bad.yaml', '{}'), 'pass');
  assert.equal(asserts('bad.yaml', '{violations: true}'), 'pass');
  assert.equal(asserts('bad.yaml', '{violations: "no"}'), 'fail');
  assert.equal(asserts('twice.yaml', '{violations: 2}'), 'pass');
  assert.equal(asserts('twice.yaml', '{violations: 1}'), 'fail');
  assert.equal(asserts('twice.yaml', '{violations: 1, message: "^no label t"}'), 'pass');
  assert.equal(asserts('twice.yaml', '{violations: 1, message: "bad.*named"}, {violations: 2}'), 'pass');
  assert.equal(asserts('twice.yaml', '{message: "something else"}'), 'fail');
  assert.equal(asserts('bad.yaml', '{violations: -1}'), 'error');
  assert.equal(asserts('bad.yaml', '{violations: maybe}'), 'error');
  assert.equal(asserts('bad.yaml', '{message: "("}'), 'error');
});

test('a failure says what was expected and what the messages were', () => {
  assert.deepEqual(
    run(oneTest('{name: c, object: bad.yaml, assertions: [{violations: 3, message: label}]}')),
    [
      'fail t/c: expected 3 violations with a message matching label, got 1; the messages were: no label team',
    ],
  );
});

test('what a suite skips is skipped, and nothing passes for want of an assertion or a file', () => {
  assert.deepEqual(
    run(
      suite(`
- {name: a, template: template.yaml, constraint: constraint.yaml, skip: true}
- name: b
  template: template.yaml
  constraint: constraint.yaml
  cases:
    - {name: skipped, object: bad.yaml, skip: true}
    - {name: empty, object: bad.yaml}
    - {name: nothing, assertions: [{}]}
    - {name: missing, object: nowhere.yaml, assertions: [{}]}
- {name: c, template: nowhere.yaml, constraint: constraint.yaml}
- {name: d, template: template.yaml}
`),
    ).map((line) => line.split(':')[0]),
    [
      'skipped -',
      'skipped b/skipped',
      'error b/empty',
      'error b/nothing',
      'error b/missing',
      'error -',
      'error -',
    ],
  );
  assert.deepEqual(run(suite('- {name: a}', 'skip: true')), ['skipped -: the suite is skipped']);
  assert.match(run(suite('- {name: a, constriant: x.yaml}'))[0]!, /^error -: Unknown field "constriant"/);
});

test('an invalid constraint is one that the schema refuses', () => {
  const invalid = (files: Readonly<Record<string, string>>) =>
    run(suite('- {name: t, template: template.yaml, constraint: constraint.yaml, invalid: true}'), files)[0];
  assert.match(
    invalid({ 'g/constraint.yaml': constraint(', bogus: 1').replace('label: team', 'label: 1') })!,
    /^pass/,
  );
  assert.match(invalid({})!, /^fail -: the constraint was expected to be refused/);
  assert.match(invalid({ 'g/template.yaml': 'BROKEN' })!, /^error/);
});

test('an AdmissionReview is the request it holds', () => {
  const review = (request: string) =>
    `\napiVersion: admission.k8s.io/v1\nkind: AdmissionReview\nrequest: {${request}}\n`;
  const object = '{apiVersion: v1, kind: Pod, metadata: {name: bad}}';
  const good = '{apiVersion: v1, kind: Pod, metadata: {name: good, labels: {team: a}}}';
  const kind = 'kind: {group: "", version: v1, kind: Pod}';
  const asked = (request: string, violations: string) =>
    outcome(`{name: c, object: review.yaml, assertions: [{violations: ${violations}}]}`, {
      'g/review.yaml': review(request),
    })[0];
  assert.equal(asked(`operation: CREATE, ${kind}, object: ${object}`, '1'), 'pass');
  assert.equal(asked(`operation: DELETE, ${kind}, oldObject: ${object}`, '1'), 'pass');
  assert.equal(asked(`operation: UPDATE, ${kind}, object: ${good}, oldObject: ${object}`, '0'), 'pass');
  assert.equal(asked(`operation: DELETE, ${kind}, object: ${object}`, '1'), 'error');
  assert.equal(asked(`operation: CREATE, ${kind}`, '1'), 'error');
  assert.equal(asked(`operation: create, ${kind}, object: ${object}`, '1'), 'error');
});

test('the inventory tells labels of namespaces; without it a namespaceSelector cannot be matched, which is a violation', () => {
  const files = {
    'g/constraint.yaml': constraint(', match: {namespaceSelector: {matchLabels: {tier: a}}}'),
    'g/bad.yaml': pod('bad', ', namespace: shop'),
    'g/a.yaml': '\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {tier: a}}\n',
    'g/b.yaml': '\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {tier: b}}\n',
  };
  const with_ = (inventory: string, assertion: string) =>
    outcome(`{name: c, object: bad.yaml, inventory: [${inventory}], assertions: [${assertion}]}`, files)[0];
  assert.equal(with_('a.yaml', '{violations: 1, message: no label}'), 'pass');
  assert.equal(with_('b.yaml', '{violations: 0}'), 'pass');
  assert.equal(with_('', '{violations: 1, message: not found}'), 'pass');
});

test('scoped actions count where gator enforces', () => {
  const scoped = (point: string) => ({
    'g/constraint.yaml': constraint(
      `, enforcementAction: scoped, scopedEnforcementActions: [{action: deny, enforcementPoints: [{name: "${point}"}]}]`,
    ),
  });
  const violations = (count: number, point: string) =>
    outcome(`{name: c, object: bad.yaml, assertions: [{violations: ${count}}]}`, scoped(point))[0];
  assert.equal(violations(1, 'gator.gatekeeper.sh'), 'pass');
  assert.equal(violations(1, '*'), 'pass');
  assert.equal(violations(0, 'audit.gatekeeper.sh'), 'pass');
});

test('what is not run is unsupported, never a pass', () => {
  const rego = TEMPLATE.replace(/code:[\s\S]*/, 'rego: package a\n');
  assert.match(
    run(oneTest('{name: c, object: bad.yaml, assertions: [{}]}'), { 'g/template.yaml': rego })[0]!,
    /^unsupported -: .*Rego is not run/,
  );
});

const EXPANSION = `
apiVersion: expansion.gatekeeper.sh/v1beta1
kind: ExpansionTemplate
metadata: {name: makes-pods}
spec:
  applyTo: [{groups: [apps], versions: [v1], kinds: [Deployment]}]
  templateSource: spec.template
  generatedGVK: {group: "", version: v1, kind: Pod}
`;

test('what a workload makes is asked about, under the name of the template that says so', () => {
  const deployment = (labels: string) => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {team: a}}
spec: {template: {metadata: {labels: {${labels}}}, spec: {}}}`;
  const expanded = (labels: string, assertion: string, expansion = EXPANSION) =>
    run(
      oneTest(
        `{name: c, object: web.yaml, assertions: [${assertion}]}`,
        'constraint: constraint.yaml, expansion: expansion.yaml',
      ),
      { 'g/web.yaml': deployment(labels), 'g/expansion.yaml': expansion },
    )[0]!;
  assert.match(expanded('team: a', '{violations: 0}'), /^pass/);
  assert.match(expanded('', '{violations: 1, message: "^.Implied by makes-pods. no label team"}'), /^pass/);
  const nowhere = EXPANSION.replace('spec.template', 'spec.tmpl');
  assert.match(expanded('', '{}', nowhere), /^error .*no spec\.tmpl for makes-pods/);
  const circular = EXPANSION.replace('[apps]', '[""]').replace('[Deployment]', '[Pod]');
  assert.match(expanded('', '{}', circular), /^error .*applies to what it makes/);
  const mutator = 'apiVersion: mutations.gatekeeper.sh/v1\nkind: Assign\nmetadata: {name: a}\n';
  assert.match(expanded('', '{}', `${EXPANSION}---\n${mutator}`), /^unsupported/);
});
