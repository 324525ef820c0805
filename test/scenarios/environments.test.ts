/** Everything that an environment may say of a chart, as a configuration hands it to a scan. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scan } from '../../src/app/index.ts';
import { NO_GATE, type ScanOptions } from '../../src/app/options.ts';
import type { Environment } from '../../src/model/index.ts';
import { pathOf, skipWithoutPrograms } from '../render/binaries.ts';
import { folderWith } from './rampart.ts';

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

async function shown(environments: readonly Environment[], values: Readonly<Record<string, string>> = {}) {
  const cwd = folderWith({ ...CHART, ...values, 'show.yaml': POLICY });
  const options: ScanOptions = {
    paths: ['charts'],
    cwd,
    stdinFilename: '-',
    exclude: [],
    policies: ['show.yaml'],
    select: [],
    skip: [],
    set: [],
    namespace: 'default',
    defaults: true,
    context: [],
    userinfo: undefined,
    answers: undefined,
    schemas: [],
    failOn: 'low',
    gate: NO_GATE,
    all: false,
    fingerprints: false,
    strict: false,
    commits: false,
    jobs: 1,
    cache: undefined,
    podPaths: [],
    rendering: {
      run: true,
      allowNetwork: false,
      repositories: [],
      environments,
      seconds: undefined,
      variables: { PATH: pathOf('helm4') },
    },
  };
  const { report } = await scan(options);
  return report.results
    .map(({ environments = [], detail }) => `${environments}: ${detail.split(' (')[0]}`)
    .sort();
}

test('values, settings, versions and names of each environment', { skip: skipWithoutPrograms }, async () => {
  const prod = {
    releaseName: 'live',
    namespace: 'shop',
    values: ['a.yaml', 'b.yaml'],
    set: ['bad=true'],
    kubeVersion: '1.31.2',
    apiVersions: ['monitoring.coreos.com/v1'],
  };
  const environments = [
    { name: 'prod', helm: { 'charts/*': prod } },
    { name: 'staging', helm: { 'charts/*': {}, 'charts/web': { kubeVersion: 'v1.30', values: ['b.yaml'] } } },
    { name: 'other', helm: { 'elsewhere/*': prod } },
  ];
  assert.deepEqual(await shown(environments, { 'a.yaml': 'bad: 1\n', 'b.yaml': 'bad: false\n' }), [
    'prod: shop/live v1.31.2 true true',
    'staging: default/web v1.30.0 false false',
  ]);
});

test('a chart that no environment names is rendered with its own values', {
  skip: skipWithoutPrograms,
}, async () => {
  const [only, ...more] = await shown([{ name: 'other', helm: { elsewhere: {} } }]);
  assert.match(only!, /^: default\/web v1\.\d+\.0 false false$/);
  assert.deepEqual(more, []);
});

test('a values file that is not there is an error of its environment alone', {
  skip: skipWithoutPrograms,
}, async () => {
  const environments = [
    { name: 'a', helm: { '**': { values: ['none.yaml'] } } },
    { name: 'b', helm: { '**': {} } },
  ];
  const said = await shown(environments);
  assert.equal(said.length, 2);
  assert.match(said[0]!, /^: the values file cannot be read: ENOENT/);
  assert.match(said[1]!, /^b: default\/web/);
});
