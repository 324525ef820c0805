import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EvaluationContext } from '../../evaluate/context.ts';
import { documents, policies, scan } from '../../fixture.ts';

const NO_HOST =
  'validate: {message: no host, cel: {expressions: [{expression: "!object.spec.?hostNetwork.orValue(false)"}]}}';
const PODS = 'match: {any: [{resources: {kinds: [Pod]}}]}';

const policy = (rule: string, { spec = '', meta = '', kind = 'ClusterPolicy' } = {}) => `
apiVersion: kyverno.io/v1
kind: ${kind}
metadata: {name: p${meta}}
spec:
  ${spec}
  rules: [{name: r, ${rule}}]
`;

const object = (kind: string, spec: string, meta = '') => `
apiVersion: ${kind === 'Pod' || kind === 'ReplicationController' ? 'v1' : kind === 'CronJob' ? 'batch/v1' : 'apps/v1'}
kind: ${kind}
metadata: {name: web-1, namespace: shop${meta}}
spec: ${spec}
`;
const BAD = '{hostNetwork: true}';
const POD = object('Pod', BAD);

const findings = (text: string, of: string, context: Partial<EvaluationContext> = {}) => {
  const set = policies(text);
  assert.deepEqual(set.problems, []);
  return scan(set, documents(of)[0]!.object, context, {});
};
const verdicts = (rule: string, of = POD, context: Partial<EvaluationContext> = {}) =>
  findings(policy(rule), of, context).map(({ verdict, reason }) =>
    verdict === 'violation' ? verdict : reason,
  );
const matches = (match: string, of = POD, context: Partial<EvaluationContext> = {}) =>
  verdicts(`${match}, ${NO_HOST}`, of, context).length === 1;

test('a rule is a policy of its own, named after both, and audits unless it says more', () => {
  const [finding] = findings(policy(`${PODS}, ${NO_HOST}`), POD);
  assert.deepEqual(
    [finding!.policy, finding!.detail, finding!.action, finding!.path],
    ['p/r', 'no host', 'audit', '/spec/hostNetwork'],
  );
});

test('kinds, names, namespaces, labels, annotations', () => {
  const one = (resources: string) => matches(`match: {any: [{resources: {kinds: [Pod], ${resources}}}]}`);
  for (const kinds of ['Pod', 'v1/Pod', '"*"', '"P?d"', '"*/Pod"'])
    assert.ok(matches(`match: {resources: {kinds: [${kinds}]}}`), kinds);
  for (const kinds of ['Service', 'apps/v1/Pod', 'Pod/status'])
    assert.ok(!matches(`match: {resources: {kinds: [${kinds}]}}`), kinds);
  assert.ok(one('names: [a, "web-?"]'));
  assert.ok(!one('names: ["web-??"]'));
  assert.ok(one('namespaces: ["sh*"]'));
  assert.ok(!one('namespaces: [other]'));
  assert.ok(!one('selector: {matchLabels: {a: b}}'));
  const labelled = object('Pod', BAD, ', labels: {app.io/team: red}, annotations: {why: because}');
  const has = (resources: string) => matches(`match: {resources: {kinds: [Pod], ${resources}}}`, labelled);
  assert.ok(has('selector: {matchLabels: {"app.io/*": "r?d"}}'));
  assert.ok(has('selector: {matchExpressions: [{key: app.io/team, operator: In, values: [red]}]}'));
  assert.ok(has('annotations: {"w*": "*"}'));
  assert.ok(!has('annotations: {"w*": "b"}'));
});

test('any and all, match and exclude', () => {
  const a = '{resources: {kinds: [Pod]}}';
  const b = '{resources: {namespaces: [other]}}';
  assert.ok(matches(`match: {any: [${b}, ${a}]}`));
  assert.ok(!matches(`match: {all: [${b}, ${a}]}`));
  assert.ok(!matches(`match: {any: [${a}]}, exclude: {any: [${a}, ${b}]}`));
  assert.ok(matches(`match: {any: [${a}]}, exclude: {all: [${a}, ${b}]}`));
  assert.ok(matches(`match: {any: [${a}]}, exclude: {any: [{}]}`));
  assert.ok(!matches('match: {any: [{}]}'));
});

test('operations, and who asks', () => {
  assert.ok(!matches('match: {resources: {kinds: [Pod], operations: [DELETE]}}'));
  assert.ok(matches('match: {resources: {kinds: [Pod], operations: [CREATE]}}'));
  const asked = `match: {any: [{resources: {kinds: [Pod]}, subjects: [{kind: User, name: "ann*"}]}]}, ${NO_HOST}`;
  assert.deepEqual(verdicts(asked), ['needs-user']);
  assert.deepEqual(verdicts(asked, POD, { userInfo: { username: 'anna' } }), ['violation']);
  assert.deepEqual(verdicts(asked, POD, { userInfo: { username: 'bob' } }), []);
  const excluded = `${PODS}, exclude: {any: [{clusterRoles: [admin]}]}, ${NO_HOST}`;
  assert.deepEqual(verdicts(excluded, POD, { userInfo: { username: 'a', clusterRoles: ['admin'] } }), []);
});

test('a namespace selector is decided, or is an error', () => {
  const rule = `match: {resources: {kinds: [Pod], namespaceSelector: {matchLabels: {team: a}}}}, ${NO_HOST}`;
  assert.deepEqual(verdicts(rule), ['needs-namespace']);
  const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: a}}';
  assert.deepEqual(verdicts(rule, POD, { objects: documents(namespace) }), ['violation']);
});

test('conditions of the rule and of the webhook', () => {
  const never = 'celPreconditions: [{name: c, expression: "false"}]';
  assert.deepEqual(verdicts(`${PODS}, ${never}, ${NO_HOST}`), []);
  const spec = 'webhookConfiguration: {matchConditions: [{name: c, expression: "false"}]}';
  assert.deepEqual(findings(policy(`${PODS}, ${NO_HOST}`, { spec }), POD), []);
});

test('autogen: names of rules, kinds, templates, and what keeps them away', () => {
  const variants = (rule: string, meta = '') =>
    policies(policy(rule, { meta })).policies.map(({ variant }) => variant);
  const rule = `${PODS}, ${NO_HOST}`;
  assert.deepEqual(variants(rule), ['', 'autogen-r', 'autogen-cronjob-r']);
  const only = (value: string) => `, annotations: {pod-policies.kyverno.io/autogen-controllers: "${value}"}`;
  assert.deepEqual(variants(rule, only('none')), ['']);
  assert.deepEqual(variants(rule, only('CronJob')), ['', 'autogen-cronjob-r']);
  assert.deepEqual(variants(`match: {resources: {kinds: [Pod], names: [a]}}, ${NO_HOST}`), ['']);
  assert.deepEqual(variants(`match: {resources: {kinds: [Pod, Service]}}, ${NO_HOST}`), ['']);
  assert.deepEqual(variants(`match: {resources: {kinds: [Service]}}, ${NO_HOST}`), ['']);
  for (const kind of ['Deployment', 'ReplicationController'])
    assert.equal(
      findings(policy(rule), object(kind, `{template: {spec: ${BAD}}}`))[0]?.path,
      '/spec/template/spec/hostNetwork',
      kind,
    );
  const job = `{jobTemplate: {spec: {template: {spec: ${BAD}}}}}`;
  assert.equal(findings(policy(rule), object('CronJob', job)).length, 1);
  const long = policies(policy(rule).replace('name: r,', `name: ${'r'.repeat(60)},`)).policies;
  assert.deepEqual(
    long.map(({ variant }) => variant.length),
    [0, 63, 63],
  );
});

test('actions: of the policy, of the rule, by namespace', () => {
  const action = (rule: string, spec = '') => findings(policy(rule, { spec }), POD)[0]!.action;
  const rule = `${PODS}, ${NO_HOST}`;
  assert.equal(action(rule, 'validationFailureAction: Enforce'), 'deny');
  assert.equal(action(rule, 'validationFailureAction: audit'), 'audit');
  const enforcing = rule.replace('validate: {', 'validate: {failureAction: Enforce, ');
  assert.equal(action(enforcing, 'validationFailureAction: Audit'), 'deny');
  const override = (namespaces: string) =>
    `validationFailureActionOverrides: [{action: enforce, namespaces: [${namespaces}]}]`;
  assert.equal(action(rule, override('"sh*"')), 'deny');
  assert.equal(action(rule, override('other')), 'audit');
});

test('parameters by reference', () => {
  const cel =
    'validate: {cel: {paramKind: {apiVersion: v1, kind: ConfigMap}, paramRef: {name: limits, namespace: x}, expressions: [{expression: "object.metadata.name in params.data"}]}}';
  const params = documents(
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: limits, namespace: x}\ndata: {a: b}',
  );
  assert.deepEqual(verdicts(`${PODS}, ${cel}`, POD, { objects: params }), ['violation']);
  assert.deepEqual(verdicts(`${PODS}, ${cel}`), ['needs-params']);
});

test('a Policy is asked about its namespace', () => {
  const own = (namespace: string) =>
    findings(policy(`${PODS}, ${NO_HOST}`, { kind: 'Policy', meta: `, namespace: ${namespace}` }), POD);
  assert.equal(own('shop')[0]!.policy, 'shop/p/r');
  assert.equal(own('other').length, 0);
});

test('rules that are not in CEL are refused each by itself, the others run', () => {
  const problems = (rule: string) =>
    policies(policy(rule)).problems.map(({ reason, detail }) => `${reason}: ${detail}`);
  assert.match(problems(`${PODS}, validate: {pattern: {a: b}}`)[0]!, /^unsupported: .*validate\.pattern/);
  assert.match(problems(`${PODS}, mutate: {}`)[0]!, /^unsupported: .*a mutation/);
  assert.match(
    problems(`${PODS}, preconditions: {all: []}, ${NO_HOST}`)[0]!,
    /^unsupported: .*preconditions/,
  );
  const mixed = policies(policy(`${PODS}, ${NO_HOST}}, {name: s, ${PODS}, verifyImages: []`));
  assert.deepEqual(mixed.policies.map(({ id }) => id)[0], 'p/r');
  assert.match(mixed.problems[0]!.detail, /The rule "s" has verification of images/);
  assert.match(problems(`match: {any: [{}], all: [{}]}, ${NO_HOST}`)[0]!, /Either any or all/);
  assert.match(
    problems(`match: {resources: {operations: [PATCH]}}, ${NO_HOST}`)[0]!,
    /"PATCH" is not one of/,
  );
});

const exception = (spec: string) => `
---
apiVersion: kyverno.io/v2
kind: PolicyException
metadata: {name: e, namespace: ops}
spec: {exceptions: [{policyName: p, ruleNames: [r]}], ${spec}}
`;

test('an exception of kyverno.io exempts from the rules it names, each reading by its own name', () => {
  const told = (spec: string, of = POD, context: Partial<EvaluationContext> = {}) =>
    findings(policy(`${PODS}, ${NO_HOST}`) + exception(spec), of, context).map(
      ({ verdict, detail, reason }) => (verdict === 'exempted' ? detail : reason),
    );
  const pods = 'match: {any: [{resources: {kinds: [Pod], names: ["web-*"], operations: [DELETE]}}]}';
  const by = ['exempted by PolicyException ops/e'];
  assert.deepEqual(told(pods), by, 'operations do not matter');
  assert.deepEqual(told(pods.replace('web-', 'db-')), ['validation-failed']);
  const deployment = object('Deployment', `{template: {spec: ${BAD}}}`);
  const any = 'match: {any: [{resources: {namespaces: [shop]}}]}';
  assert.deepEqual(told(any, deployment), ['validation-failed']);
  const every = (policy(`${PODS}, ${NO_HOST}`) + exception(any)).replace('[r]}', '["*r"]}');
  assert.equal(findings(every, deployment)[0]!.detail, by[0]);
  const labelled = 'match: {any: [{resources: {namespaceSelector: {matchLabels: {team: a}}}}]}';
  assert.deepEqual(told(labelled), ['needs-namespace']);
  const user = 'background: false, match: {any: [{subjects: [{kind: User, name: anna}]}]}';
  assert.deepEqual(told(user), ['needs-user']);
  assert.deepEqual(told(user, POD, { userInfo: { username: 'anna' } }), by);
  assert.deepEqual(told(user, POD, { userInfo: { username: 'bob' } }), ['validation-failed']);
});

test('exceptions of kyverno.io that cannot be evaluated are refused, and those to nothing are said', () => {
  const set = (spec: string) => policies(policy(`${PODS}, ${NO_HOST}`) + exception(spec));
  const problems = (spec: string) => set(spec).problems.map(({ reason, detail }) => `${reason}: ${detail}`);
  const pods = 'match: {any: [{resources: {kinds: [Pod]}}]}';
  assert.deepEqual(problems(pods), []);
  assert.match(problems(`${pods}, conditions: {any: []}`)[0]!, /^unsupported: .*conditions in JMESPath/);
  assert.match(problems(`${pods}, podSecurity: [{}]`)[0]!, /^unsupported: .*podSecurity/);
  assert.match(problems('match: {}')[0]!, /^invalid-policy: Either any or all is required/);
  assert.match(problems('match: {any: [{roles: ["a:b"]}]}')[0]!, /background: false/);
  const other = policies(
    policy(`${PODS}, ${NO_HOST}`, { kind: 'Policy', meta: ', namespace: a' }) + exception(pods),
  );
  assert.match(other.warnings[0]!.detail, /No rule of "p" that it names is loaded/);
});

test('of a policy that applies one rule, those after the first that applies are left', () => {
  const rule = (name: string, holds: string, more = '') =>
    `{name: ${name}, ${PODS}, ${more} validate: {message: ${name}, cel: {expressions: [{expression: "${holds}"}]}}}`;
  const told = (...rules: string[]) =>
    findings(
      `apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: p}\nspec: {applyRules: One, rules: [${rules.join(', ')}]}`,
      POD,
    ).map(({ policy: id }) => id);
  assert.deepEqual(told(rule('z', 'false'), rule('a', 'false')), ['p/z'], 'in the order of the policy');
  assert.deepEqual(told(rule('z', 'true'), rule('a', 'false')), [], 'one that passes applies, too');
  const never = 'celPreconditions: [{name: c, expression: "false"}],';
  assert.deepEqual(
    told(rule('z', 'false', never), rule('a', 'false')),
    ['p/a'],
    'one that is left out does not',
  );
});

test('what admission does not ask denies nothing', () => {
  const enforced = 'validationFailureAction: Enforce';
  const action = (spec: string) => findings(policy(`${PODS}, ${NO_HOST}`, { spec }), POD)[0]!.action;
  assert.equal(action(`background: false\n  ${enforced}`), 'deny');
  assert.equal(action(`admission: false\n  ${enforced}`), 'audit');
});
