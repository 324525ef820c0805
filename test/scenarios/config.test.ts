/** rampart.yaml as a team writes it: what counts where, what is wrong in one, and who may change it. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { folderWith, PRIVILEGED, type RunOptions, rampart, type Scanned } from './rampart.ts';
import { repository } from './repository.ts';

const ONLY = 'select: [id=pss-privileged]\n';

function scanIn(cwd: string, args: readonly string[] = [], env: RunOptions['env'] = {}) {
  const ran = rampart(['scan', '.', '--format', 'json', ...args], { cwd, env });
  assert.notEqual(ran.out, '', ran.err);
  return { ...ran, ...(JSON.parse(ran.out) as Pick<Scanned, 'results' | 'summary'>) };
}

test('a flag outranks a variable, that a path, that an environment, that the file, that the default', () => {
  const file = `${ONLY}failOn: critical
severity: {pss-privileged: medium}
environments: {prod: {failOn: high}}
paths: {legacy: {failOn: none}}
`;
  const cwd = folderWith({ 'rampart.yaml': file, 'legacy/a.yaml': PRIVILEGED });
  const shown = (args: string[], env: RunOptions['env'] = {}) => {
    const { out } = rampart(['config', 'show', '--format', 'json', ...args], { cwd, env });
    const { values } = JSON.parse(out) as {
      values: { key: string; value: string; from: { kind: string } }[];
    };
    const { value, from } = values.find(({ key }) => key === 'failOn')!;
    return `${value} ${from.kind}`;
  };
  const prod = ['--environment', 'prod'];
  const path = ['--path', 'legacy/a.yaml'];
  assert.equal(shown(['--no-config']), 'low default');
  assert.equal(shown([]), 'critical file');
  assert.equal(shown(prod), 'high file');
  assert.equal(shown([...prod, ...path]), 'none file');
  const env = { RAMPART_FAIL_ON: 'medium' };
  assert.equal(shown([...prod, ...path], env), 'medium variable');
  assert.equal(shown([...prod, ...path, '--fail-on', 'info'], env), 'info flag');
  assert.deepEqual(
    [scanIn(cwd).code, scanIn(cwd, [], env).code, scanIn(cwd, ['--fail-on', 'critical'], env).code],
    [0, 1, 0],
  );
});

test('overlays of paths hold for their files alone', () => {
  const cwd = folderWith({
    'rampart.yaml': `${ONLY}paths:\n  legacy:\n    failOn: none\n    severity: {pss-privileged: low}\n    namespace: old\n`,
    'legacy/a.yaml': PRIVILEGED,
    'shop/b.yaml': PRIVILEGED,
  });
  const { results, code, summary } = scanIn(cwd);
  assert.deepEqual(
    results.map(({ origin, severity, resource }) => `${origin.file} ${severity} ${resource!.namespace}`),
    ['legacy/a.yaml low old', 'shop/b.yaml critical default'],
  );
  assert.deepEqual([code, summary.failing], [1, 1]);
  assert.equal(scanIn(join(cwd, 'legacy'), ['--config', '../rampart.yaml']).code, 0);
});

test('what is wrong is said at once, with place and nearest name, and nothing is scanned', () => {
  const cwd = folderWith({
    'a.yaml': PRIVILEGED,
    'rampart.yaml': 'failon: high\nseverity:\n  pss-privileged: hig\npaths:\n  "../x": {}\n',
  });
  const { code, out, err } = rampart(['scan', '.'], { cwd });
  assert.deepEqual([code, out], [2, '']);
  assert.match(err, /has 3 mistakes/);
  assert.match(err, /rampart\.yaml:1:1: unknown key "failon"; did you mean failOn\?/);
  assert.match(err, /rampart\.yaml:3:\d+: severity\.pss-privileged: .* did you mean high\?/);
  assert.match(err, /rampart\.yaml:5:\d+: /);
  const variable = rampart(['scan', '.', '--no-config'], { cwd, env: { RAMPART_FAIL_ON: 'never' } });
  assert.deepEqual([variable.code, /RAMPART_FAIL_ON: failOn: expected one of/.test(variable.err)], [2, true]);
  const ids = rampart(['scan', '.'], {
    cwd: folderWith({ 'a.yaml': PRIVILEGED, 'rampart.yaml': 'severity: {pss-privilegd: low}\n' }),
  });
  assert.deepEqual(
    [ids.code, /rampart\.yaml:1:12: .*pss-privilegd.*Did you mean "pss-privileged"/.test(ids.err)],
    [2, true],
    ids.err,
  );
});

const JMESPATH = `apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: check-team}
spec:
  rules:
    - name: team
      match: {any: [{resources: {kinds: [Pod]}}]}
      validate: {message: m, pattern: {metadata: {labels: {team: "?*"}}}}
`;

test('a policy that cannot be run is an error until it is acknowledged by name, and then still counted', () => {
  const files = {
    'a.yaml': PRIVILEGED.replace('privileged: true', 'privileged: false'),
    'p/p.yaml': JMESPATH,
  };
  const config = `policies: [builtin, p]\n${ONLY}`;
  const refused = scanIn(folderWith({ ...files, 'rampart.yaml': config }), ['--exclude', 'p']);
  assert.deepEqual([refused.code, refused.summary.verdicts.error], [3, 1]);
  const acknowledged = `${config}unsupported:\n  - {policy: check-team, reason: Kyverno runs it}\n`;
  const known = scanIn(folderWith({ ...files, 'rampart.yaml': acknowledged }), ['--exclude', 'p', '--all']);
  assert.deepEqual([known.code, known.summary.verdicts.error], [0, 0]);
  const skip = known.results.find(({ reason }) => reason === 'unsupported')!;
  assert.equal(known.summary.verdicts.pass, 1, 'of the one policy that was run');
  const { out } = rampart(['scan', '.', '--exclude', 'p'], {
    cwd: folderWith({ ...files, 'rampart.yaml': acknowledged }),
  });
  assert.match(out, /\n1 unsupported and acknowledged\nPassed\.\n$/);
  assert.deepEqual([skip.verdict, /Acknowledged: Kyverno runs it/.test(skip.detail)], ['skip', true]);
  const stale = rampart(['scan', '.', '--exclude', 'p'], {
    cwd: folderWith({
      ...files,
      'rampart.yaml': acknowledged.replace('policy: check-team', 'policy: check-teams'),
    }),
  });
  assert.equal(stale.code, 3);
  assert.match(stale.out, /no policy that is not run has the name\s+check-teams/);
});

const REFUSED: Readonly<Record<string, string>> = {
  kind: 'apiVersion: mutations.gatekeeper.sh/v1\nkind: Assign\nmetadata: {name: refused}\n',
  rule: JMESPATH.replace('check-team', 'refused'),
  template: `apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: refused}
spec:
  crd: {spec: {names: {kind: Refused}}}
  targets: [{target: admission.k8s.gatekeeper.sh, rego: "package refused"}]
`,
  target: `apiVersion: rampart.dev/v1
kind: HardeningPolicy
metadata: {name: refused}
spec: {title: t, severity: low, layer: l, target: terraform, pods: {}, validations: [{name: v, expression: "true", message: m}]}
`,
};

for (const [what, policy] of Object.entries(REFUSED))
  test(`who is told that a ${what} is not run is told where to acknowledge it, and that is enough`, () => {
    const files = { 'a.yaml': PRIVILEGED, 'p/p.yaml': policy };
    const config = 'policies: [p]\nexclude: [p]\nfailOn: none\n';
    const { code, out } = rampart(['scan', '.'], { cwd: folderWith({ ...files, 'rampart.yaml': config }) });
    assert.equal(code, 3);
    assert.match(out.replaceAll(/\s+/g, ' '), /under "unsupported:" in rampart\.yaml/);
    const acknowledged = `${config}unsupported: [{policy: refused, reason: known}]\n`;
    assert.equal(scanIn(folderWith({ ...files, 'rampart.yaml': acknowledged })).code, 0);
  });

test('paths of the file are its own, wherever the scan starts', () => {
  const cwd = folderWith({
    'rampart.yaml': `policies: [builtin]\n${ONLY}exclude: ["deploy/old/**"]\nbaseline: known.yaml\n`,
    'known.yaml': 'version: 1\nfindings: {}\n',
    'deploy/old/a.yaml': PRIVILEGED,
    'deploy/b.yaml': PRIVILEGED,
    '.git/HEAD': 'ref: refs/heads/main\n',
  });
  for (const folder of [cwd, join(cwd, 'deploy')]) {
    const { results } = scanIn(folder);
    assert.deepEqual(
      results.map(({ resource, origin }) => `${resource!.name} ${origin.file.endsWith('b.yaml')}`),
      ['bad true'],
    );
  }
  const below = scanIn(join(cwd, 'deploy'), ['--update-baseline']);
  assert.deepEqual([below.code, scanIn(cwd).summary.known], [0, 1]);
});

test('what changed since a commit may be all that counts, by file, variable or flag', () => {
  const repo = repository({ 'rampart.yaml': ONLY, 'a.yaml': PRIVILEGED });
  const counts = (args: string[] = [], env: RunOptions['env'] = {}) => {
    const { code, summary } = scanIn(repo.folder, args, env);
    return [code, summary.unchanged];
  };
  assert.deepEqual(counts(), [1, null]);
  for (const changed of ['main', 'true']) {
    repo.commit({ 'rampart.yaml': `${ONLY}changed: ${changed}\n` });
    assert.deepEqual(counts(), [0, 1], changed);
    assert.deepEqual(counts([], { RAMPART_CHANGED: 'false' }), [1, null]);
    assert.deepEqual(counts(['--changed=false']), [1, null]);
    assert.deepEqual(counts(['--changed'], { RAMPART_CHANGED: 'false' }), [0, 1]);
    assert.deepEqual(counts(['--no-config']).at(1), null);
  }
  repo.write({ 'b.yaml': PRIVILEGED });
  assert.deepEqual(counts(), [1, 1]);
  repo.commit({ 'rampart.yaml': `${ONLY}changed: nowhere\n` });
  const { code, err } = rampart(['scan', '.'], { cwd: repo.folder });
  assert.equal(code, 2);
  assert.match(err, /rampart\.yaml:2:1: changed: Git knows no nowhere/);
});

test('with --trust the configuration of the commit counts, and a changed one is a finding', () => {
  const repo = repository({ 'rampart.yaml': ONLY, 'deploy/a.yaml': PRIVILEGED });
  repo.write({ 'rampart.yaml': `${ONLY}failOn: none\n` });
  assert.equal(scanIn(repo.folder).code, 0);
  const trusted = scanIn(repo.folder, ['--trust', 'main']);
  assert.equal(trusted.code, 1);
  assert.deepEqual(
    trusted.results.filter(({ policy }) => policy === 'gate-changed').map(({ detail }) => detail),
    ['rampart.yaml is not as it is in main, which decides here'],
  );
  const without = repository({ 'deploy/a.yaml': PRIVILEGED });
  without.write({ 'rampart.yaml': `${ONLY}failOn: none\n` });
  const added = scanIn(without.folder, ['--trust', 'main']);
  assert.deepEqual(
    [added.code, added.results.some(({ detail }) => /rampart\.yaml is not in main/.test(detail))],
    [1, true],
  );
});

test('a rampart.yaml among what is scanned is not the one in force', () => {
  const cwd = folderWith({ 'x/rampart.yaml': 'failOn: none\n', 'x/a.yaml': PRIVILEGED });
  const { code, out } = rampart(['scan', 'x', '--select', 'id=pss-privileged'], { cwd });
  assert.equal(code, 1);
  assert.match(out, /x\/rampart\.yaml has no effect: no configuration is in force/);
});

test('how policies of Git are followed: files below rampart.yaml, addresses as they stand, an entry each overridden', () => {
  const file = `policies: ['git::https://git.example/policies.git//kubernetes?ref=main', local]
follow: {pollSeconds: 30, requireSigned: ci/signers, webhookSecretFile: /run/secret}
environments: {prod: {follow: {pollSeconds: 5}}}
`;
  const cwd = folderWith({ 'rampart.yaml': file, 'deploy/a.yaml': PRIVILEGED });
  const { out } = rampart(
    ['config', 'show', '--format', 'json', '--environment', 'prod', '--config', '../rampart.yaml'],
    { cwd: join(cwd, 'deploy') },
  );
  const { values } = JSON.parse(out) as { values: { key: string; entry?: string; value: unknown }[] };
  const said = new Map(values.map(({ key, entry, value }) => [entry ?? key, value]));
  assert.deepEqual(said.get('policies'), [
    'git::https://git.example/policies.git//kubernetes?ref=main',
    '../local',
  ]);
  assert.deepEqual(
    ['pollSeconds', 'requireSigned', 'webhookSecretFile'].map((name) => said.get(name)),
    [5, '../ci/signers', '/run/secret'],
  );
  const wrong = folderWith({ 'rampart.yaml': 'follow: {pollSeconds: 1, requireSign: x}\n' });
  const { err } = rampart(['config', 'show'], { cwd: wrong });
  assert.match(err, /expected a whole number of seconds from 5 to 86400, got 1/);
  assert.match(err, /unknown key "requireSign" in follow/);
});
