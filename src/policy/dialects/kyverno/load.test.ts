import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compilePolicies } from '../../compile.ts';
import { documents, policies, problemsOf, scan, vap } from '../../fixture.ts';

const findings = (policy: string, object: string) =>
  scan(policies(policy), documents(object)[0]!.object, {}, {});

const POD = '{apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [pods]}';

const vpol = (spec: string, { kind = 'ValidatingPolicy', rule = POD, version = 'v1', meta = '' } = {}) => `
apiVersion: policies.kyverno.io/${version}
kind: ${kind}
metadata: {name: p${meta}}
spec:
  matchConstraints: {resourceRules: [${rule}]}
  ${spec}
`;

const LABELLED = 'validations: [{expression: "\'team\' in object.metadata.?labels.orValue({})"}]';
const HOST = 'validations: [{expression: "!object.spec.?hostNetwork.orValue(false)", message: no host}]';

const pod = (spec = '{}', meta = '') => `
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: shop${meta}}
spec: ${spec}`;
const deployment = (spec: string, meta = '') => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: a, namespace: shop, labels: {team: x}}
spec: {template: {metadata: {${meta}}, spec: ${spec}}}`;
const cronJob = (spec: string) => `
apiVersion: batch/v1
kind: CronJob
metadata: {name: a, namespace: shop}
spec: {jobTemplate: {spec: {template: {spec: ${spec}}}}}`;

const verdicts = (policy: string, object: string) =>
  findings(policy, object).map(({ verdict, reason, detail }) => `${verdict} ${reason}: ${detail}`);

test('all versions and both kinds load; the actions are Deny when there are none', () => {
  for (const version of ['v1', 'v1beta1', 'v1alpha1']) {
    const set = policies(vpol(HOST, { version }));
    assert.deepEqual(set.problems, []);
    assert.deepEqual(set.policies[0]!.bindings[0]!.actions, ['Deny']);
  }
  const [policy] = policies(vpol(`${HOST}\n  validationActions: [Audit]`)).policies;
  assert.deepEqual(policy!.bindings[0]!.actions, ['Audit']);
});

test('a policy on Pods is one on what makes Pods, findings pointing into the template', () => {
  const at = (object: string) => findings(vpol(HOST), object).map(({ verdict, path }) => [verdict, path]);
  assert.deepEqual(at(pod('{hostNetwork: true}')), [['violation', '/spec/hostNetwork']]);
  assert.deepEqual(at(deployment('{hostNetwork: true}')), [['violation', '/spec/template/spec/hostNetwork']]);
  assert.deepEqual(at(cronJob('{hostNetwork: true}')), [
    ['violation', '/spec/jobTemplate/spec/template/spec/hostNetwork'],
  ]);
  assert.deepEqual(at(deployment('{}')), []);
});

test('metadata is the template’s, its namespace the object’s, has() looks there too', () => {
  const named = (expression: string) => vpol(`validations: [{expression: "${expression}"}]`);
  assert.equal(verdicts(vpol(LABELLED), deployment('{}')).length, 1);
  assert.equal(verdicts(vpol(LABELLED), deployment('{}', 'labels: {team: y}')).length, 0);
  assert.deepEqual(verdicts(named("object.metadata.namespace == 'shop'"), deployment('{}')), []);
  assert.equal(verdicts(named('has(object.spec.hostNetwork)'), deployment('{hostNetwork: true}')).length, 0);
  // A variable of that name is another thing.
  assert.deepEqual(verdicts(named("[{'spec': 1}].all(object, object.spec == 1)"), deployment('{}')), []);
  // Text is text.
  assert.deepEqual(verdicts(named("'object.spec'.size() == 11"), deployment('{}')), []);
});

test('autogen: chosen controllers, none, and policies that are not on all Pods', () => {
  const controllers = (list: string) =>
    vpol(`${HOST}\n  autogen: {podControllers: {controllers: [${list}]}}`);
  const bad = '{hostNetwork: true}';
  assert.equal(verdicts(controllers('deployments'), deployment(bad)).length, 1);
  assert.equal(verdicts(controllers('deployments'), cronJob(bad)).length, 0);
  assert.equal(verdicts(controllers(''), deployment(bad)).length, 0);
  const selective = vpol(HOST).replace(
    'matchConstraints: {',
    'matchConstraints: {objectSelector: {matchLabels: {a: b}}, ',
  );
  assert.equal(policies(selective).policies.length, 1);
  const twice = vpol(HOST, { rule: `${POD}, ${POD.replace('pods', 'services')}` });
  assert.equal(policies(twice).policies.length, 1);
  const set = policies(controllers('deployment'));
  assert.match(set.warnings[0]!.detail, /"deployment" is neither .* Did you mean "deployments"\?/);
});

test('custom controllers: every template in the spec is asked about as a Pod; none is an error', () => {
  const policy = vpol(
    `${HOST}\n  autogen: {podControllers: {controllers: [jobsets.v1alpha2.jobset.x-k8s.io]}}`,
  );
  const set = (jobs: string) => `
apiVersion: jobset.x-k8s.io/v1alpha2
kind: JobSet
metadata: {name: a, namespace: shop}
spec: {jobs: [${jobs}]}`;
  const template = (spec: string) =>
    `{template: {spec: {template: {spec: {${spec} containers: [{name: c, image: i}]}}}}}`;
  const named = (object: string) => verdicts(policy, object.replace('kind: JobSet', 'kind: Jobset'));
  assert.deepEqual(named(set(template(''))), []);
  assert.match(named(set(`${template('')}, ${template('hostNetwork: true,')}`))[0]!, /^violation .*no host/);
  assert.match(named(set(''))[0]!, /^error .*no pod template found/);
});

test('a template with an annotation does not answer for those after it', () => {
  const controllers = 'autogen: {podControllers: {controllers: [jobsets.v1alpha2.jobset.x-k8s.io]}}';
  const annotations = 'auditAnnotations: [{key: kind, valueExpression: string(object.kind)}]';
  const template = (spec: string) => `{spec: {${spec} containers: [{name: c, image: i}]}}`;
  const object = `
apiVersion: jobset.x-k8s.io/v1alpha2
kind: Jobset
metadata: {name: a, namespace: shop}
spec: {templates: [${template('')}, ${template('hostNetwork: true,')}]}`;
  const found = verdicts(vpol(`${HOST}\n  ${controllers}\n  ${annotations}`), object);
  assert.match(found.join(), /^violation .*no host .*at spec\.templates\[1\]/);
});

test('an object that is absent is an empty one, whichever way the policy is asked', () => {
  const policy = vpol('validations: [{expression: oldObject == null, message: not null}]');
  assert.deepEqual(verdicts(policy, pod()), ['violation validation-failed: not null']);
});

test('the first validation that fails ends the policy', () => {
  const policy = vpol(
    'validations: [{expression: "false", message: first}, {expression: "false", message: second}]',
  );
  assert.deepEqual(verdicts(policy, pod()), ['violation validation-failed: first']);
});

test('match conditions see the namespace', () => {
  const policy = vpol(
    `matchConditions: [{name: c, expression: "namespaceObject.metadata.name == 'other'"}]\n  ${HOST}`,
  );
  assert.deepEqual(verdicts(policy, pod('{hostNetwork: true}')), []);
});

test('a namespaced policy is asked about its namespace', () => {
  const policy = (namespace: string) =>
    vpol(HOST, { kind: 'NamespacedValidatingPolicy', meta: `, namespace: ${namespace}` });
  assert.deepEqual(verdicts(policy('shop'), pod('{hostNetwork: true}')).length, 1);
  assert.deepEqual(verdicts(policy('other'), pod('{hostNetwork: true}')), []);
  assert.equal(policies(policy('shop')).policies[0]!.id, 'shop/p');
});

test('policies on JSON documents say nothing of resources', () => {
  const policy = vpol(`evaluation: {mode: JSON}\n  validations: [{expression: "false"}]`);
  assert.deepEqual(verdicts(policy, pod()), []);
});

const exception = (spec: string) => `
apiVersion: policies.kyverno.io/v1beta1
kind: PolicyException
metadata: {name: e, namespace: sec}
spec: {policyRefs: [{name: p, kind: ValidatingPolicy}], ${spec}}
`;

test('exceptions: all, by condition, expired, to nobody', () => {
  const bad = pod('{hostNetwork: true}');
  assert.deepEqual(verdicts(`${vpol(HOST)}---${exception('')}`, bad), [
    'exempted exempted: exempted by PolicyException sec/e',
  ]);
  const when = (expression: string) => exception(`matchConditions: [{name: c, expression: "${expression}"}]`);
  assert.match(verdicts(`${vpol(HOST)}---${when("object.metadata.name == 'a'")}`, bad)[0]!, /^exempted/);
  assert.match(verdicts(`${vpol(HOST)}---${when("object.metadata.name == 'b'")}`, bad)[0]!, /^violation/);
  // Conditions are about the object, not the template in it.
  assert.match(
    verdicts(
      `${vpol(HOST)}---${when("object.metadata.labels.team == 'x'")}`,
      deployment('{hostNetwork: true}'),
    )[0]!,
    /^exempted/,
  );
  const set = compilePolicies(
    documents(`${vpol(HOST)}---${exception('expiresAt: "2020-01-01T00:00:00Z"')}`),
    {
      now: Date.parse('2026-01-01'),
    },
  );
  assert.deepEqual(set.policies[0]!.exceptions, []);
  assert.match(set.warnings[0]!.detail, /expired at 2020/);
  const ending = policies(`${vpol(HOST)}---${exception('expiresAt: "2030-01-01T00:00:00Z"')}`);
  const at = (time: string) =>
    scan(ending, documents(bad)[0]!.object, { now: () => Date.parse(time) }, {})[0]!.verdict;
  assert.equal(at('2030-01-01T00:00:00.000Z'), 'exempted');
  assert.equal(at('2030-01-01T00:00:00.001Z'), 'violation');
  const elsewhere = policies(`${vpol(HOST)}---${exception('').replace('name: p,', 'name: pp,')}`);
  assert.match(elsewhere.warnings[0]!.detail, /No ValidatingPolicy named "pp".*Did you mean "p"\?/);
});

test('exceptions that allow values are seen by expressions, and an error of theirs is the policy’s', () => {
  const policy = vpol('validations: [{expression: "object.metadata.name in exceptions.allowedValues"}]');
  assert.equal(verdicts(policy, pod()).length, 1);
  assert.deepEqual(verdicts(`${policy}---${exception('allowedValues: [a]')}`, pod()), []);
  const broken = exception('matchConditions: [{name: c, expression: "object.spec.none == 1"}]');
  assert.match(verdicts(`${vpol(HOST)}---${broken}`, pod())[0]!, /^error evaluation-failed/);
  const set = policies(
    `${vpol(HOST)}---${exception('matchConditions: [{name: c, expression: "objekt == 1"}]')}`,
  );
  assert.match(set.problems[0]!.detail, /objekt/);
});

test('what Kyverno refuses is refused with its place', () => {
  const problem = (text: string) => policies(text).problems[0]?.detail ?? '';
  assert.match(
    problem(vpol('evaluation: {mode: Yaml}\n  validations: [{expression: "true"}]')),
    /"Yaml" is not one of/,
  );
  assert.match(problem(vpol('validations: []')), /At least one validation/);
  assert.match(problem(vpol('validations: [{expression: ""}]')), /An expression is required/);
  assert.match(problem(vpol('validations: [{expression: "object.spec"}]')), /must evaluate to bool/);
  assert.match(
    problem(exception('').replace('{name: p, kind: ValidatingPolicy}', '')),
    /At least one policy/,
  );
});

test('the request holds the objects, for Kyverno and for nobody else', () => {
  const text =
    vpol(
      'validations: [{expression: "request.object.metadata.name == object.metadata.name && request.oldObject == null"}]',
    ) +
    '---' +
    vap('  validations: [{expression: "dyn(request).object == null"}]', undefined, 'v');
  assert.deepEqual(verdicts(text, pod()), []);
  assert.match(
    problemsOf(vap('  validations: [{expression: "request.object == null"}]')).join(),
    /undefined field 'object'/,
  );
  const template = vpol('validations: [{expression: "!request.object.spec.?hostNetwork.orValue(false)"}]');
  assert.equal(verdicts(template, deployment('{hostNetwork: true}')).length, 1);
  const denies = vpol('validations: [{expression: "request.object == null", message: there}]');
  assert.match(verdicts(denies, pod())[0]!, /there/);
});
