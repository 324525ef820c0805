/** What `rampart scan` promises on its command line: exit codes, selection, context, formats, sameness. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BIN, folderWith, lines, ONLY_PRIVILEGED, PRIVILEGED, rampart, scan } from './rampart.ts';

const HARMLESS = PRIVILEGED.replace('{privileged: true}', '{privileged: false}').replace(
  'name: bad',
  'name: good',
);
const FOLDER = { 'good.yaml': HARMLESS, 'bad.yaml': PRIVILEGED };

function policy(name: string, spec: string, binding = ''): string {
  return `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: ${name}}
spec:
  matchConstraints:
    ${binding}
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  ${spec}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: ${name}}
spec: {policyName: ${name}, validationActions: [Warn]}
`;
}

test('exit 0 when clean, 1 on a violation at or above --fail-on', () => {
  assert.equal(scan({ 'good.yaml': HARMLESS }, ONLY_PRIVILEGED).code, 0);
  assert.equal(scan(FOLDER, ONLY_PRIVILEGED).code, 1);
  assert.equal(scan(FOLDER, [...ONLY_PRIVILEGED, '--fail-on', 'critical']).code, 1);
  assert.equal(scan(FOLDER, [...ONLY_PRIVILEGED, '--fail-on', 'none']).code, 0);
  const low = ['--select', 'severity=low'];
  assert.equal(scan(FOLDER, low).code, 1);
  assert.equal(scan(FOLDER, [...low, '--fail-on', 'medium']).code, 0);
});

test('exit 2 for a mistake in the call, with what would be right, and no report', () => {
  const cwd = folderWith({ 'pod.yaml': PRIVILEGED, 'note.yaml': 'just: text\n' });
  const mistakes: [string[], RegExp][] = [
    [['scan'], /needs a PATH/],
    [['scna', '.'], /unknown command scna; did you mean scan\?/],
    [['scan', '.', '--formt', 'json'], /unknown flag --formt; did you mean --format\?/],
    [['scan', '.', '--format', 'jsn'], /did you mean json\?/],
    [['scan', 'nowhere'], /there is no nowhere/],
    [['scan', 'note.yaml'], /no Kubernetes object in note\.yaml/],
    [['scan', '.', '--select', 'id=pss-privilegd'], /Did you mean "pss-privileged"\?/],
    [['scan', '.', '--select', 'idd=x'], /unknown key "idd"/],
    [['scan', '.', '--select', 'severity=critical', '--select', 'severity=low'], /none of/],
    [['scan', '.', '--skip', 'layer=kubernetes'], /none of/],
    [['scan', '.', '--set', 'pss.versio=v1.20'], /Did you mean "pss\.version"/],
    [['scan', '.', '--policies', 'nowhere'], /there is no nowhere/],
    [['scan', '.', '--policies', 'note.yaml'], /no policy among --policies/],
    [['scan', '.', '--context', 'nowhere'], /--context: .*nowhere/],
    [['scan', '.', '--userinfo', 'note.yaml'], /unknown field just/],
    [['scan', '.', '--answers', 'note.yaml'], /no list authorizer/],
    [['scan', '.', '--jobs', '0'], /--jobs expects a number/],
    [['scan', ''], /PATH is empty/],
    [['scan', '.', '--policies', ''], /--policies needs a value/],
    [['scan', '.', '--namespace', 'No such'], /no name of a namespace/],
    [['scan', '.', '--output', 'json'], /FORMAT=FILE/],
    [['scan', '.', '--output', 'json=no/such/folder/x.json'], /cannot write/],
    [['scan', '.', '--output', 'json=a', '--output', 'sarif=a'], /same file twice/],
  ];
  for (const [args, says] of mistakes) {
    const ran = rampart(args, { cwd });
    assert.equal(ran.code, 2, args.join(' '));
    assert.match(ran.err, says);
    assert.equal(ran.out, '');
  }
});

test('exit 3 when something could not be evaluated, also beside violations', () => {
  const broken = { ...FOLDER, 'broken.yaml': 'apiVersion: v1\nkind: [\n' };
  assert.equal(scan(broken, ONLY_PRIVILEGED).code, 3);
  assert.equal(scan(broken, [...ONLY_PRIVILEGED, '--fail-on', 'none']).code, 3);
  const failing = {
    'p.yaml': policy('p', 'validations: [{expression: "object.spec.nothing == 1"}]'),
    'pod.yaml': HARMLESS,
  };
  const { code, results } = scan(failing, ['--policies', 'p.yaml']);
  assert.equal(code, 3);
  assert.deepEqual(
    results.map(({ verdict, reason, action }) => [verdict, reason, action]),
    [['error', 'evaluation-failed', 'warn']],
  );
  assert.match(results[0]!.detail, /no such key: nothing/);
});

test('a policy that does not compile is an error with its place; the others still decide', () => {
  const files = {
    'p.yaml': `${policy('p', 'validations: [{expression: "object.spec."}]')}---\n${policy('q', 'validations: [{expression: "false"}]')}`,
    'pod.yaml': HARMLESS,
  };
  const { code, results } = scan(files, ['--policies', 'p.yaml']);
  assert.equal(code, 3);
  const [invalid, violation] = results;
  assert.deepEqual(
    [invalid?.policy, invalid?.reason, invalid?.resource, invalid?.origin.file],
    ['p', 'invalid-policy', null, 'p.yaml'],
  );
  assert.deepEqual([violation?.policy, violation?.verdict, violation?.action], ['q', 'violation', 'warn']);
});

test('the place is the field that decided, or the nearest parent of an absent one', () => {
  const [present] = scan(FOLDER, ONLY_PRIVILEGED).results;
  assert.deepEqual(present?.origin, { file: 'bad.yaml', line: 8, column: 25 });
  assert.equal(present?.path, '/spec/containers/0/securityContext/privileged');
  const [absent] = scan({ 'good.yaml': HARMLESS }, ['--select', 'id=pss-run-as-non-root']).results;
  assert.equal(absent?.origin.file, 'good.yaml');
  assert.match(absent?.path ?? '', /^\/spec\/securityContext/);
  assert.equal(absent?.origin.line, 4);
});

test('the fingerprint survives reformatting, moved lines and reordered containers', () => {
  const two = (first: string, second: string) =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: bad}\nspec:\n  containers:\n${first}${second}`;
  const app = '    - {name: app, image: a, securityContext: {privileged: true}}\n';
  const side = '    - name: side\n      image: b\n';
  const prints = [two(app, side), two(side, app), `# a comment\n\n${two(app, side)}`].map(
    (text) => scan({ 'pod.yaml': text }, ONLY_PRIVILEGED).results.map(({ fingerprint }) => fingerprint)[0],
  );
  assert.match(prints[0]!, /^[0-9a-f]{32}$/);
  assert.equal(new Set(prints).size, 1);
});

test('the fingerprints survive reordering also where several items break the rule', () => {
  const pod = (containers: readonly string[], volumes: readonly string[]) =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: bad}\nspec:\n  containers:\n${containers.join('')}  volumes:\n${volumes.join('')}`;
  const containers = ['b', 'a', 'c'].map(
    (name) =>
      `    - {name: ${name}, image: x, securityContext: {privileged: true, capabilities: {add: [SYS_ADMIN]}}}\n`,
  );
  const volumes = ['w', 'v'].map((name) => `    - {name: ${name}, hostPath: {path: /srv/${name}}}\n`);
  const prints = (text: string) =>
    scan({ 'pod.yaml': text }, ['--select', 'set=all'])
      .results.map(({ policy, validation, fingerprint }) => `${policy} ${validation} ${fingerprint}`)
      .sort();
  const given = prints(pod(containers, volumes));
  assert.ok(given.length > 10);
  assert.deepEqual(prints(pod(containers.toReversed(), volumes.toReversed())), given);
});

test('standard input is read, named by --stdin-filename', () => {
  const piped = rampart(
    ['scan', '-', '--format', 'ndjson', '--stdin-filename', 'rendered.yaml', ...ONLY_PRIVILEGED],
    { input: PRIVILEGED },
  );
  assert.equal(piped.code, 1);
  const [result, summary] = piped.out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(result.origin, { file: 'rendered.yaml', line: 8, column: 25 });
  assert.equal(summary.summary.failing, 1);
  assert.equal(rampart(['scan', '-', ...ONLY_PRIVILEGED], { input: '' }).code, 2);
  assert.match(
    rampart(['scan', '-', ...ONLY_PRIVILEGED], { input: PRIVILEGED }).out,
    /<stdin>:8:25\n.*\n 8 \| .*privileged: true/,
  );
});

test('what is not Kubernetes is counted, named with --all, an error with --strict', () => {
  const files = { ...FOLDER, 'values.yaml': 'replicas: 3\n' };
  const plain = scan(files, ONLY_PRIVILEGED);
  assert.equal(plain.summary.notKubernetes, 1);
  assert.equal(plain.results.length, 1);
  const all = scan(files, [...ONLY_PRIVILEGED, '--all']);
  assert.deepEqual(lines(all.results), [
    'violation pss-privileged Pod/bad bad.yaml:8',
    'pass pss-privileged Pod/good good.yaml:1',
    'skip not-kubernetes - values.yaml:1',
  ]);
  assert.equal(all.code, 1);
  const strict = scan(files, [...ONLY_PRIVILEGED, '--strict']);
  assert.equal(strict.code, 3);
  assert.ok(lines(strict.results).includes('error not-kubernetes - values.yaml:1'));
});

test('--context decides what a namespace selector asks; without it that is an error, never a pass', () => {
  const binding = 'namespaceSelector: {matchLabels: {guarded: "yes"}}';
  const files = {
    'p.yaml': policy('p', 'validations: [{expression: "false", message: refused}]', binding),
    'pod.yaml': HARMLESS,
  };
  const namespace = (value: string) =>
    `apiVersion: v1\nkind: Namespace\nmetadata: {name: default, labels: {guarded: "${value}"}}\n`;
  const run = (more: Record<string, string>, ...args: string[]) => {
    const { results } = scan({ ...files, ...more }, [
      '--policies',
      'p.yaml',
      '--exclude',
      'ns.yaml',
      ...args,
    ]);
    return results.map(({ verdict, reason }) => `${verdict} ${reason}`);
  };
  assert.deepEqual(run({}), ['error needs-namespace']);
  assert.deepEqual(run({ 'ns.yaml': namespace('yes') }, '--context', 'ns.yaml'), [
    'violation validation-failed',
  ]);
  assert.deepEqual(run({ 'ns.yaml': namespace('no') }, '--context', 'ns.yaml'), []);
  assert.deepEqual(
    run({ 'a.yaml': namespace('yes') }),
    ['violation validation-failed'],
    'from the scanned set',
  );
  assert.deepEqual(run({ 'z.yaml': namespace('no') }), []);
  const outweighed = run({ 'ns.yaml': namespace('yes'), 'z.yaml': namespace('no') }, '--context', 'ns.yaml');
  assert.deepEqual(outweighed, ['violation validation-failed'], 'the cluster outweighs what is scanned');
  assert.deepEqual(
    run({ 'a.yaml': namespace('yes'), 'z.yaml': namespace('no') }),
    ['error needs-namespace'],
    'two that differ decide nothing',
  );
});

test('parameters come from --context or the policies, never from what is scanned', () => {
  const withParams = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: p}
spec:
  paramKind: {apiVersion: v1, kind: ConfigMap}
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  validations: [{expression: "object.metadata.name == params.data.name", message: other name}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: p}
spec: {policyName: p, validationActions: [Deny], paramRef: {name: limits, namespace: default, parameterNotFoundAction: Deny}}
`;
  const params =
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: limits, namespace: default}\ndata: {name: good}\n';
  const run = (files: Record<string, string>, ...args: string[]) =>
    scan({ 'p.yaml': withParams, 'pod.yaml': HARMLESS, ...files }, [
      '--policies',
      'p.yaml',
      ...args,
    ]).results.map(({ verdict, reason }) => `${verdict} ${reason}`);
  assert.deepEqual(run({}), ['error needs-params']);
  assert.deepEqual(run({ 'limits.yaml': params }), ['error needs-params']);
  assert.deepEqual(run({ 'limits.yaml': params }, '--context', 'limits.yaml'), []);
  assert.deepEqual(run({ 'limits.yaml': params }, '--policies', 'limits.yaml'), []);
  const other = params.replace('name: good', 'name: better');
  assert.deepEqual(run({ 'limits.yaml': other }, '--context', 'limits.yaml'), [
    'violation validation-failed',
  ]);
});

test('a policy that asks for the user is skipped and said once; --userinfo and --answers decide', () => {
  const asks = policy('p', 'validations: [{expression: "request.userInfo.username == \'ci\'"}]');
  const files = {
    'p.yaml': asks,
    'a.yaml': HARMLESS,
    'b.yaml': PRIVILEGED,
    'ci.yml': 'username: ci\ngroups: [dev]\n',
    'me.yml': 'username: me\n',
  };
  const args = ['--policies', 'p.yaml', '--exclude', '*.yml'];
  const unknown = scan(files, args);
  assert.equal(unknown.code, 0);
  assert.deepEqual(unknown.results, []);
  assert.deepEqual(
    unknown.summary.undecided.map(({ policy, verdict, reason, count }) => [policy, verdict, reason, count]),
    [['p', 'skip', 'needs-user', 2]],
  );
  assert.equal(unknown.summary.verdicts.pass, 0);
  const said = rampart(['scan', '.', ...args], { cwd: folderWith(files) });
  assert.match(said.out, /Not decided\n\n {3}= skip: needs-user \[p\] 2 resources/);
  assert.equal(scan(files, [...args, '--userinfo', 'ci.yml']).summary.verdicts.pass, 2);
  assert.equal(scan(files, [...args, '--userinfo', 'me.yml']).summary.verdicts.violation, 2);

  const authorized = {
    ...files,
    'p.yaml': policy(
      'p',
      "validations: [{expression: \"authorizer.group('').resource('pods').check('create').allowed()\"}]",
    ),
  };
  const answers = (allowed: boolean) => ({
    ...authorized,
    'answers.yml': `authorizer:\n  - {verb: create, resource: pods, allowed: ${allowed}}\n`,
  });
  const user = [...args, '--userinfo', 'ci.yml'];
  assert.equal(scan(authorized, user).results[0]?.reason, 'needs-answer');
  assert.equal(scan(answers(true), [...user, '--answers', 'answers.yml']).summary.verdicts.pass, 2);
  assert.equal(scan(answers(false), [...user, '--answers', 'answers.yml']).summary.verdicts.violation, 2);
});

test('policies found among what is scanned are objects like others', () => {
  const { results } = scan(
    { 'p.yaml': policy('p', 'validations: [{expression: "false"}]'), 'pod.yaml': PRIVILEGED },
    ONLY_PRIVILEGED,
  );
  assert.deepEqual(lines(results), ['violation pss-privileged Pod/bad pod.yaml:8']);
});

test('settings choose the version of the Pod Security Standards', () => {
  const seccomp = ['--select', 'id=pss-seccomp-restricted'];
  assert.equal(
    scan({ 'pod.yaml': HARMLESS }, [...seccomp, '--set', 'pss.version=v1.19']).summary.verdicts.violation,
    1,
  );
  const before = rampart(['scan', '.', ...seccomp, '--set', 'pss.version=v1.18'], {
    cwd: folderWith({ 'pod.yaml': HARMLESS }),
  });
  assert.equal(before.code, 2);
  assert.match(before.err, /none of/);
});

test('every --output is written, and standard output keeps its own format', () => {
  const cwd = folderWith(FOLDER);
  const ran = rampart(
    ['scan', 'bad.yaml', ...ONLY_PRIVILEGED, '--output', 'json=r.json', '--output', 'sarif=r.sarif'],
    { cwd },
  );
  assert.equal(ran.code, 1);
  assert.match(ran.out, /Privileged containers \[pss-privileged\]/);
  assert.equal(JSON.parse(readFileSync(join(cwd, 'r.json'), 'utf8')).results.length, 1);
  assert.equal(JSON.parse(readFileSync(join(cwd, 'r.sarif'), 'utf8')).runs[0].results.length, 1);
});

test('two runs, one thread or many, cached or not: the same bytes', () => {
  const files = Object.fromEntries(
    Array.from({ length: 1500 }, (_, index) => [
      `f${index % 7}/${index}.yaml`,
      (index % 3 === 0 ? PRIVILEGED : HARMLESS).replace(
        'metadata: {name: ',
        `metadata: {namespace: n${index % 5}, name: x${index}-`,
      ),
    ]),
  );
  const cwd = folderWith(files);
  for (const format of ['json', 'pretty', 'sarif']) {
    const run = (jobs: string, env = {}) =>
      rampart(['scan', '.', '--format', format, '--jobs', jobs], { cwd, env }).out;
    const once = run('1');
    assert.ok(once.length > 10_000);
    assert.ok(once === run('1'), 'again');
    assert.ok(once === run('3'), 'three threads');
    assert.ok(once === run('1', { RAMPART_CACHE: 'off' }), 'without caches');
  }
});

test('a spoilt cache is not used, and no harm', () => {
  const cwd = folderWith({ 'pod.yaml': PRIVILEGED });
  const cache = folderWith({});
  const env = { XDG_CACHE_HOME: cache };
  const run = () => rampart(['scan', '.', '--format', 'json'], { cwd, env }).out;
  const clean = run();
  const library = join(cache, 'rampart', 'library');
  assert.ok(existsSync(library));
  for (const name of readdirSync(library)) {
    const file = join(library, name);
    const bytes = readFileSync(file);
    for (const spoilt of [
      bytes.subarray(0, bytes.length / 2),
      Buffer.from(bytes.map((byte, at) => (at === bytes.length - 9 ? byte ^ 1 : byte))),
      Buffer.alloc(0),
    ]) {
      writeFileSync(file, spoilt);
      assert.equal(run(), clean);
    }
  }
});

test('pretty keeps to 80 columns when piped, without colour or progress', () => {
  const ran = rampart(['scan', 'examples/shop']);
  assert.equal(ran.err, '');
  assert.ok(!ran.out.includes('\u001b'));
  const long = ran.out
    .split('\n')
    .filter((line) => [...line].length > 80 && !line.trimStart().startsWith('-->'));
  assert.deepEqual(long, []);
});

test('--quiet says only what is wrong', () => {
  const quiet = rampart(['scan', '.', '--quiet', ...ONLY_PRIVILEGED], {
    cwd: folderWith({ 'good.yaml': HARMLESS }),
  });
  assert.deepEqual([quiet.code, quiet.out, quiet.err], [0, '', '']);
});

test('the built-in library passes its own tests, and a broken policy fails them', () => {
  const good = rampart(['test', 'library/policies/kubernetes/pod-security/pss-privileged']);
  assert.equal(good.code, 0, good.out);
  const cwd = folderWith({
    'p/policy.yaml': readFileSync(
      new URL('../../library/policies/kubernetes/pod-security/pss-privileged/policy.yaml', import.meta.url),
      'utf8',
    ).replace('name: pss-privileged', 'name: p'),
    'p/pass/bad.yaml': PRIVILEGED,
  });
  const bad = rampart(['test', '.', '--format', 'json'], { cwd });
  assert.equal(bad.code, 3);
  const { summary } = JSON.parse(bad.out);
  assert.equal(summary.failed, 1);
  assert.ok(summary.errors > 0, 'a validation that no case makes fail is an error');
  assert.equal(rampart(['test', 'p/pass'], { cwd }).code, 2);
});

test('results on committed files name the commit', () => {
  const cwd = folderWith(FOLDER);
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
      cwd,
      encoding: 'utf8',
      env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null' },
    }).trim();
  git('init', '-q');
  git('add', '.');
  git('commit', '-qm', 'first');
  writeFileSync(join(cwd, 'new.yaml'), PRIVILEGED);
  const { results } = scan({}, ONLY_PRIVILEGED, { cwd });
  assert.deepEqual(
    results.map(({ origin }) => [origin.file, origin.commit]),
    [
      ['bad.yaml', git('rev-parse', 'HEAD')],
      ['new.yaml', undefined],
    ],
  );
});

test('a report that cannot be written is no clean scan', { skip: !existsSync('/dev/full') }, () => {
  const cwd = folderWith({ 'good.yaml': HARMLESS });
  const toFile = rampart(['scan', '.', ...ONLY_PRIVILEGED, '--output', 'json=/dev/full'], { cwd });
  assert.equal(toFile.code, 2);
  assert.match(toFile.err, /^rampart: --output: cannot write \/dev\/full: ENOSPC\n$/);
  const piped = spawnSync('sh', ['-c', `exec "$0" "$1" scan . > /dev/full`, process.execPath, BIN], {
    cwd,
    encoding: 'utf8',
  });
  assert.equal(piped.status, 2);
  assert.match(piped.stderr, /^rampart: cannot write to standard output: ENOSPC\n$/);
});
