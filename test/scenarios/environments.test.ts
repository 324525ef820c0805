/** Everything that an environment may say of a chart, in rampart.yaml. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { HelmRelease } from '../../src/model/index.ts';
import { pathOf, skipWithoutPrograms } from '../render/binaries.ts';
import { folderWith, rampart, type Scanned } from './rampart.ts';
import { repository } from './repository.ts';

const CHART = {
  'charts/web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
  'charts/web/values.yaml': 'bad: false\n',
  'charts/web/templates/pod.yaml': `apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
  labels:
    version: {{ .Capabilities.KubeVersion.Version }}
    monitored: {{ .Capabilities.APIVersions.Has "monitoring.coreos.com/v1" | quote }}
spec:
  containers:
    - name: app
      image: registry.example/app:1
      securityContext:
        privileged: {{ .Values.bad }}
`,
};

/** Shows what was rendered: a policy that prints the object's name and labels. */
const POLICY = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: show}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  validations:
    - expression: "false"
      messageExpression: >-
        object.metadata.namespace + '/' + object.metadata.name + ' ' + object.metadata.labels.version + ' ' +
        object.metadata.labels.monitored + ' ' + string(object.spec.containers[0].securityContext.privileged)
`;

type Environments = Readonly<Record<string, { readonly helm: Readonly<Record<string, HelmRelease>> }>>;

function shown(
  environments: Environments,
  values: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
  cwd = '.',
): string[] {
  const config = JSON.stringify({ policies: ['show.yaml'], environments });
  const folder = folderWith({
    ...CHART,
    ...values,
    'show.yaml': POLICY,
    'rampart.yaml': config,
    '.git/HEAD': 'x',
  });
  const paths = cwd === '.' ? ['charts'] : ['.'];
  const { out, err } = rampart(['scan', ...paths, '--format', 'json', ...args], {
    cwd: join(folder, cwd),
    env: { PATH: pathOf('helm4') },
  });
  assert.notEqual(out, '', err);
  return (JSON.parse(out) as Scanned).results
    .map(({ environments = [], detail }) => `${environments}: ${detail.split(' (')[0]}`)
    .sort();
}

test('values, settings, versions and names of each environment', { skip: skipWithoutPrograms }, () => {
  const prod = {
    releaseName: 'live',
    namespace: 'shop',
    values: ['a.yaml', 'b.yaml'],
    set: ['bad=true'],
    kubeVersion: '1.31.2',
    apiVersions: ['monitoring.coreos.com/v1'],
  };
  const environments = {
    prod: { helm: { 'charts/*': prod } },
    staging: { helm: { 'charts/*': {}, 'charts/web': { kubeVersion: 'v1.30', values: ['b.yaml'] } } },
    other: { helm: { 'elsewhere/*': prod } },
  };
  const values = { 'a.yaml': 'bad: 1\n', 'b.yaml': 'bad: false\n' };
  const [live, staging] = ['prod: shop/live v1.31.2 true true', 'staging: default/web v1.30.0 false false'];
  assert.deepEqual(shown(environments, values), [live, staging]);
  assert.deepEqual(shown(environments, values, ['--environment', 'prod']), [live], 'the chosen one alone');
  assert.deepEqual(shown(environments, values, [], 'charts'), [live, staging], 'wherever the scan starts');
});

test('a chart that no environment names is rendered with its own values', {
  skip: skipWithoutPrograms,
}, () => {
  const [only, ...more] = shown({ other: { helm: { elsewhere: {} } } });
  assert.match(only!, /^: default\/web v1\.\d+\.0 false false$/);
  assert.deepEqual(more, []);
});

test('--changed: a change of the rampart.yaml is one of the environments that it names', {
  skip: skipWithoutPrograms,
}, () => {
  const config = (set: string) =>
    JSON.stringify({ policies: ['show.yaml'], environments: { a: { helm: { web: { set: [set] } } } } });
  const repo = repository({ ...CHART, 'show.yaml': POLICY, 'rampart.yaml': config('a=b') });
  const env = { PATH: [pathOf('helm4'), '/usr/bin:/bin'].join(':') };
  const found = () => {
    const { out } = rampart(['scan', 'charts', '--format', 'json', '--changed', 'HEAD'], {
      cwd: repo.folder,
      env,
    });
    return (JSON.parse(out) as Scanned).results.length;
  };
  assert.equal(found(), 0);
  repo.write({ 'rampart.yaml': config('a=c') });
  assert.equal(found(), 1);
});

test('a name without a slash is one of a chart at any depth', { skip: skipWithoutPrograms }, () => {
  assert.match(shown({ a: { helm: { web: { releaseName: 'own' } } } }).join(), /^a: default\/own /);
});

test('a values file that is not there is an error of its environment alone', {
  skip: skipWithoutPrograms,
}, () => {
  const environments = { a: { helm: { '**': { values: ['none.yaml'] } } }, b: { helm: { '**': {} } } };
  const said = shown(environments);
  assert.equal(said.length, 2);
  assert.match(said[0]!, /^: the values file cannot be read: ENOENT/);
  assert.match(said[1]!, /^b: default\/web/);
});
