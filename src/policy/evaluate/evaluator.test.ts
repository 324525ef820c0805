import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding, JsonMap } from '../../model/index.ts';
import {
  binding,
  DENY,
  discovery,
  documents,
  POD_RULES,
  pod,
  policies,
  request,
  scan,
  vap,
} from '../fixture.ts';
import type { EvaluationContext } from './context.ts';
import { createEvaluator } from './evaluator.ts';

/** Verdict, action, reason and validation of each finding, in a line. */
const brief = (findings: readonly Finding[]) =>
  findings.map((f) => [f.verdict, f.action, f.reason, f.validation ?? ''].join(' ').trim());

/** Briefs of a policy with one validation, on a pod. */
const verdicts = (
  spec: string,
  bindings = '',
  object: JsonMap = pod(),
  context: Partial<EvaluationContext> = {},
) => brief(scan(policies(vap(spec) + bindings), object, context));

const validation = (expression: string, more = '') => `  validations: [{expression: "${expression}"${more}}]`;

test('one pass a policy, one violation a failed validation', () => {
  const spec = '  validations: [{expression: "true"}, {expression: "false"}, {expression: "1 > 2"}]';
  assert.deepEqual(verdicts(validation('true')), ['pass allow compliant']);
  assert.deepEqual(verdicts(spec), [
    'violation deny validation-failed validations[1]',
    'violation deny validation-failed validations[2]',
  ]);
});

test('an object no rule speaks of yields nothing', () => {
  const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } };
  assert.deepEqual(verdicts(validation('false'), '', config), []);
});

test('the action is what the binding makes of it', () => {
  for (const [actions, action] of [
    ['[Deny]', 'deny'],
    ['[Deny, Audit]', 'deny'],
    ['[Warn]', 'warn'],
    ['[Warn, Audit]', 'warn'],
    ['[Audit]', 'audit'],
  ]) {
    const bound = binding(`  validationActions: ${actions}`);
    assert.deepEqual(verdicts(validation('false'), bound), [
      `violation ${action} validation-failed validations[0]`,
    ]);
  }
});

test('a runtime error under Fail goes through validationActions; under Ignore it lets pass; in a scan it is an error', () => {
  const failing = (policy: string) =>
    `${validation("object.spec.nothing == 'x'")}\n  failurePolicy: ${policy}`;
  const audit = binding('  validationActions: [Audit]');
  assert.deepEqual(verdicts(failing('Fail')), ['error deny evaluation-failed validations[0]']);
  assert.deepEqual(verdicts(failing('Fail'), audit), ['error audit evaluation-failed validations[0]']);
  assert.deepEqual(verdicts(failing('Ignore')), ['error allow evaluation-failed validations[0]']);
  const [finding] = scan(policies(vap(failing('Fail'))), pod());
  assert.equal(finding!.detail, 'no such key: nothing');
});

test('several bindings: one finding with the strongest action', () => {
  const both = binding('  validationActions: [Audit]', 'a') + binding('  validationActions: [Warn]', 'b');
  assert.deepEqual(verdicts(validation('false'), both), ['violation warn validation-failed validations[0]']);
});

test('a binding selects by matchResources; without one that does the policy is not bound', () => {
  const inShop = `${DENY}\n  matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}}`;
  assert.deepEqual(verdicts(validation('false'), binding(inShop)), [
    'violation deny validation-failed validations[0]',
  ]);
  const elsewhere = pod({ metadata: { namespace: 'elsewhere' } });
  assert.deepEqual(verdicts(validation('false'), binding(inShop), elsewhere), ['skip allow not-bound']);
});

test('matchConditions: any false skips, whatever else errs', () => {
  const conditions = (...expressions: string[]) =>
    `${validation('false')}\n  matchConditions: [${expressions.map((e, i) => `{name: c${i}, expression: "${e}"}`)}]`;
  assert.deepEqual(verdicts(conditions('true', 'true')), ['violation deny validation-failed validations[0]']);
  assert.deepEqual(verdicts(conditions('true', 'false')), ['skip allow match-condition-false']);
  assert.deepEqual(verdicts(conditions('object.nothing == 1', 'false')), [
    'skip allow match-condition-false',
  ]);
  assert.deepEqual(verdicts(conditions('false', 'object.nothing == 1')), [
    'skip allow match-condition-false',
  ]);
});

test('matchConditions: otherwise any error follows failurePolicy', () => {
  const spec = `${validation('false')}\n  matchConditions: [{name: a, expression: "object.nothing == 1"}]`;
  assert.deepEqual(verdicts(spec), ['error deny evaluation-failed']);
  assert.deepEqual(verdicts(`${spec}\n  failurePolicy: Ignore`), ['error allow evaluation-failed']);
});

test('a scanned object is a CREATE: no old object, no options, no dry run, the default namespace', () => {
  const expression = [
    "request.operation == 'CREATE'",
    'oldObject == null',
    'request.options == null',
    '!request.dryRun',
    "request.namespace == 'default'",
    "object.metadata.namespace == 'default'",
    "request.name == 'web'",
    "request.kind.group == '' && request.kind.version == 'v1' && request.kind.kind == 'Pod'",
    "request.resource.resource == 'pods'",
    '!has(request.subResource)',
  ].join(' && ');
  const bare = { ...pod(), metadata: { name: 'web' } };
  assert.deepEqual(verdicts(validation(expression), '', bare), ['pass allow compliant']);
  const [finding] = scan(policies(vap(validation('false'))), bare, { defaultNamespace: 'team' });
  assert.equal(finding!.resource!.namespace, 'team');
});

test('no user: an answer that hangs on the user is a skip, one that does not is given', () => {
  assert.deepEqual(verdicts(validation("request.userInfo.username == 'x'")), [
    'skip allow needs-user validations[0]',
  ]);
  assert.deepEqual(verdicts(validation("request.userInfo.username == 'x' || true")), [
    'pass allow compliant',
  ]);
  assert.deepEqual(verdicts(validation("request.userInfo.username == 'x' && false")), [
    'violation deny validation-failed validations[0]',
  ]);
  assert.deepEqual(verdicts(validation("authorizer.requestResource.check('get').allowed()")), [
    'skip allow needs-user validations[0]',
  ]);
  const condition = `${validation('false')}\n  matchConditions: [{name: a, expression: "request.userInfo.username == 'x'"}]`;
  assert.deepEqual(verdicts(condition), ['skip allow needs-user']);
});

test('a user who is given decides; the authorizer answers what it knows', () => {
  const userInfo = { username: 'ann', groups: ['dev'] };
  const expression = validation("request.userInfo.username == 'ann' && 'dev' in request.userInfo.groups");
  assert.deepEqual(verdicts(expression, '', pod(), { userInfo }), ['pass allow compliant']);
  const check = validation("authorizer.group('').resource('pods').check('get').allowed()");
  assert.deepEqual(verdicts(check, '', pod(), { userInfo }), ['error deny needs-answer validations[0]']);
  const authorize = () => ({ allowed: true });
  assert.deepEqual(verdicts(check, '', pod(), { userInfo, authorize }), ['pass allow compliant']);
  assert.deepEqual(verdicts(check, '', pod(), { authorize }), ['skip allow needs-user validations[0]']);
});

test('authorizer.requestResource is the resource of the request', () => {
  const asked: unknown[] = [];
  const authorize = (check: unknown) => {
    asked.push(check);
    return { allowed: true };
  };
  const context = { userInfo: {}, authorize };
  verdicts(validation("authorizer.requestResource.check('delete').allowed()"), '', pod(), context);
  assert.deepEqual(asked, [
    {
      kind: 'resource',
      subject: { kind: 'request-user' },
      verb: 'delete',
      group: '',
      resource: 'pods',
      subresource: '',
      namespace: 'shop',
      name: 'web',
      fieldSelector: '',
      labelSelector: '',
    },
  ]);
});

const SHOP = '{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {env: prod}}}';

test('namespaceObject: known labels decide; what is not among the files is needs-namespace', () => {
  const reads = (expression: string, objects = '') =>
    verdicts(validation(expression), '', pod(), { objects: objects === '' ? [] : documents(objects) });
  assert.deepEqual(reads("namespaceObject.metadata.name == 'shop'"), ['pass allow compliant']);
  const byLabel = "namespaceObject.metadata.labels['kubernetes.io/metadata.name'] == 'shop'";
  assert.deepEqual(reads(byLabel), ['pass allow compliant']);
  const env = "namespaceObject.metadata.labels['env'] == 'prod'";
  assert.deepEqual(reads(env), ['error deny needs-namespace validations[0]']);
  assert.deepEqual(reads('has(namespaceObject.metadata.labels.env)'), [
    'error deny needs-namespace validations[0]',
  ]);
  assert.deepEqual(reads(`${env} || true`), ['pass allow compliant']);
  assert.deepEqual(reads(env, SHOP), ['pass allow compliant']);
  assert.deepEqual(reads(byLabel, SHOP), ['pass allow compliant']);
  assert.deepEqual(reads("namespaceObject.status.phase == 'Active'", SHOP), [
    'error deny needs-namespace validations[0]',
  ]);
});

test('namespaceObject is null for cluster-scoped objects and Namespaces, and always in match conditions', () => {
  const rules = '{apiGroups: [""], apiVersions: [v1], resources: [nodes, namespaces], operations: ["*"]}';
  const set = policies(vap(validation('namespaceObject == null'), rules));
  for (const kind of ['Node', 'Namespace']) {
    assert.deepEqual(brief(scan(set, { apiVersion: 'v1', kind, metadata: { name: 'x' } })), [
      'pass allow compliant',
    ]);
  }
  const condition = `${validation('false')}\n  matchConditions: [{name: a, expression: "namespaceObject == null"}]`;
  assert.deepEqual(verdicts(condition), ['violation deny validation-failed validations[0]']);
  assert.deepEqual(verdicts(validation('namespaceObject != null')), ['pass allow compliant']);
});

test('a namespaceSelector that nothing decides is needs-namespace, an empty one needs no look-up', () => {
  const selecting = vap(validation('false')).replace(
    'matchConstraints:',
    'matchConstraints:\n    namespaceSelector: {matchLabels: {env: prod}}',
  );
  const [finding] = scan(policies(selecting), pod());
  assert.deepEqual(brief([finding!]), ['error deny needs-namespace']);
  assert.match(finding!.detail, /label "env" of namespace "shop"/);
  const known = scan(policies(selecting), pod(), { objects: documents(SHOP) });
  assert.deepEqual(brief(known), ['violation deny validation-failed validations[0]']);
});

const PARAM = '  paramKind: {apiVersion: v1, kind: ConfigMap}';
const LIMITED = `${validation('params == null || object.metadata.name == params.data.name')}\n${PARAM}`;
const config = (name: string, value: string, labels = '{}', namespace = 'shop') =>
  `{apiVersion: v1, kind: ConfigMap, metadata: {name: ${name}, namespace: ${namespace}, labels: ${labels}}, data: {name: ${value}}}\n---\n`;

test('paramKind without paramRef evaluates once with null', () => {
  assert.deepEqual(verdicts(LIMITED, binding(DENY)), ['pass allow compliant']);
});

test('params by name, in the namespace of the request or of paramRef', () => {
  const ref = (more: string) =>
    binding(`${DENY}\n  paramRef: {name: limits, parameterNotFoundAction: Deny${more}}`);
  const inShop = { objects: documents(config('limits', 'web')) };
  assert.deepEqual(verdicts(LIMITED, ref(''), pod(), inShop), ['pass allow compliant']);
  const other = { objects: documents(config('limits', 'api', '{}', 'central')) };
  assert.deepEqual(verdicts(LIMITED, ref(', namespace: central'), pod(), other), [
    'violation deny validation-failed validations[0]',
  ]);
});

test('a selector evaluates once per match', () => {
  const ref = binding(
    `${DENY}\n  paramRef: {selector: {matchLabels: {for: pods}}, parameterNotFoundAction: Deny}`,
  );
  const objects = documents(
    config('a', 'web', '{for: pods}') + config('b', 'api', '{for: pods}') + config('c', 'x'),
  );
  const messages = `  validations: [{expression: "object.metadata.name == params.data.name", messageExpression: "'not ' + params.data.name"}]`;
  const findings = scan(policies(vap(`${messages}\n${PARAM}`) + ref), pod(), { objects });
  assert.deepEqual(
    findings.map(({ detail }) => detail),
    ['not api'],
  );
  const all = scan(policies(vap(`${messages}\n${PARAM}`) + ref), pod({ metadata: { name: 'z' } }), {
    objects,
  });
  assert.deepEqual(
    all.map(({ detail }) => detail),
    ['not web; not api'],
  );
});

test('absent params: unknown among files; in a cluster Deny is a configuration error and Allow lets the binding go', () => {
  const ref = (action: string) =>
    binding(`${DENY}\n  paramRef: {name: limits, parameterNotFoundAction: ${action}}`);
  assert.deepEqual(verdicts(LIMITED, ref('Deny')), ['error deny needs-params']);
  assert.deepEqual(verdicts(LIMITED, ref('Allow')), ['error deny needs-params']);
  const cluster = { complete: true, objects: documents(SHOP) };
  assert.deepEqual(verdicts(LIMITED, ref('Deny'), pod(), cluster), ['error deny misconfigured']);
  assert.deepEqual(verdicts(LIMITED, ref('Allow'), pod(), cluster), ['skip allow not-bound']);
});

test('configuration errors deny whatever validationActions say under Fail, and are ignored under Ignore', () => {
  const ref = binding(
    '  validationActions: [Audit]\n  paramRef: {name: limits, parameterNotFoundAction: Deny}',
  );
  const cluster = { complete: true, objects: documents(SHOP) };
  assert.deepEqual(verdicts(LIMITED, ref, pod(), cluster), ['error deny misconfigured']);
  assert.deepEqual(verdicts(`${LIMITED}\n  failurePolicy: Ignore`, ref, pod(), cluster), [
    'error allow misconfigured',
  ]);
});

test('a namespaced param without namespace on a cluster-scoped request is a configuration error', () => {
  const rules = '{apiGroups: [""], apiVersions: [v1], resources: [nodes], operations: ["*"]}';
  const ref = binding(`${DENY}\n  paramRef: {name: limits, parameterNotFoundAction: Allow}`);
  const set = policies(vap(`${validation('true')}\n${PARAM}`, rules) + ref);
  const [finding] = scan(set, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } });
  assert.deepEqual(brief([finding!]), ['error deny misconfigured']);
  assert.match(finding!.detail, /cannot use namespaced paramRef/);
});

test('another version of the kind: the same shape is matched, another needs conversion', () => {
  const rules = (group: string, resource: string) =>
    `{apiGroups: [${group}], apiVersions: [v1], resources: [${resource}], operations: ["*"]}`;
  const cron = policies(
    vap(
      validation(
        "object.apiVersion == 'batch/v1' && request.requestKind.version == 'v1beta1' && request.kind.version == 'v1'",
      ),
      rules('batch', 'cronjobs'),
    ),
  );
  const cronJob = { apiVersion: 'batch/v1beta1', kind: 'CronJob', metadata: { name: 'c' } };
  assert.deepEqual(brief(scan(cron, cronJob)), ['pass allow compliant']);
  const apps = policies(vap(validation('true'), rules('apps', 'deployments')));
  const [finding] = scan(apps, { apiVersion: 'apps/v1beta1', kind: 'Deployment', metadata: { name: 'd' } });
  assert.deepEqual(brief([finding!]), ['error deny needs-conversion']);
  assert.match(finding!.detail, /reads apps\/v1 Deployment; the object is apps\/v1beta1/);
});

test('request.resource in match conditions is the original, in validations the matched one', () => {
  const rules = '{apiGroups: [batch], apiVersions: [v1], resources: [cronjobs], operations: ["*"]}';
  const spec = `${validation("request.resource.version == 'v1' && request.requestResource.version == 'v1beta1'")}
  matchConditions: [{name: a, expression: "request.resource.version == 'v1beta1' && request.kind.version == 'v1'"}]`;
  const cronJob = { apiVersion: 'batch/v1beta1', kind: 'CronJob', metadata: { name: 'c' } };
  assert.deepEqual(brief(scan(policies(vap(spec, rules)), cronJob)), ['pass allow compliant']);
});

test('policies, bindings and reviews are never subject to policies', () => {
  const rules = '{apiGroups: ["*"], apiVersions: ["*"], resources: ["*"], operations: ["*"]}';
  const set = policies(vap(validation('false'), rules));
  for (const [apiVersion, kind] of [
    ['admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy'],
    ['authentication.k8s.io/v1', 'TokenReview'],
  ] as const) {
    assert.deepEqual(scan(set, { apiVersion, kind, metadata: { name: 'x' } }), []);
  }
  assert.equal(scan(set, pod()).length, 1);
});

test('an absent field is the error no such key; a null one in a built-in kind is absent', () => {
  const has = validation('has(object.spec.hostNetwork)');
  assert.deepEqual(verdicts(has, '', pod({ spec: { hostNetwork: null } })), [
    'violation deny validation-failed validations[0]',
  ]);
  assert.deepEqual(verdicts(has, '', pod({ spec: { hostNetwork: true } })), ['pass allow compliant']);
});

test("policies are evaluated in the order of their ids, and one policy's error leaves others alone", () => {
  const text = `${vap(validation('false'), POD_RULES, 'z')}---\n${vap(validation('object.nope == 1'), POD_RULES, 'a')}`;
  assert.deepEqual(
    scan(policies(text), pod()).map(({ policy, verdict }) => `${policy} ${verdict}`),
    ['a error', 'z violation'],
  );
});

test('passes and skips are counted, and returned only when asked for', () => {
  const set = policies(
    vap(validation('true')) + binding(`${DENY}\n  matchResources: {objectSelector: {matchLabels: {a: b}}}`),
  );
  const evaluator = createEvaluator(set, { discovery });
  const labelled = pod({ metadata: { labels: { a: 'b' } } });
  assert.deepEqual(evaluator.findings(request()), []);
  assert.deepEqual(evaluator.findings(request({ object: labelled })), []);
  assert.deepEqual(evaluator.tally, { passes: 1, skips: 1 });
});

test('DELETE has no object, and old one; the policy decides what that means', () => {
  const set = policies(vap(validation('object == null && oldObject != null')));
  const evaluator = createEvaluator(set, { discovery }, { passes: true });
  const found = evaluator.findings(request({ operation: 'DELETE', object: null, oldObject: pod() }));
  assert.deepEqual(brief(found), ['pass allow compliant']);
});

test('a resource whose name is guessed says so, where the policy asks for names', () => {
  const rules = (resource: string) =>
    `{apiGroups: [x.io], apiVersions: [v1], resources: ["${resource}"], operations: ["*"]}`;
  const thing = { apiVersion: 'x.io/v1', kind: 'Thing', metadata: { name: 't', namespace: 'shop' } };
  const detail = (resource: string) =>
    scan(policies(vap(validation('false', ', message: no'), rules(resource))), thing)[0]!.detail;
  assert.equal(detail('things'), 'no (no schema describes the kind: "things", namespaced, is a guess)');
  assert.equal(detail('*'), 'no');
});

test('parameters are decoded like objects: nulls in built-in kinds are absent', () => {
  const spec = `${validation('!has(params.data)')}\n${PARAM}`;
  const objects = documents(
    '{apiVersion: v1, kind: ConfigMap, metadata: {name: limits, namespace: shop}, data: null}',
  );
  const ref = binding(`${DENY}\n  paramRef: {name: limits, parameterNotFoundAction: Deny}`);
  assert.deepEqual(verdicts(spec, ref, pod(), { objects }), ['pass allow compliant']);
});

test('namespaces and parameters given live are asked again for every request', () => {
  const spec = `${validation("namespaceObject.metadata.labels['env'] == params.data.name")}\n${PARAM}`;
  const ref = binding(`${DENY}\n  paramRef: {name: limits, parameterNotFoundAction: Deny}`);
  const selecting = vap(spec).replace(
    'matchConstraints:',
    'matchConstraints:\n    namespaceSelector: {matchExpressions: [{key: env, operator: Exists}]}',
  );
  const objects = new Map<string, JsonMap>();
  let params = documents('');
  let complete = false;
  const evaluator = createEvaluator(
    policies(selecting + ref),
    {
      discovery,
      namespaces: {
        objects,
        get complete() {
          return complete;
        },
      },
      params: { ofKind: () => params, doubt: () => undefined, defaultNamespace: 'default' },
    },
    { passes: true, skips: true },
  );
  const said = () => brief(evaluator.findings(request()));
  assert.deepEqual(said(), ['error deny needs-namespace']);
  complete = true;
  assert.match(evaluator.findings(request())[0]!.detail, /namespaces "shop" not found/);
  objects.set('shop', { metadata: { labels: {} } });
  assert.deepEqual(said(), ['skip allow not-matched']);
  objects.set('shop', { metadata: { labels: { env: 'web' } } });
  assert.deepEqual(said(), ['error deny misconfigured']);
  params = documents(config('limits', 'web'));
  assert.deepEqual(said(), ['pass allow compliant']);
  params = documents(config('limits', 'api'));
  assert.deepEqual(said(), ['violation deny validation-failed validations[0]']);
});
