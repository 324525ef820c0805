import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filesIo } from '../../fixture.ts';
import { runPolicyTests } from '../../run.ts';

const policy = (spec: string, more = '') => `
apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {name: no-host${more}}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE, DELETE], resources: [pods]}]
  ${spec}
`;
const HOST = policy(
  'validations: [{expression: "!object.spec.?hostNetwork.orValue(false)", message: no host}]',
);

const pod = (name: string, spec: string, namespace = '') => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}${namespace === '' ? '' : `, namespace: ${namespace}`}}
spec: ${spec}
`;

const FILES = {
  't/policy.yaml': HOST,
  't/pods.yaml': [pod('good', '{}'), pod('bad', '{hostNetwork: true}'), pod('bad', '{}', 'other')].join(
    '---',
  ),
};

interface Options {
  readonly files?: Readonly<Record<string, string>>;
  readonly more?: string;
}

function run(results: string, { files = {}, more = '' }: Options = {}): string[] {
  const text = `
apiVersion: cli.kyverno.io/v1alpha1
kind: Test
metadata: {name: t}
policies: [policy.yaml]
resources: [pods.yaml]
${more}
results: [${results}]`;
  const report = runPolicyTests(['t'], filesIo({ ...FILES, ...files, 't/kyverno-test.yaml': text }));
  return report.results.map(
    ({ result, actual, detail, diff = '' }) => `${result} ${actual}: ${detail}${diff && `\n${diff}`}`,
  );
}

const short = (results: string, options: Options = {}) =>
  run(results, options).map((line) => line.split(':')[0]);

const about = (resources: string, result: string, more = '') =>
  `{policy: no-host, kind: Pod, resources: [${resources}], result: ${result}${more}}`;

test('names with and without a namespace, all resources, and the fields of a resource', () => {
  assert.deepEqual(short(about('good', 'pass')), ['pass pass']);
  assert.deepEqual(short(about('default/bad', 'fail')), ['pass fail']);
  assert.deepEqual(short(about('bad', 'fail')), ['pass fail', 'fail pass']);
  assert.deepEqual(short('{policy: no-host, result: pass}'), ['pass pass', 'fail fail', 'pass pass']);
  const spec = '{version: v1, kind: Pod, namespace: other, name: bad}';
  assert.deepEqual(short(`{policy: no-host, resourceSpecs: [${spec}], result: pass}`), ['pass pass']);
});

test('what nobody knows is an error', () => {
  assert.match(run(about('godo', 'pass'))[0]!, /^error not found: there is no resource "godo"/);
  assert.match(run('{policy: no-hots, result: pass}')[0]!, /^error not found: there is no policy "no-hots"/);
  assert.match(run(about('good', 'pass', ', reslt: x'))[0]!, /Unknown field "reslt"/);
  assert.match(run(about('good', 'pass'), { more: 'exceptions: [none.yaml]' })[0]!, /none\.yaml/);
  assert.match(run(about('good', 'pass', ', operation: PATCH'))[0]!, /operation is one of/);
});

test('a resource the policy leaves out: pass, unless nothing but its one rule decides', () => {
  const services = HOST.replace('resources: [pods]', 'resources: [services]');
  assert.deepEqual(short(about('good', 'pass'), { files: { 't/policy.yaml': services } }), [
    'fail not matched',
  ]);
  const selective = HOST.replace(
    'matchConstraints:',
    'matchConstraints:\n    objectSelector: {matchLabels: {a: b}}',
  );
  assert.deepEqual(short(about('good', 'fail'), { files: { 't/policy.yaml': selective } }), [
    'pass excluded',
  ]);
});

test('conditions, errors and warnings have words of their own', () => {
  const files = (text: string) => ({ files: { 't/policy.yaml': text } });
  const skipping = HOST.replace(
    'validations:',
    'matchConditions: [{name: c, expression: "false"}]\n  validations:',
  );
  assert.deepEqual(short(about('good', 'skip'), files(skipping)), ['pass skip']);
  const erring = policy('validations: [{expression: "object.spec.none == 1"}]');
  assert.deepEqual(short(about('good', 'error'), files(erring)), ['pass error']);
  const unscored = HOST.replace(
    'name: no-host',
    'name: no-host, annotations: {policies.kyverno.io/scored: "false"}',
  );
  assert.deepEqual(short(about('default/bad', 'warn'), files(unscored)), ['pass warn']);
});

test('operations of a result and of the values', () => {
  const deleting = policy(
    'validations: [{expression: "request.operation != \'DELETE\' || object == {}"}, {expression: "request.operation == \'DELETE\'"}]',
  );
  const files = { 't/policy.yaml': deleting };
  assert.deepEqual(short(about('good', 'pass', ', operation: DELETE'), { files }), ['pass pass']);
  assert.deepEqual(short(about('good', 'fail'), { files }), ['pass fail']);
  const more = 'values: {globalValues: {request.operation: DELETE}}';
  assert.deepEqual(short(about('good', 'pass'), { files, more }), ['pass pass']);
});

test('users, namespaces and exceptions', () => {
  const user = policy('validations: [{expression: "request.userInfo.username == \'ann\'"}]');
  const files = { 't/policy.yaml': user, 't/user.yaml': 'userInfo: {username: ann}' };
  assert.deepEqual(short(about('good', 'pass'), { files, more: 'userinfo: user.yaml' }), ['pass pass']);
  assert.deepEqual(short(about('good', 'error'), { files }), ['pass error']);
  const labelled = policy('validations: [{expression: "namespaceObject.metadata.labels.team == \'a\'"}]');
  const values = 'namespaceSelector: [{name: default, labels: {team: a}}]';
  assert.deepEqual(
    short(about('good', 'pass'), {
      files: { 't/policy.yaml': labelled, 't/values.yaml': values },
      more: 'variables: values.yaml',
    }),
    ['pass pass'],
  );
  const exception = `
apiVersion: policies.kyverno.io/v1
kind: PolicyException
metadata: {name: e, namespace: x}
spec: {policyRefs: [{name: no-host, kind: ValidatingPolicy}], REPORT expiresAt: "2020-01-01T00:00:00Z"}`;
  for (const [report, expected] of [
    ['', 'skip'],
    ['reportResult: pass,', 'pass'],
  ] as const)
    assert.deepEqual(
      short(about('default/bad', expected), {
        files: { 't/e.yaml': exception.replace('REPORT', report) },
        more: 'exceptions: [e.yaml]',
      }),
      [`pass ${expected}`],
    );
});

test('JSON documents by the name of their file', () => {
  const json = policy('evaluation: {mode: JSON}\n  validations: [{expression: "object.a == 1"}]');
  const files = { 't/policy.yaml': json, 't/one.json': '{"a": 1}', 't/two.json': '{"a": 2}' };
  const more = 'jsonPayloads: [./one.json, two.json]';
  assert.deepEqual(
    short('{policy: no-host, resources: [one.json], result: pass, kind: ""}', { files, more }),
    ['pass pass'],
  );
  assert.deepEqual(
    short('{policy: no-host, resources: [two.json], result: fail, kind: ""}', { files, more }),
    ['pass fail'],
  );
});

test('a ValidatingAdmissionPolicy: bindings alone decide once there are any, parameters by name', () => {
  const vap = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: no-host}
spec:
  paramKind: {apiVersion: v1, kind: ConfigMap}
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [services]}]
  validations: [{expression: "object.metadata.name != params.data.name"}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: b}
spec: {policyName: no-host, paramRef: {name: limits}}
`;
  const limits =
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: limits, namespace: far}\ndata: {name: bad}';
  const options = {
    files: { 't/policy.yaml': vap, 't/limits.yaml': limits },
    more: 'paramResources: [limits.yaml]',
  };
  assert.deepEqual(short(about('good', 'pass'), options), ['pass pass']);
  assert.deepEqual(short(about('default/bad', 'fail'), options), ['pass fail']);
});

test('what is not run is unsupported, never a pass', () => {
  const generating = HOST.replace('ValidatingPolicy', 'GeneratingPolicy');
  assert.match(run(about('good', 'pass'), { files: { 't/policy.yaml': generating } })[0]!, /^unsupported/);
  assert.match(run(about('good', 'pass'), { more: 'httpPayloads: [a.yaml]' })[0]!, /^unsupported/);
  assert.match(run(about('good', 'pass', ', generatedResources: [a.yaml]'))[0]!, /^unsupported/);
});

test('rules by their own names and those that autogen gives; an unknown one is an error', () => {
  const rules = `
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: no-host}
spec:
  rules:
    - name: host
      match: {any: [{resources: {kinds: [Pod]}}]}
      validate: {cel: {expressions: [{expression: "!object.spec.?hostNetwork.orValue(false)"}]}}
    - name: named
      match: {any: [{resources: {kinds: [Pod]}}]}
      validate: {cel: {expressions: [{expression: "object.spec.none == 1"}]}}
`;
  const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {hostNetwork: true}}}`;
  const files = { 't/policy.yaml': rules, 't/web.yaml': deployment };
  const one = (rule: string, resource: string, result: string) =>
    short(`{policy: no-host, rule: ${rule}, resources: [${resource}], result: ${result}}`, {
      files: { ...files, 't/pods.yaml': `${FILES['t/pods.yaml']}---${deployment}` },
    });
  assert.deepEqual(one('host', 'default/bad', 'fail'), ['pass fail']);
  assert.deepEqual(one('host', 'web', 'fail'), ['pass fail']);
  assert.deepEqual(one('autogen-host', 'web', 'fail'), ['pass fail']);
  assert.deepEqual(one('autogen-cronjob-host', 'web', 'fail'), ['pass excluded']);
  // An expression that errs denies, as Kyverno has it.
  assert.deepEqual(one('named', 'good', 'fail'), ['pass fail']);
  assert.deepEqual(one('hots', 'good', 'pass'), ['error not found']);
});

test('suites count in the coverage: what never passes, never fails, and which validations fail', () => {
  const two = policy(
    'validations: [{expression: "!object.spec.?hostNetwork.orValue(false)"}, {expression: "object.kind == \'Pod\'"}]',
  );
  const text = `
policies: [policy.yaml]
resources: [pods.yaml]
results: [${about('default/bad', 'fail')}]`;
  const { coverage } = runPolicyTests(
    ['t'],
    filesIo({ ...FILES, 't/policy.yaml': two, 't/kyverno-test.yaml': text }),
  );
  assert.deepEqual(coverage, {
    policies: 1,
    untested: [{ policy: 'no-host', missing: ['pass'] }],
    validations: 2,
    failed: 1,
  });
});

const MUTATING = `
apiVersion: policies.kyverno.io/v1
kind: MutatingPolicy
metadata: {name: label}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  matchConditions: [{name: c, expression: "!has(object.spec.hostNetwork)"}]
  mutations:
    - patchType: JSONPatch
      jsonPatch: {expression: "[JSONPatch{op: 'add', path: '/metadata/labels', value: {'a': 'b'}}]"}
`;
const labelled = (value: string) => `
apiVersion: v1
kind: Pod
metadata: {name: good, namespace: default, labels: {a: ${value}}, annotations: {}}
spec: {}
`;

test('what mutates is compared with the objects as they must be', () => {
  const files = {
    't/policy.yaml': MUTATING,
    't/as-is.yaml': labelled('b'),
    't/otherwise.yaml': labelled('c'),
  };
  const expecting = (file: string, name = 'good', result = 'pass') =>
    run(`{policy: label, kind: Pod, resources: [${name}], result: ${result}, patchedResources: ${file}}`, {
      files,
    })[0]!;
  assert.match(expecting('as-is.yaml'), /^pass pass/);
  assert.match(
    expecting('otherwise.yaml'),
    /^fail patched otherwise: not as in t\/otherwise\.yaml\n-.*"labels":\{"a":"c"\}.*\n\+.*"labels":\{"a":"b"\}/,
  );
  assert.match(expecting('as-is.yaml', 'default/bad', 'skip'), /^fail .*have no Pod default\/bad/);
  assert.match(expecting('none.yaml'), /^error error: .*none\.yaml/);
  assert.deepEqual(short('{policy: label, resources: [default/bad], result: skip}', { files }), [
    'pass skip',
  ]);
});

test('objects that exist are asked about where the policy changes those', () => {
  const text = MUTATING.replace(
    'matchConditions: [{name: c, expression: "!has(object.spec.hostNetwork)"}]',
    `evaluation: {mutateExisting: {enabled: true}}
  targetMatchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}]`,
  );
  const map = '{apiVersion: v1, kind: ConfigMap, metadata: {name: m, namespace: shop}}';
  const files = {
    't/policy.yaml': text,
    't/map.yaml': map,
    't/patched.yaml': map.replace('shop', 'shop, labels: {a: b}'),
  };
  const result = '{policy: label, result: pass, patchedResources: patched.yaml}';
  const more = 'targetResources: [map.yaml]';
  assert.deepEqual(short(result, { files, more }), ['pass pass']);
  const named = (name: string) => result.replace('result', `resources: [${name}], result`);
  assert.deepEqual(short(named('shop/m'), { files, more }), ['pass pass']);
  assert.deepEqual(short(named('good'), { files, more }), ['error not found']);
  const unlike = { ...files, 't/patched.yaml': map };
  assert.match(
    run(result, { files: unlike, more })[0]!,
    /\n-.*"name":"m","namespace":"shop"\}\}\n\+.*"labels":\{"a":"b"\}/,
  );
});

test('policies that mutate count in no coverage', () => {
  const files = { ...FILES, 't/policy.yaml': MUTATING };
  const text = `
apiVersion: cli.kyverno.io/v1alpha1
kind: Test
metadata: {name: t}
policies: [policy.yaml]
resources: [pods.yaml]
results: [{policy: label, resources: [good], result: pass}]`;
  const { coverage } = runPolicyTests(['t'], filesIo({ ...files, 't/kyverno-test.yaml': text }));
  assert.deepEqual([coverage.policies, coverage.untested], [0, []]);
});
