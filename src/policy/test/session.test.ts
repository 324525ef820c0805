import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filesIo } from './fixture.ts';
import { createTestSession } from './session.ts';

const policy = (name: string) => `
apiVersion: rampart.dev/v1
kind: HardeningPolicy
metadata: {name: ${name}}
spec:
  title: T
  severity: low
  pods: {}
  validations: [{expression: "!has(pod.spec.hostNetwork)"}]
`;
const pod = (spec = '') => `{apiVersion: v1, kind: Pod, metadata: {name: x}, spec: {${spec}}}`;
const SUITE = `
apiVersion: test.gatekeeper.sh/v1alpha1
kind: Suite
tests: [{name: t, template: ../shared/template.yaml, constraint: constraint.yaml, cases: []}]
`;

function session() {
  const files: Record<string, string> = {
    'a/policy.yaml': policy('a'),
    'a/pass/1.yaml': pod(),
    'a/fail/1.yaml': pod('hostNetwork: true'),
    'b/policy.yaml': policy('b'),
    'b/pass/1.yaml': pod(),
    'b/fail/1.yaml': pod('hostNetwork: true'),
    'g/suite.yaml': SUITE,
  };
  const { run } = createTestSession(['.'], filesIo(files));
  const after = (...changed: string[]) => {
    const { ran, tests, report } = run(new Set(changed));
    return [ran, tests, report.summary.passed, report.summary.failed];
  };
  return { files, run, after };
}

test('the first run runs all; the next one what changed, and reports on all', () => {
  const { files, after } = session();
  assert.deepEqual(after(), [3, 3, 4, 0]);
  assert.deepEqual(after('elsewhere.yaml'), [0, 3, 4, 0]);
  files['a/pass/1.yaml'] = pod('hostNetwork: true');
  assert.deepEqual(after('a/pass/1.yaml'), [1, 3, 3, 1]);
  files['a/pass/1.yaml'] = pod();
  assert.deepEqual(after('a/pass/1.yaml', 'b/policy.yaml'), [2, 3, 4, 0]);
});

test('a new case, also in a new folder, a case that went, a policy that came', () => {
  const { files, after } = session();
  after();
  files['a/pass/2.yaml'] = pod();
  assert.deepEqual(after('a/pass/2.yaml'), [1, 3, 5, 0]);
  files['a/pass/kubernetes.version=1.36/3.yaml'] = pod();
  assert.deepEqual(after('a/pass/kubernetes.version=1.36/3.yaml'), [1, 3, 6, 0]);
  delete files['a/pass/2.yaml'];
  assert.deepEqual(after('a/pass/2.yaml'), [1, 3, 5, 0]);
  files['c/policy.yaml'] = policy('c');
  files['c/pass/1.yaml'] = pod();
  assert.deepEqual(after('c/policy.yaml', 'c/pass/1.yaml'), [1, 4, 6, 0]);
});

test('what a suite looked for in vain touches it when it appears', () => {
  const { files, run } = session();
  assert.ok(run(new Set()).files.has('shared/template.yaml'));
  files['shared/template.yaml'] = pod();
  assert.equal(run(new Set(['shared/template.yaml'])).ran, 1);
});
