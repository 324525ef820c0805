/** What Argo CD and Flux deploy from the repository, rendered with their own values by the real programs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Result } from '../../src/model/index.ts';
import { pathOf, skipWithoutPrograms } from '../render/binaries.ts';
import { ONLY_PRIVILEGED, rampart, scan } from './rampart.ts';
import { repository } from './repository.ts';

const skip = { skip: skipWithoutPrograms };
const OURS = 'https://git.example/shop/deploy.git';

type Files = Readonly<Record<string, string>>;

function scanRepository(files: Files, args: readonly string[] = [], variables: Files = {}) {
  const { folder, git } = repository(files);
  git('remote', 'add', 'origin', OURS);
  const env = { ...variables, PATH: [pathOf('helm4', 'kustomize'), '/usr/bin:/bin'].join(':') };
  return scan({}, [...ONLY_PRIVILEGED, ...args], { cwd: folder, env });
}

const said = ({ policy, reason, origin, environments = [], note }: Result): string =>
  `${policy ?? reason} ${origin.file}:${origin.line} [${environments}]${note === undefined ? '' : ` ${note}`}`;
const found = (files: Files, args?: readonly string[]) => scanRepository(files, args).results.map(said);

const POD = `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: app
      image: registry.example/app:1
      securityContext:
        privileged: true
`;

const CHART = {
  'charts/web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
  'charts/web/values.yaml': 'bad: false\n',
  'charts/web/templates/pod.yaml': POD.replace('privileged: true', 'privileged: {{ .Values.bad }}').replace(
    'name: web',
    'name: {{ .Release.Name }}',
  ),
};
const BASE = { 'web/kustomization.yaml': 'resources: [pod.yaml]\n', 'web/pod.yaml': POD };

const application = (source: string, name = 'web') => `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: ${name}, namespace: argocd}
spec:
  destination: {namespace: shop}
  source:
    repoURL: ${OURS}
${source.replaceAll(/^/gm, '    ')}
`;

test('examples/gitops', skip, () => {
  const env = { PATH: pathOf('helm4', 'kustomize') };
  const args = ['scan', 'examples/gitops', '--format', 'json'];
  const read = (...more: string[]) =>
    (JSON.parse(rampart([...args, ...more], { env }).out) as { results: Result[] }).results.map(
      ({ verdict, policy, reason, environments = [] }) => `${verdict} ${policy ?? reason} ${environments}`,
    );
  const results = read('--repo-url', 'https://git.example/shop/delivery');
  for (const one of [
    'violation pss-host-namespaces Application argocd/storefront-prod',
    'violation pss-privileged Application argocd/storefront-staging',
    'violation pss-host-path-volumes Kustomization flux-system/checkout',
  ])
    assert.ok(results.includes(one), one);
  assert.ok(
    !results.includes('violation workload-writable-root-filesystem Kustomization flux-system/checkout'),
  );
  assert.deepEqual(read(), Array(3).fill('error source-not-available '));
});

test('an Application with a chart: its values count, and the chart alone does not', skip, () => {
  const values = application('path: charts/web\nhelm:\n  valuesObject:\n    bad: true');
  assert.deepEqual(found({ ...CHART, 'apps/web.yaml': values }), [
    'pss-privileged charts/web/templates/pod.yaml:10 [Application argocd/web] .Values.bad, apps/web.yaml:11',
  ]);
  const parameter = application("path: charts/web\nhelm: {parameters: [{name: bad, value: 'true'}]}");
  assert.deepEqual(found({ ...CHART, 'apps/web.yaml': parameter }), [
    'pss-privileged charts/web/templates/pod.yaml:10 [Application argocd/web]',
  ]);
  const good = application('path: charts/web\nhelm: {valueFiles: [good.yaml]}');
  const bad = { 'charts/web/values.yaml': 'bad: true\n', 'charts/web/good.yaml': 'bad: false\n' };
  assert.deepEqual(found({ ...CHART, ...bad, 'apps/web.yaml': good }), []);
});

test('an Application with a kustomization, and what it puts on top', skip, () => {
  const patch = `path: web
kustomize:
  patches:
    - target: {kind: Pod}
      patch: |
        - {op: replace, path: /spec/containers/0/securityContext/privileged, value: false}`;
  assert.deepEqual(found({ ...BASE, 'apps/web.yaml': application(patch) }), []);
  assert.deepEqual(found({ ...BASE, 'apps/web.yaml': application('path: web') }), [
    'pss-privileged web/pod.yaml:10 [Application argocd/web]',
  ]);
});

test('values of another source with a ref, and an Application that deploys Applications', skip, () => {
  const several = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web}
spec:
  destination: {}
  sources:
    - {repoURL: git@git.example:shop/deploy, path: charts/web, helm: {valueFiles: [$all/values/web.yaml]}}
    - {repoURL: 'ssh://git@git.example:22/shop/deploy.git', ref: all}
`;
  const files = {
    ...CHART,
    'values/web.yaml': 'bad: true\n',
    'apps/kustomization.yaml': 'resources: [web.yaml]\nnamespace: argocd\n',
    'apps/web.yaml': several,
    'root.yaml': application('path: apps', 'root'),
  };
  assert.deepEqual(found(files), [
    'pss-privileged charts/web/templates/pod.yaml:10 [Application argocd/web] .Values.bad, values/web.yaml:1',
  ]);
});

for (const [name, source, says, at] of [
  ['another repository', `repoURL: https://git.example/other\npath: web`, /source not available: https/, 5],
  [
    'a chart of a registry',
    `repoURL: https://charts.example\nchart: db`,
    /source not available: the chart db/,
    6,
  ],
  ['a path that is not there', `repoURL: ${OURS}\npath: none`, /there is no none in the repository/, 6],
  ['a path out of the repository', `repoURL: ${OURS}\npath: ../..`, /leads out of the repository/, 6],
  ['a plugin', `repoURL: ${OURS}\npath: web\nplugin: {name: x}`, /what a plugin makes/, 7],
  [
    'values out of the repository',
    `repoURL: ${OURS}\npath: charts/web\nhelm: {valueFiles: [../../../../../etc/passwd]}`,
    /leads out of/,
    7,
  ],
  [
    'values that are not there',
    `repoURL: ${OURS}\npath: charts/web\nhelm: {valueFiles: [none.yaml]}`,
    /there is no charts\/web\/none\.yaml/,
    7,
  ],
  [
    'something unknown on top',
    `repoURL: ${OURS}\npath: web\nkustomize: {components: [../c]}`,
    /kustomize.components is not applied/,
    7,
  ],
] as const)
  test(`an error: an Application of ${name}`, skip, () => {
    const app = `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec:\n  source:\n${source.replaceAll(/^/gm, '    ')}\n`;
    const { results, code } = scanRepository({ ...CHART, ...BASE, 'app.yaml': app });
    const errors = results.filter(({ verdict }) => verdict === 'error');
    assert.equal(errors.length, 1);
    assert.match(errors[0]!.detail, says);
    assert.equal(`${errors[0]!.origin.file}:${errors[0]!.origin.line}`, `app.yaml:${at + 1}`);
    assert.equal(code, 3);
  });

test('--repo-url names the repository, and so does what CI says', skip, () => {
  const files = {
    ...BASE,
    'app.yaml': application('path: web').replace(OURS, 'https://mirror.example/deploy'),
  };
  assert.deepEqual(found(files), [
    'source-not-available app.yaml:7 []',
    'pss-privileged web/pod.yaml:10 [web]',
  ]);
  const rendered = ['pss-privileged web/pod.yaml:10 [Application argocd/web]'];
  assert.deepEqual(found(files, ['--repo-url', 'https://mirror.example/deploy/']), rendered);
  const ci = { CI_PROJECT_URL: 'https://mirror.example/deploy' };
  assert.deepEqual(scanRepository(files, [], ci).results.map(said), rendered);
});

const applicationSet = (generators: string, rest: string) => `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: all, namespace: argocd}
spec:
  generators:
${generators.replaceAll(/^/gm, '    ')}
${rest.replaceAll(/^/gm, '  ')}
`;

test('an ApplicationSet of folders, of files, of a list, and of their product', skip, () => {
  const files = { ...BASE, 'other/kustomization.yaml': 'resources: [pod.yaml]\n', 'other/pod.yaml': POD };
  const folders = applicationSet(
    `- git: {repoURL: ${OURS}, directories: [{path: '*'}, {path: other, exclude: true}, {path: apps, exclude: true}]}`,
    `template:\n  metadata: {name: '{{path.basename}}'}\n  spec: {source: {repoURL: ${OURS}, path: '{{path}}'}}`,
  );
  assert.deepEqual(found({ ...files, 'apps/all.yaml': folders }), [
    'pss-privileged other/pod.yaml:10 [other]',
    'pss-privileged web/pod.yaml:10 [Application argocd/web]',
  ]);
  const matrix = applicationSet(
    `- matrix:
    generators:
      - git: {repoURL: ${OURS}, files: [{path: 'envs/*.yaml'}]}
      - list: {elements: [{app: web}]}`,
    `goTemplate: true
template:
  metadata: {name: '{{ .app }}-{{ .env.name }}'}
  spec:
    source:
      repoURL: ${OURS}
      path: charts/{{ .app }}
      helm: {valuesObject: {bad: true, of: '{{ index .path.segments 0 }}'}}`,
  );
  const envs = { 'envs/a.yaml': 'env: {name: a}\n', 'envs/b.yaml': 'env: {name: b}\n' };
  assert.deepEqual(
    scanRepository({ ...CHART, ...envs, 'apps/all.yaml': matrix }).results.map(
      ({ origin, environments }) => `${origin.file}:${origin.line} ${environments}`,
    ),
    ['charts/web/templates/pod.yaml:10 Application argocd/web-a,Application argocd/web-b'],
  );
  const clusters = applicationSet('- clusters: {}', 'template: {metadata: {name: x}, spec: {}}');
  assert.deepEqual(found({ 'apps/all.yaml': clusters }), ['source-not-available apps/all.yaml:6 []']);
});

const gitRepository = (url = OURS) => `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: all, namespace: flux-system}
spec: {url: '${url}'}
`;
const helmRelease = (rest: string, source = 'GitRepository') => `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: flux-system}
spec:
  chart:
    spec:
      chart: ./charts/web
      sourceRef: {kind: ${source}, name: all}
${rest.replaceAll(/^/gm, '  ')}
`;

test('a HelmRelease: values, values of a ConfigMap, files in place of the own ones', skip, () => {
  const flux = { ...CHART, 'flux/all.yaml': gitRepository() };
  assert.deepEqual(found({ ...flux, 'flux/web.yaml': helmRelease('values:\n  bad: true') }), [
    'pss-privileged charts/web/templates/pod.yaml:10 [HelmRelease flux-system/web] .Values.bad, flux/web.yaml:10',
  ]);
  const map =
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: v, namespace: flux-system}\ndata:\n  values.yaml: |\n    bad: true\n';
  const from = helmRelease('valuesFrom: [{kind: ConfigMap, name: v}]');
  assert.deepEqual(found({ ...flux, 'flux/map.yaml': map, 'flux/web.yaml': from }), [
    'pss-privileged charts/web/templates/pod.yaml:10 [HelmRelease flux-system/web] .Values.bad, flux/map.yaml:5',
  ]);
  assert.deepEqual(found({ ...flux, 'flux/web.yaml': from }), ['not-rendered flux/web.yaml:9 []']);
  const files = helmRelease('').replace(
    'chart: ./charts/web',
    'chart: ./charts/web\n      valuesFiles: [values.yaml]',
  );
  const bad = { 'charts/web/values.yaml': 'bad: true\n', 'values.yaml': 'other: 1\n' };
  assert.deepEqual(found({ ...flux, ...bad, 'flux/web.yaml': files }), []);
  const optional = helmRelease('valuesFrom: [{kind: Secret, name: v, optional: true}]');
  assert.deepEqual(found({ ...flux, 'flux/web.yaml': optional }), []);
});

for (const [name, files, says] of [
  [
    'another repository',
    { 'flux/all.yaml': gitRepository('https://git.example/other') },
    /https:\/\/git\.example\/other is not this repository/,
  ],
  ['a GitRepository nobody knows', {}, /the GitRepository all is not among what is scanned/],
  [
    'a registry',
    { 'flux/web.yaml': helmRelease('values: {}', 'HelmRepository') },
    /it comes from HelmRepository all/,
  ],
] as const)
  test(`source not available: a HelmRelease of ${name}`, skip, () => {
    const { results } = scanRepository({ ...CHART, 'flux/web.yaml': helmRelease('values: {}'), ...files });
    assert.deepEqual(results.map(said), ['source-not-available flux/web.yaml:8 []']);
    assert.match(results[0]!.detail, says);
  });

const kustomization = (rest: string) => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: web, namespace: flux-system}
spec:
  sourceRef: {kind: GitRepository, name: all}
  path: ./web
${rest.replaceAll(/^/gm, '  ')}
`;

test('a Flux Kustomization: patches, substitution, namespace', skip, () => {
  const flux = { ...BASE, 'flux/all.yaml': gitRepository() };
  const patch = kustomization(
    'targetNamespace: shop\npatches:\n  - patch: |\n      apiVersion: v1\n      kind: Pod\n      metadata: {name: web}\n      spec: {containers: [{name: app, securityContext: {privileged: false}}]}',
  );
  assert.deepEqual(found({ ...flux, 'flux/web.yaml': patch }), []);
  const variable = { ...flux, 'web/pod.yaml': POD.replace('privileged: true', `privileged: \${bad:=false}`) };
  assert.deepEqual(
    found({ ...variable, 'flux/web.yaml': kustomization("postBuild: {substitute: {bad: 'true'}}") }),
    ['pss-privileged web/pod.yaml:10 [Kustomization flux-system/web]'],
  );
  assert.deepEqual(
    found({ ...variable, 'flux/web.yaml': kustomization('postBuild: {substitute: {x: y}}') }),
    [],
  );
  const odd = { ...flux, 'web/pod.yaml': POD.replace('privileged: true', `privileged: \${bad^^}`) };
  assert.deepEqual(found({ ...odd, 'flux/web.yaml': kustomization('postBuild: {substitute: {x: y}}') }), [
    'not-rendered web/kustomization.yaml:1 []',
  ]);
});

test(
  'a Flux Kustomization of plain manifests: they are scanned as they stand, unless it changes them',
  skip,
  () => {
    const flux = { 'web/pod.yaml': POD, 'flux/all.yaml': gitRepository() };
    assert.deepEqual(found({ ...flux, 'flux/web.yaml': kustomization('prune: true') }), [
      'pss-privileged web/pod.yaml:10 []',
    ]);
    assert.deepEqual(found({ ...flux, 'flux/web.yaml': kustomization('images: [{name: a, newTag: b}]') }), [
      'not-rendered flux/web.yaml:7 []',
      'pss-privileged web/pod.yaml:10 []',
    ]);
  },
);

test('--changed: so is one of the ConfigMap that variables are read from', skip, () => {
  const map = (x: string) =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: v, namespace: flux-system}\ndata: {x: ${x}}\n`;
  const repo = repository({
    ...BASE,
    'web/pod.yaml': POD.replace('metadata:\n', `metadata:\n  labels: {x: "\${x}"}\n`),
    'flux/all.yaml': gitRepository(),
    'flux/web.yaml': kustomization('postBuild: {substituteFrom: [{kind: ConfigMap, name: v}]}'),
    'flux/map.yaml': map('a'),
  });
  repo.git('remote', 'add', 'origin', OURS);
  const env = { PATH: [pathOf('helm4', 'kustomize'), '/usr/bin:/bin'].join(':') };
  const changed = () =>
    scan({}, [...ONLY_PRIVILEGED, '--changed', 'HEAD'], { cwd: repo.folder, env }).results.map(said);
  assert.deepEqual(changed(), []);
  repo.write({ 'flux/map.yaml': map('b') });
  assert.deepEqual(changed(), ['pss-privileged web/pod.yaml:11 [Kustomization flux-system/web]']);
});

test('--changed: a change of the Application is one of what it deploys', skip, () => {
  const good = application('path: web');
  const repo = repository({
    ...BASE,
    'app.yaml': good,
    'alone/kustomization.yaml': 'resources: [pod.yaml]\n',
    'alone/pod.yaml': POD,
  });
  repo.git('remote', 'add', 'origin', OURS);
  repo.write({ 'app.yaml': good.replace('namespace: shop', 'namespace: other') });
  const env = { PATH: [pathOf('helm4', 'kustomize'), '/usr/bin:/bin'].join(':') };
  const { results } = scan({}, [...ONLY_PRIVILEGED, '--changed', 'HEAD'], { cwd: repo.folder, env });
  assert.deepEqual(results.map(said), ['pss-privileged web/pod.yaml:10 [Application argocd/web]']);
});
