/** `rampart scan --cluster` against a real API server: what it finds, what it may, and what it says when it cannot. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Cluster as Reached, ServedResource } from '../../src/sources/index.ts';
import { connect, listObjects } from '../../src/sources/index.ts';
import { skipWithoutCluster } from './binaries.ts';
import { type Access, ADMIN_TOKEN, type Cluster, kubeconfigFor, startCluster, tokenOf } from './cluster.ts';

const skip = skipWithoutCluster;
const ROOT = join(import.meta.dirname, '..', '..');
/** Of 2020, for 127.0.0.1, signed by itself. */
const EXPIRED = {
  certificate: join(import.meta.dirname, 'expired', 'certificate.pem'),
  key: join(import.meta.dirname, 'expired', 'key.pem'),
};
const MAPS: ServedResource = {
  group: '',
  version: 'v1',
  resource: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
};

let cluster: Cluster;
let folder: string;

before(async () => {
  if (skip !== false) return;
  folder = mkdtempSync(join(tmpdir(), 'rampart-live-'));
  // Without a cache of them, lists of ConfigMaps come from etcd, whose memory ends where the test says.
  cluster = await startCluster(['--watch-cache-sizes=configmaps#0']);
  await fill();
});
after(async () => {
  await cluster?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

const PRIVILEGED = { name: 'main', image: 'registry.example/web:1', securityContext: { privileged: true } };

/** A Deployment with its ReplicaSets and a Pod, as controllers would make them. */
async function fill(): Promise<void> {
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [PRIVILEGED] } };
  const selector = { matchLabels: { app: 'web' } };
  const deployment = await make('/apis/apps/v1/namespaces/default/deployments', {
    metadata: { name: 'web' },
    spec: { selector, template },
  });
  const owner = (kind: string, { name, uid }: Metadata) => [
    { apiVersion: 'apps/v1', kind, name, uid, controller: true },
  ];
  const set = (name: string, replicas: number) =>
    make('/apis/apps/v1/namespaces/default/replicasets', {
      metadata: { name, labels: { app: 'web' }, ownerReferences: owner('Deployment', deployment) },
      spec: { replicas, selector, template },
    });
  await set('web-0', 0);
  const present = await set('web-1', 1);
  await make('/api/v1/namespaces/default/pods', {
    metadata: { name: 'web-1-x', labels: { app: 'web' }, ownerReferences: owner('ReplicaSet', present) },
    spec: { ...template.spec, hostNetwork: true },
  });
  await make('/api/v1/namespaces/default/secrets', {
    metadata: {
      name: 'key',
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 'hush-hush' },
    },
    stringData: { password: 'hush-hush' },
  });
}

interface Metadata {
  readonly name: string;
  readonly uid: string;
}

async function make(path: string, object: unknown): Promise<Metadata> {
  const { status, body } = await cluster.call('POST', path, object);
  assert.equal(status, 201, JSON.stringify(body));
  return body['metadata'] as Metadata;
}

function kubeconfig({
  token,
  server = cluster.url,
  authority = cluster.certificate,
}: Partial<Access> & Pick<Access, 'token'>): string {
  const file = join(mkdtempSync(join(folder, 'kube-')), 'config');
  writeFileSync(file, kubeconfigFor({ token, server, authority }));
  return file;
}

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function rampart(config: string, ...args: readonly string[]): Promise<Run> {
  const env = { ...process.env, KUBECONFIG: config, RAMPART_CACHE: 'off', NO_COLOR: '1' };
  const child = spawn(process.execPath, [join(ROOT, 'bin', 'rampart.cjs'), ...args], { cwd: folder, env });
  let [out, err] = ['', ''];
  child.stdout.on('data', (text) => (out += text));
  child.stderr.on('data', (text) => (err += text));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })));
}

interface Result {
  readonly policy: string | null;
  readonly verdict: string;
  readonly reason: string;
  readonly detail: string;
  readonly origin: { readonly file: string };
}

function resultsOf({ out, err }: Run): readonly Result[] {
  assert.notEqual(out, '', err);
  return (JSON.parse(out) as { results: Result[] }).results;
}

const SCAN = ['scan', '--cluster', '--format', 'json'];

async function allow(name: string, role: string): Promise<void> {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, role);
  const { readManifest } = await import('../../src/sources/index.ts');
  const [resource] = readManifest(Buffer.from(role), { file, named: true }).resources;
  await make('/apis/rbac.authorization.k8s.io/v1/clusterroles', {
    ...resource!.object,
    metadata: { name },
  });
  await make('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'scanner' }],
  });
}

test('the printed role is enough, and without it every kind is an error that says what to allow', {
  skip,
}, async () => {
  const config = kubeconfig({ token: tokenOf('scanner') });
  const before = await rampart(config, ...SCAN);
  assert.equal(before.code, 3, before.err);
  const errors = resultsOf(before);
  assert.ok(errors.length > 5 && errors.every(({ reason }) => reason === 'not-listed'));
  const deployments = errors.find(({ origin }) => origin.file === 'cluster:here/deployments.apps')!;
  assert.match(deployments.detail, /^No Deployment was looked at: .*403.*"scanner" cannot list/);
  const rule = '{apiGroups: ["apps"], resources: ["deployments"], verbs: ["list"]}';
  assert.ok(deployments.detail.endsWith(`the RBAC rule it takes: ${rule}`), deployments.detail);

  const role = await rampart(config, 'scan', '--cluster', '--print-rbac');
  assert.equal(role.code, 0, role.err);
  assert.doesNotMatch(role.out, /\*|get|watch/);
  const guide = readFileSync(join(ROOT, 'docs', 'guides', 'live-cluster.md'), 'utf8');
  assert.ok(guide.includes(`\`\`\`yaml\n${role.out}\`\`\``), `the guide shows another role:\n${role.out}`);
  await allow('rampart-scan', role.out);
  const now = await rampart(config, ...SCAN);
  assert.equal(now.code, 1, now.err);
  const results = resultsOf(now);
  assert.deepEqual(
    results.filter(({ verdict }) => verdict === 'error'),
    [],
  );

  const privileged = results.filter(({ policy }) => policy === 'pss-privileged');
  assert.deepEqual(
    privileged.map(({ origin }) => origin.file),
    ['cluster:here/default/deployments.apps/web'],
  );
  const host = results.filter(({ policy }) => policy === 'pss-host-namespaces');
  assert.deepEqual(
    host.map(({ origin }) => origin.file),
    ['cluster:here/default/pods/web-1-x'],
  );
  assert.doesNotMatch(now.out, /managedFields|hush-hush/);
});

const SECRET_POLICY = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: long-passwords}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [secrets]}]
  validations: [{expression: "EXPRESSION"}]
`;

test('content of Secrets is read only by policies that ask for it, and never shown', { skip }, async () => {
  const config = kubeconfig({ token: ADMIN_TOKEN });
  for (const expression of ['size(object.data.password) > 99', '!has(object.metadata.annotations)']) {
    const file = join(folder, 'secrets.yaml');
    writeFileSync(file, SECRET_POLICY.replace('EXPRESSION', expression));
    for (const format of ['pretty', 'json', 'sarif']) {
      const { code, out, err } = await rampart(
        config,
        'scan',
        '--cluster',
        '--policies',
        file,
        '--format',
        format,
      );
      const wanted = expression.includes('data');
      assert.equal(code, wanted ? 1 : 0, out + err);
      assert.equal(out.includes('default/secrets/key'), wanted);
      for (const hidden of ['hush-hush', Buffer.from('hush-hush').toString('base64')])
        assert.ok(!out.includes(hidden), format);
    }
  }
  const requests = cluster.auditEvents().filter(({ requestURI }) => String(requestURI).includes('/secrets?'));
  assert.ok(requests.length >= 6);
  process.env['KUBECONFIG'] = config;
  const secrets = { ...MAPS, resource: 'secrets', kind: 'Secret' };
  const [whole, partial] = await Promise.all(
    [false, true].map(async (metadataOnly) => listObjects(await connect(''), secrets, { metadataOnly })),
  );
  assert.ok(whole!.every((object) => 'data' in object) && whole!.length === 1);
  assert.deepEqual(
    partial!.map((object) => Object.keys(object)),
    [['apiVersion', 'kind', 'metadata']],
  );
});

test('lists go over pages, and begin again where their place in the list expires', { skip }, async () => {
  const names = Array.from({ length: 25 }, (_, i) => `page-${String(i).padStart(2, '0')}`);
  for (const name of names)
    await make('/api/v1/namespaces/default/configmaps', { metadata: { name }, data: { exact: '1.0' } });
  process.env['KUBECONFIG'] = kubeconfig({ token: ADMIN_TOKEN });
  const reached = await connect('');
  const paths: string[] = [];
  const watched = (before: (path: string) => Promise<string>): Reached => ({
    ...reached,
    async get(path, accept) {
      paths.push(path);
      return reached.get(await before(path), accept);
    },
  });
  const all = await listObjects(
    watched(async (path) => path),
    MAPS,
    { limit: 10 },
  );
  const listed = all.map(({ metadata }) => (metadata as unknown as Metadata).name);
  assert.deepEqual(
    listed.filter((name) => name.startsWith('page-')),
    names,
  );
  assert.ok(
    paths.length >= 3 && paths.slice(1).every((path) => path.includes('continue=')),
    paths.join('\n'),
  );
  assert.ok(all.every(({ kind, apiVersion }) => kind === 'ConfigMap' && apiVersion === 'v1'));

  paths.length = 0;
  // As it is five minutes later: etcd has forgotten the versions of then.
  const expiring = watched(async (path) => {
    if (!path.includes('continue=')) return path;
    await cluster.call('DELETE', '/api/v1/namespaces/default/configmaps/page-24');
    await cluster.compact();
    return path;
  });
  const rest = await listObjects(expiring, MAPS, { limit: 10 });
  assert.deepEqual(
    paths.map((path) => path.replace(/continue=.*/, 'continue')),
    ['/api/v1/configmaps?limit=10', '/api/v1/configmaps?limit=10&continue', '/api/v1/configmaps'],
  );
  assert.equal(rest.length, all.length - 1);
});

test('what keeps the cluster from answering is said, and nothing is a pass', { skip }, async () => {
  const token = tokenOf('stranger');
  const cases: readonly [string, RegExp][] = [
    [
      kubeconfig({ token, server: 'https://127.0.0.1:1' }),
      /cannot reach https:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/,
    ],
    [kubeconfig({ token: 'nobody' }), /the credentials of user someone are not accepted \(401\)/],
    [
      kubeconfig({ token, authority: EXPIRED.certificate }),
      /cannot be trusted: its certificate is .* authority/,
    ],
    [kubeconfig({ token, server: cluster.url.replace('127.0.0.1', '127.0.0.2') }), /cannot/],
    [join(folder, 'no-such-file'), /the kubeconfig cannot be read: .*ENOENT/],
  ];
  for (const [config, expected] of cases) {
    const { code, out, err } = await rampart(config, ...SCAN);
    assert.equal(code, 2, err);
    assert.equal(out, '');
    assert.match(err, expected);
  }
  const server = createServer({ cert: readFileSync(EXPIRED.certificate), key: readFileSync(EXPIRED.key) });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const expired = { token, server: `https://127.0.0.1:${port}`, authority: EXPIRED.certificate };
    const { code, err } = await rampart(kubeconfig(expired), ...SCAN);
    assert.equal(code, 2, err);
    assert.match(err, /cannot be trusted: its certificate has expired/);
  } finally {
    server.close();
  }
  const unknown = await rampart(kubeconfig({ token }), 'scan', '--cluster', 'there');
  assert.equal(unknown.code, 2);
  assert.match(unknown.err, /the kubeconfig has no context there; it has here/);
});
