/** `--changed`: policies that look up other objects are heard of when what renders those changed, wherever that stands. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathOf, skipWithoutPrograms } from '../render/binaries.ts';
import { scan } from './rampart.ts';
import { type Repository, repository } from './repository.ts';

const skip = { skip: skipWithoutPrograms };
const OURS = 'https://git.example/shop/deploy.git';

type Changes = Readonly<Record<string, string | undefined>>;

/** `POLICY FILE:LINE` of what a change of some files, since the last commit, lists. */
function listed(repo: Repository, changes: Changes, args: readonly string[] = []): string[] {
  repo.git('reset', '-q', '--hard');
  repo.git('clean', '-qfd');
  repo.write(changes);
  const select = 'id=network-service-without-workload,network-namespace-without-policy';
  const { results } = scan({}, ['--select', select, '--complete', '--changed', 'HEAD', ...args], {
    cwd: repo.folder,
    env: { PATH: [pathOf('helm4', 'kustomize'), '/usr/bin:/bin'].join(':') },
  });
  return results.map(
    ({ policy, reason, origin }) =>
      `${policy?.replace('network-', '') ?? reason} ${origin.file}:${origin.line}`,
  );
}

const NAMESPACE = 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n';
const WEB = (label: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: ${label}}}
  template:
    metadata: {labels: {app: ${label}}}
    spec: {containers: [{name: app, image: "registry.example/app:1"}]}
`;
const SERVICE = `apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web}
  ports: [{port: 80}]
`;
const GUARD = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: all, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress]}
`;
const NOTE = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: note, namespace: shop}\n';
const when = (value: string, text: string) => `{{- if ${value} }}\n${text}{{- end }}\n`;

/** The namespace and the Service stand in files of their own, which never change. */
const AROUND = { 'namespace.yaml': NAMESPACE, 'service.yaml': SERVICE };
const CHART = {
  'chart/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
  'chart/values.yaml': 'guarded: true\nlabel: web\nnote: true\n',
  'chart/templates/web.yaml': WEB('{{ .Values.label }}'),
  'chart/templates/guard.yaml': when('.Values.guarded', GUARD),
  'chart/templates/note.yaml': when('.Values.note', NOTE),
};
const NO_WORKLOAD = 'service-without-workload service.yaml:5';
const NO_POLICY = 'namespace-without-policy namespace.yaml:4';

test('a template, its values, and values outside of the chart', skip, () => {
  const repo = repository({ ...AROUND, ...CHART, 'values/prod.yaml': 'label: web\n' });
  assert.deepEqual(listed(repo, {}), []);
  assert.deepEqual(listed(repo, { 'chart/templates/web.yaml': WEB('shop') }), [NO_WORKLOAD]);
  assert.deepEqual(listed(repo, { 'chart/values.yaml': 'label: shop\nguarded: true\n' }), [NO_WORKLOAD]);
  assert.deepEqual(listed(repo, { 'chart/values.yaml': 'label: web\n' }), [NO_POLICY]);
  assert.deepEqual(listed(repo, { 'chart/templates/guard.yaml': undefined }), [NO_POLICY]);
  const prod = ['--values', 'prod=values/prod.yaml'];
  assert.deepEqual(listed(repo, { 'values/prod.yaml': 'label: web\nguarded: false\n' }, prod), [NO_POLICY]);
  assert.deepEqual(listed(repo, Object.fromEntries(Object.keys(CHART).map((file) => [file, undefined]))), [
    NO_POLICY,
    NO_WORKLOAD,
  ]);
});

test('nothing is heard of what comes to the same', skip, () => {
  const repo = repository({
    ...AROUND,
    ...CHART,
    'pod.yaml': WEB('other').replace('name: web', 'name: other'),
  });
  repo.commit({ 'chart/values.yaml': 'guarded: false\nlabel: x\nnote: true\n' });
  assert.deepEqual(listed(repo, {}), []);
  assert.deepEqual(listed(repo, { 'chart/values.yaml': '# None.\nguarded: false\nlabel: x\n' }), []);
  const guard = { 'chart/templates/guard.yaml': when('.Values.guarded', `# Off.\n${GUARD}`) };
  assert.deepEqual(listed(repo, guard), []);
  assert.deepEqual(listed(repo, { 'chart/values.yaml': 'guarded: false\nlabel: y\n' }), [NO_WORKLOAD]);
});

test('where the commit before cannot be rendered, all counts that its files name', skip, () => {
  const broken = { 'chart/templates/note.yaml': '{{ fail "no" }}\n' };
  const repo = repository({ ...AROUND, ...CHART, ...broken });
  const mended = { 'chart/templates/note.yaml': NOTE };
  assert.deepEqual(listed(repo, mended), []);
  assert.deepEqual(listed(repo, { ...mended, 'chart/values.yaml': 'label: web\n' }), [NO_POLICY]);
  assert.deepEqual(listed(repo, { ...mended, 'chart/templates/guard.yaml': undefined }), [NO_POLICY]);
});

test('environments in rampart.yaml, also one that is gone', skip, () => {
  const config = (environments: object) => JSON.stringify({ environments });
  const off = { 'chart/values.yaml': 'label: web\nguarded: false\n' };
  const named = { prod: { helm: { chart: { values: ['on.yaml'] } } } };
  const repo = repository({
    ...AROUND,
    ...CHART,
    ...off,
    'on.yaml': 'guarded: true\n',
    'rampart.yaml': config(named),
  });
  assert.deepEqual(listed(repo, {}), []);
  assert.deepEqual(listed(repo, { 'on.yaml': 'guarded: false\n' }), [NO_POLICY]);
  const set = { prod: { helm: { chart: { values: ['on.yaml'], set: ['guarded=false'] } } } };
  assert.deepEqual(listed(repo, { 'rampart.yaml': config(set) }), [NO_POLICY]);
  const other = JSON.stringify({ environments: named, failOn: 'low' });
  assert.deepEqual(listed(repo, { 'rampart.yaml': other }), [], 'nothing that renders');
  assert.deepEqual(listed(repo, { 'rampart.yaml': config({}) }), [NO_POLICY], 'no environment names it');
  assert.deepEqual(listed(repo, { 'rampart.yaml': undefined }), [NO_POLICY], 'no configuration');
});

test('a base, a patch, and what a kustomization lists', skip, () => {
  const kustomization = 'resources: [../base]\npatches: [{path: fix.yaml}]\n';
  const repo = repository({
    ...AROUND,
    'base/kustomization.yaml': 'resources: [web.yaml, guard.yaml]\n',
    'base/web.yaml': WEB('web'),
    'base/guard.yaml': GUARD,
    'prod/kustomization.yaml': kustomization,
    'prod/fix.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\n',
  });
  assert.deepEqual(listed(repo, {}), []);
  assert.deepEqual(listed(repo, { 'base/web.yaml': WEB('shop') }), [NO_WORKLOAD]);
  assert.deepEqual(
    listed(repo, {
      'prod/fix.yaml':
        'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec: {template: {metadata: {labels: {app: x}}}}\n',
    }),
    [NO_WORKLOAD],
  );
  const remove =
    '$patch: delete\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: all, namespace: shop}\n';
  assert.deepEqual(listed(repo, { 'prod/fix.yaml': remove }), [NO_POLICY]);
  assert.deepEqual(listed(repo, { 'prod/kustomization.yaml': `${kustomization}namespace: other\n` }), [
    NO_POLICY,
    NO_WORKLOAD,
  ]);
  const without = { 'base/kustomization.yaml': 'resources: [web.yaml]\n' };
  assert.deepEqual(listed(repo, without), [], 'it is scanned as it stands');
  assert.deepEqual(listed(repo, { ...without, 'base/guard.yaml': undefined }), [NO_POLICY]);
  assert.deepEqual(listed(repo, { 'prod/kustomization.yaml': undefined }), [], 'the base is built instead');
});

test('what Argo CD and Flux deploy, also by way of a chart of Applications', skip, () => {
  const application = (name: string, source: string) =>
    `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: ${name}, namespace: argocd}\nspec:\n  destination: {namespace: shop}\n  source: {repoURL: "${OURS}", ${source}}\n`;
  const argo = (label: string) => `path: chart, helm: {valuesObject: {guarded: true, label: ${label}}}`;
  const repo = repository({ ...AROUND, ...CHART, 'apps/web.yaml': application('web', argo('web')) });
  repo.git('remote', 'add', 'origin', OURS);
  assert.deepEqual(listed(repo, {}), []);
  assert.deepEqual(listed(repo, { 'apps/web.yaml': application('web', argo('x')) }), [NO_WORKLOAD]);
  const values = application('web', 'path: chart, helm: {valueFiles: [../own.yaml]}');
  repo.commit({ 'apps/web.yaml': values, 'own.yaml': 'label: web\n' });
  assert.deepEqual(listed(repo, { 'own.yaml': 'guarded: false\n' }), [NO_POLICY]);

  const inherited = 'path: chart, helm: {valuesObject: {guarded: true, label: {{ .Values.label }}}}';
  const apps = repository({
    ...AROUND,
    ...CHART,
    'chart/values.yaml': 'guarded: false\nlabel: web\n',
    'apps/Chart.yaml': 'apiVersion: v2\nname: apps\nversion: 1.0.0\n',
    'apps/values.yaml': 'label: web\n',
    'apps/templates/web.yaml': when('.Values.label', application('web', inherited)),
    'apps/templates/note.yaml': NOTE,
  });
  apps.git('remote', 'add', 'origin', OURS);
  assert.deepEqual(listed(apps, {}), []);
  assert.deepEqual(listed(apps, { 'apps/values.yaml': 'label: x\n' }), [NO_WORKLOAD]);
  // Then the chart stands for itself, with its own values.
  assert.deepEqual(listed(apps, { 'apps/values.yaml': "label: ''\n" }), [NO_POLICY]);
});
