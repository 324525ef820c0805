import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonMap } from '../../../model/index.ts';
import { pod, policies, problemsOf, scan } from '../../fixture.ts';
import { DEFAULT_SETTINGS } from '../../settings/settings.ts';

/** A native policy; `spec` comes over the least there must be. */
const native = (spec: string, least = '  title: T\n  severity: low\n') => `
apiVersion: rampart.dev/v1
kind: HardeningPolicy
metadata: {name: n}
spec:
${least}${spec}
`;

const VALID = '  pods: {}\n  validations: [{expression: "true"}]';

test('the least a policy needs', () => {
  assert.deepEqual(problemsOf(native(VALID)), []);
  const [policy] = policies(native(VALID)).policies;
  assert.equal(policy!.info.title, 'T');
  assert.equal(policy!.failurePolicy, 'Fail');
  assert.deepEqual(problemsOf(native('  pods: {}', '')), [
    '"title" is required.',
    '"severity" is required.',
    '"validations" is required.',
  ]);
});

test('unknown fields are refused with the nearest name', () => {
  assert.deepEqual(problemsOf(native(`${VALID}\n  severty: low`)), [
    'Unknown field "severty". Did you mean "severity"?',
  ]);
  const nested = '  pods: {}\n  validations: [{expresion: "true"}]';
  assert.deepEqual(problemsOf(native(nested)), [
    'Unknown field "expresion". Did you mean "expression"?',
    '"expression" is required.',
  ]);
});

test('what is refused', () => {
  const table: [string, RegExp][] = [
    [VALID.replace('pods: {}', 'owner: x'), /Either "pods" or "matchConstraints" is required/],
    [
      VALID.replace('pods: {}', 'pods: {controllers: [deployment.v1.apps]}'),
      /Did you mean "deployments\.v1\.apps"/,
    ],
    [VALID.replace('pods: {}', 'matchConstraints: {}'), /At least one resource rule/],
    [`${VALID}\n  target: terraform`, /"terraform" are not run/],
    [`${VALID}\n  target: kuberntes`, /Did you mean "kubernetes"/],
    [`${VALID}\n  frameworks: {cis: {ids: [a], when: {pss.version: x}}}`, /Expected a range/],
    [`${VALID}\n  equivalents: [A-1]\n  narrower: [A-2]`, /"A-2" is not among the equivalents/],
    ['  pods: {}\n  validations: []', /At least one validation/],
    ['  pods: {}\n  validations: [{name: A b, expression: "true"}]', /lower case words/],
    ['  pods: {}\n  validations: [{name: a--b, expression: "true"}]', /single hyphens/],
    [
      '  pods: {}\n  validations: [{name: a, expression: "true"}, {name: a, expression: "true"}]',
      /A second validation/,
    ],
    [
      '  pods: {}\n  validations: [{expression: "true", when: {kube.version: "1.2"}}]',
      /Unknown setting "kube\.version"/,
    ],
    [
      '  pods: {}\n  validations: [{expression: "pod.spec.hostNetwork"}]',
      /must evaluate to bool but got dyn/,
    ],
    ['  pods: {}\n  validations: [{expression: "params == null"}]', /undeclared reference to 'params'/],
  ];
  for (const [spec, said] of table) assert.match(problemsOf(native(spec)).join(' | '), said, spec);
  const wrongSeverity = native(VALID, '  title: T\n  severity: hihg\n');
  assert.match(problemsOf(wrongSeverity)[0]!, /Did you mean "high"/);
});

test('another target is unsupported, not invalid', () => {
  assert.equal(policies(native(`${VALID}\n  target: iam`)).problems[0]!.reason, 'unsupported');
});

test('without pods there is neither pod nor containers', () => {
  const rules =
    '  matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], resources: [pods], operations: [CREATE]}]}';
  const using = (expression: string) =>
    problemsOf(native(`${rules}\n  validations: [{expression: "${expression}"}]`));
  assert.deepEqual(using('has(object.spec)'), []);
  assert.match(using('containers.size() > 0')[0]!, /undeclared reference to 'containers'/);
  assert.match(using('has(pod.spec)')[0]!, /undeclared reference to 'pod'/);
});

const CARRIERS: [apiVersion: string, kind: string, (template: object) => object][] = [
  ['v1', 'Pod', (template) => template],
  ['v1', 'ReplicationController', (template) => ({ spec: { template } })],
  ['apps/v1', 'Deployment', (template) => ({ spec: { template } })],
  ['batch/v1', 'CronJob', (template) => ({ spec: { jobTemplate: { spec: { template } } } })],
];

test('a pod policy meets every kind with a pod template, and every list of containers', () => {
  const set = policies(
    native('  pods: {}\n  validations: [{expression: "containers.all(c, c.name != \'bad\')"}]'),
  );
  for (const [apiVersion, kind, around] of CARRIERS) {
    for (const list of ['containers', 'initContainers', 'ephemeralContainers']) {
      const template = {
        spec: { containers: [{ name: 'good' }], [list]: [{ name: 'good' }, { name: 'bad' }] },
      };
      const object = { apiVersion, kind, metadata: { name: 'x' }, ...around(template) };
      assert.deepEqual(
        scan(set, object).map(({ verdict }) => verdict),
        ['violation'],
        `${kind} ${list}`,
      );
    }
    const good = {
      apiVersion,
      kind,
      metadata: { name: 'x' },
      ...around({ spec: { containers: [{ name: 'good' }] } }),
    };
    assert.deepEqual(
      scan(set, good).map(({ verdict }) => verdict),
      ['pass'],
      kind,
    );
  }
});

test('controllers restrict it; none leaves Pods', () => {
  const met = (controllers: string, kind: string) => {
    const set = policies(
      native(`  pods: {controllers: ${controllers}}\n  validations: [{expression: "false"}]`),
    );
    const [apiVersion, , around] = CARRIERS.find(([, k]) => k === kind)!;
    return scan(set, { apiVersion, kind, metadata: { name: 'x' }, ...around({ spec: {} }) }).length > 0;
  };
  assert.deepEqual([met('all', 'Pod'), met('all', 'Deployment'), met('all', 'CronJob')], [true, true, true]);
  assert.deepEqual([met('none', 'Pod'), met('none', 'Deployment')], [true, false]);
  assert.deepEqual(
    [met('[deployments.v1.apps]', 'Pod'), met('[deployments.v1.apps]', 'Deployment')],
    [true, true],
  );
  assert.equal(met('[deployments.v1.apps]', 'CronJob'), false);
});

test('a native policy without a stage audits', () => {
  const set = policies(native('  pods: {}\n  validations: [{expression: "false"}]'));
  assert.deepEqual(
    scan(set, pod()).map(({ action }) => action),
    ['audit'],
  );
});

test('settings decide which validations and frameworks there are', () => {
  const text = native(`  pods: {}
  frameworks: {a: [x], b: {ids: [y], when: {pss.version: "<1.19"}}}
  validations: [{name: old, when: {pss.version: "<1.19"}, expression: "true"}, {name: new, when: {pss.version: ">=1.19"}, expression: "true"}]`);
  const at = (pss: number) =>
    policies(text, { settings: { 'pss.version': pss, 'kubernetes.version': 37 } }).policies[0]!;
  assert.deepEqual(
    at(18).validations.map(({ name }) => name),
    ['old'],
  );
  assert.deepEqual(
    at(19).validations.map(({ name }) => name),
    ['new'],
  );
  assert.deepEqual(Object.keys(at(18).info.frameworks!), ['a', 'b']);
  assert.deepEqual(Object.keys(at(19).info.frameworks!), ['a']);
});

test('a policy without validations under the settings is inactive: neither evaluated nor passed', () => {
  const text = native('  pods: {}\n  validations: [{when: {pss.version: ">=1.34"}, expression: "false"}]');
  const set = policies(text, { settings: { 'pss.version': 20, 'kubernetes.version': 37 } });
  assert.deepEqual([set.policies.length, set.inactive.length], [0, 1]);
  assert.deepEqual(scan(set, pod()), []);
});

test('an unnamed validation is named by its place in the source', () => {
  const text = native(
    '  pods: {}\n  validations: [{when: {pss.version: "<1.2"}, expression: "true"}, {expression: "false"}]',
  );
  assert.equal(scan(policies(text), pod())[0]!.validation, 'validations[1]');
});

test('compiled on first use when lazy; a fault is then an error of the resource', () => {
  const text = native('  pods: {}\n  validations: [{expression: "nothing"}]');
  assert.equal(policies(text).problems.length, 1);
  const set = policies(text, { lazy: true });
  assert.deepEqual(set.problems, []);
  const [finding] = scan(set, pod());
  assert.deepEqual([finding!.verdict, finding!.reason], ['error', 'invalid-policy']);
});

test('functions are those of this engine, whatever the cluster knows', () => {
  const settings = { ...DEFAULT_SETTINGS, 'kubernetes.version': 24 };
  assert.deepEqual(problemsOf(native(VALID.replace('"true"', '"isCIDR(object.kind)"')), { settings }), []);
});

test('a kind that carries pods is met in every version it was ever served in', () => {
  const set = policies(native(VALID.replace('"true"', '"containers.all(c, c.name != \\"bad\\")"')));
  const template = { spec: { containers: [{ name: 'bad' }] } };
  const table: [string, string, JsonMap][] = [
    ['apps/v1', 'Deployment', { template }],
    ['apps/v1beta1', 'StatefulSet', { template }],
    ['apps/v1beta2', 'ReplicaSet', { template }],
    ['extensions/v1beta1', 'DaemonSet', { template }],
    ['batch/v1beta1', 'CronJob', { jobTemplate: { spec: { template } } }],
    ['batch/v2alpha1', 'CronJob', { jobTemplate: { spec: { template } } }],
  ];
  for (const [apiVersion, kind, spec] of table) {
    const found = scan(set, { apiVersion, kind, metadata: { name: 'x', namespace: 'y' }, spec });
    assert.deepEqual(
      found.map(({ verdict, path }) => [verdict, path?.endsWith('/template/spec/containers/0/name')]),
      [['violation', true]],
      apiVersion,
    );
    assert.doesNotMatch(found[0]!.detail, /guess/);
  }
});
