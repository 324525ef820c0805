/** `rampart exemptions import`: what other tools were told to skip is exempted here, by name and for a time. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Result } from '../../src/model/index.ts';
import { folderWith, PRIVILEGED, rampart } from './rampart.ts';

const FILE = 'rampart-exemptions.yaml';
const ONLY = ['--select', 'id=pss-privileged,pss-host-namespaces'];
const OTHER = PRIVILEGED.replace('name: bad', 'name: other');

const POD = (annotations: string, name = 'bad') =>
  PRIVILEGED.replace('{name: bad}', `{name: ${name}, annotations: {${annotations}}}`);

function importFrom(folder: string, ...args: string[]) {
  return rampart(['exemptions', 'import', 'deploy', ...ONLY, ...args], { cwd: folder });
}

/** `exempted bad`, as a scan with the file says it. */
function verdicts(folder: string): string[] {
  const ran = rampart(
    ['scan', 'deploy', '--policies', 'builtin', '--policies', FILE, ...ONLY, '--format', 'json'],
    { cwd: folder },
  );
  const { results } = JSON.parse(ran.out) as { results: Result[] };
  return results.map(({ verdict, resource }) => `${verdict} ${resource?.name}`).sort();
}

function daysFromNow(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

const EXCEPTIONS = JSON.stringify([
  {
    policyType: 'postureExceptionPolicy',
    reason: 'they know',
    resources: [
      { designatorType: 'Attributes', attributes: { kind: 'P.d', name: 'bad', namespace: 'default' } },
    ],
    posturePolicies: [{ controlID: 'C-0057' }],
  },
]);

const BASELINE = JSON.stringify({
  failed_checks: [
    { file: '/a.yaml', findings: [{ resource: 'Pod.default.bad', check_ids: ['CKV_K8S_16'] }] },
  ],
});

/** Each suppresses what `bad` breaks, and nothing of `other`. */
const SOURCES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'an annotation of checkov': { 'deploy/a.yaml': POD('checkov.io/skip1: CKV_K8S_16=known') },
  'an annotation of bridgecrew': { 'deploy/a.yaml': POD('bridgecrew.io/skip1: CKV_K8S_16') },
  'an annotation of kube-linter': {
    'deploy/a.yaml': POD('ignore-check.kube-linter.io/privileged-container: known'),
  },
  'all of kube-linter': { 'deploy/a.yaml': POD('kube-linter.io/ignore-all: known') },
  'a comment of checkov above': { 'deploy/a.yaml': `# checkov:skip=CKV_K8S_16:known\n${PRIVILEGED}` },
  'a comment of Trivy on the line': {
    'deploy/a.yaml': PRIVILEGED.replace('privileged: true}', 'privileged: true} # trivy:ignore:KSV017'),
  },
  'a comment of tfsec': {
    'deploy/a.yaml': PRIVILEGED.replace('spec:', '#tfsec:ignore:avd-ksv-0017\nspec:'),
  },
  'a .trivyignore.yaml': {
    'deploy/a.yaml': PRIVILEGED,
    '.trivyignore.yaml': 'misconfigurations: [{id: AVD-KSV-0017, paths: ["**/a.yaml"], statement: known}]',
  },
  'a .trivyignore beside it': {
    'deploy/x/a.yaml': PRIVILEGED,
    'deploy/x/.trivyignore': '# known\nKSV-0017\n',
  },
  'a .checkov.baseline': { 'deploy/a.yaml': PRIVILEGED, '.checkov.baseline': BASELINE },
  'exceptions of Kubescape': { 'deploy/a.yaml': PRIVILEGED, 'deploy/exceptions.json': EXCEPTIONS },
};

for (const [source, files] of Object.entries(SOURCES))
  test(`${source}: its finding is exempted, and no other`, () => {
    const folder = folderWith({ ...files, 'deploy/other.yaml': OTHER });
    const ran = importFrom(folder);
    assert.equal(ran.code, 0, ran.err + ran.out);
    assert.deepEqual(verdicts(folder), ['exempted bad', 'violation other']);
    const text = readFileSync(join(folder, FILE), 'utf8');
    assert.match(text, new RegExp(`expires: "${daysFromNow(90)}"`));
    assert.match(text, /reason: "imported from (?:checkov|trivy|kube-linter|kubescape): /);
    const again = importFrom(folder);
    assert.match(again.out, /0 exemptions for 0 findings/);
    assert.equal(readFileSync(join(folder, FILE), 'utf8'), text);
  });

test('files of suppressions are taken as PATH, whatever they are called', () => {
  const folder = folderWith({
    'deploy/a.yaml': PRIVILEGED,
    'known.json': EXCEPTIONS,
    'old.baseline': BASELINE,
  });
  const ran = importFrom(folder, 'known.json', 'old.baseline', '--expires-in', '7');
  assert.equal(ran.code, 0, ran.err);
  assert.match(ran.out, /^2 suppressions of other tools/m);
  assert.deepEqual(verdicts(folder), ['exempted bad']);
  assert.match(readFileSync(join(folder, FILE), 'utf8'), new RegExp(`expires: "${daysFromNow(7)}"`));
  const nothing = rampart(['exemptions', 'import', 'known.json'], { cwd: folder });
  assert.equal(nothing.code, 2);
  assert.match(nothing.err, /no PATH with manifests/);
});

test('an id of one host namespace excuses no other one', () => {
  const pod = POD('checkov.io/skip1: CKV_K8S_17=debugging')
    .replace('spec:', 'spec:\n  hostPID: true\n  hostIPC: true')
    .replace('privileged: true', 'privileged: false');
  const folder = folderWith({ 'deploy/a.yaml': pod });
  assert.equal(importFrom(folder).code, 0);
  assert.match(readFileSync(join(folder, FILE), 'utf8'), /validations: \[host-pid\]/);
  assert.deepEqual(verdicts(folder), ['exempted bad', 'violation bad']);
});

test('a check that asks for less than what it excuses is said', () => {
  const role = `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: tools, namespace: shop}
rules:
  - {apiGroups: [""], resources: [pods/attach, pods/exec], verbs: [create]}
`;
  const folder = folderWith({ 'deploy/role.yaml': role, '.trivyignore': 'KSV-0054\nKSV-0053\n' });
  const ran = rampart(['exemptions', 'import', 'deploy'], { cwd: folder });
  assert.equal(ran.code, 0, ran.err);
  assert.match(
    ran.out,
    /Ask for a part only[^\n]*\n {2}\.trivyignore:1:1 trivy KSV-0054: rbac-exec#attach, 1 finding\n\n/,
  );
});

test('what is suppressed for nothing, for too long or in error is said', () => {
  const folder = folderWith({
    'deploy/a.yaml': POD(
      "checkov.io/skip1: CKV_K8S_1000=x, checkov.io/skip2: CKV_K8S_8, checkov.io/skip3: ''",
    ),
    '.trivyignore': `KSV-0010\nKSV-0017 exp:2020-01-01\nCVE-2020-1\nKSV-0009 exp:soon\n`,
  });
  const ran = importFrom(folder);
  assert.equal(ran.code, 3, ran.out);
  assert.match(
    ran.out,
    /Could not be read[^\n]*\n {2}\.trivyignore:4:1 trivy: "soon"[^\n]*\n {2}deploy\/a\.yaml:3:\d+ checkov/,
  );
  assert.match(
    ran.out,
    /Expired, not imported:\n {2}\.trivyignore:2:1 trivy KSV-0017: counted until 2019-12-31/,
  );
  assert.match(ran.out, /Nothing to exempt[^\n]*\n {2}\.trivyignore:1:1 trivy KSV-0010/);
  assert.match(ran.out, /not selected:\n {2}deploy\/a\.yaml:3:\d+ checkov CKV_K8S_8: workload-/);
  assert.match(ran.out, /No policy is equivalent[^\n]*\n {2}deploy\/a\.yaml:3:\d+ checkov CKV_K8S_1000/);
  assert.match(ran.out, /1 entry about other things/);
  assert.ok(
    ran.out.split('\n').every((line) => line.length <= 80),
    ran.out,
  );
});

test('a file that exists is added to, byte for byte', () => {
  const mine = `# ours, do not touch
{apiVersion: rampart.dev/v1, kind: PolicyExemption, metadata: {name: a, namespace: default},
 spec: {policy: pss-privileged, match: {kinds: [Pod], names: [bad]}, reason: old, expires: "2020-01-01"}}   `;
  const annotated = POD('checkov.io/skip1: CKV_K8S_16=known', 'third');
  const folder = folderWith({
    'deploy/a.yaml': POD('checkov.io/skip1: CKV_K8S_16=known'),
    'deploy/b.yaml': annotated,
    [FILE]: mine,
  });
  const dry = importFrom(folder, '--dry-run');
  assert.match(dry.out, /1 exemption for 1 finding would be added/);
  assert.equal(readFileSync(join(folder, FILE), 'utf8'), mine);
  const ran = importFrom(folder);
  assert.equal(ran.code, 0, ran.err);
  assert.match(ran.out, /not renewed:\n.*pss-privileged on Pod bad: a ended on\s+2020-01-01/s);
  const text = readFileSync(join(folder, FILE), 'utf8');
  assert.ok(text.startsWith(`${mine}\n---\napiVersion`), text);
  assert.deepEqual(
    verdicts(folder).filter((line) => !line.endsWith('undefined')),
    ['exempted third', 'violation bad'],
  );
});

test('a file of anything else is left alone', () => {
  const annotated = POD('checkov.io/skip1: CKV_K8S_16=known');
  for (const [text, says] of [
    [PRIVILEGED, /holds a Pod/],
    ['a: [', /rampart-exemptions\.yaml:1:\d+: /],
    ['a: 1', /no PolicyExemption/],
  ] as const) {
    const folder = folderWith({ 'deploy/a.yaml': annotated, [FILE]: text });
    const ran = importFrom(folder);
    assert.equal(ran.code, 2, ran.out);
    assert.match(ran.err, says);
    assert.equal(readFileSync(join(folder, FILE), 'utf8'), text);
  }
});

test('errors of the scan stay errors, and the rest is imported', () => {
  const folder = folderWith({
    'deploy/a.yaml': POD('checkov.io/skip1: CKV_K8S_16=known'),
    'deploy/b.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: [',
  });
  const ran = importFrom(folder);
  assert.equal(ran.code, 3);
  assert.match(ran.err, /deploy\/b\.yaml:3:/);
  assert.match(ran.out, /1 exemption for 1 finding/);
});

test('mistakes in the call', () => {
  const folder = folderWith({ 'deploy/a.yaml': PRIVILEGED });
  for (const days of ['0', '366', 'x', '-1'])
    assert.equal(importFrom(folder, `--expires-in=${days}`).code, 2, days);
  assert.equal(importFrom(folder, 'missing.yaml').code, 2);
  assert.equal(importFrom(folder, '--output', 'no/such/folder.yaml', '--dry-run').code, 0);
});

test('hostile input: endless patterns, escapes, names with stars', () => {
  const attributes = { kind: '(a*)*(a|a)*b'.repeat(50), name: '(.*)*(.*)*x' };
  const folder = folderWith({
    'deploy/a.yaml': `${POD('checkov.io/skip1: "CKV_K8S_16=\\e[2J\\n--- x\\u202e"')}---\n${POD('kube-linter.io/ignore-all: x', '"*"')}`,
    'deploy/long.yaml': PRIVILEGED.replace('name: bad', `name: ${'a'.repeat(200)}`),
    'exceptions.json': JSON.stringify([
      {
        policyType: 'postureExceptionPolicy',
        resources: [{ designatorType: 'Attributes', attributes }],
        posturePolicies: [{ controlID: '(C-.*)*57' }],
      },
    ]),
    '.trivyignore.yaml': `misconfigurations: [{id: KSV-0017, paths: ["${'**/'.repeat(300)}x"]}]`,
  });
  const ran = importFrom(folder, 'exceptions.json');
  assert.doesNotMatch(ran.out + ran.err, /\x1b|\u202e/);
  const text = readFileSync(join(folder, FILE), 'utf8');
  assert.match(text, /reason: "imported from checkov: \[2J --- x"/);
  assert.doesNotMatch(text, /names: .*\*/);
  assert.match(ran.out, /no exemption can name:\n.*kube-linter ignore-all/);
});

test('suppressions of a folder are not those of its neighbours', () => {
  const folder = folderWith({
    'deploy/a/a.yaml': PRIVILEGED,
    'deploy/a/.trivyignore': 'KSV-0017',
    'deploy/ab/b.yaml': OTHER,
  });
  assert.equal(importFrom(folder).code, 0);
  assert.deepEqual(verdicts(folder), ['exempted bad', 'violation other']);
});

test('an overlay that renames has its names exempted', (t) => {
  const base = `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n`;
  const overlay = (name: string) =>
    `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamePrefix: ${name}-\nresources: [../base]\n`;
  const folder = folderWith({
    'deploy/base/kustomization.yaml': base,
    'deploy/base/a.yaml': POD('checkov.io/skip1: CKV_K8S_16=known'),
    'deploy/one/kustomization.yaml': overlay('one'),
    'deploy/two/kustomization.yaml': overlay('two'),
  });
  const ran = importFrom(folder);
  if (/install/.test(ran.err)) return t.skip('no kustomize or kubectl');
  assert.equal(ran.code, 0, ran.err);
  assert.match(readFileSync(join(folder, FILE), 'utf8'), /names: \[one-bad, two-bad\]/);
  assert.ok(
    verdicts(folder).every((line) => line.startsWith('exempted')),
    verdicts(folder).join(),
  );
});

test('rampart.yaml names policies here too', () => {
  const folder = folderWith({
    'deploy/a.yaml': POD('checkov.io/skip1: CKV_K8S_16=known'),
    'rampart.yaml': `policies: [builtin, ${FILE}]\nselect: [id=pss-privileged]\n`,
    [FILE]: '',
  });
  const ran = rampart(['exemptions', 'import', 'deploy'], { cwd: folder });
  assert.equal(ran.code, 0, ran.err);
  const scanned = rampart(['scan', 'deploy', '--format', 'json'], { cwd: folder });
  assert.equal(scanned.code, 0, scanned.err);
  assert.match(scanned.out, /"verdict":"exempted"/);
});
