/** `rampart context pull` from a real API server, and a scan of files that answers as that cluster would. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { load } from 'js-yaml';
import { readManifest } from '../../src/sources/index.ts';
import { skipWithoutCluster } from './binaries.ts';
import { ADMIN_TOKEN, type Cluster, kubeconfigFor, startCluster, tokenOf } from './cluster.ts';

const skip = skipWithoutCluster;
const ROOT = join(import.meta.dirname, '..', '..');

/** Says what it sees: the label of the namespace, and the parameter. */
const POLICY = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: limits}
spec:
  paramKind: {apiVersion: v1, kind: ConfigMap}
  matchConstraints:
    resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}]
  validations:
    - expression: "object.spec.replicas <= int(params.data.most)"
      messageExpression: "namespaceObject.metadata.labels['team'] + ' may have ' + params.data.most"
`;
const BINDING = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  metadata: { name: 'limits-in-shop' },
  spec: {
    policyName: 'limits',
    validationActions: ['Audit'],
    paramRef: { name: 'limits', namespace: 'shop', parameterNotFoundAction: 'Deny' },
    matchResources: { namespaceSelector: { matchLabels: { team: 'shop' } } },
  },
};
const DEPLOYMENT = (namespace: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: ${namespace}}
spec:
  replicas: 9
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: app, image: "x:1"}]}}
`;

/** Served and not, of the cluster and of a subresource, with a field that is easily misspelt. */
const definitionOf = (kind: string) => {
  const plural = `${kind.toLowerCase()}s`;
  const spec = {
    type: 'object',
    description: 'What is wanted.',
    properties: {
      size: { type: 'integer', description: 'In metres.' },
      mode: { type: 'string', default: 'auto' },
    },
  };
  const version = (name: string, served: boolean) => ({
    name,
    served,
    storage: served,
    schema: { openAPIV3Schema: { type: 'object', properties: { spec } } },
    subresources: { status: {} },
  });
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.shop.example` },
    spec: {
      group: 'shop.example',
      names: { plural, kind, listKind: `${kind}List`, singular: kind.toLowerCase() },
      scope: 'Cluster',
      versions: [version('v1', true), version('v1alpha1', false)],
    },
  };
};
const WIDGETS = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: widgets}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [shop.example], apiVersions: [v1], operations: [CREATE], resources: [widgets], scope: Cluster}]
  validations:
    - expression: "object.spec.size < 3"
    - expression: "!has(object.spec.sise)"
`;
/** Of a field that nobody writes: the schema fills it in before admission. */
const MODES = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: modes}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [shop.example], apiVersions: [v1], operations: [CREATE], resources: [widgets]}]
  variables: [{name: mode, expression: object.spec.mode}]
  validations:
    - expression: "variables.mode != 'auto'"
      messageExpression: "'the mode is ' + variables.mode"
`;
const WIDGET = 'apiVersion: shop.example/v1\nkind: Widget\nmetadata: {name: large}\nspec: {size: 9}\n';

let cluster: Cluster;
let folder: string;

before(async () => {
  if (skip !== false) return;
  folder = mkdtempSync(join(tmpdir(), 'rampart-context-'));
  cluster = await startCluster();
  await make('/api/v1/namespaces', { metadata: { name: 'shop', labels: { team: 'shop' } } });
  await make('/api/v1/namespaces/shop/configmaps', { metadata: { name: 'limits' }, data: { most: '3' } });
  await make('/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings', BINDING);
  for (const kind of ['Widget', 'Gadget']) {
    await make('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definitionOf(kind));
    await isServed(`/apis/shop.example/v1/${kind.toLowerCase()}s`);
  }
  writeFileSync(join(folder, 'policy.yaml'), POLICY);
  writeFileSync(join(folder, 'widgets.yaml'), WIDGETS);
  writeFileSync(join(folder, 'widget.yaml'), WIDGET);
  writeFileSync(join(folder, 'a.yaml'), `${DEPLOYMENT('shop')}---\n${DEPLOYMENT('default')}`);
});
after(async () => {
  await cluster?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

async function make(path: string, object: unknown): Promise<void> {
  const { status, body } = await cluster.call('POST', path, object);
  assert.equal(status, 201, JSON.stringify(body));
}

async function isServed(path: string): Promise<void> {
  for (let tries = 0; (await cluster.call('GET', path)).status !== 200; tries++) {
    assert.ok(tries < 100, `${path} is not served`);
    await sleep(100);
  }
}

function kubeconfig(token: string): string {
  const file = join(mkdtempSync(join(folder, 'kube-')), 'config');
  writeFileSync(file, kubeconfigFor({ token, server: cluster.url, authority: cluster.certificate }));
  return file;
}

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function rampart(args: readonly string[], config = '/nowhere'): Promise<Run> {
  const env = { ...process.env, KUBECONFIG: config, RAMPART_CACHE: 'off', NO_COLOR: '1' };
  const child = spawn(process.execPath, [join(ROOT, 'bin', 'rampart.cjs'), ...args], { cwd: folder, env });
  let [out, err] = ['', ''];
  child.stdout.on('data', (text) => (out += text));
  child.stderr.on('data', (text) => (err += text));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })));
}

const PULL = ['context', 'pull', '--policies', 'policy.yaml'];
const SCAN = ['scan', 'a.yaml', '--policies', 'policy.yaml', '--format', 'json'];

async function findings(...args: string[]): Promise<string[]> {
  const { out, err } = await rampart([...SCAN, ...args]);
  assert.notEqual(out, '', err);
  const { results } = JSON.parse(out) as { results: { verdict: string; action: string; detail: string }[] };
  return results.map(({ verdict, action, detail }) => `${verdict} ${action} ${detail}`);
}

test('a scan of files with the context of a cluster answers as the cluster: bindings, parameters, labels, version', {
  skip,
}, async () => {
  const admin = kubeconfig(ADMIN_TOKEN);
  const pulled = await rampart([...PULL, '--output', 'cluster.yaml'], admin);
  assert.equal(pulled.code, 0, pulled.err);
  const text = readFileSync(join(folder, 'cluster.yaml'), 'utf8');
  assert.match(
    text,
    /kind: ClusterContext\nmetadata:\n {2}name: here\nspec:\n {2}kubernetesVersion: v1\.37\n/,
  );
  assert.doesNotMatch(text, /resourceVersion|uid|managedFields|creationTimestamp/);
  const again = await rampart(PULL, admin);
  assert.equal(again.out, text, 'the same state is the same file');

  assert.deepEqual(await findings('--context', 'cluster.yaml'), ['violation audit shop may have 3']);
  assert.ok(
    (await findings()).every((line) => !line.startsWith('violation')),
    'without it nothing is known',
  );

  const server = createServer((request, response) => {
    if (request.url === '/away') response.writeHead(302, { location: '/cluster.yaml' }).end();
    else response.end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    assert.deepEqual(await findings('--context', `${address}/cluster.yaml`), [
      'violation audit shop may have 3',
    ]);
    const away = await rampart([...SCAN, '--context', `${address}/away`]);
    assert.deepEqual([away.code, /--context: http:\/\/127\.0\.0\.1:\d+\/away: /.test(away.err)], [2, true]);
  } finally {
    server.close();
  }
  const plain = await rampart([...SCAN, '--context', 'http://clusters.example/cluster.yaml']);
  assert.deepEqual([plain.code, /https:\/\/ is needed/.test(plain.err)], [2, true], plain.err);
});

test('what may not be read is said with the rule it takes, and half a file is not written', {
  skip,
}, async () => {
  const { code, err } = await rampart([...PULL, '--output', 'half.yaml'], kubeconfig(tokenOf('stranger')));
  assert.equal(code, 2, err);
  assert.match(err, /No Namespace was read: .*resources: \["namespaces"\], verbs: \["list"\]/s);
  assert.equal(existsSync(join(folder, 'half.yaml')), false);
});

test('custom kinds that policies look at come with schemas, others by name: a scan knows them as by --schemas', {
  skip,
}, async () => {
  const pull = ['context', 'pull', '--policies', 'widgets.yaml', '--output', 'widgets-context.yaml'];
  const pulled = await rampart(pull, kubeconfig(ADMIN_TOKEN));
  assert.equal(pulled.code, 0, pulled.err);
  const { resources } = readManifest(readFileSync(join(folder, 'widgets-context.yaml')), { file: 'x' });
  const definitions = resources.filter(({ ref }) => ref.kind === 'CustomResourceDefinition');
  const versions = (kind: string) => ({
    name: 'v1',
    served: true,
    storage: kind === 'Widget',
    ...(kind === 'Widget'
      ? {
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: {
                  type: 'object',
                  properties: { size: { type: 'integer' }, mode: { type: 'string', default: 'auto' } },
                },
              },
            },
          },
          subresources: { status: {} },
        }
      : {}),
  });
  assert.deepEqual(
    definitions.map(({ object }) => object['spec']),
    ['Gadget', 'Widget'].map((kind) => ({
      group: 'shop.example',
      names: { plural: `${kind.toLowerCase()}s`, kind },
      scope: 'Cluster',
      versions: [versions(kind)],
    })),
  );

  writeFileSync(join(folder, 'crd.json'), JSON.stringify(definitionOf('Widget')));
  const checked = async (file: string) =>
    (await rampart(['policies', 'check', 'widgets.yaml', '--schemas', file])).out;
  assert.match(await checked('widgets-context.yaml'), /sise/);
  assert.equal(await checked('widgets-context.yaml'), await checked('crd.json'));
  const scanned = async (...args: string[]) =>
    JSON.parse((await rampart(['scan', 'widget.yaml', '--policies', 'widgets.yaml', ...args])).out).results;
  const json = ['--format', 'json'];
  assert.deepEqual(
    await scanned(...json, '--context', 'widgets-context.yaml'),
    await scanned(...json, '--schemas', 'crd.json'),
  );

  const stranger = await rampart(pull, kubeconfig(tokenOf('stranger')));
  assert.equal(stranger.code, 2);
  assert.match(stranger.err.replaceAll(/\s+/g, ' '), /"customresourcedefinitions"\], verbs: \["get"\]/);
});

test('what a schema fills in is there when policies look, as at admission', { skip }, async () => {
  writeFileSync(join(folder, 'modes.yaml'), MODES);
  const admissionregistration = '/apis/admissionregistration.k8s.io/v1';
  await make(`${admissionregistration}/validatingadmissionpolicies`, load(MODES));
  await make(`${admissionregistration}/validatingadmissionpolicybindings`, {
    metadata: { name: 'modes' },
    spec: { policyName: 'modes', validationActions: ['Deny'] },
  });
  const widget = (name: string, spec: object) => ({
    apiVersion: 'shop.example/v1',
    kind: 'Widget',
    metadata: { name },
    spec,
  });
  const widgets = [widget('silent', { size: 1 }), widget('chosen', { size: 1, mode: 'manual' })];
  const answers: string[] = [];
  for (const one of widgets) {
    // A new policy is in force a moment later.
    let answer = await cluster.call('POST', '/apis/shop.example/v1/widgets?dryRun=All', one);
    for (let tries = 0; one === widgets[0] && answer.status === 201 && tries < 100; tries++) {
      await sleep(100);
      answer = await cluster.call('POST', '/apis/shop.example/v1/widgets?dryRun=All', one);
    }
    answers.push(
      answer.status === 201 ? 'allowed' : String(answer.body['message']).replace(/.*denied request: /, ''),
    );
  }
  assert.deepEqual(answers, ['the mode is auto', 'allowed']);

  const pull = ['context', 'pull', '--policies', 'modes.yaml', '--output', 'modes-context.yaml'];
  const pulled = await rampart(pull, kubeconfig(ADMIN_TOKEN));
  assert.equal(pulled.code, 0, pulled.err);
  writeFileSync(
    join(folder, 'widgets.json'),
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items: widgets }),
  );
  const scanned = async (...args: string[]) => {
    const scan = ['scan', 'widgets.json', '--policies', 'modes.yaml', '--format', 'json', ...args];
    const { results } = JSON.parse((await rampart(scan)).out) as {
      results: { verdict: string; detail: string; resource: { name: string } }[];
    };
    return results.map(({ verdict, detail, resource }) => `${resource.name} ${verdict} ${detail}`);
  };
  assert.deepEqual(await scanned('--context', 'modes-context.yaml'), [
    "silent violation the mode is auto (mode: auto is the API server's default)",
  ]);
  const [unknown, ...more] = await scanned();
  assert.match(unknown!, /^silent error .*no such key: mode/, 'nobody says so without it');
  assert.deepEqual(more, []);
});
