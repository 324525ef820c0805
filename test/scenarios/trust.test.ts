/** A gate that its own pull request cannot disarm, and commits as sources. In real repositories. */
import assert from 'node:assert/strict';
import { existsSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { rampart, type Scanned } from './rampart.ts';
import { type Repository, repository } from './repository.ts';

const POLICY = (expression: string) => `apiVersion: rampart.dev/v1
kind: HardeningPolicy
metadata: {name: team}
spec:
  title: Objects name their team
  description: Somebody must answer for it.
  remediation: Add the label team.
  severity: high
  layer: kubernetes
  owner: platform
  target: kubernetes
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}
  validations:
    - name: label
      expression: ${JSON.stringify(expression)}
      message: there is no label team
`;
const STRICT = POLICY("has(object.metadata.labels) && 'team' in object.metadata.labels");
const config = (name: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: shop}\n`;
const EXEMPTION = `apiVersion: rampart.dev/v1
kind: PolicyExemption
metadata: {name: legacy, namespace: shop}
spec:
  policy: team
  reason: replaced next quarter
  expires: "2999-01-01"
  match: {kinds: [ConfigMap], names: [a]}
`;

/** A repository with a policy on main, and a branch checked out. */
function branch(files: Readonly<Record<string, string | undefined>>): Repository {
  const repo = repository({ 'policies/team.yaml': STRICT, 'deploy/a.yaml': config('a') });
  repo.git('checkout', '-q', '-b', 'work');
  repo.commit(files);
  return repo;
}

const GATE = ['--policies', 'policies'];
const scanIn = ({ folder }: Pick<Repository, 'folder'>, ...args: string[]) => {
  const ran = rampart(['scan', ...args, '--format', 'json'], { cwd: folder });
  assert.notEqual(ran.out, '', `no report: ${ran.err}`);
  const scanned = { ...ran, ...(JSON.parse(ran.out) as Pick<Scanned, 'results' | 'summary'>) };
  const of = (id: string) => scanned.results.filter(({ policy }) => policy === id);
  return { ...scanned, team: of('team'), gate: of('gate-changed').map(({ detail }) => detail) };
};

test('a branch that weakens, exempts or deletes a policy is judged by the trusted one, and that is said', () => {
  const weak = branch({ 'policies/team.yaml': POLICY('true') });
  assert.equal(scanIn(weak, '.', ...GATE).team.length, 0, 'without --trust it is disarmed');
  const judged = scanIn(weak, '.', ...GATE, '--trust', 'main');
  assert.deepEqual([judged.code, judged.team.length], [1, 1]);
  assert.deepEqual(judged.gate, ['policies/team.yaml is not as it is in main, which decides here']);

  const excused = branch({ 'policies/exemption.yaml': EXEMPTION });
  assert.equal(scanIn(excused, '.', ...GATE).team[0]!.verdict, 'exempted');
  const strict = scanIn(excused, '.', ...GATE, '--trust', 'main');
  assert.deepEqual([strict.code, strict.team[0]!.verdict], [1, 'violation']);
  assert.deepEqual(strict.gate, ['policies/exemption.yaml is not in main, which decides here']);

  const without = branch({ 'policies/team.yaml': undefined });
  const still = scanIn(without, '.', ...GATE, '--trust', 'main');
  assert.deepEqual([still.code, still.team.length], [1, 1]);
  assert.deepEqual(still.gate, ['policies/team.yaml is gone, and stands in main, which decides here']);
});

test('a change of the gate is shown where it begins', () => {
  const repo = repository({ 'policies/team.yaml': STRICT, 'deploy/a.yaml': config('a') });
  const lines = (text: string) => {
    repo.write({ 'policies/team.yaml': text });
    const { results } = scanIn(repo, '.', ...GATE, '--trust', 'main');
    return results.filter(({ policy }) => policy === 'gate-changed').map(({ origin }) => origin.line);
  };
  const changed = STRICT.split('\n').findIndex((line, i) => line !== POLICY('true').split('\n')[i]) + 1;
  assert.ok(changed > 1);
  assert.deepEqual(lines(POLICY('true')), [changed]);
  assert.deepEqual(lines(`# mine\n${STRICT}`), [1]);
  assert.deepEqual(lines(`${STRICT}# mine\n`), [STRICT.split('\n').length]);
  assert.deepEqual(lines(STRICT), []);
  // Nothing that has no end is read to the end.
  rmSync(join(repo.folder, 'policies/team.yaml'));
  symlinkSync('/dev/zero', join(repo.folder, 'policies/team.yaml'));
  const { results } = scanIn(repo, 'deploy', ...GATE, '--trust', 'main', '--changed=main');
  assert.deepEqual(
    results.filter(({ policy }) => policy === 'gate-changed').map(({ origin }) => origin.line),
    [1],
  );
});

test('a policy folder that became a link leads nowhere: what the commit has decides', () => {
  const repo = branch({ 'policies/team.yaml': undefined });
  rmSync(join(repo.folder, 'policies'), { recursive: true, force: true });
  repo.write({ 'elsewhere/team.yaml': POLICY('true') });
  symlinkSync('elsewhere', join(repo.folder, 'policies'));
  assert.equal(scanIn(repo, 'deploy', ...GATE, '--trust', 'main').team.length, 1);
});

test('known findings are those of the trusted baseline, in whatever folder the scan starts', () => {
  const repo = branch({});
  scanIn(repo, '.', ...GATE, '--baseline', 'known.yaml', '--update-baseline');
  const gate = (...args: string[]) => [...GATE, '--baseline', 'known.yaml', '--trust', 'main', ...args];
  const own = scanIn(repo, '.', ...gate());
  assert.deepEqual([own.code, own.summary.known], [1, 0]);
  assert.deepEqual(own.gate, ['known.yaml is not in main, which decides here']);
  assert.match(
    rampart(['scan', '.', ...gate()], { cwd: repo.folder }).out,
    /main has no known\.yaml: no finding is known/,
  );
  repo.commit({});
  repo.git('branch', '-f', 'main', 'HEAD');
  repo.write({ 'known.yaml': undefined });
  const merged = scanIn(repo, '.', ...gate());
  assert.deepEqual([merged.code, merged.summary.known], [0, 1]);
  const deploy = { folder: join(repo.folder, 'deploy') };
  const flags = ['--policies', '../policies', '--baseline', '../known.yaml'];
  const below = scanIn(deploy, '.', ...flags, '--trust', 'main');
  assert.deepEqual([below.code, below.summary.known], [0, 1]);
});

test('what is said of the cluster is trusted too', () => {
  const namespace = (label: string) =>
    `apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {kind: ${label}}}\n`;
  const repo = repository({
    'policies/team.yaml': POLICY("namespaceObject.metadata.labels['kind'] != 'prod'"),
    'context.yaml': namespace('prod'),
    'deploy/a.yaml': config('a'),
  });
  repo.write({ 'context.yaml': namespace('test') });
  const args = ['deploy', ...GATE, '--context', 'context.yaml'];
  assert.equal(scanIn(repo, ...args).code, 0);
  const trusted = scanIn(repo, ...args, '--trust', 'HEAD');
  assert.deepEqual([trusted.code, trusted.gate.length], [1, 1]);
});

test('what cannot be trusted is a mistake of the call, never a pass', () => {
  const repo = branch({ 'other/team.yaml': STRICT });
  for (const [args, says] of [
    [['--trust', 'origin/main'], /Git knows no origin\/main.*git fetch/],
    [['--trust=--help'], /Git knows no --help/],
    [['--policies', 'other', '--trust', 'main'], /other: main holds nothing there/],
    [['--baseline', 'k.yaml', '--update-baseline', '--trust', 'main'], /does not read/],
  ] as const) {
    const { code, err } = rampart(['scan', 'deploy', ...args], { cwd: repo.folder });
    assert.deepEqual([code, says.test(err.replace(/\s+/g, ' '))], [2, true], err);
  }
});

test('a commit of this repository is a source of policies and of manifests', () => {
  const repo = branch({ 'policies/team.yaml': POLICY('true'), 'deploy/b.yaml': config('b') });
  const old = scanIn(repo, 'git::.//deploy?ref=main', '--policies', 'git::.//policies?ref=main');
  assert.deepEqual(
    old.team.map(({ origin }) => origin),
    [{ file: 'deploy/a.yaml', line: 3, column: 1, commit: repo.git('rev-parse', 'main') }],
  );
  const now = scanIn(repo, 'deploy', '--policies', 'git::.//policies?ref=main');
  assert.deepEqual(
    now.team.find(({ origin }) => origin.file === 'deploy/a.yaml')!.fingerprint,
    old.team[0]!.fingerprint,
    'a finding is the same in every commit',
  );
  const both = rampart(['scan', 'deploy', 'git::.//deploy?ref=main', ...GATE], { cwd: repo.folder });
  assert.deepEqual([both.code, /deploy\/a\.yaml is given twice/.test(both.err)], [2, true]);
  const broken = repository({ 'p/x.yaml': 'apiVersion: [' });
  const { out } = rampart(['scan', 'git::.', '--policies', 'git::.//p?ref=main'], { cwd: broken.folder });
  assert.match(out, /main:p\/x\.yaml:1:/);
});

test('another repository is fetched, one commit of it', () => {
  const library = repository({ 'policies/team.yaml': STRICT });
  library.git('tag', 'v1');
  library.commit({ 'policies/team.yaml': POLICY('true') });
  const repo = repository({ 'deploy/a.yaml': config('a') });
  const at = (ref: string) => `git::file://${library.folder}//policies${ref}`;
  assert.equal(scanIn(repo, '.', '--policies', at('?ref=v1')).team.length, 1);
  assert.equal(scanIn(repo, '.', '--policies', at('')).team.length, 0);
  const diff = rampart(['policies', 'diff', at('?ref=v1'), at('?ref=main'), 'deploy'], { cwd: repo.folder });
  assert.match(diff.out, /team/);
  const none = rampart(['scan', '.', '--policies', at('?ref=v9')], { cwd: repo.folder });
  assert.deepEqual([none.code, /v9/.test(none.err)], [2, true], none.err);
});

test('nothing is fetched by a program that an address names, and links lead out of no commit', () => {
  const repo = repository({ 'deploy/a.yaml': config('a') });
  const proof = join(repo.folder, 'proof');
  for (const address of [`git::ext::sh -c "touch ${proof}"`, `git::--upload-pack=touch ${proof}`])
    assert.equal(rampart(['scan', '.', '--policies', address], { cwd: repo.folder }).code, 2);
  assert.equal(existsSync(proof), false);

  const outside = repository({ 'secret.yaml': config('secret') });
  symlinkSync(join(outside.folder, 'secret.yaml'), join(repo.folder, 'deploy/out.yaml'));
  symlinkSync('../deploy/a.yaml', join(repo.folder, 'deploy/in.yaml'));
  repo.commit({ 'policies/team.yaml': STRICT });
  const scanned = scanIn(repo, 'git::.//deploy?ref=main', ...GATE);
  assert.deepEqual([scanned.code, scanned.team.length], [3, 1]);
  assert.match(scanned.results.find(({ verdict }) => verdict === 'error')!.detail, /leads out/);
});
