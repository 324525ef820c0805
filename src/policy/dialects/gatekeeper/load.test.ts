import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from '../../../model/index.ts';
import { compilePolicies } from '../../compile.ts';
import type { EvaluationContext } from '../../evaluate/context.ts';
import { createEvaluator } from '../../evaluate/evaluator.ts';
import { discovery, documents } from '../../fixture.ts';

const template = (source: string, { schema = '', targets = '', version = 'v1', name = 'musthave' } = {}) => `
apiVersion: templates.gatekeeper.sh/${version}
kind: ConstraintTemplate
metadata: {name: ${name}}
spec:
  crd: {spec: {names: {kind: MustHave}, validation: {${schema}}}}
  targets:
    - target: admission.k8s.gatekeeper.sh
      ${targets}
      code:
        - {engine: Rego, source: {rego: "package a"}}
        - {engine: K8sNativeValidation, source: {${source}}}
`;

const constraint = (spec: string, name = 'one') => `
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: MustHave
metadata: {name: ${name}}
spec: {${spec}}
`;

const NAMED = `validations: [{expression: "variables.anyObject.metadata.name == 'good'", message: badly named}]`;
const LABELS = [
  '{type: object, required: [labels], properties: {',
  'labels: {type: array, items: {type: string, pattern: "^[a-z]+$"}}, ',
  'level: {type: integer, default: 3, maximum: 9}, mode: {type: string, enum: [strict, loose]}}}',
].join('');

const pod = (name: string, metadata = '') =>
  `\napiVersion: v1\nkind: Pod\nmetadata: {name: ${name}${metadata}}\nspec: {}\n`;

function problems(...texts: string[]): string[] {
  return compilePolicies(documents(texts.join('---'))).problems.map(
    ({ reason, policy, detail }) => `${reason} ${policy}: ${detail}`,
  );
}

function scan(
  policies: string,
  object: string,
  context: Partial<EvaluationContext> = {},
): readonly Finding[] {
  const set = compilePolicies(documents(policies));
  assert.deepEqual(set.problems, []);
  const [resource] = documents(object);
  return createEvaluator(set, { discovery, ...context }, { passes: true, skips: true }).scan(resource!);
}

const verdict = (...args: Parameters<typeof scan>) =>
  scan(...args)
    .map(({ verdict: is, action, policy, validation, detail }) =>
      is === 'violation' ? `${is} ${action} ${policy} ${validation}: ${detail}` : is,
    )
    .join();

test('a constraint runs the CEL of its template, whatever Rego stands beside it', () => {
  const policies = `${template(NAMED)}---${constraint('')}`;
  assert.equal(verdict(policies, pod('good')), 'pass');
  assert.equal(verdict(policies, pod('other')), 'violation deny MustHave/one validations[0]: badly named');
});

test('enforcement actions become what the cluster does', () => {
  const action = (spec: string) => scan(`${template(NAMED)}---${constraint(spec)}`, pod('x'))[0]!.action;
  assert.equal(action('enforcementAction: deny'), 'deny');
  assert.equal(action('enforcementAction: warn'), 'warn');
  assert.equal(action('enforcementAction: dryrun'), 'audit');
  const scoped = (point: string, does = 'warn') =>
    `enforcementAction: scoped, scopedEnforcementActions: [{action: ${does}, enforcementPoints: [{name: "${point}"}]}]`;
  assert.equal(action(scoped('validation.gatekeeper.sh')), 'warn');
  assert.equal(action(scoped('*', 'deny')), 'deny');
  assert.equal(action(scoped('audit.gatekeeper.sh', 'deny')), 'audit');
});

test('variables see the constraint; everything else sees its parameters', () => {
  const source = [
    'variables: [{name: wanted, expression: "variables.params.labels"}, {name: who, expression: "params.metadata.name"}], ',
    'validations: [{expression: "variables.wanted.all(l, has(object.metadata.labels) && l in object.metadata.labels)", ',
    `messageExpression: "variables.who + ' wants ' + variables.wanted.join(', ') + ' at ' + string(variables.params.level)"}]`,
  ].join('');
  const policies = `${template(source, { schema: `openAPIV3Schema: ${LABELS}` })}---${constraint('parameters: {labels: [team]}')}`;
  assert.match(verdict(policies, pod('x')), /one wants team at 3$/);
  assert.equal(verdict(policies, pod('x', ', labels: {team: a}')), 'pass');
  const outside = template('validations: [{expression: "params.spec != null"}]');
  assert.match(problems(outside, constraint(''))[0]!, /undeclared reference to 'params'/);
  const authorizer = template('validations: [{expression: "authorizer.group(\'\') != null"}]');
  assert.match(problems(authorizer, constraint(''))[0]!, /undeclared reference to 'authorizer'/);
});

test('match conditions, and operations at admission', () => {
  const condition = `matchCondition: [{name: some, expression: "object.metadata.name != 'x'"}], ${NAMED}`;
  assert.equal(verdict(`${template(condition)}---${constraint('')}`, pod('x')), 'skip');
  const deletes = template(NAMED, { targets: 'operations: [DELETE]' });
  assert.equal(verdict(`${deletes}---${constraint('')}`, pod('x')), '');
});

test('every field of the match block', () => {
  const matches = (match: string, object = pod('web-1'), context: Partial<EvaluationContext> = {}) => {
    const found = scan(`${template(NAMED)}---${constraint(`match: {${match}}`)}`, object, context)[0];
    return found?.verdict === 'violation' ? true : (found?.reason ?? false);
  };
  const NOT = 'not-matched';
  assert.equal(matches('kinds: [{apiGroups: [""], kinds: [Pod]}]'), true);
  assert.equal(matches('kinds: [{apiGroups: ["apps"], kinds: [Pod]}, {kinds: [Service]}]'), NOT);
  assert.equal(matches('kinds: [{apiGroups: ["*"], kinds: ["*"]}]'), true);
  assert.equal(matches('namespaces: [default]'), true);
  assert.equal(matches('namespaces: ["def*", other]'), true);
  assert.equal(matches('namespaces: [other]'), NOT);
  assert.equal(matches('excludedNamespaces: ["*ault"]'), NOT);
  assert.equal(matches('excludedNamespaces: ["*x*"]'), true);
  assert.equal(matches('name: "web-*"'), true);
  assert.equal(matches('name: web'), NOT);
  assert.equal(matches('name: "web-*"', pod('""', ', generateName: web-')), true);
  assert.equal(matches('scope: Cluster'), NOT);
  assert.equal(matches('scope: Namespaced'), true);
  assert.equal(matches('labelSelector: {matchLabels: {a: b}}'), NOT);
  assert.equal(matches('labelSelector: {matchLabels: {a: b}}', pod('x', ', labels: {a: b}')), true);
  assert.equal(matches('source: Generated'), NOT);
  assert.equal(matches('source: Original'), true);
  assert.equal(matches('namespaceSelector: {matchLabels: {tier: a}}'), 'needs-namespace');
  const namespace = documents(
    'apiVersion: v1\nkind: Namespace\nmetadata: {name: default, labels: {tier: a}}\n',
  );
  assert.equal(
    matches('namespaceSelector: {matchLabels: {tier: a}}', pod('x'), { objects: namespace }),
    true,
  );
  assert.equal(matches('namespaceSelector: {matchLabels: {tier: b}}', pod('x'), { objects: namespace }), NOT);
  const itself = '\napiVersion: v1\nkind: Namespace\nmetadata: {name: team-a, labels: {tier: a}}\n';
  assert.equal(matches('namespaceSelector: {matchLabels: {tier: a}}', itself), true);
  assert.equal(matches('excludedNamespaces: ["team-*"]', itself), NOT);
  assert.equal(matches('scope: Cluster', itself), true);
});

test('parameters are checked by the schema of the template', () => {
  const schema = `openAPIV3Schema: ${LABELS}`;
  const fault = (parameters: string, version = 'v1') =>
    problems(template(NAMED, { schema, version }), constraint(`parameters: ${parameters}`));
  assert.deepEqual(fault('{labels: [team]}'), []);
  assert.match(fault('{}')[0]!, /"labels" is required/);
  assert.match(fault('{labels: team}')[0]!, /asks for a list, got a string/);
  assert.match(fault('{labels: [TEAM]}')[0]!, /"TEAM" does not match/);
  assert.match(fault('{labels: [], level: 10}')[0]!, /maximum is 9/);
  assert.match(fault('{labels: [], mode: strikt}')[0]!, /not one of "strict", "loose".*"strict"/);
  assert.match(fault('{labels: [], lables: []}')[0]!, /Unknown parameter "lables"/);
  assert.deepEqual(fault('{labels: [], lables: []}', 'v1beta1'), []);
  assert.match(problems(template(NAMED), constraint('parameters: {a: 1}'))[0]!, /declares no parameters/);
});

test('what Gatekeeper would refuse is refused, and what has no CEL is unsupported', () => {
  assert.match(problems(template(NAMED, { name: 'other' }), constraint(''))[0]!, /in lower case: musthave/);
  const rego = template(NAMED).replace(/code:[\s\S]*/, 'rego: package a\n');
  const [first, second] = problems(rego, constraint(''));
  assert.match(first!, /^unsupported musthave: The template has no K8sNativeValidation code/);
  assert.match(second!, /^unsupported MustHave\/one: Its template musthave was refused/);
  assert.match(
    problems(constraint(''))[0]!,
    /No ConstraintTemplate among the policies makes the kind "MustHave"/,
  );
  assert.match(problems(template('failurePolicy: Maybe'), constraint(''))[0]!, /"Maybe" is not one of/);
  assert.match(
    problems(template('variables: [{name: gatekeeper_internal_x, expression: "1"}]'), constraint(''))[0]!,
    /may not begin with gatekeeper_internal_/,
  );
  assert.match(
    problems(template(NAMED), constraint('enforcementAction: block'))[0]!,
    /"block" is not one of/,
  );
  assert.match(
    problems(template(NAMED), constraint('match: {namespace: [a]}'))[0]!,
    /Unknown field "namespace"/,
  );
  assert.match(problems(template(NAMED), constraint('match: {name: "a*b"}'))[0]!, /asterisk/);
});

test('an error in a template is said once, where it stands', () => {
  const broken = template('validations: [{expression: "nonsense("}]');
  assert.equal(problems(broken, constraint(''), constraint('', 'two')).length, 1);
});

test('a template without constraints has no effect, and says so', () => {
  const set = compilePolicies(documents(template(NAMED)));
  assert.deepEqual([set.policies.length, set.problems.length], [0, 0]);
  assert.match(set.warnings[0]!.detail, /No constraint of kind MustHave/);
});

test('all of a constraint has the budget of one expression', () => {
  const dear =
    'validations: [{expression: "[1,2,3,4,5,6,7,8,9,10].map(a, [1,2,3,4,5,6,7,8,9,10].map(b, [1,2,3,4,5,6,7,8,9,10].map(c, [1,2,3,4,5,6,7,8,9,10].map(d, [1,2,3,4,5,6,7,8,9,10].map(e, a))))).size() > 0"}]';
  const [found] = scan(`${template(dear)}---${constraint('')}`, pod('x'));
  assert.deepEqual([found!.verdict, found!.reason], ['error', 'budget-exceeded']);
});
