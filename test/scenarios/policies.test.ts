/** `rampart policies …`: the catalogue, as a user calls it. */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { folderWith, ROOT, rampart } from './rampart.ts';

const OWN = `apiVersion: rampart.dev/v1
kind: HardeningPolicy
metadata: {name: own}
spec:
  title: Something of ours
  severity: high
  owner: team-a
  matchConstraints:
    resourceRules: [{operations: [CREATE], apiGroups: [''], apiVersions: [v1], resources: [pods]}]
  validations: [{name: named, expression: object.metadata.name != '', message: a name}]
`;

const BROKEN = OWN.replace('name: own', 'name: broken').replace("!= ''", '!=');

test('the list is the library, sorted, and says what a selection leaves', () => {
  const all = rampart(['policies', 'list', '--json']);
  assert.equal(all.code, 0);
  const ids = (JSON.parse(all.out).policies as { id: string }[]).map(({ id }) => id);
  assert.equal(ids.length, globSync('library/policies/**/policy.yaml', { cwd: ROOT }).length);
  assert.deepEqual(ids, ids.toSorted());
  const some = rampart(['policies', 'list', '--select', 'severity=critical', '--skip', 'layer=kubernetes']);
  assert.equal(some.code, 2, 'a selection that leaves nothing');
  const critical = rampart(['policies', 'list', '--select', 'severity=critical']);
  for (const line of critical.out.split('\n').filter((text) => /^[a-z]/.test(text)))
    assert.match(line, /critical/);
});

test('own policies are listed with origin and tests; a refused one is an error, and not silently missing', () => {
  const cwd = folderWith({
    'p/own/policy.yaml': OWN,
    'p/own/pass/a.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n',
    'p/broken.yaml': BROKEN,
  });
  const listed = rampart(['policies', 'list', '--policies', 'p', '--json'], { cwd });
  assert.equal(listed.code, 3);
  const { policies, errors } = JSON.parse(listed.out);
  assert.deepEqual(
    policies.map(({ id, origin, tests, owner }: Record<string, unknown>) => ({ id, origin, tests, owner })),
    [
      {
        id: 'own',
        origin: { file: 'p/own/policy.yaml', line: 1, column: 1 },
        tests: { pass: 1, fail: 0 },
        owner: 'team-a',
      },
    ],
  );
  assert.equal(errors.length, 1);
  assert.equal(errors[0].policy, 'broken');
  assert.match(
    rampart(['policies', 'list', '--policies', 'p'], { cwd }).out,
    /error\[broken\][\s\S]*broken\.yaml:/,
  );
});

test('a policy is shown within 80 columns; an unknown one is a mistake with a hint', () => {
  const shown = rampart(['policies', 'show', 'workload-secret-in-configmap', 'pss-sysctls']);
  assert.equal(shown.code, 0);
  assert.match(shown.out, /^workload-secret-in-configmap: /);
  assert.match(shown.out, /\npss-sysctls: /);
  assert.match(shown.out, /\nRemedy:\n/);
  assert.deepEqual(
    shown.out.split('\n').filter((line) => line.length > 80),
    [],
  );
  const unknown = rampart(['policies', 'show', 'pss-priviledged']);
  assert.equal(unknown.code, 2);
  assert.match(unknown.err, /did you mean pss-privileged\?/);
});

test('names in policies cannot steer the terminal', () => {
  const cwd = folderWith({ 'p.yaml': OWN.replace('Something of ours', '"a\\u001b[2Jb"') });
  const { out } = rampart(['policies', 'list', '--policies', join(cwd, 'p.yaml')], { cwd });
  assert.match(out, /a\\u\{1b\}\[2Jb/);
});

test('every policy of the library is explained within 80 columns, but for digests', () => {
  const { policies } = JSON.parse(rampart(['policies', 'list', '--json']).out) as {
    policies: { id: string }[];
  };
  const { code, out } = rampart(['explain', ...policies.map(({ id }) => id)]);
  assert.equal(code, 0);
  assert.ok(out.split('Before (-) and after (+)').length > 150);
  assert.deepEqual(
    out.split('\n').filter((line) => line.length > 80 && !/@sha256:0{64}/.test(line)),
    [],
  );
});

test('a diff says what changed in the policies, and what that newly finds', () => {
  const pod = (name: string) => `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\n`;
  const cwd = folderWith({
    'old/own.yaml': OWN.replace("object.metadata.name != ''", "object.metadata.name != 'b'"),
    'old/same.yaml': OWN.replace('name: own', 'name: same'),
    'old/gone.yaml': OWN.replace('name: own', 'name: gone'),
    'new/own.yaml': OWN.replace("object.metadata.name != ''", "object.metadata.name != 'a'"),
    'new/same.yaml': `# moved\n${OWN.replace('name: own', 'name: same')}`,
    'new/fresh.yaml': OWN.replace('name: own', 'name: fresh'),
    'm/a.yaml': pod('a'),
    'm/b.yaml': pod('b'),
  });
  const ran = rampart(['policies', 'diff', 'old', 'new', 'm', '--json'], { cwd });
  assert.equal(ran.code, 1);
  const { added, removed, changed, newFindings, goneFindings, errors } = JSON.parse(ran.out);
  assert.deepEqual(added, [{ id: 'fresh', severity: 'high' }]);
  assert.deepEqual(removed, [{ id: 'gone', severity: 'high' }]);
  assert.deepEqual(changed, [{ id: 'own', parts: ['validations'] }]);
  const files = (results: { origin: { file: string } }[]) => results.map(({ origin }) => origin.file);
  assert.deepEqual([files(newFindings), files(goneFindings), errors], [['m/a.yaml'], ['m/b.yaml'], []]);
  assert.match(
    rampart(['policies', 'diff', 'old', 'new', 'm'], { cwd }).out,
    /1 new violation, 1 no longer found\n$/,
  );
  assert.equal(rampart(['policies', 'diff', 'old', 'old', 'm'], { cwd }).code, 0);
  assert.equal(rampart(['policies', 'diff', 'old', 'new', '-'], { cwd }).code, 2);
});

test('a diff never takes a refused policy for one that finds nothing', () => {
  const cwd = folderWith({ 'old/own.yaml': OWN, 'new/own.yaml': OWN, 'new/broken.yaml': BROKEN });
  const ran = rampart(['policies', 'diff', 'old', 'new'], { cwd });
  assert.equal(ran.code, 3);
  assert.match(ran.out, /Could not be evaluated:\n {2}new\/broken\.yaml:/);
});

test('readiness says per policy what becomes of it', () => {
  const cwd = folderWith({
    'own.yaml': OWN,
    'theirs.yaml':
      'apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: theirs}\nspec: {rules: [{name: a, match: {}, mutate: {}}]}\n',
  });
  const ran = rampart(['policies', 'readiness', '.'], { cwd });
  assert.equal(ran.code, 1);
  assert.match(
    ran.out,
    /^own\.yaml:1: HardeningPolicy own: runs unchanged\ntheirs\.yaml:1: ClusterPolicy theirs: stays/,
  );
  assert.match(ran.out, /\n2 documents: 1 unchanged, 0 convertible, 1 with their engines, 0 refused\n$/);
  assert.equal(rampart(['policies', 'readiness', 'own.yaml'], { cwd }).code, 0);
  assert.equal(rampart(['policies', 'readiness', '.'], { cwd: folderWith({ 'a.yaml': 'a: 1' }) }).code, 2);
  const broken = rampart(['policies', 'readiness', '.', '--json'], { cwd: folderWith({ 'b.yaml': BROKEN }) });
  assert.equal(broken.code, 3);
  assert.equal(JSON.parse(broken.out).policies[0].status, 'refused');
});

test("the example of Gatekeeper's policies passes its suite, and scans", () => {
  const tested = rampart(['test', 'examples/gatekeeper', '--format', 'json']);
  assert.equal(tested.code, 0, tested.out);
  assert.deepEqual(JSON.parse(tested.out).summary, {
    passed: 6,
    failed: 0,
    errors: 0,
    unsupported: 0,
    skipped: 0,
  });
  const policies = ['template', 'constraint'].flatMap((name) => [
    '--policies',
    `examples/gatekeeper/${name}.yaml`,
  ]);
  const pod = 'examples/gatekeeper/objects/foreign.yaml';
  const context = ['--context', 'examples/gatekeeper/objects/shop.yaml'];
  const ran = rampart(['scan', pod, ...policies, ...context, '--format', 'json']);
  assert.equal(ran.code, 1);
  const [result] = JSON.parse(ran.out).results;
  assert.deepEqual(
    [result.policy, result.severity, result.action, result.detail],
    ['ShopRegistries/own-registry', 'high', 'warn', 'images from elsewhere: debug'],
  );
});

test("the examples of Kyverno's policies pass their suites", () => {
  const tested = rampart(['test', 'examples/kyverno', '--format', 'json']);
  assert.equal(tested.code, 0, tested.out);
  const { summary, coverage } = JSON.parse(tested.out);
  assert.deepEqual([summary.passed >= 24, summary.failed, summary.errors], [true, 0, 0]);
  assert.deepEqual(coverage.untested, []);
  const ran = rampart([
    'scan',
    'examples/kyverno/workloads/resources.yaml',
    '--policies',
    'examples/kyverno/workloads/host.yaml',
    '--format',
    'json',
  ]);
  const found = JSON.parse(ran.out).results.map(
    ({ severity, action, path, detail }: Record<string, string>) => `${severity} ${action} ${path} ${detail}`,
  );
  assert.ok(
    found.includes('high deny /spec/template/spec/hostNetwork shares with the node: hostNetwork'),
    found.join('\n'),
  );
});

test('a suite that this version cannot run fails the run, unless that was acknowledged', () => {
  const cwd = folderWith({
    '.kyverno-test/kyverno-test.yaml':
      'kind: Test\npolicies: [p.yaml]\nresults: [{policy: a, result: pass}]\nresources: [r.yaml]\n',
    '.kyverno-test/p.yaml':
      'apiVersion: policies.kyverno.io/v1\nkind: GeneratingPolicy\nmetadata: {name: a}\n',
    '.kyverno-test/r.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: b}\n',
  });
  assert.equal(rampart(['test', '.'], { cwd }).code, 3);
  const allowed = rampart(['test', '.', '--allow-unsupported'], { cwd });
  assert.equal(allowed.code, 0);
  assert.match(allowed.out, /0 passed, 0 failed, 0 errors, 1 unsupported/);
});

test('junit says each result, and survives hostile names', () => {
  const cwd = folderWith({
    'own/policy.yaml': OWN.replace('Something of ours', '"<b>&\\u0007"'),
    'own/pass/a.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: "<script>&\\u0007"}\n',
    'own/fail/named.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n',
  });
  const ran = rampart(['test', '.', '--format', 'junit'], { cwd });
  assert.equal(ran.code, 3, 'no case makes the validation fail');
  assert.match(
    ran.out,
    /^<\?xml[^>]*\?>\n<testsuites name="rampart test" tests="3" failures="1" errors="1" skipped="0">/,
  );
  assert.match(
    ran.out,
    /<testcase classname="own" name="pass\/a\.yaml Pod &lt;script&gt;&amp;\\u\{7\}" file="own\/pass\/a\.yaml" line="1"\/>/,
  );
  assert.match(ran.out, /<failure message="expected fail, got pass: [^"<>]*" type="fail"\/>/);
  // Well-formed: every element is closed, nothing else begins with <.
  const tags = [...ran.out.matchAll(/<(\/?)([a-z?]+)[^<>]*?(\/?)>/g)].filter(([, , name]) => name !== '?xml');
  const open = tags.filter(([, close, , self]) => close === '' && self === '').length;
  assert.equal(open, tags.filter(([, close]) => close === '/').length);
  assert.equal(ran.out.match(/</g)!.length, tags.length + 1);
});

test('--coverage-min counts policies with passing and failing cases', () => {
  const cwd = folderWith({
    'own/policy.yaml': OWN.replace("!= ''", "!= 'bad'"),
    'own/pass/a.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n',
    'own/fail/named.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: bad}\n',
  });
  assert.equal(rampart(['test', '.', '--coverage-min', '100'], { cwd }).code, 0);
  assert.equal(rampart(['test', '.', '--coverage-min', '101'], { cwd }).code, 2);
  const library = 'library/policies/kubernetes/pod-security/pss-privileged';
  assert.equal(rampart(['test', library, '--coverage-min', '100']).code, 0);
});

test('conflicts: each answer with its evidence, and exit codes', () => {
  const found = rampart(['policies', 'conflicts', 'examples/conflicts', '--json']);
  assert.equal(found.code, 1);
  const { duplicates, contradictions, none, unknown, pairs, errors } = JSON.parse(found.out);
  assert.equal(duplicates.length + contradictions.length + none.length + unknown.length, pairs);
  assert.deepEqual(errors, []);
  for (const { passesA, passesB } of contradictions) assert.notDeepEqual(passesA, passesB);
  const shown = rampart(['policies', 'conflicts', 'examples/conflicts']);
  assert.match(shown.out, /no Pod that both are asked about can satisfy both, because of spec\.hostNetwork/);
  assert.match(shown.out, /5 unknown \(33\.3 %\)\n$/);
  for (const line of shown.out.split('\n')) assert.ok(line.length <= 80, line);
  const cwd = folderWith({
    'own.yaml': OWN,
    'broken.yaml': BROKEN,
    'config.yaml': 'apiVersion: v1\nkind: ConfigMap\n',
  });
  assert.equal(rampart(['policies', 'conflicts', 'own.yaml'], { cwd }).code, 0);
  assert.equal(rampart(['policies', 'conflicts', 'own.yaml', 'broken.yaml'], { cwd }).code, 3);
  assert.equal(rampart(['policies', 'conflicts', 'config.yaml'], { cwd }).code, 2);
});

test('the library does not contradict itself, and repeats nothing', () => {
  const { code, out } = rampart(['policies', 'conflicts', 'builtin']);
  assert.equal(code, 0, out);
  assert.match(out, / 0 unknown \(0\.0 %\)\n$/);
});

test('convert: what is printed is a policy again; what cannot be said is named on standard error', () => {
  const cwd = folderWith({ 'p/own.yaml': OWN, 'broken.yaml': BROKEN });
  const printed = rampart(['policies', 'convert', 'p', '--to', 'vap'], { cwd });
  assert.equal(printed.code, 0);
  assert.match(
    printed.out,
    /^# left out: [\s\S]*kind: ValidatingAdmissionPolicy\n[\s\S]*kind: ValidatingAdmissionPolicyBinding\n/,
  );
  const checked = folderWith({ 'converted.yaml': printed.out });
  assert.equal(rampart(['policies', 'check', 'converted.yaml'], { cwd: checked }).code, 0);
  const back = rampart(['policies', 'convert', 'converted.yaml', '--to', 'native'], { cwd: checked });
  assert.match(back.out, /kind: HardeningPolicy/);
  assert.equal(rampart(['policies', 'convert', 'p', 'broken.yaml'], { cwd }).code, 3);
  const refused = rampart(['policies', 'convert', 'examples/policies', '--to', 'native']);
  assert.deepEqual([refused.code, refused.err], [0, '']);
  const everywhere = folderWith({
    'a.yaml': `${printed.out}---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: second}
spec: {policyName: own, validationActions: [Deny], matchResources: {objectSelector: {matchLabels: {a: b}}}}
`,
  });
  const two = rampart(['policies', 'convert', 'a.yaml', '--to', 'native'], { cwd: everywhere });
  assert.equal(two.code, 1);
  assert.match(two.err, /^not converted: own: its bindings differ/);
});

const MUTATING = `apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: labels}
spec:
  reinvocationPolicy: Never
  matchConstraints:
    resourceRules: [{operations: [CREATE], apiGroups: [''], apiVersions: [v1], resources: [pods]}]
  mutations:
    - patchType: ApplyConfiguration
      applyConfiguration:
        expression: "Object{metadata: Object.metadata{labels: {'a': object.metadata.name}}}"
    - patchType: JSONPatch
      jsonPatch:
        expression: "[JSONPatch{op: 'add', path: '/metadata/labels/b', value: object.metadata.naem}]"
`;

test('a mutating policy is in the catalogue, and a scan mutates nothing and says nothing of it', () => {
  const cwd = folderWith({
    'p/own.yaml': OWN,
    'p/mutating.yaml': MUTATING,
    'm/pod.yaml':
      'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, image: i}]}\n',
  });
  const policies = ['--policies', 'p'];
  // The second run remembers the expressions of the first.
  for (const run of ['first', 'second']) {
    assert.match(rampart(['policies', 'list', ...policies], { cwd }).out, /^labels .*$/m, run);
    const scanned = rampart(['scan', 'm', ...policies], { cwd });
    assert.equal(scanned.code, 0, scanned.out);
    assert.match(scanned.out, /1 pass/);
  }
  assert.match(
    rampart(['policies', 'show', 'labels', ...policies], { cwd }).out,
    /\nMutations:\n {2}ApplyConfiguration: Object\{metadata/,
  );
  assert.match(rampart(['policies', 'readiness', 'p'], { cwd }).out, /labels: runs unchanged/);
  assert.match(
    rampart(['policies', 'check', 'p'], { cwd }).out,
    /undefined field 'naem'; did you mean 'name'\? \(for v1 Pod\)/,
  );
});

test('rampart test --answers answers what a suite does not answer itself', () => {
  const cwd = folderWith({
    'kyverno-test.yaml': `apiVersion: cli.kyverno.io/v1alpha1
kind: Test
metadata: {name: t}
policies: [policy.yaml]
resources: [pod.yaml]
results: [{policy: scanned, resources: [a], result: pass}]
`,
    'policy.yaml': `apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {name: scanned}
spec:
  matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]}
  validations: [{expression: "http.Get('http://scanner/a').body.clean == true"}]
`,
    'pod.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: a}]}\n',
    'answers.yaml': 'http: [{url: "http://scanner/a", body: {clean: true}}]\n',
  });
  assert.equal(rampart(['test', '.'], { cwd }).code, 1);
  assert.equal(rampart(['test', '.', '--answers', 'answers.yaml'], { cwd }).code, 0);
});

const NATIVE = (more: string) => `apiVersion: rampart.dev/v1
kind: HardeningPolicy
metadata: {name: old-name}
spec:
  title: Old
  severity: low
  matchConstraints:
    resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  validations: [{expression: object.metadata.name != ''}]
${more}`;

test('a policy that is to go says so, in the catalogue and in a scan; so does the stage that a lock sets', () => {
  const cwd = folderWith({
    'p.yaml': NATIVE('  deprecation: {replacedBy: new-name, removal: "2027-01-31"}\n'),
    'a.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: []}\n',
    'rampart.lock': 'version: 1\nlibrary: "0.1.0"\nsettings: {}\npolicies: {old-name: {stage: warn}}\n',
  });
  const { policies } = JSON.parse(
    rampart(['policies', 'list', '--policies', 'p.yaml', '--json'], { cwd }).out,
  );
  assert.deepEqual(
    [policies[0].deprecation, policies[0].stage],
    [{ replacedBy: 'new-name', removal: '2027-01-31' }, 'warn'],
  );
  const shown = rampart(['policies', 'show', 'old-name', '--policies', 'p.yaml'], { cwd }).out;
  assert.match(shown, /deprecated\s+use new-name, goes on 2027-01-31/);
  const { out } = rampart(['scan', 'a.yaml', '--policies', 'p.yaml'], { cwd });
  assert.match(out, /old-name is deprecated; use new-name; it goes on 2027-01-31/);
  const wrong = rampart(['policies', 'check', 'p.yaml'], {
    cwd: folderWith({ 'p.yaml': NATIVE('  deprecation: {removal: soon}\n') }),
  });
  assert.deepEqual(
    [wrong.code, /"soon" is no day[^\n]*\n *--> p\.yaml:10:17/.test(wrong.out)],
    [3, true],
    wrong.out,
  );
});
