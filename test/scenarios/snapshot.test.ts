/** rampart snapshot: what gates would decide by, frozen, proved, shown and compared. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDataFolder } from '../../src/app/data-folder.ts';
import { digestOf } from '../../src/app/snapshot/content.ts';
import { nextEpoch } from '../../src/app/snapshot/epoch.ts';
import { keepSnapshot } from '../../src/app/snapshot/keep.ts';
import { sign, signerIn, verifiersIn } from '../../src/app/snapshot/note.ts';
import { folderWith, rampart } from './rampart.ts';

const POLICY = `apiVersion: rampart.dev/v1
kind: HardeningPolicy
metadata: {name: no-latest}
spec:
  title: No latest
  severity: medium
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [pods]}]
  validations:
    - name: tag
      expression: object.spec.containers.all(c, !c.image.endsWith(':latest'))
      message: The image is the latest.
`;

const pod = (image: string) => `apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: web, image: "${image}"}]}
`;

const EXEMPTION = `apiVersion: rampart.dev/v1
kind: PolicyExemption
metadata: {name: legacy, namespace: shop}
spec:
  policy: no-latest
  match: {kinds: [Pod], names: [web]}
  reason: moves next quarter
  expires: "2999-12-31"
`;

const CONFIG = `policies: [policies]
stages:
  - select: [id=no-latest]
    stage: warn
  - select: [id=no-latest, severity=medium]
    stage: enforce
    scope: {tiers: [low], percent: 25}
tiers:
  default: medium
  namespaces: {sandbox: low}
`;

const FILES = {
  'rampart.yaml': CONFIG,
  'policies/no-latest/policy.yaml': POLICY,
  'policies/no-latest/pass/tagged.yaml': pod('registry.example/web:1.2'),
  'policies/no-latest/fail/tag.yaml': pod('registry.example/web:latest'),
  'policies/exemptions.yaml': EXEMPTION,
};

function build(cwd: string, ...args: string[]) {
  return rampart(['snapshot', 'build', ...args], { cwd });
}

interface Shown {
  readonly digest: string;
  readonly policies: readonly { readonly id: string; readonly stages: unknown; readonly file: string }[];
  readonly stages: unknown;
  readonly tiers: unknown;
  readonly exemptions: readonly { readonly name: string }[];
  readonly tests: { readonly passed: number };
}

function built(cwd: string, ...args: string[]): Shown {
  const ran = build(cwd, '--json', ...args);
  assert.equal(ran.code, 0, ran.out + ran.err);
  return JSON.parse(ran.out) as Shown;
}

test('a snapshot says what would decide, and has the same digest wherever it is built', () => {
  const folder = folderWith(FILES);
  const ran = build(folder);
  assert.equal(ran.code, 0, ran.err + ran.out);
  assert.match(ran.out, /^sha256:[0-9a-f]{64}\npolicies {4}1 \(1 enforce, 0 warn, 0 audit\)\n/);
  assert.match(ran.out, /^exemptions {2}1\ntiers {7}sandbox low, all others medium\n/m);
  assert.match(ran.out, /^tests {7}2 passed\n$/m);
  const shown = built(folder);
  assert.deepEqual(shown.policies, [
    {
      id: 'no-latest',
      severity: 'medium',
      stages: [{ stage: 'warn' }, { stage: 'enforce', scope: { percent: 25, tiers: ['low'] } }],
      file: 'policies/no-latest/policy.yaml',
      line: 1,
    },
  ]);
  mkdirSync(join(folder, 'deep'));
  assert.equal(built(join(folder, 'deep'), '--config', '../rampart.yaml').digest, shown.digest);
  const elsewhere = folderWith({});
  cpSync(folder, join(elsewhere, 'copy'), { recursive: true });
  assert.equal(built(join(elsewhere, 'copy')).digest, shown.digest);
  assert.equal(built(elsewhere, '--config', 'copy/rampart.yaml').digest, shown.digest);
});

test('a term of stages that no policy fits is a mistake with its place', () => {
  const folder = folderWith({
    ...FILES,
    'rampart.yaml': CONFIG.replace('id=no-latest, severity', 'id=no-latst, severity'),
  });
  const ran = build(folder);
  assert.equal(ran.code, 2);
  assert.match(
    ran.err,
    /rampart\.yaml:5:14: stages\[1\]\.select\[0\].*no policy has id "no-latst".*no-latest/,
  );
  const none = folderWith({ ...FILES, 'rampart.yaml': CONFIG.replace('severity=medium', 'severity=high') });
  assert.match(
    build(none).err,
    /rampart\.yaml:5:28: stages\[1\]\.select\[1\] severity=high: none of 1 policies is left/,
  );
});

test('one bad policy refuses them all, with file, line and column', () => {
  const bad = POLICY.replace('no-latest', 'other').replace('endsWith', 'endWith');
  const folder = folderWith({ ...FILES, 'policies/bad.yaml': bad });
  const ran = build(folder);
  assert.equal(ran.code, 3);
  assert.match(ran.out, /^policies\/bad\.yaml:11:\d+ does-not-compile\n {2}.*endWith/);
  assert.match(ran.out, /no snapshot: 1 objection\n$/);
});

test('a policy whose own test fails is refused, with the place of the case', () => {
  const folder = folderWith({ ...FILES, 'policies/no-latest/pass/other.yaml': pod('a:latest') });
  const ran = build(folder);
  assert.equal(ran.code, 1);
  assert.match(ran.out, /^policies\/no-latest\/pass\/other\.yaml:\d+:\d+ test-failed\n/);
});

test('a test that never ends is refused in time', () => {
  const folder = folderWith(FILES);
  execFileSync('mkfifo', [join(folder, 'policies/no-latest/pass/endless.yaml')]);
  const start = Date.now();
  const ran = build(folder, '--timeout', '2');
  assert.equal(ran.code, 3);
  assert.match(ran.out, /^out-of-time\n {2}.*more than 2 s\n/);
  assert.ok(Date.now() - start < 20_000);
});

test('a diff tells a change of meaning from one of words, and stages that moved', () => {
  const folder = folderWith(FILES);
  const edit = (file: string, from: string, to: string) =>
    writeFileSync(join(folder, file), readFileSync(join(folder, file), 'utf8').replace(from, to));
  built(folder, '--output', 'old.json');
  const diff = (...args: string[]) =>
    rampart(['snapshot', 'diff', 'old.json', '.', ...args], { cwd: folder });
  assert.deepEqual([diff().code, diff().out], [0, 'the same snapshot\n']);
  edit('policies/no-latest/policy.yaml', 'The image is the latest', 'An image is the latest');
  assert.match(diff().out, /^changed {4}no-latest \(only its text\)$/m);
  edit('policies/no-latest/policy.yaml', 'spec:\n', 'spec:\n  # a comment\n');
  edit('policies/no-latest/policy.yaml', "':latest'", "':newest'");
  edit('policies/exemptions.yaml', 'names: [web]', 'names: [web, api]');
  edit('rampart.yaml', 'percent: 25', 'percent: 50');
  edit('rampart.yaml', 'sandbox: low', 'sandbox: high');
  const ran = diff();
  assert.equal(ran.code, 1);
  assert.match(ran.out, /^changed {4}no-latest$/m);
  assert.match(
    ran.out,
    /^stage {6}no-latest: warn; then enforce in tiers low, 25 % → warn; then enforce\n {11}in tiers low, 50 %$/m,
  );
  assert.match(ran.out, /^exemption {2}shop\/legacy changed$/m);
  assert.match(ran.out, /^tier {7}sandbox: low → high$/m);
  const json = JSON.parse(diff('--json').out) as { changed: unknown; others: boolean };
  assert.deepEqual(json.changed, [{ id: 'no-latest', what: 'meaning' }]);
  assert.equal(json.others, false);
  const same = folderWith({ ...FILES, 'policies/no-latest/policy.yaml': `# moved\n${POLICY}` });
  built(same, '--output', 'new.json');
  const moved = rampart(['snapshot', 'diff', join(folder, 'old.json'), 'new.json'], { cwd: same });
  assert.deepEqual([moved.code, /^others {5}/m.test(moved.out)], [1, true]);
});

test('what is in force is shown only as long as it is what was signed', async () => {
  const folder = folderWith(FILES);
  const { digest } = built(folder, '--output', 'snapshot.json');
  const text = readFileSync(join(folder, 'snapshot.json'), 'utf8');
  assert.equal(digestOf(text), digest);
  const show = (...args: string[]) => rampart(['snapshot', 'show', ...args], { cwd: folder });
  assert.equal(show().code, 2);
  assert.match(show('snapshot.json').out, /^no-latest {2}medium {4}warn; then enforce in tiers low, 25 %$/m);
  assert.match(
    show('snapshot.json').out,
    /^ {2}shop\/legacy {2}no-latest until 2999-12-31: moves next quarter$/m,
  );
  const data = openDataFolder(join(folder, '.rampart'));
  const note = sign(await signerIn(data), { epoch: nextEpoch(data, 1_800_000_000_000), digest });
  await keepSnapshot(data, { note, text }, verifiersIn(data), Date.now());
  const shown = show('--json');
  assert.deepEqual((JSON.parse(shown.out) as { epoch: number }).epoch, 1_800_000_000_000);
  assert.match(show().out, /^epoch {7}1800000000000 \(2027-/m);
  assert.equal(rampart(['snapshot', 'diff', '.rampart', '.'], { cwd: folder }).code, 0);
  writeFileSync(data.snapshot(digest), text.replace('"stage":"enforce"', '"stage":"audit"'));
  const forged = show();
  assert.deepEqual([forged.code, forged.out], [2, '']);
  assert.match(forged.err, /the note is of sha256:/);
});

test('what is no snapshot is a mistake', () => {
  const folder = folderWith({ ...FILES, 'x.json': '{"format": 2}' });
  const future = rampart(['snapshot', 'show', 'x.json'], { cwd: folder });
  assert.deepEqual([future.code, /format 2/.test(future.err)], [2, true]);
  assert.equal(rampart(['snapshot', 'show', 'rampart.yaml'], { cwd: folder }).code, 2);
  assert.equal(rampart(['snapshot', 'show', 'none'], { cwd: folder }).code, 2);
  assert.equal(rampart(['snapshot', 'diff', 'policies', '.'], { cwd: folder }).code, 2);
});
