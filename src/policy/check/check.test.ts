import assert from 'node:assert/strict';
import { test } from 'node:test';
import { binding, DENY, discovery, documents, schemas, vap } from '../fixture.ts';
import { DEFAULT_SETTINGS } from '../settings/settings.ts';
import { checkPolicies } from './check.ts';

const check = (text: string, minor = 37) => {
  const settings = { ...DEFAULT_SETTINGS, 'kubernetes.version': minor };
  const report = checkPolicies(documents(text), { discovery, schemas, settings });
  return {
    problems: report.problems.map(({ detail }) => detail),
    warnings: report.warnings.filter(({ reason }) => reason !== 'not-bound').map(({ detail }) => detail),
  };
};

const using = (expression: string, more = '') => vap(`  validations: [{expression: "${expression}"}]${more}`);

test('a misspelt field is a warning with the nearest name, by the schema of the matched kind', () => {
  assert.deepEqual(check(using('has(object.spec.hostNetwrk)')).warnings, [
    "spec.validations[0].expression: undefined field 'hostNetwrk'; did you mean 'hostNetwork'? (for v1 Pod)",
  ]);
  assert.deepEqual(
    check(using("has(object.spec.hostNetwork) && object.metadata.labels.all(k, k != 'x')")).warnings,
    [],
  );
});

test('also in messages, variables, conditions, lists and old objects', () => {
  const text = vap(`  variables: [{name: v, expression: "object.spec.containers.map(c, c.imag)"}]
  matchConditions: [{name: c, expression: "oldObject == null || has(oldObject.metadta)"}]
  validations: [{expression: "true", messageExpression: "string(object.metadata.nam)"}]`);
  assert.deepEqual(
    check(text)
      .warnings.map((w) => /undefined field '(\w+)'/.exec(w)?.[1])
      .sort(),
    ['imag', 'metadta', 'nam'],
  );
});

test('one warning for all kinds it is found for', () => {
  const rules = '{apiGroups: [""], apiVersions: [v1], resources: [pods, configmaps], operations: ["*"]}';
  const text = vap('  validations: [{expression: "has(object.metadata.lables)"}]', rules);
  assert.match(check(text).warnings.join(), /\(for v1 Pod, v1 ConfigMap\)$/);
  assert.equal(check(text).warnings.length, 1);
});

test('params are checked by their kind', () => {
  const text =
    using('params == null || has(params.dta)', '\n  paramKind: {apiVersion: v1, kind: ConfigMap}') +
    binding(DENY);
  assert.match(check(text).warnings.join(), /undefined field 'dta'/);
});

test('kinds nobody describes, wildcards and null comparisons give no warning', () => {
  const node = '{apiGroups: [""], apiVersions: [v1], resources: [nodes], operations: ["*"]}';
  const any = '{apiGroups: ["*"], apiVersions: ["*"], resources: ["*"], operations: ["*"]}';
  const text = (rules: string) => vap('  validations: [{expression: "has(object.nope)"}]', rules);
  assert.deepEqual(check(text(node)).warnings, []);
  assert.deepEqual(check(text(any)).warnings, []);
  assert.deepEqual(check(using('object.spec.hostNetwork != null')).warnings, []);
});

test('a function of this very version is refused in a new policy, and said so', () => {
  const ip = using("ip('::1').isLoopback()");
  assert.match(
    check(ip, 30).warnings.join(),
    /Kubernetes 1\.30 refuses this in a new policy, since 1\.29 does not know it: undeclared reference to 'ip'/,
  );
  assert.deepEqual(check(ip, 31).warnings, []);
  assert.match(check(ip, 29).problems.join(), /undeclared reference to 'ip'/);
});

test('native policies: pod and containers have the schema of pods', () => {
  const native = (expression: string) => `
apiVersion: rampart.dev/v1
kind: HardeningPolicy
metadata: {name: n}
spec:
  title: T
  severity: low
  pods: {controllers: none}
  validations: [{expression: "${expression}"}]
`;
  assert.match(check(native('has(pod.spec.hostNetwrk)')).warnings.join(), /undefined field 'hostNetwrk'/);
  assert.match(check(native('containers.all(c, has(c.imag))')).warnings.join(), /undefined field 'imag'/);
  assert.deepEqual(
    check(native('containers.all(c, has(c.image)) && has(pod.spec.hostNetwork)')).warnings,
    [],
  );
});
