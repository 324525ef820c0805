import assert from 'node:assert/strict';
import { test } from 'node:test';
import { binding, DENY, POD_RULES, policies, problemsOf, vap } from '../../fixture.ts';

const TRUE = '  validations: [{expression: "true"}]';

test('a good policy compiles; v1beta1 is read as v1', () => {
  assert.deepEqual(problemsOf(vap(TRUE) + binding(DENY)), []);
  const beta = vap(TRUE).replace('k8s.io/v1', 'k8s.io/v1beta1');
  assert.equal(policies(beta).policies.length, 1);
});

test('an unknown version is refused, and says which to write', () => {
  const set = policies(vap(TRUE).replace('k8s.io/v1', 'k8s.io/v1alpha1'));
  assert.equal(set.problems[0]!.reason, 'unsupported');
  assert.match(set.problems[0]!.help!, /admissionregistration\.k8s\.io\/v1/);
});

test('other engines are refused by name, never skipped', () => {
  for (const [apiVersion, kind] of [
    ['kyverno.io/v1', 'PolicyException'],
    ['policies.kyverno.io/v1', 'GeneratingPolicy'],
    ['policies.kyverno.io/v9', 'ValidatingPolicy'],
    ['templates.gatekeeper.sh/v2', 'ConstraintTemplate'],
    ['constraints.gatekeeper.sh/v2', 'K8sRequiredLabels'],
    ['expansion.gatekeeper.sh/v2', 'ExpansionTemplate'],
    ['mutations.gatekeeper.sh/v1', 'Assign'],
    ['rampart.dev/v1', 'HardeningPolicies'],
    ['rampart.dev/v2', 'HardeningPolicy'],
  ]) {
    const set = policies(`{apiVersion: ${apiVersion}, kind: ${kind}, metadata: {name: x}}`);
    assert.deepEqual(
      set.problems.map(({ reason }) => reason),
      ['unsupported'],
      kind,
    );
    assert.notEqual(set.problems[0]!.help, undefined);
  }
});

test('unknown fields are warnings with the nearest name: the API server drops them', () => {
  const set = policies(vap(`${TRUE}\n  failurPolicy: Ignore`));
  assert.equal(set.policies.length, 1);
  assert.match(set.warnings[0]!.detail, /Unknown field "failurPolicy"\. Did you mean "failurePolicy"\?/);
});

test('null fields are absent ones', () => {
  assert.deepEqual(problemsOf(vap(`${TRUE}\n  variables: null\n  failurePolicy: null`)), []);
});

/** What stands in a spec, and what is said of it. */
const REFUSED: [what: string, spec: string, said: RegExp][] = [
  [
    'failure policy',
    `${TRUE}\n  failurePolicy: fail`,
    /"fail" is not one of "Fail", "Ignore"\. Did you mean "Fail"/,
  ],
  ['no validations', '  validations: []', /At least one validation or audit annotation/],
  ['blank expression', '  validations: [{expression: " "}]', /An expression is required/],
  ['wrong type', '  validations: {expression: "true"}', /Expected a list, got a map/],
  ['blank message', '  validations: [{expression: "true", message: "  "}]', /Must not be blank/],
  ['line break', '  validations: [{expression: "true", message: "a\\nb"}]', /Must not contain line breaks/],
  [
    'blank message expression',
    '  validations: [{expression: "true", messageExpression: " "}]',
    /Must not be blank/,
  ],
  ['reason', '  validations: [{expression: "true", reason: Conflict}]', /"Conflict" is not one of/],
  [
    'Unauthorized',
    '  validations: [{expression: "true", reason: Unauthorized}]',
    /is not one of "Forbidden"/,
  ],
  ['variable name', `${TRUE}\n  variables: [{name: a-b, expression: "1"}]`, /must be a valid CEL identifier/],
  [
    'reserved name',
    `${TRUE}\n  variables: [{name: namespace, expression: "1"}]`,
    /must be a valid CEL identifier/,
  ],
  [
    'two variables',
    `${TRUE}\n  variables: [{name: a, expression: "1"}, {name: a, expression: "2"}]`,
    /A second variable/,
  ],
  ['condition name', `${TRUE}\n  matchConditions: [{expression: "true"}]`, /A name is required/],
  [
    'condition name',
    `${TRUE}\n  matchConditions: [{name: "a b", expression: "true"}]`,
    /name "a b" must consist of/,
  ],
  [
    'two conditions',
    `${TRUE}\n  matchConditions: [{name: a, expression: "true"}, {name: a, expression: "true"}]`,
    /A second condition/,
  ],
  ['param kind', `${TRUE}\n  paramKind: {apiVersion: v1}`, /A kind is required/],
  ['param version', `${TRUE}\n  paramKind: {apiVersion: a/b/c, kind: X}`, /Expected "group\/version"/],
  ['audit key', '  auditAnnotations: [{key: "a b", valueExpression: "\'x\'"}]', /key "p\/a b"/],
  [
    'two audit keys',
    '  auditAnnotations: [{key: a, valueExpression: "\'x\'"}, {key: a, valueExpression: "\'x\'"}]',
    /A second audit/,
  ],
  [
    'long audit expression',
    `  auditAnnotations: [{key: a, valueExpression: "'${'x'.repeat(5 * 1024)}'"}]`,
    /At most 5120 bytes/,
  ],
];

test('what the API server refuses in a policy is refused', () => {
  for (const [what, spec, said] of REFUSED) {
    const problems = problemsOf(vap(spec));
    assert.ok(
      problems.some((detail) => said.test(detail)),
      `${what}: ${problems.join(' | ')}`,
    );
    assert.equal(policies(vap(spec)).policies.length, 0, what);
  }
});

test('at most 64 match conditions and 20 audit annotations', () => {
  const conditions = (n: number) =>
    `${TRUE}\n  matchConditions: [${Array.from({ length: n }, (_, i) => `{name: c${i}, expression: "true"}`)}]`;
  assert.deepEqual(problemsOf(vap(conditions(64))), []);
  assert.match(problemsOf(vap(conditions(65)))[0]!, /At most 64 conditions, got 65/);
  const audits = (n: number) =>
    `  auditAnnotations: [${Array.from({ length: n }, (_, i) => `{key: k${i}, valueExpression: "'x'"}`)}]`;
  assert.deepEqual(problemsOf(vap(audits(20))), []);
  assert.match(problemsOf(vap(audits(21)))[0]!, /At most 20 audit annotations, got 21/);
});

const REFUSED_RULES: [rule: string, said: RegExp][] = [
  ['{apiVersions: [v1], resources: [pods], operations: ["*"]}', /At least one is required/],
  ['{apiGroups: ["", "*"], apiVersions: [v1], resources: [pods], operations: ["*"]}', /no other API groups/],
  ['{apiGroups: [""], apiVersions: [""], resources: [pods], operations: ["*"]}', /Must not be empty/],
  [
    '{apiGroups: [""], apiVersions: [v1], resources: [pods], operations: ["*", CREATE]}',
    /no other operations/,
  ],
  ['{apiGroups: [""], apiVersions: [v1], resources: [pods], operations: [create]}', /Did you mean "CREATE"/],
  ['{apiGroups: [""], apiVersions: [v1], resources: ["*", pods], operations: ["*"]}', /without subresource/],
  ['{apiGroups: [""], apiVersions: [v1], resources: ["*/*", pods], operations: ["*"]}', /no other resources/],
  [
    '{apiGroups: [""], apiVersions: [v1], resources: ["pods/*", pods/status], operations: ["*"]}',
    /already covers/,
  ],
  [
    '{apiGroups: [""], apiVersions: [v1], resources: ["*/scale", a/scale], operations: ["*"]}',
    /already covers/,
  ],
  [
    '{apiGroups: [""], apiVersions: [v1], resources: [pods], operations: ["*"], scope: All}',
    /"All" is not one of/,
  ],
  [
    '{apiGroups: [""], apiVersions: [v1], resources: [pods], operations: ["*"], resourceNames: [a, a]}',
    /listed twice/,
  ],
  [
    '{apiGroups: [""], apiVersions: [v1], resources: [pods], operations: ["*"], resourceNames: [a/b]}',
    /may not contain/,
  ],
];

test('what the API server refuses in rules is refused', () => {
  for (const [rule, said] of REFUSED_RULES) {
    const problems = problemsOf(vap(TRUE, rule));
    assert.ok(
      problems.some((detail) => said.test(detail)),
      `${rule}: ${problems.join(' | ')}`,
    );
  }
  assert.match(problemsOf(vap(TRUE, ''))[0]!, /At least one resource rule/);
});

test('what the API server refuses in selectors is refused', () => {
  const selector = (text: string) =>
    vap(TRUE).replace('matchConstraints:\n', `matchConstraints:\n    objectSelector: ${text}\n`);
  for (const [text, said] of [
    ['{matchLabels: {"a b": x}}', /label "a b"/],
    ['{matchLabels: {a: "x y"}}', /value "x y"/],
    ['{matchExpressions: [{key: a, operator: In}]}', /needs at least one value/],
    ['{matchExpressions: [{key: a, operator: Exists, values: [x]}]}', /takes no values/],
    ['{matchExpressions: [{key: a, operator: in, values: [x]}]}', /Did you mean "In"/],
  ] as const) {
    assert.match(problemsOf(selector(text)).join(' | '), said);
  }
});

test('expressions must have the very type their place asks for', () => {
  const cases: [string, RegExp][] = [
    ['  validations: [{expression: "object.spec.hostNetwork"}]', /must evaluate to bool but got dyn/],
    ['  validations: [{expression: "true", messageExpression: "1"}]', /must evaluate to string but got int/],
    ['  auditAnnotations: [{key: a, valueExpression: "1"}]', /must evaluate to one of \[string null/],
    [`${TRUE}\n  matchConditions: [{name: a, expression: "1"}]`, /must evaluate to bool but got int/],
  ];
  for (const [spec, said] of cases) assert.match(problemsOf(vap(spec)).join(' | '), said);
  assert.deepEqual(problemsOf(vap('  auditAnnotations: [{key: a, valueExpression: "null"}]')), []);
});

test('which names expressions see', () => {
  const valid = (expression: string) => problemsOf(vap(`  validations: [{expression: "${expression}"}]`));
  assert.deepEqual(valid('object == oldObject'), []);
  assert.deepEqual(valid("request.operation == 'CREATE' && namespaceObject == null"), []);
  assert.deepEqual(valid("authorizer.requestResource.check('get').allowed()"), []);
  assert.match(valid('params == null')[0]!, /undeclared reference to 'params'/);
  assert.match(valid("request.uid == ''")[0]!, /undefined field 'uid'/);
  assert.match(valid('request.object == null')[0]!, /undefined field 'object'/);
  assert.match(valid('request.oldObject == null')[0]!, /undefined field 'oldObject'/);
  const withParams =
    '  paramKind: {apiVersion: v1, kind: ConfigMap}\n  validations: [{expression: "params == null"}]';
  assert.deepEqual(problemsOf(vap(withParams) + binding(DENY)), []);
});

test('messages see no authorizer, conditions see no variables', () => {
  const message = `  validations: [{expression: "true", messageExpression: "authorizer.path('/x').check('get').reason()"}]`;
  assert.match(problemsOf(vap(message))[0]!, /undeclared reference to 'authorizer'/);
  const condition = `${TRUE}
  variables: [{name: a, expression: "true"}]
  matchConditions: [{name: c, expression: "variables.a"}]`;
  assert.match(problemsOf(vap(condition))[0]!, /undeclared reference to 'variables'/);
});

test('variables see only earlier ones', () => {
  const spec = (first: string, second: string) => `  validations: [{expression: "variables.a == variables.b"}]
  variables: [{name: a, expression: "${first}"}, {name: b, expression: "${second}"}]`;
  assert.deepEqual(problemsOf(vap(spec('1', 'variables.a + 1'))), []);
  assert.match(problemsOf(vap(spec('variables.b', '1')))[0]!, /undefined field 'b'/);
  assert.match(problemsOf(vap(spec('variables.a', '1')))[0]!, /undefined field 'a'/);
});

test("libraries are the API server's: base64 and math are refused", () => {
  assert.match(
    problemsOf(vap('  validations: [{expression: "math.least(1, 2) == 1"}]'))[0]!,
    /undeclared reference/,
  );
  assert.match(
    problemsOf(vap("  validations: [{expression: \"base64.encode(b'a') == 'YQ=='\"}]"))[0]!,
    /undeclared/,
  );
});

test('kubernetes.version decides which functions exist', () => {
  const text = vap('  validations: [{expression: "ip(\'::1\').isLoopback()"}]');
  const at = (minor: number) => ({ settings: { 'kubernetes.version': minor, 'pss.version': 37 } });
  assert.deepEqual(problemsOf(text, at(30)), []);
  assert.match(problemsOf(text, at(29))[0]!, /undeclared reference to 'ip'/);
});

test('bindings: what the API server refuses', () => {
  for (const [spec, said] of [
    ['  validationActions: [Deny, Warn]', /Deny and Warn exclude each other/],
    ['  validationActions: [Deny, Deny]', /"Deny" is listed twice/],
    ['  validationActions: []', /At least one action/],
    ['  validationActions: [deny]', /Did you mean "Deny"/],
    [`${DENY}\n  paramRef: {parameterNotFoundAction: Deny}`, /Either name or selector is required/],
    [`${DENY}\n  paramRef: {name: a, selector: {}, parameterNotFoundAction: Deny}`, /not both/],
    [`${DENY}\n  paramRef: {name: a}`, /"parameterNotFoundAction" is required/],
    [`${DENY}\n  paramRef: {name: a/b, parameterNotFoundAction: Deny}`, /may not contain/],
    [`${DENY}\n  paramRef: {name: a, parameterNotFoundAction: Ignore}`, /is not one of "Allow", "Deny"/],
    [`${DENY}\n  matchResources: {matchPolicy: Fuzzy}`, /"Fuzzy" is not one of/],
  ] as const) {
    assert.match(problemsOf(vap(TRUE) + binding(spec)).join(' | '), said);
  }
  assert.deepEqual(problemsOf(vap(TRUE) + binding('  validationActions: [Warn, Audit]')), []);
});

test('a policy without binding is bound everywhere with Deny, and says so once', () => {
  const set = policies(vap(TRUE));
  assert.deepEqual(set.policies[0]!.bindings, [
    { name: '', match: null, paramRef: null, params: null, actions: ['Deny'] },
  ]);
  assert.deepEqual(
    set.warnings.map(({ reason }) => reason),
    ['not-bound'],
  );
});

test('a policy with paramKind and without binding is one error', () => {
  const set = policies(vap(`${TRUE}\n  paramKind: {apiVersion: v1, kind: ConfigMap}`));
  assert.equal(set.policies.length, 0);
  assert.deepEqual(
    set.problems.map(({ reason }) => reason),
    ['needs-params'],
  );
});

test('a binding of a policy that is not loaded has no effect, and says which was meant', () => {
  const set = policies(vap(TRUE, POD_RULES, 'no-latest') + binding(DENY, 'b', 'no-lates'));
  assert.match(set.warnings[0]!.detail, /No policy named "no-lates".* Did you mean "no-latest"\?/);
});

test('two policies or bindings of one name: the second is refused', () => {
  const twice = policies(`${vap(TRUE)}---\n${vap(TRUE)}`);
  assert.equal(twice.policies.length, 1);
  assert.match(twice.problems[0]!.detail, /A second policy with the id "p"/);
  assert.match(problemsOf(vap(TRUE) + binding(DENY) + binding(DENY))[0]!, /A second binding named "b"/);
});

test('severity by annotation, medium without, a warning for a word that is none', () => {
  const annotated = (severity: string) =>
    vap(TRUE).replace('{name: p}', `{name: p, annotations: {rampart.dev/severity: ${severity}}}`);
  assert.equal(policies(vap(TRUE)).policies[0]!.info.severity, 'medium');
  assert.equal(policies(annotated('critical')).policies[0]!.info.severity, 'critical');
  const wrong = policies(annotated('hihg'));
  assert.equal(wrong.policies[0]!.info.severity, 'medium');
  assert.match(wrong.warnings[0]!.detail, /Did you mean "high"/);
});

test('a variable is known by the type the API server remembers: simple types, lists and maps, else dyn', () => {
  const spec = (first: string, use: string) => `  variables: [{name: v, expression: "${first}"}]
  validations: [{expression: "${use}"}]`;
  // The quantity became dyn: comparing it with an int is no type error any more.
  assert.deepEqual(problemsOf(vap(spec("quantity('1')", 'variables.v == 1'))), []);
  assert.deepEqual(problemsOf(vap(spec("quantity('1')", "variables.v.isLessThan(quantity('2'))"))), []);
  assert.match(problemsOf(vap(spec('[1]', "variables.v[0] == 'a'")))[0]!, /no matching overload/);
});

test('a name kept for the API server is a warning', () => {
  const set = policies(vap(TRUE, POD_RULES, 'p.static.k8s.io'));
  assert.equal(set.policies.length, 1);
  assert.match(set.warnings[0]!.detail, /kept for the API server/);
});

test('metadata: what the API server refuses', () => {
  const refused: [metadata: string, said: RegExp][] = [
    ['{name: p, namespace: shop}', /belongs to the cluster/],
    ['{name: p, generateName: A}', /prefix "A" must consist/],
    ['{name: p, labels: {a b: c}}', /label "a b" must consist/],
    ['{name: p, labels: {a: b c}}', /value "b c" must be empty, or consist/],
    ['{name: p, labels: {a: 1}}', /Expected a string/],
    ['{name: p, annotations: {a b: c}}', /annotation "a b" must consist/],
    [`{name: p, annotations: {a: ${'x'.repeat(256 * 1024)}}}`, /At most 262144 bytes/],
    ['{name: A.static.k8s.io}', /name "A.static.k8s.io" must consist/],
  ];
  const of = (metadata: string) => vap(TRUE).replace('{name: p}', metadata);
  for (const [metadata, said] of refused) assert.match(problemsOf(of(metadata)).join(), said);
  const fine = '{name: p, generateName: p-, labels: {a.b/C: null}, annotations: {A.B/c: any thing}}';
  assert.deepEqual(problemsOf(of(fine)), []);
});

test('null items of lists and maps are empty strings', () => {
  const core = POD_RULES.replace('apiGroups: [""]', 'apiGroups: [null]');
  assert.deepEqual(problemsOf(vap(TRUE, core)), []);
  assert.match(problemsOf(vap(TRUE, POD_RULES.replace('[v1]', '[null]'))).join(), /Must not be empty/);
});
