import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filesIo as io } from './fixture.ts';
import type { TestReport } from './report.ts';
import { runPolicyTests } from './run.ts';

const policy = (validations: string, name = 'p') => `
apiVersion: rampart.dev/v1
kind: HardeningPolicy
metadata: {name: ${name}}
spec:
  title: T
  severity: low
  pods: {}
  validations: [${validations}]
`;

const ONE = policy('{expression: "!has(pod.spec.hostNetwork)"}');
const TWO = policy(
  '{name: network, expression: "!has(pod.spec.hostNetwork)"}, {name: pid, expression: "!has(pod.spec.hostPID)"}',
);
const podWith = (spec: string) => `{apiVersion: v1, kind: Pod, metadata: {name: x}, spec: {${spec}}}`;
const GOOD = podWith('');
const NETWORK = podWith('hostNetwork: true');
const PID = podWith('hostPID: true');

const run = (files: Readonly<Record<string, string>>, path = '.'): TestReport =>
  runPolicyTests([path], io(files));

/** `result case validation: detail`. */
const lines = (report: TestReport) =>
  report.results.map((r) => [r.result, r.case, r.validation].filter((part) => part !== undefined).join(' '));

test('cases pass and fail as their folders say', () => {
  const report = run({ 'p/policy.yaml': ONE, 'p/pass/a.yaml': GOOD, 'p/fail/any-name.yaml': NETWORK });
  assert.deepEqual(lines(report), ['pass pass/a.yaml', 'pass fail/any-name.yaml validations[0]']);
  assert.deepEqual(report.summary, { passed: 2, failed: 0, errors: 0, unsupported: 0, skipped: 0 });
  assert.deepEqual(report.coverage, { policies: 1, untested: [], validations: 1, failed: 1 });
});

test('a result names suite, case, policy, resource and place', () => {
  const [result] = run({ 'p/policy.yaml': ONE, 'p/pass/a.yaml': NETWORK, 'p/fail/b.yaml': NETWORK }).results;
  assert.deepEqual(result, {
    suite: 'p/policy.yaml',
    case: 'pass/a.yaml',
    policy: 'p',
    resource: { kind: 'Pod', namespace: '', name: 'x' },
    expected: 'pass',
    actual: 'fail',
    result: 'fail',
    detail: 'validations[0]: failed expression: !has(pod.spec.hostNetwork)',
    origin: { file: 'p/pass/a.yaml', line: 1, column: 1 },
  });
});

test('every document of a file counts', () => {
  const report = run({
    'p/policy.yaml': ONE,
    'p/pass/a.yaml': GOOD,
    'p/fail/a.yaml': `${NETWORK}\n---\n${GOOD}`,
  });
  assert.deepEqual(lines(report), [
    'pass pass/a.yaml',
    'pass fail/a.yaml validations[0]',
    'fail fail/a.yaml validations[0]',
  ]);
});

test('a failing case must fail the validation its name says', () => {
  const report = run({
    'p/policy.yaml': TWO,
    'p/pass/a.yaml': GOOD,
    'p/fail/network.yaml': NETWORK,
    'p/fail/pid--wrong.yaml': NETWORK,
    'p/fail/pid--right.yaml': PID,
  });
  assert.deepEqual(lines(report), [
    'pass pass/a.yaml',
    'pass fail/network.yaml network',
    'pass fail/pid--right.yaml pid',
    'fail fail/pid--wrong.yaml pid',
  ]);
  assert.match(report.results[3]!.detail, /^fails for another reason: network:/);
});

test('a name that no validation has is an error with the nearest name', () => {
  const report = run({
    'p/policy.yaml': TWO,
    'p/pass/a.yaml': GOOD,
    'p/fail/netwrk.yaml': NETWORK,
    'p/fail/pid.yaml': PID,
  });
  const [error] = report.results.filter((r) => r.result === 'error');
  assert.match(error!.detail, /the policy has no "netwrk"\. Did you mean "network"\?/);
});

test('a validation no case makes fail is an error; a policy without cases is reported', () => {
  const report = run({
    'p/policy.yaml': TWO,
    'p/fail/pid.yaml': PID,
    'q/policy.yaml': policy('{expression: "true"}', 'q'),
  });
  assert.deepEqual(lines(report), ['pass fail/pid.yaml pid', 'error network', 'error validations[0]']);
  assert.deepEqual(report.coverage.untested, [
    { policy: 'p', missing: ['pass'] },
    { policy: 'q', missing: ['pass', 'fail'] },
  ]);
  assert.deepEqual([report.coverage.validations, report.coverage.failed], [3, 1]);
});

const VERSIONED = policy(
  '{name: v, when: {pss.version: ">=1.20"}, expression: "!has(pod.spec.hostNetwork)"}',
);

test('folders set settings; a policy that does not exist under them lets everything pass', () => {
  const report = run({
    'p/policy.yaml': VERSIONED,
    'p/pass/pss.version=v1.19/a.yaml': NETWORK,
    'p/fail/pss.version=v1.20/v.yaml': NETWORK,
    'p/fail/pss.version=v1.19/v.yaml': NETWORK,
    'p/fail/pss.version=soon/v.yaml': NETWORK,
    'p/fail/pss.verson=v1.20/v.yaml': NETWORK,
  });
  const byCase = new Map(report.results.map((r) => [r.case ?? r.origin.file, `${r.result}: ${r.detail}`]));
  assert.match(byCase.get('pass/pss.version=v1.19/a.yaml')!, /^pass/);
  assert.match(byCase.get('fail/pss.version=v1.20/v.yaml')!, /^pass/);
  assert.match(
    byCase.get('fail/pss.version=v1.19/v.yaml')!,
    /^error: validation v does not apply under pss\.version=v1\.19/,
  );
  assert.match(byCase.get('fail/pss.version=soon/v.yaml')!, /^error: pss\.version: expected a version/);
  assert.match(byCase.get('p/fail/pss.verson=v1.20')!, /^error: a folder of cases is named NAME=VALUE/);
});

test('what cannot be tested is an error, never a pass', () => {
  const config = '{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}';
  const report = run({
    'p/policy.yaml': ONE,
    'p/fail/a.yaml': NETWORK,
    'p/pass/broken.yaml': 'BROKEN',
    'p/pass/empty.yaml': '',
    'p/pass/kind.yaml': config,
    'p/pass/notes.txt': 'x',
    'p/pass/error.yaml': '{apiVersion: v1, kind: Pod, metadata: {name: x}, spec: []}',
  });
  const byCase = new Map(report.results.map((r) => [r.case ?? r.origin.file, `${r.result}: ${r.detail}`]));
  assert.match(byCase.get('pass/broken.yaml')!, /^error: cannot be read/);
  assert.match(byCase.get('pass/empty.yaml')!, /^error: the case holds no Kubernetes object/);
  assert.match(byCase.get('pass/kind.yaml')!, /^error: the policy does not match v1 ConfigMap/);
  assert.match(byCase.get('p/pass/notes.txt')!, /^error: a case is a \.yaml/);
  assert.match(byCase.get('pass/error.yaml')!, /^error: the pod cannot be read/);
});

test('a policy that does not compile, is misnamed or is not native is an error of its suite', () => {
  const detail = (text: string) =>
    run({ 'p/policy.yaml': text }).results.map((r) => `${r.result}: ${r.detail}`);
  assert.match(detail(policy('{expression: "nope"}'))[0]!, /^error: .*undeclared reference to 'nope'/);
  assert.match(
    detail(policy('{expression: "true"}', 'q'))[0]!,
    /the policy's id "q" is not its folder's name "p"/,
  );
  assert.match(detail(GOOD)[0]!, /expected a HardeningPolicy, got a Pod/);
  assert.match(detail(`${ONE}\n---\n${ONE}`)[0]!, /expected one policy, got 2 objects/);
});

test('folders are found at any depth, by the folder or the file; cases are not searched for policies', () => {
  const files = { 'lib/a/p/policy.yaml': ONE, 'lib/a/p/pass/a.yaml': GOOD, 'lib/a/p/fail/a.yaml': NETWORK };
  for (const path of ['lib', 'lib/a/p', 'lib/a/p/policy.yaml'])
    assert.equal(run(files, path).summary.passed, 2, path);
  assert.equal(run(files, 'elsewhere').results.length, 0);
});
