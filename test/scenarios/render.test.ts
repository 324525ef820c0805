/** Charts and kustomizations, rendered by the real programs: findings at their source lines, merged over environments. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Result } from '../../src/model/index.ts';
import { type ProgramSet, pathOf, skipWithoutPrograms } from '../render/binaries.ts';
import {
  BIN,
  folderWith,
  lines,
  ONLY_PRIVILEGED,
  PRIVILEGED,
  ROOT,
  rampart,
  type Scanned,
  scan,
} from './rampart.ts';
import { repository } from './repository.ts';

const skip = { skip: skipWithoutPrograms };
const BOTH = ['helm4', 'kustomize'] as const;
const GIT = '/usr/bin:/bin';

type Files = Readonly<Record<string, string>>;

function scanWith(
  programs: readonly ProgramSet[],
  files: Files,
  args: readonly string[] = ONLY_PRIVILEGED,
  cwd?: string,
): Scanned {
  const PATH = [pathOf(...programs), GIT].join(':');
  return scan(files, args, { env: { PATH }, ...(cwd === undefined ? {} : { cwd }) });
}

function said({ policy, reason, origin, environments = [], note = '' }: Result): string {
  const file = origin.file.replace('examples/delivery/', '');
  const names = environments.map((name) => name.replace('examples/delivery/checkout/overlays/', ''));
  return `${policy ?? reason} ${file}:${origin.line} [${names}] ${note.replace('examples/delivery/', '')}`.trim();
}

const DELIVERY = [
  'workload-image-not-pinned checkout/base/deployment.yaml:20 [prod]',
  'workload-writable-root-filesystem checkout/base/deployment.yaml:28 [prod,staging]',
  'pss-volume-types checkout/overlays/prod/cache.yaml:14 [prod]',
  'pss-host-path-volumes checkout/overlays/prod/cache.yaml:15 [prod]',
  'workload-image-latest checkout/overlays/staging/kustomization.yaml:9 [staging]',
  'pss-host-namespaces storefront/templates/deployment.yaml:21 [prod] .Values.hostNetwork, storefront/values-prod.yaml:4',
  'workload-image-not-pinned storefront/templates/deployment.yaml:26 [prod]',
  'workload-image-not-pinned storefront/templates/deployment.yaml:26 [staging]',
  'pss-allow-privilege-escalation storefront/templates/deployment.yaml:42 [staging]',
  'pss-capabilities-restricted storefront/templates/deployment.yaml:42 [staging]',
  'workload-writable-root-filesystem storefront/templates/deployment.yaml:42 [staging]',
  'pss-privileged storefront/templates/deployment.yaml:43 [staging]',
  'workload-cpu-unplanned storefront/templates/deployment.yaml:44 [staging]',
];

for (const programs of [
  ['helm4', 'kustomize'],
  ['helm3', 'kubectl'],
] as const)
  test(`examples/delivery with ${programs.join(' and ')}`, skip, () => {
    const values = ['staging', 'prod'].map(
      (name) => `${name}=examples/delivery/storefront/values-${name}.yaml`,
    );
    const ids = [...new Set(DELIVERY.map((line) => line.split(' ')[0]))];
    const select = ['--select', `id=${ids.join(',')}`];
    const args = ['examples/delivery', ...select, ...values.flatMap((value) => ['--values', value])];
    const ran = scanWith(programs, {}, args, ROOT);
    // The whole checkout is scanned too: only what lies in the example counts here.
    const results = ran.results.filter(({ origin }) => origin.file.startsWith('examples/delivery/'));
    assert.deepEqual(results.map(said), DELIVERY);
    assert.ok(results.every(({ verdict }) => verdict === 'violation'));
  });

/** A chart whose pod is privileged where `.Values.bad` is true; `extra` are lines of its metadata. */
const chart = (folder: string, template = POD_TEMPLATE): Record<string, string> => ({
  [`${folder}/Chart.yaml`]: 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
  [`${folder}/values.yaml`]: 'bad: true\n',
  [`${folder}/templates/pod.yaml`]: template,
});

const POD_TEMPLATE = `apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}
spec:
  containers:
    - name: app
      image: registry.example/app:1
      securityContext:
        privileged: {{ .Values.bad }}
`;

const POD = POD_TEMPLATE.replace('{{ .Release.Name }}', 'web').replace('{{ .Values.bad }}', 'true');

const overlay = (...rest: string[]) => ({
  'base/kustomization.yaml': 'resources: [pod.yaml]\n',
  'base/pod.yaml': POD,
  'prod/kustomization.yaml': ['resources: [../base]', ...rest, ''].join('\n'),
});

test('without the programs every root is an error that says what to install', () => {
  const files = { ...chart('shop'), ...overlay('namePrefix: prod-') };
  const none = scan(files, ONLY_PRIVILEGED, { env: { PATH: '/nowhere' } });
  assert.equal(none.code, 3);
  assert.deepEqual(none.results.map(said), [
    'not-rendered prod/kustomization.yaml:1 []',
    'not-rendered shop/Chart.yaml:1 []',
  ]);
  const pretty = rampart(['scan', '.'], { cwd: folderWith(files), env: { PATH: '/nowhere' } });
  assert.match(pretty.out, /there is no helm on the path/);
  assert.match(pretty.out, /install Helm/);
  assert.match(pretty.out, /install kustomize or kubectl/);

  const raw = scan(files, [...ONLY_PRIVILEGED, '--no-render'], { env: { PATH: '/nowhere' } });
  assert.deepEqual(raw.results.map(said), [
    'pss-privileged base/pod.yaml:10 []',
    'not-rendered shop/Chart.yaml:1 []',
  ]);
});

test(
  'a base is scanned by way of its overlays only, and one of its own if nothing builds on it',
  skip,
  () => {
    const files = overlay('nameSuffix: -prod');
    const { results, summary } = scanWith(BOTH, files);
    assert.deepEqual(lines(results), ['violation pss-privileged Pod/web-prod base/pod.yaml:10']);
    assert.equal(summary.resources, 1);
    const alone = scanWith(BOTH, {
      'base/kustomization.yaml': files['base/kustomization.yaml'],
      'base/pod.yaml': POD,
    });
    assert.deepEqual(alone.results.map(said), ['pss-privileged base/pod.yaml:10 [base]']);
  },
);

test('a component is built where it is used; one that nobody uses is scanned as it stands', skip, () => {
  const component = {
    'c/kustomization.yaml':
      'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [pod.yaml]\npatches: [{path: other.yaml}]\n',
    'c/pod.yaml': POD.replace('name: web', 'name: extra'),
    'c/other.yaml': POD.replace('app:1', 'app:2'),
  };
  assert.deepEqual(scanWith(BOTH, component).results.map(said), ['pss-privileged c/pod.yaml:10 []']);
  const used = { ...component, ...overlay('components: [../c]') };
  assert.deepEqual(scanWith(BOTH, used).results.map(said), [
    'pss-privileged base/pod.yaml:10 [prod]',
    'pss-privileged c/pod.yaml:10 [prod]',
  ]);
});

test('what a patch takes away is no finding, and what it adds stands in the patch', skip, () => {
  const patch = (privileged: boolean) =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    - name: app\n      securityContext: {privileged: ${privileged}}\n`;
  const good = { ...overlay('patches: [{path: fix.yaml}]'), 'prod/fix.yaml': patch(false) };
  assert.deepEqual(scanWith(BOTH, good).results, []);
  const bad = {
    ...overlay('patches: [{path: worse.yaml}]'),
    'base/pod.yaml': POD.replace('privileged: true', 'privileged: false'),
    'prod/worse.yaml': patch(true),
  };
  assert.deepEqual(scanWith(BOTH, bad).results.map(said), ['pss-privileged prod/worse.yaml:7 [prod]']);
});

test('findings of several environments are one, whatever these call the object', skip, () => {
  const files = {
    ...chart('shop'),
    'a.yaml': 'bad: true\n',
    'b.yaml': 'bad: true\n',
    'c.yaml': 'bad: false\n',
  };
  const values = ['a=a.yaml', 'b=b.yaml', 'c=c.yaml'].flatMap((value) => ['--values', value]);
  const { results, summary } = scanWith(BOTH, files, [...ONLY_PRIVILEGED, ...values]);
  assert.deepEqual(results.map(said), [
    'pss-privileged shop/templates/pod.yaml:10 [a,b] .Values.bad, a.yaml:1; .Values.bad, b.yaml:1',
  ]);
  assert.equal(summary.verdicts.violation, 1);
});

const until = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10);
const allowed = `workload-image-not-pinned until=${until} reason="built by the lab"`;
const PINNED = ['--select', 'id=workload-image-not-pinned'];

test('allowances count in templates and bases, and those of one environment only there', skip, () => {
  const comment = `      # rampart:allow ${allowed}\n      image`;
  const inTemplate = scanWith(BOTH, chart('shop', POD_TEMPLATE.replace('      image', comment)), PINNED);
  assert.deepEqual(lines(inTemplate.results), [
    'exempted workload-image-not-pinned Pod/web shop/templates/pod.yaml:9',
  ]);

  const base = POD.replace('app:1', `app:1 # rampart:allow ${allowed}`);
  const inBase = scanWith(BOTH, { ...overlay('namePrefix: prod-'), 'base/pod.yaml': base }, PINNED);
  assert.deepEqual(lines(inBase.results), [
    'exempted workload-image-not-pinned Pod/prod-web base/pod.yaml:8',
  ]);

  const annotation = `  annotations:
    {{- if .Values.allowed }}
    rampart.dev/allow: '${allowed}'
    {{- end }}
    app: web
spec:`;
  const files = {
    ...chart('shop', POD_TEMPLATE.replace('spec:', annotation)),
    'a.yaml': 'allowed: true\n',
    'b.yaml': 'allowed: false\n',
  };
  const values = ['a=a.yaml', 'b=b.yaml'].flatMap((value) => ['--values', value]);
  const some = scanWith(BOTH, files, [...PINNED, ...values, '--fail-on', 'info']);
  assert.deepEqual(some.results.map((result) => `${result.verdict} ${result.environments}`).sort(), [
    'exempted a',
    'violation b',
  ]);
  assert.equal(some.code, 1);

  const nothing = POD_TEMPLATE.replace('app:1', `app@sha256:${'0'.repeat(64)}`);
  const unused = scanWith(BOTH, chart('shop', `# rampart:allow ${allowed}\n${nothing}`), PINNED);
  assert.deepEqual(unused.results.map(said), ['allow-unused shop/templates/pod.yaml:1 []']);
});

test('an exemption of what one environment calls the object exempts no other', skip, () => {
  const files = {
    ...chart('shop', POD_TEMPLATE.replace('Release.Name', 'Values.name')),
    'a.yaml': 'name: a\n',
    'b.yaml': 'name: b\n',
  };
  const exemption = `apiVersion: rampart.dev/v1
kind: PolicyExemption
metadata: {name: a, namespace: default}
spec:
  policy: pss-privileged
  match: {kinds: [Pod], names: [a]}
  expires: ${until}
  reason: it is the lab
`;
  const policies = folderWith({ 'exemption.yaml': exemption });
  const values = ['a=a.yaml', 'b=b.yaml'].flatMap((value) => ['--values', value]);
  const args = [...ONLY_PRIVILEGED, ...values, '--policies', 'builtin', '--policies', policies];
  const { results, code } = scanWith(BOTH, files, args);
  assert.deepEqual(results.map((result) => `${result.verdict} ${result.environments}`).sort(), [
    'exempted a',
    'violation b',
  ]);
  assert.equal(code, 1);
});

test(
  '--changed: what a template, a helper, a value, a patch or a base changed, and nothing else',
  skip,
  () => {
    const others = {
      ...chart('other'),
      'alone/kustomization.yaml': 'resources: [pod.yaml]\n',
      'alone/pod.yaml': POD,
    };
    const labels = `  labels: {more: "{{ .Values.more }}", part: {{ include "shop.name" . }}}\n`;
    const labelled = POD_TEMPLATE.replace('metadata:\n', `metadata:\n${labels}`);
    const shop = {
      ...chart('shop', labelled),
      'shop/templates/second.yaml': labelled.replace('Release.Name }}', 'Release.Name }}-second'),
      'shop/templates/_helpers.tpl': '{{ define "shop.name" }}shop{{ end }}\n',
      'shop/files/note.txt': 'nothing\n',
    };
    const bases = {
      ...overlay('patches: [{path: fix.yaml}]'),
      'base/kustomization.yaml': 'resources: [pod.yaml, more.yaml]\n',
      'base/more.yaml': POD.replace('name: web', 'name: more'),
      'prod/fix.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {a: b}}\n',
    };
    const repo = repository({ ...others, ...shop, ...bases });
    const changed = (files: Readonly<Record<string, string | undefined>>) => {
      repo.git('reset', '-q', '--hard');
      repo.git('clean', '-qfd');
      repo.write(files);
      const args = [...ONLY_PRIVILEGED, '--changed', 'HEAD'];
      return scanWith(BOTH, {}, args, repo.folder).results.map(
        ({ origin }) => `${origin.file}:${origin.line}`,
      );
    };
    const all = ['shop/templates/pod.yaml:11', 'shop/templates/second.yaml:11'];
    const helper = (name: string) => ({
      'shop/templates/_helpers.tpl': `{{/* A name. */}}{{ define "shop.name" }}${name}{{ end }}\n`,
    });
    assert.deepEqual(changed({}), []);
    assert.deepEqual(changed({ 'shop/values.yaml': 'bad: true\nmore: 1\n' }), all);
    assert.deepEqual(
      changed({ 'shop/values.yaml': '# None.\nbad: true\nother: 1\n' }),
      [],
      'no object changed',
    );
    assert.deepEqual(changed(helper('s')), all);
    assert.deepEqual(changed(helper('shop')), []);
    assert.deepEqual(changed({ 'shop/templates/_helpers.tpl': undefined }), ['shop/Chart.yaml:1']);
    assert.deepEqual(changed({ 'shop/files/note.txt': 'something\n' }), []);
    // Nothing stands any more on the line that went.
    const less = labelled.replace('      image: registry.example/app:1\n', '      image: x\n');
    assert.deepEqual(changed({ 'shop/templates/pod.yaml': less }), ['shop/templates/pod.yaml:11']);
    assert.deepEqual(changed({ 'prod/fix.yaml': bases['prod/fix.yaml'].replace('a: b', 'a: c') }), [
      'base/pod.yaml:10',
    ]);
    assert.deepEqual(changed({ 'base/more.yaml': bases['base/more.yaml'].replace('app:1', 'app:2') }), [
      'base/more.yaml:10',
    ]);
    // A root that cannot be rendered is an error if it, and not if another, was changed.
    const broken = { 'shop/templates/pod.yaml': '{{ fail "no" }}' };
    assert.deepEqual(changed(broken), ['shop/Chart.yaml:1']);
    repo.commit(broken);
    assert.deepEqual(changed({ 'alone/pod.yaml': POD.replace('app:1', 'app:2') }), ['alone/pod.yaml:10']);
  },
);

test(
  '--changed: what may have come or gone by a chart or kustomization brings back who looks that up',
  skip,
  () => {
    const guard = (name: string) => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ${name}, namespace: shop}
spec: {podSelector: {matchLabels: {app: ${name}}}, policyTypes: [Ingress, Egress]}
`;
    const switched = `{{ if .Values.guarded }}\n${guard('{{ .Release.Name }}')}{{ end }}\n`;
    const files = {
      'pod.yaml': POD.replace('name: web', 'name: web\n  namespace: shop'),
      'shop/Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 1.0.0\n',
      'shop/values.yaml': 'guarded: true\nlabel: a\n',
      'shop/templates/guard.yaml': switched,
      'shop/templates/note.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}-note}\n',
      'base/kustomization.yaml': 'resources: [guard.yaml, note.yaml]\n',
      'base/guard.yaml': guard('base'),
      'base/note.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: note}\n',
      'prod/kustomization.yaml': 'resources: [../base]\nnamePrefix: prod-\n',
      'dev/kustomization.yaml': 'resources: [note.yaml]\n',
      'dev/note.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: note}\n',
    };
    const repo = repository(files);
    const args = ['--select', 'id=network-pod-not-isolated', '--complete', '--changed', 'HEAD'];
    const listed = (changes: Readonly<Record<string, string | undefined>>) => {
      repo.git('reset', '-q', '--hard');
      repo.git('clean', '-qfd');
      repo.write(changes);
      const { results } = scanWith(BOTH, {}, args, repo.folder);
      return results.some(({ resource }) => resource?.name === 'web');
    };
    const base = files['base/kustomization.yaml'];
    const note = files['shop/templates/note.yaml'];
    const changes: readonly (readonly [
      what: string,
      files: Parameters<typeof listed>[0],
      listed: boolean,
    ])[] = [
      ['nothing', {}, false],
      ['a template that makes one', { 'shop/templates/guard.yaml': switched.replace(', Egress', '') }, true],
      [
        'a template that makes the same one',
        { 'shop/templates/guard.yaml': switched.replace('Egress', 'Egress ') },
        false,
      ],
      ['a template that made one', { 'shop/templates/guard.yaml': undefined }, true],
      ['a value that it hangs on', { 'shop/values.yaml': 'guarded: false\nlabel: a\n' }, true],
      ['a template of other kinds', { 'shop/templates/note.yaml': note.replace('note}', 'other}') }, false],
      [
        'a kind that is computed',
        { 'shop/templates/note.yaml': note.replace('ConfigMap', '{{ "Secret" }}') },
        false,
      ],
      ['the base of one', { 'base/guard.yaml': guard('base').replace(', Egress', '') }, true],
      ['an entry that is gone', { 'base/kustomization.yaml': base.replace('guard.yaml, ', '') }, true],
      [
        'a kustomization of other kinds',
        { 'dev/kustomization.yaml': 'resources: [note.yaml]\nnamePrefix: x-\n' },
        false,
      ],
    ];
    for (const [what, written, expected] of changes) assert.equal(listed(written), expected, what);
  },
);

test('a baseline knows what was rendered, and forgets nothing that could not be', skip, () => {
  const repo = repository({ ...chart('shop'), ...overlay('namePrefix: prod-') });
  const known = [...ONLY_PRIVILEGED, '--baseline', 'known.yaml'];
  scanWith(BOTH, {}, [...known, '--update-baseline'], repo.folder);
  const again = scanWith(BOTH, {}, known, repo.folder);
  assert.deepEqual([again.code, again.summary.known], [0, 2]);
  // The overlay calls it something else; the base is the same.
  repo.write({ 'prod/kustomization.yaml': 'resources: [../base]\nnamePrefix: live-\n' });
  assert.equal(scanWith(BOTH, {}, known, repo.folder).summary.known, 2);
  repo.git('mv', 'shop/templates/pod.yaml', 'shop/templates/web.yaml');
  assert.equal(scanWith(BOTH, {}, known, repo.folder).summary.known, 2, 'as is a template that moves');
  repo.git('reset', '-q', '--hard');
  const before = readFileSync(join(repo.folder, 'known.yaml'), 'utf8');
  const without = scan({}, [...known, '--update-baseline'], { cwd: repo.folder, env: { PATH: GIT } });
  assert.equal(without.code, 3);
  assert.equal(readFileSync(join(repo.folder, 'known.yaml'), 'utf8'), before);
});

test('hostile: another repository of this machine is none of the network', skip, () => {
  const other = repository({ 'kustomization.yaml': 'resources: [pod.yaml]\n', 'pod.yaml': POD }).folder;
  for (const base of [
    `file://${other}`,
    `git::file://${other}`,
    `${other}/.git`,
    `file:${other}//?ref=main`,
  ]) {
    const files = { 'kustomization.yaml': `resources:\n  - ${base}\n` };
    const { results, code } = scanWith(BOTH, files, [...ONLY_PRIVILEGED, '--allow-network']);
    assert.deepEqual([results.map(said), code], [['not-rendered kustomization.yaml:2 []'], 3], base);
  }
});

/** What no branch may make a scan do, and the start of what is said instead. */
const HOSTILE: readonly { name: string; files: Files; says: RegExp; at: string }[] = [
  {
    name: 'a remote base',
    files: { 'kustomization.yaml': 'resources:\n  - https://127.0.0.1:1/evil.yaml\n' },
    says: /is not in the repository/,
    at: 'kustomization.yaml:2',
  },
  {
    name: 'a base in another repository',
    files: { 'kustomization.yaml': 'resources:\n  - github.com/evil/evil//base?ref=main\n' },
    says: /is not in the repository/,
    at: 'kustomization.yaml:2',
  },
  {
    name: 'a file above the root',
    files: {
      'kustomization.yaml': 'configMapGenerator:\n  - name: a\n    files: [../../../../etc/passwd]\n',
    },
    says: /leads out of/,
    at: 'kustomization.yaml:3',
  },
  {
    name: 'an absolute file',
    files: { 'kustomization.yaml': 'resources: [/etc/passwd]\n' },
    says: /is an absolute path/,
    at: 'kustomization.yaml:1',
  },
  {
    name: 'a chart by way of kustomize',
    files: { 'kustomization.yaml': 'helmCharts:\n  - name: a\n    repo: https://127.0.0.1:1\n' },
    says: /makes kustomize run helm/,
    at: 'kustomization.yaml:1',
  },
  {
    name: 'an exec plugin',
    files: {
      'kustomization.yaml': 'generators: [exec.yaml]\n',
      'exec.yaml':
        'apiVersion: evil/v1\nkind: Run\nmetadata:\n  name: run\n  annotations:\n    config.kubernetes.io/function: |\n      exec: {path: ./run.sh}\n',
      'run.sh': '#!/bin/sh\ntouch ran\n',
    },
    says: /kustomize says/,
    at: 'kustomization.yaml:1',
  },
  {
    name: 'kustomizations in a circle',
    files: {
      'a/kustomization.yaml': 'resources: [../b]\n',
      'b/kustomization.yaml': 'resources: [../a]\n',
    },
    says: /builds on this kustomization/,
    at: 'b/kustomization.yaml:1',
  },
  {
    name: 'a dependency that has to be downloaded',
    files: {
      ...chart('.'),
      'Chart.yaml':
        'apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies:\n  - {name: db, version: 1.0.0, repository: "https://127.0.0.1:1"}\n',
    },
    says: /its dependency db \(https:\/\/127\.0\.0\.1:1\) is not in charts\//,
    at: 'Chart.yaml:5',
  },
  {
    name: 'a dependency outside of the root',
    files: {
      ...chart('.'),
      'Chart.yaml':
        'apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies:\n  - {name: etc, version: 1.0.0, repository: "file://../../../../etc"}\n',
    },
    says: /outside of the repository/,
    at: 'Chart.yaml:1',
  },
  {
    name: 'a template that never ends',
    files: chart('.', '{{ range until 100000000 }}{{ range until 100000000 }}x{{ end }}{{ end }}'),
    says: /needed more than|was not done|used up|printed more/,
    at: 'Chart.yaml:1',
  },
  {
    name: 'a template that prints without end',
    files: chart('.', 'a: {{ repeat 1000000000 "x" }}{{ repeat 1000000000 "x" }}{{ repeat 1000000000 "x" }}'),
    says: /needed more than|was not done|used up|printed more/,
    at: 'Chart.yaml:1',
  },
];

for (const { name, files, says, at } of HOSTILE)
  test(`hostile: ${name}`, skip, () => {
    const cwd = folderWith(files);
    const ran = scanWith(BOTH, {}, [...ONLY_PRIVILEGED, '--render-timeout', '3'], cwd);
    assert.equal(ran.code, 3, ran.out);
    const [first] = ran.results;
    assert.match(first!.detail, says);
    assert.equal(`${first!.origin.file}:${first!.origin.line}`, at);
    assert.ok(!existsSync(join(cwd, 'ran')));
    assert.doesNotMatch(ran.out, /root:x:|rampart-render-/);
  });

test('hostile: links out of the root, in a chart and in a kustomization', skip, () => {
  const cwd = folderWith({
    ...chart('shop'),
    'k/kustomization.yaml': 'configMapGenerator:\n  - name: a\n    files: [secret.txt]\n',
  });
  const outside = folderWith({ 'secret.txt': 'hunter2' });
  symlinkSync(join(outside, 'secret.txt'), join(cwd, 'k', 'secret.txt'));
  symlinkSync(outside, join(cwd, 'shop', 'files'));
  const ran = scanWith(BOTH, {}, ONLY_PRIVILEGED, cwd);
  assert.deepEqual(ran.results.map(said), [
    'not-rendered k/kustomization.yaml:3 []',
    'not-rendered shop/Chart.yaml:1 []',
    'unreadable-file shop/files:1 []',
  ]);
  assert.doesNotMatch(ran.out, /hunter2/);
});

test('hostile: a helm that the branch brings along is not run', skip, () => {
  const cwd = folderWith({ ...chart('shop'), 'bin/helm': '#!/bin/sh\ntouch "$(dirname "$0")/ran"\n' });
  chmodSync(join(cwd, 'bin/helm'), 0o755);
  const PATH = `${join(cwd, 'bin')}:bin:${GIT}`;
  const ran = scan({}, ONLY_PRIVILEGED, { cwd, env: { PATH } });
  assert.deepEqual(ran.results.map(said), ['not-rendered shop/Chart.yaml:1 []']);
  assert.ok(!existsSync(join(cwd, 'bin', 'ran')));
});

test('hostile: plugins and repositories of the user have no part in it', skip, () => {
  const home = folderWith({});
  mkdirSync(join(home, 'plugins', 'evil'), { recursive: true });
  writeFileSync(
    join(home, 'plugins', 'evil', 'plugin.yaml'),
    'name: template\nversion: 1.0.0\ncommand: touch ran\n',
  );
  const env = { PATH: pathOf(...BOTH), HELM_PLUGINS: join(home, 'plugins'), SECRET: 'hunter2' };
  const files = chart(
    'shop',
    POD_TEMPLATE.replace('{{ .Release.Name }}', '{{ env "SECRET" | default "web" }}'),
  );
  const ran = scan(files, ONLY_PRIVILEGED, { env });
  assert.deepEqual(ran.results.map(said), ['not-rendered shop/Chart.yaml:1 []']);
  assert.doesNotMatch(ran.out, /hunter2/);
});

test('raw manifests beside a root are scanned as they are', skip, () => {
  const { results } = scanWith(BOTH, {
    ...chart('shop'),
    'shop/crds/x.yaml': PRIVILEGED,
    'bad.yaml': PRIVILEGED,
  });
  assert.deepEqual(results.map(said), [
    'pss-privileged bad.yaml:8 []',
    'pss-privileged shop/crds/x.yaml:8 []',
    'pss-privileged shop/templates/pod.yaml:10 [] .Values.bad, shop/values.yaml:1',
  ]);
});

test('charts and kustomizations of a commit are rendered as that commit has them', skip, () => {
  const repo = repository({ ...chart('shop'), ...overlay('namePrefix: prod-') });
  repo.write({ 'shop/values.yaml': 'bad: false\n', 'base/pod.yaml': undefined });
  const env = { PATH: [pathOf(...BOTH), GIT].join(':') };
  const args = ['scan', 'git::.//?ref=main', '--format', 'json', ...ONLY_PRIVILEGED];
  const ran = rampart(args, { cwd: repo.folder, env });
  const { results } = JSON.parse(ran.out) as { results: Result[] };
  assert.deepEqual(results.map(said), [
    'pss-privileged base/pod.yaml:10 [prod]',
    'pss-privileged shop/templates/pod.yaml:10 [] .Values.bad, shop/values.yaml:1',
  ]);
  const head = repo.git('rev-parse', 'HEAD');
  assert.ok(results.every(({ origin }) => origin.commit === head));
});

test(
  '--allow-network: what a chart or kustomization downloads is rendered, and only then',
  skip,
  async (t) => {
    const dependency = folderWith({
      'db/Chart.yaml': 'apiVersion: v2\nname: db\nversion: 1.0.0\n',
      'db/templates/pod.yaml': POD.replace('name: web', 'name: db'),
      'pod.yaml': POD.replace('name: web', 'name: remote'),
    });
    execFileSync('tar', ['-czf', 'db-1.0.0.tgz', 'db'], { cwd: dependency });
    writeFileSync(
      join(dependency, 'index.yaml'),
      'apiVersion: v1\nentries:\n  db: [{apiVersion: v2, name: db, version: 1.0.0, urls: [db-1.0.0.tgz]}]\n',
    );
    const url = await serve(dependency, t);
    const files = {
      ...chart('shop'),
      'shop/Chart.yaml': `apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies:\n  - {name: db, version: 1.0.0, repository: '${url}'}\n`,
      'k/kustomization.yaml': `resources:\n  - ${url}/pod.yaml\n`,
    };
    const names = (args: readonly string[]) =>
      scanWith(BOTH, files, [...ONLY_PRIVILEGED, ...args]).results.map(
        ({ verdict, resource, origin }) =>
          `${verdict} ${resource?.name ?? '-'} ${origin.file}:${origin.line}`,
      );
    assert.deepEqual(names([]), ['error - k/kustomization.yaml:2', 'error - shop/Chart.yaml:5']);
    assert.deepEqual(names(['--allow-network']), [
      'violation remote k/kustomization.yaml:1',
      'violation db shop/Chart.yaml:1',
      'violation web shop/templates/pod.yaml:10',
    ]);
  },
);

/** Serves a folder to this machine from a process of its own: a scan here waits for nothing else. */
async function serve(folder: string, t: TestContext): Promise<string> {
  const script = `
    const { createServer } = require('node:http');
    const { createReadStream } = require('node:fs');
    const server = createServer(({ url }, to) => {
      createReadStream(process.argv[1] + url).on('error', () => to.writeHead(404).end()).pipe(to);
    }).listen(0, '127.0.0.1', () => console.log(server.address().port));`;
  const child = spawn(process.execPath, ['-e', script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill());
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return `http://127.0.0.1:${port.toString().trim()}`;
}

test('a scan that is stopped leaves nothing behind', skip, async () => {
  const endless = chart('.', '{{ range until 100000000 }}{{ range until 100000000 }}x{{ end }}{{ end }}');
  const [cwd, TMPDIR] = [folderWith(endless), folderWith({})];
  const env = { PATH: pathOf(...BOTH), TMPDIR };
  const child = spawn(process.execPath, [BIN, 'scan', '.', '--quiet'], { cwd, env, stdio: 'ignore' });
  const copied = () =>
    readdirSync(TMPDIR, { recursive: true }).some((name) => `${name}`.endsWith('Chart.yaml'));
  for (let tries = 0; tries < 500 && !copied(); tries++) await new Promise((go) => setTimeout(go, 20));
  assert.ok(copied());
  child.kill('SIGINT');
  const [code, signal] = await once(child, 'exit');
  assert.deepEqual([code, signal], [null, 'SIGINT']);
  assert.deepEqual(readdirSync(TMPDIR), []);
});
