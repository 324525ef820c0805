/** What becomes of findings: known ones, excused ones, and those of nobody's change. In real repositories. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { folderWith, lines, rampart, scan } from './rampart.ts';
import { type Repository, repository } from './repository.ts';

const ONLY = ['--select', 'id=pss-privileged,pss-run-as-user,pss-host-namespaces'];

const pod = (name: string, spec: readonly string[] = [], above = '') => `${above}apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  namespace: shop
spec:
${spec.map((line) => `  ${line}\n`).join('')}  containers:
    - name: app
      image: registry.example/app:1
`;
const ROOT_USER = ['securityContext: {runAsUser: 0}'];

const scanIn = ({ folder }: Pick<Repository, 'folder'>, ...args: string[]) => {
  const scanned = scan({}, [...ONLY, ...args], { cwd: folder });
  return { ...scanned, lines: lines(scanned.results) };
};
const DAY = 86_400_000;
const day = (offset: number) => new Date(Date.now() + offset * DAY).toISOString().slice(0, 10);

test('a baseline: known findings are listed and fail nothing, new ones do, errors always', () => {
  const repo = repository({ 'a.yaml': pod('a', ROOT_USER), 'b.yaml': pod('b', ROOT_USER) });
  const known = ['--baseline', 'known.yaml'];
  const absent = rampart(['scan', '.', ...known], { cwd: repo.folder });
  assert.deepEqual([absent.code, /there is no known\.yaml/.test(absent.err)], [2, true]);

  assert.equal(scanIn(repo, ...known, '--update-baseline').code, 0);
  const file = () => readFileSync(join(repo.folder, 'known.yaml'), 'utf8');
  assert.equal(
    file()
      .split('\n')
      .filter((line) => line.startsWith('    - {')).length,
    2,
  );
  const same = scanIn(repo, ...known);
  assert.deepEqual([same.code, same.summary.known, same.summary.verdicts.violation], [0, 2, 2]);
  assert.deepEqual(
    same.results.map((result) => result.known),
    [true, true],
  );

  repo.write({ 'a.yaml': `# moved down\n\n${pod('a', ['hostPID: true', ...ROOT_USER])}` });
  const worse = scanIn(repo, ...known);
  assert.deepEqual([worse.code, worse.summary.known, worse.summary.failing], [1, 2, 1]);
  assert.deepEqual(worse.results.map(({ known = false }) => known).sort(), [false, true, true]);

  repo.write({ 'a.yaml': pod('a', ROOT_USER), 'broken.yaml': 'apiVersion: v1\nkind: [' });
  assert.equal(scanIn(repo, ...known).code, 3);
  assert.equal(scanIn(repo, ...known, '--update-baseline').code, 3);
});

test('a baseline follows a file that moves, from whatever folder the scan starts', () => {
  const repo = repository({ 'deploy/a.yaml': pod('a', ROOT_USER), 'deploy/b.yaml': pod('b', ROOT_USER) });
  scanIn(repo, '--baseline', 'known.yaml', '--update-baseline');
  repo.git('mv', 'deploy/a.yaml', 'deploy/web.yaml');
  assert.equal(scanIn(repo, '--baseline', 'known.yaml').summary.known, 2);
  const below = scan({}, [...ONLY, '--baseline', '../known.yaml'], { cwd: join(repo.folder, 'deploy') });
  assert.deepEqual([below.code, below.summary.known], [0, 2]);
  repo.write({ 'deploy/c.yaml': pod('a', ROOT_USER), 'deploy/a.yaml': pod('a', ROOT_USER) });
  assert.equal(scanIn(repo, '--baseline', 'known.yaml').summary.failing, 2, 'copies are new');
});

test('what is known no more is said, and only of what was looked at', () => {
  const repo = repository({ 'a.yaml': pod('a', ROOT_USER), 'sub/b.yaml': pod('b', ROOT_USER) });
  scanIn(repo, '--baseline', 'known.yaml', '--update-baseline');
  repo.write({ 'a.yaml': pod('a'), 'sub/b.yaml': pod('b') });
  const said = (...args: string[]) =>
    rampart(['scan', ...args, ...ONLY, '--baseline', 'known.yaml'], { cwd: repo.folder }).out;
  assert.match(said('.'), /2 known findings are gone: pss-run-as-user on Pod shop\/a/);
  assert.match(said('sub'), /1 known finding is gone/);
  assert.doesNotMatch(said('sub', '--skip', 'id=pss-run-as-user'), /gone/);
  rampart(['scan', 'sub', ...ONLY, '--baseline', 'known.yaml', '--update-baseline'], { cwd: repo.folder });
  assert.match(readFileSync(join(repo.folder, 'known.yaml'), 'utf8'), /^ {2}"a\.yaml":$/m);
});

test('a baseline that cannot be read is refused where it is wrong', () => {
  const cwd = folderWith({
    'a.yaml': pod('a'),
    'known.yaml': 'version: 1\nfindings:\n  a.yaml:\n    - {polcy: x}\n',
  });
  const { code, err } = rampart(['scan', 'a.yaml', '--baseline', 'known.yaml'], { cwd });
  assert.deepEqual([code, err], [2, 'rampart: known.yaml:4:7: a finding of a baseline has no polcy\n']);
});

test('only what changed: lines, resources, new and moved files', () => {
  const repo = repository({
    'a.yaml': pod('a', ROOT_USER),
    'two.yaml': `${pod('b', ROOT_USER)}---\n${pod('c', ROOT_USER)}`,
    'moved.yaml': pod('d', ROOT_USER),
  });
  repo.git('checkout', '-qb', 'topic');
  const changed = (...args: string[]) => scanIn(repo, '--changed', ...args).lines;
  assert.deepEqual(changed(), []);
  repo.write({ 'a.yaml': `# a comment\n${pod('a', ROOT_USER)}` });
  assert.deepEqual(changed(), [], 'the line below is what it was, and so is the object');
  repo.write({ 'a.yaml': pod('a', ROOT_USER).replace('runAsUser: 0', 'runAsUser:   0') });
  assert.deepEqual(changed(), ['violation pss-run-as-user Pod/a a.yaml:7'], 'on a changed line');
  repo.write({
    'a.yaml': pod('a', ROOT_USER),
    'two.yaml': `${pod('b', ROOT_USER)}---\n${pod('c', ROOT_USER).replace(':1', ':2')}`,
  });
  assert.deepEqual(
    changed(),
    ['violation pss-run-as-user Pod/c two.yaml:18'],
    'another line of the resource',
  );
  repo.commit({});
  repo.git('mv', 'moved.yaml', 'sub.yaml');
  repo.write({ 'new.yaml': pod('e', ROOT_USER) });
  assert.deepEqual(changed('main'), [
    'violation pss-run-as-user Pod/e new.yaml:7',
    'violation pss-run-as-user Pod/c two.yaml:18',
  ]);
  const { code, summary } = scanIn(repo, '--changed');
  assert.deepEqual([code, summary.unchanged], [1, 3]);
  repo.commit({ 'new.yaml': undefined, 'two.yaml': `${pod('b', ROOT_USER)}---\n${pod('c', ROOT_USER)}` });
  assert.deepEqual([scanIn(repo, '--changed').code, changed()], [0, []]);
});

test('a changed file that cannot be read is an error, whatever line is at fault', () => {
  const repo = repository({
    'a.yaml': pod('x'),
    'old.yaml': 'apiVersion: v1\nkind: [',
    'pod.yaml': pod('a'),
  });
  repo.write({ 'a.yaml': pod('x').replace('metadata:', 'metadata: [') });
  const { code, lines: found } = scanIn(repo, '--changed', 'HEAD');
  assert.equal(code, 3);
  assert.ok(
    found.every((line) => line.includes(' a.yaml:')),
    String(found),
  );
});

test('what to compare with must be there', () => {
  const repo = repository({ 'a.yaml': pod('a') });
  const said = (cwd: string, ...args: string[]) => {
    const { code, err } = rampart(['scan', '.', ...args], { cwd });
    return `${code} ${err}`;
  };
  assert.match(said(repo.folder, '--changed', 'nowhere'), /^2 .*Git knows no nowhere; git fetch it first/);
  assert.match(said(repo.folder, '--changed=--output=x'), /^2 .*Git knows no/);
  assert.match(said(folderWith({ 'a.yaml': pod('a') }), '--changed'), /^2 .*no Git repository/);
  repo.commit({ 'b.yaml': pod('b') });
  const shallow = folderWith({});
  execFileSync('git', ['clone', '-q', '--depth', '1', `file://${repo.folder}`, shallow], { stdio: 'pipe' });
  assert.match(said(shallow, '--changed', 'HEAD~1'), /^2 .*the clone is shallow: fetch the history/);
  const { err } = rampart(['scan', '--changed', '.'], { cwd: repo.folder });
  assert.match(err, /needs a PATH; --changed took \. for its value/);
});

test('a comment excuses the field it stands at, and what lies in it', () => {
  const allow = `rampart:allow pss-run-as-user until=${day(10)} reason="node agent"`;
  const at = (spec: readonly string[], above = '') =>
    scanIn({ folder: folderWith({ 'a.yaml': pod('a', spec, above) }) });
  for (const { code, results } of [
    at([`${ROOT_USER[0]} # ${allow}`], ''),
    at([`# ${allow}`, ...ROOT_USER]),
    at(ROOT_USER, `# ${allow}\n`),
  ]) {
    assert.deepEqual([code, results.map(({ verdict }) => verdict)], [0, ['exempted']]);
    assert.match(results[0]!.detail, /allowed until .* at a\.yaml:\d+: node agent\)$/);
  }
  const beside = at([`hostPID: false # ${allow}`, ...ROOT_USER]);
  assert.deepEqual(beside.lines, [
    'violation allow-unused - a.yaml:7',
    'violation pss-run-as-user Pod/a a.yaml:8',
  ]);
});

test('an annotation excuses its object', () => {
  const annotated = (text: string) =>
    pod('a', ROOT_USER).replace(
      'namespace: shop',
      `namespace: shop\n  annotations: {rampart.dev/allow: '${text}'}`,
    );
  const said = `pss-run-as-user until=${day(0)} reason="node agent"`;
  const { code, results } = scanIn({
    folder: folderWith({ 'a.yaml': `${annotated(said)}---\n${pod('b')}` }),
  });
  assert.deepEqual([code, results.map(({ verdict }) => verdict)], [0, ['exempted']]);
  const bad = scanIn({ folder: folderWith({ 'a.yaml': annotated('pss-run-as-user') }) });
  assert.deepEqual(bad.lines, [
    'violation allow-malformed - a.yaml:6',
    'violation pss-run-as-user Pod/a a.yaml:8',
  ]);
});

test('expired, too severe and newly added allowances are findings', () => {
  const allow = (policy: string, until: string) => `# rampart:allow ${policy} until=${until} reason="x"`;
  const late = scanIn({
    folder: folderWith({ 'a.yaml': pod('a', [allow('pss-run-as-user', day(-2)), ...ROOT_USER]) }),
  });
  assert.deepEqual(late.lines, [
    'violation allow-expired - a.yaml:7',
    'violation pss-run-as-user Pod/a a.yaml:8',
  ]);
  const privileged = pod('a').replace('image:', 'securityContext: {privileged: true}\n      image:');
  const severe = { folder: folderWith({ 'a.yaml': `${allow('pss-privileged', day(2))}\n${privileged}` }) };
  assert.deepEqual(scanIn(severe).lines, [
    'violation allow-too-severe - a.yaml:1',
    'violation pss-privileged Pod/a a.yaml:10',
  ]);
  assert.match(scanIn(severe, '--allow-below', 'critical').lines[0]!, /^exempted|^violation/);

  const repo = repository({ 'a.yaml': pod('a', ROOT_USER) });
  repo.write({ 'a.yaml': pod('a', [allow('pss-run-as-user', day(2)), ...ROOT_USER]) });
  const added = scanIn(repo, '--changed', 'HEAD');
  assert.deepEqual([added.code, added.lines], [0, ['violation allow-added - a.yaml:7']]);
});

const exemption = (more = '', expires = day(30), namespace = 'shop') => `apiVersion: rampart.dev/v1
kind: PolicyExemption
metadata: {name: agent, namespace: ${namespace}}
spec:
  policy: pss-run-as-user
  match: {kinds: [Pod], names: [a]}
  reason: the node agent needs it
  expires: ${JSON.stringify(expires)}
${more}`;

test('an exemption counts where it is given, in its namespace, until its day', () => {
  const with_ = (text: string, name = 'a') => {
    const folder = folderWith({ 'm/a.yaml': pod(name, ROOT_USER), 'gate/e.yaml': text });
    const ran = rampart(
      ['scan', 'm', '--format', 'json', ...ONLY, '--policies', 'builtin', '--policies', 'gate'],
      {
        cwd: folder,
      },
    );
    return [ran.code, ...lines(JSON.parse(ran.out).results)];
  };
  assert.deepEqual(with_(exemption()), [0, 'exempted pss-run-as-user Pod/a m/a.yaml:7']);
  assert.deepEqual(with_(exemption('', day(-1))), [
    1,
    'violation exemption-expired - gate/e.yaml:1',
    'violation pss-run-as-user Pod/a m/a.yaml:7',
  ]);
  assert.deepEqual(with_(exemption('', day(1), 'other')), [1, 'violation pss-run-as-user Pod/a m/a.yaml:7']);
  assert.deepEqual(with_(exemption('  validations: [other]\n')), [
    1,
    'violation exemption-unused - gate/e.yaml:1',
    'violation pss-run-as-user Pod/a m/a.yaml:7',
  ]);
  const [code, ...found] = with_(exemption('  matches: {}\n'));
  assert.deepEqual([code, found[0]], [3, 'error agent - gate/e.yaml:9']);
});

test('an exemption among the manifests excuses nothing', () => {
  const scanned = scanIn({ folder: folderWith({ 'a.yaml': `${pod('a', ROOT_USER)}---\n${exemption()}` }) });
  assert.deepEqual(scanned.lines, ['violation pss-run-as-user Pod/a a.yaml:7']);
});

test('a change of what a policy looks up brings back what it says of objects that did not change', () => {
  const guard = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: guard, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
`;
  const repo = repository({ 'a.yaml': pod('a'), 'guard.yaml': guard, 'z.yaml': pod('z') });
  repo.git('checkout', '-q', '-b', 'work');
  const found = () => {
    const args = ['--select', 'id=network-pod-not-isolated', '--complete', '--changed=main'];
    const { results } = scan({}, args, { cwd: repo.folder });
    return [...new Set(results.map(({ resource }) => resource!.name))].sort();
  };
  repo.commit({ 'other.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: shop}\n' });
  assert.deepEqual(found(), [], 'it is guarded');
  repo.commit({ 'guard.yaml': undefined });
  assert.deepEqual(found(), ['a', 'z']);
});

test('--blame says who excused what, as far as Git knows', () => {
  const until = day(20);
  const allowed = pod('a', [`# rampart:allow pss-run-as-user until=${until} reason="vendor"`, ...ROOT_USER]);
  const repo = repository({ 'a.yaml': allowed });
  const detail = (...args: string[]) =>
    scanIn(repo, ...args).results.find(({ verdict }) => verdict === 'exempted')!.detail;
  const commit = repo.git('rev-parse', 'HEAD').slice(0, 12);
  assert.ok(
    detail('--blame').endsWith(`vendor (added by t on ${day(0)}, commit ${commit}))`),
    detail('--blame'),
  );
  assert.ok(detail().endsWith('vendor)'));
  repo.write({ 'a.yaml': allowed.replace('vendor', 'nobody knows') });
  assert.ok(detail('--blame').endsWith('nobody knows)'));
});
