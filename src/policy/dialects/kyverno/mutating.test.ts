import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AskContext } from '../../../cel/libraries/index.ts';
import { createEvaluator } from '../../evaluate/evaluator.ts';
import type { MutationAnswer } from '../../evaluate/mutation-answer.ts';
import {
  CHANGES,
  discovery,
  documents,
  mutating,
  mutatingBinding,
  policies,
  schemas,
} from '../../fixture.ts';
import { mapAt } from '../../json.ts';
import { type AdmissionRequest, createRequest } from '../../request.ts';

const POD = '{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}';

const mpol = (spec: string, { name = 'm', kind = 'MutatingPolicy', rule = POD, meta = '' } = {}) => `
---
apiVersion: policies.kyverno.io/v1
kind: ${kind}
metadata: {name: ${name}${meta}}
spec:
  matchConstraints: {resourceRules: [${rule}]}
  ${spec}
`;

const apply = (expression: string) =>
  `{patchType: ApplyConfiguration, applyConfiguration: {expression: ${JSON.stringify(expression)}}}`;
const patch = (expression: string) =>
  `{patchType: JSONPatch, jsonPatch: {expression: ${JSON.stringify(expression)}}}`;
const mutations = (...all: string[]) => `mutations: [${all.join(', ')}]`;
const label = (name: string, value: string) =>
  apply(`Object{metadata: Object.metadata{labels: {'${name}': ${value}}}}`);
const BREAKS = patch("[JSONPatch{op: 'remove', path: '/spec/nothing'}]");

const POD_OBJECT = `
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c, image: nginx}]}`;
const DEPLOYMENT = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: d, namespace: shop, labels: {app: outer}}
spec: {template: {metadata: {labels: {app: inner}}, spec: {containers: [{name: c, image: nginx}]}}}`;
const CRON_JOB = `
apiVersion: batch/v1
kind: CronJob
metadata: {name: j, namespace: shop}
spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: c, image: nginx}]}}}}}`;

function requestFor(name: string): AdmissionRequest {
  const [pod] = documents(POD_OBJECT.replace('name: a', `name: ${name}`).replace(', labels: {app: web}', ''));
  return createRequest(pod!, discovery.ofKind('v1', 'Pod', 'shop'), { defaultNamespace: 'default' });
}

function run(text: string, object = POD_OBJECT): MutationAnswer {
  const set = policies(text);
  assert.deepEqual(set.problems, []);
  const [resource] = documents(object);
  const { apiVersion, kind } = resource!.ref;
  const info = discovery.ofKind(apiVersion, kind, 'shop');
  const request = createRequest(resource!, info, { defaultNamespace: 'default' });
  return createEvaluator(set, { discovery, schemas }).mutate(request);
}

function labels({ object }: MutationAnswer): unknown {
  return mapAt(mapAt(object!, 'metadata')!, 'labels');
}

function refusals(text: string): string[] {
  return policies(text).problems.map(({ reason, detail }) => `${reason}: ${detail}`);
}

test('mutations see what those before them did, and variables once and for all', () => {
  const spec = `variables: [{name: seen, expression: "object.metadata.labels.size()"}]
  matchConditions: [{name: few, expression: "variables.seen == 1"}]
  ${mutations(label('a', "'x'"), label('b', 'string(variables.seen) + string(object.metadata.labels.size())'))}`;
  assert.deepEqual(labels(run(mpol(spec))), { app: 'web', a: 'x', b: '12' });
});

test('a mutation that fails undoes those before it, and the policies after it go on', () => {
  const text =
    mpol(mutations(label('a', "'1'"), BREAKS), { name: 'a' }) +
    mpol(mutations(label('b', "'1'")), { name: 'b' });
  const denied = run(text);
  assert.equal(denied.allowed, false);
  assert.deepEqual(labels(denied), { app: 'web' });
  const ignored = run(text.replace('mutations', 'failurePolicy: Ignore\n  mutations'));
  assert.equal(ignored.allowed, true);
  assert.deepEqual(labels(ignored), { app: 'web', b: '1' });
  assert.deepEqual(
    ignored.errors.map(({ policy, mutation, denies }) => [policy, mutation, denies]),
    [['a', 1, false]],
  );
});

test('audit annotations that fail are the failure of the policy', () => {
  const spec = `failurePolicy: Ignore
  auditAnnotations: [{key: k, valueExpression: "string(object.metadata.annotations.none)"}]
  ${mutations(label('a', "'1'"))}`;
  const answer = run(mpol(spec));
  assert.deepEqual(labels(answer), { app: 'web' });
  assert.equal(answer.errors.length, 1);
});

test('what changes Pods changes the template of what makes Pods', () => {
  const spec = `matchConditions: [{name: c, expression: "object.metadata.?labels.?app.orValue('inner') == 'inner'"}]
  ${mutations(
    apply(
      "Object{metadata: Object.metadata{labels: {'n': object.metadata.name}}, spec: Object.spec{containers: " +
        'object.spec.containers.map(c, Object.spec.containers{name: c.name, ' +
        "imagePullPolicy: 'Always'})}}",
    ),
  )}`;
  const deployment = run(
    mpol(spec.replace('object.metadata.?labels.?app', 'object.metadata.labels.?app')),
    DEPLOYMENT,
  );
  assert.deepEqual(deployment.errors, []);
  assert.deepEqual(mapAt(deployment.object!, 'spec'), {
    template: {
      metadata: { labels: { app: 'inner', n: 'd' } },
      spec: { containers: [{ name: 'c', image: 'nginx', imagePullPolicy: 'Always' }] },
    },
  });
  assert.deepEqual(labels(deployment), { app: 'outer' });
  const cronJob = run(mpol(spec), CRON_JOB);
  assert.match(JSON.stringify(cronJob.object), /"image":"nginx","imagePullPolicy":"Always"/);
  assert.deepEqual(
    cronJob.applied.map(({ variant }) => variant),
    ['autogen-cronjobs'],
  );
});

test('also where the configuration is not what the expression begins with', () => {
  const choice = 'has(object.spec.hostNetwork) ? Object{} : Object{spec: Object.spec{hostNetwork: true}}';
  const { object } = run(mpol(mutations(apply(choice))), DEPLOYMENT);
  assert.match(JSON.stringify(object), /"template":\{.*"hostNetwork":true/);
});

test('patches name places in the object itself, and variables are about it', () => {
  const spec = `variables: [{name: app, expression: "object.metadata.labels.app"}]
  ${mutations(patch("[JSONPatch{op: 'add', path: '/metadata/labels/copy', value: variables.app}]"))}`;
  assert.deepEqual(labels(run(mpol(spec), DEPLOYMENT)), { app: 'outer', copy: 'outer' });
});

test('controllers can be chosen; of custom kinds nothing is changed', () => {
  const only = `autogen: {podControllers: {controllers: [cronjobs, widgets.v1.example.com]}}
  ${mutations(label('a', "'1'"))}`;
  assert.deepEqual(
    policies(mpol(only)).policies.map(({ variant }) => variant),
    ['', 'autogen-cronjobs'],
  );
});

test('exceptions leave the object as it is', () => {
  const exception = `
---
apiVersion: policies.kyverno.io/v1
kind: PolicyException
metadata: {name: e, namespace: shop}
spec:
  policyRefs: [{kind: MutatingPolicy, name: m}]
  matchConditions: [{name: web, expression: "object.metadata.labels.app == 'web'"}]
`;
  const answer = run(mpol(mutations(label('a', "'1'"))) + exception);
  assert.deepEqual(labels(answer), { app: 'web' });
  assert.deepEqual(
    answer.skipped.map(({ as, detail }) => [as, detail]),
    [['skip', 'exempted by shop/e']],
  );
});

test('a namespaced policy changes what lies in its namespace', () => {
  const spec = mutations(label('a', "'1'"));
  const of = (namespace: string) =>
    labels(run(mpol(spec, { kind: 'NamespacedMutatingPolicy', meta: `, namespace: ${namespace}` })));
  assert.deepEqual([of('shop'), of('other')], [{ app: 'web', a: '1' }, { app: 'web' }]);
});

test("the API server's own policies come first, and Kyverno sees the object as it is written", () => {
  const own =
    mutating(`  ${mutations(label('order', "'first'"))}`, CHANGES, 'z') + mutatingBinding('', 'b', 'z');
  const spec = mutations(
    label('order', "object.metadata.labels.order + ',second'"),
    label('status', "has(object.status) ? 'there' : 'absent'"),
  );
  const { object } = run(`${mpol(spec, { name: 'a' })}${own}`);
  assert.deepEqual(mapAt(mapAt(object!, 'metadata')!, 'labels'), {
    app: 'web',
    order: 'first,second',
    status: 'absent',
  });
});

test('what changes nothing is refused', () => {
  const spec = mutations(label('a', "'1'"));
  assert.match(
    refusals(mpol(`evaluation: {admission: {enabled: false}}\n  ${spec}`)).join(),
    /changes nothing/,
  );
  for (const targets of [`resourceRules: [${POD}]`, 'expression: object'])
    assert.match(
      refusals(mpol(`targetMatchConstraints: {${targets}}\n  ${spec}`)).join(),
      /Without evaluation\.mutateExisting it changes nothing/,
    );
});

test('an expression chooses objects that exist by what it is asked about', () => {
  const ask: AskContext = (question) => {
    if (question.kind !== 'resource-get') return undefined;
    return { value: documents(POD_OBJECT.replace('name: a', `name: ${question.name}`))[0]!.object };
  };
  const chosen = (name: string, trigger?: AdmissionRequest) => {
    const set = policies(
      mpol(`evaluation: {mutateExisting: {enabled: true}}
  targetMatchConstraints: {expression: "resource.Get('v1', 'pods', 'shop', ${name})"}
  ${mutations(label('by', 'request.name'))}`),
    );
    assert.deepEqual(set.problems, []);
    return createEvaluator(set, { discovery, schemas, ask }).mutateExisting(requestFor('p'), trigger);
  };
  assert.deepEqual(labels(chosen('object.metadata.name', requestFor('p'))), { by: 'p' });
  assert.deepEqual(labels(chosen("'p'", requestFor('q'))), { by: 'q' });
  assert.equal(labels(chosen('object.metadata.name', requestFor('q'))), undefined);
  assert.equal(labels(chosen("'p'")), undefined);
  const failed = chosen('object.nothing', requestFor('p'));
  assert.deepEqual([failed.errors[0]!.message, failed.errors[0]!.denies], ['no such key: nothing', true]);
});

test('objects that exist are a reading of their own, whatever is done to them', () => {
  const spec = mutations(label('a', "'1'"));
  const maps = POD.replace('pods', 'configmaps').replace('CREATE', 'DELETE');
  const variantsOf = (more: string) =>
    policies(mpol(`${more}\n  ${spec}`)).policies.map(({ variant }) => variant);
  const existing = 'evaluation: {mutateExisting: {enabled: true}}';
  assert.deepEqual(variantsOf(existing), ['', 'autogen-defaults', 'autogen-cronjobs', 'target']);
  const targets = `targetMatchConstraints: {resourceRules: [${maps}]}
  targetMatchConditions: [{name: c, expression: "object.metadata.name != 'other'"}]`;
  assert.deepEqual(variantsOf(`${existing}\n  ${targets}`), ['target']);
  const admission = 'evaluation: {admission: {enabled: false}, mutateExisting: {enabled: true}}';
  assert.deepEqual(variantsOf(admission), ['target']);
  const set = policies(mpol(`${existing}\n  ${targets}\n  ${spec}`));
  const evaluator = createEvaluator(set, { discovery, schemas });
  const [map] = documents('{apiVersion: v1, kind: ConfigMap, metadata: {name: m, namespace: shop}}');
  const request = createRequest(map!, discovery.ofKind('v1', 'ConfigMap', 'shop'), {
    defaultNamespace: 'default',
  });
  assert.deepEqual(labels(evaluator.mutateExisting(request)), { a: '1' });
  assert.equal(labels(evaluator.mutate(request)), undefined);
});

test('faults stand where they are', () => {
  assert.match(refusals(mpol('mutations: []')).join(), /At least one mutation/);
  assert.match(refusals(mpol(mutations(apply('{}')))).join(), /must evaluate to Object/);
  assert.match(
    refusals(mpol(`reinvocationPolicy: Always\n  ${mutations(label('a', "'1'"))}`)).join(),
    /"Always" is not one of/,
  );
});
