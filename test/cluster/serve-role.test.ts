/** The ClusterRole that `rampart serve` prints, as all that a user may do: enough, no right too many, and missed by name. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { load } from 'js-yaml';
import { skipWithoutCluster } from './binaries.ts';
import { ADMIN_TOKEN, type Cluster, kubeconfigFor, startCluster, tokenOf } from './cluster.ts';
import { define, definitionsOf } from './report-definitions.ts';
import { installWebhooks, startServe, writeServeFiles } from './serve.ts';

const skip = skipWithoutCluster;
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const USER = 'stranger';

let cluster: Cluster;
let folder: string;

before(async () => {
  if (skip !== false) return;
  folder = mkdtempSync(join(tmpdir(), 'rampart-role-'));
  cluster = await startCluster();
});

after(async () => {
  await cluster?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

const vap = (
  name: string,
  resources: string,
  expression: string,
  more = '',
) => `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: ${name}}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [${resources}]}]
${more}  validations: [{expression: "${expression}"}]
`;

const kyverno = (name: string, expression: string) => `apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {name: ${name}}
spec:
  validationActions: [Deny]
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], resources: [configmaps], operations: [CREATE, UPDATE]}]
  validations: [{expression: "${expression}"}]
`;

/** All that policies can need of an API server. */
const NEEDY = {
  'odd.yaml': vap('odd', 'namespaces', "!('odd' in object.metadata.?labels.orValue({}))"),
  'limited.yaml': `${vap('limited', 'configmaps', "!has(object.data) || !('bad' in object.data) || params == null", '  paramKind: {apiVersion: v1, kind: LimitRange}\n')}---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: limited}
spec: {policyName: limited, paramRef: {selector: {}, parameterNotFoundAction: Deny}, validationActions: [Deny]}
`,
  'trusted.yaml': vap(
    'trusted',
    'configmaps',
    "authorizer.group('').resource('secrets').check('list').allowed()",
  ),
  'got.yaml': kyverno(
    'got',
    "resource.get('v1', 'replicationcontrollers', 'shop', 'one').spec.replicas == 0",
  ),
  'listed.yaml': kyverno(
    'listed',
    "resource.list(resource.toGVR('v1', 'PodTemplate'), 'shop').items.size() == 0",
  ),
};
const NEEDY_CONFIG = `policies: [policies, builtin]
select: ["id=odd,limited,trusted,got,listed,ingress-without-backend"]
stages: [{select: ["id=limited,trusted,got,listed"], stage: enforce}]
`;

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const rightsIn = (rules: readonly Rule[]) =>
  rules.flatMap(({ apiGroups, resources, verbs }) =>
    resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}.${apiGroups[0]}`)),
  );

/** Only now and then: a Namespace that no watch has shown yet is fetched, and of a report that is new only a patch is logged. */
const UNSEEN = ['get namespaces.', 'create reports.openreports.io', 'create clusterreports.openreports.io'];

test('the role that serve prints is enough, every right in it is used, and what is missing is named', {
  skip,
  timeout: 240_000,
}, async (t) => {
  for (const definition of definitionsOf('openreports')) await define(cluster, definition);
  const home = join(folder, 'serve');
  writeServeFiles(home, { config: NEEDY_CONFIG, policies: NEEDY });
  const asAdmin = join(folder, 'admin-kubeconfig');
  writeFileSync(
    asAdmin,
    kubeconfigFor({ token: ADMIN_TOKEN, server: cluster.url, authority: cluster.certificate }),
  );
  const rampart = (kubeconfig: string, ...args: string[]) =>
    spawnSync(process.execPath, [join(import.meta.dirname, '../../bin/rampart.cjs'), ...args], {
      cwd: home,
      encoding: 'utf8',
      env: { ...process.env, KUBECONFIG: kubeconfig },
    });
  const call = async (path: string, object: object | undefined, method = 'POST') => {
    const { status, body } = await cluster.call(method, path, object);
    assert.ok(status === 201 || status === 200, JSON.stringify(body));
  };
  const labels = { webhook: 'on' };
  await call('/api/v1/namespaces', { metadata: { name: 'shop' } });
  await call('/api/v1/namespaces', { metadata: { name: 'needy', labels } });
  await call('/api/v1/namespaces', { metadata: { name: 'strange', labels: { odd: '' } } });
  await call('/api/v1/namespaces/needy/limitranges', { metadata: { name: 'one' }, spec: { limits: [] } });
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  await call('/api/v1/namespaces/shop/replicationcontrollers', {
    metadata: { name: 'one' },
    spec: { replicas: 0, selector: { a: 'b' }, template },
  });
  await call('/api/v1/namespaces/needy/configmaps', { metadata: { name: 'bad' }, data: { bad: '' } });

  const printed = rampart(asAdmin, 'serve', '--cluster', '--reports', '--print-rbac');
  assert.equal(printed.status, 0, printed.stderr);
  assert.doesNotMatch(printed.stdout, /[*]|#/);
  const { rules } = load(printed.stdout) as { rules: readonly Rule[] };
  await call(`${RBAC}/clusterroles`, load(printed.stdout) as object);
  await call(`${RBAC}/clusterrolebindings`, {
    metadata: { name: 'rampart-serve' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'rampart-serve' },
    subjects: [{ kind: 'User', name: USER, apiGroup: 'rbac.authorization.k8s.io' }],
  });
  const served = await startServe({
    folder: home,
    cluster,
    workers: 1,
    port: 18_461,
    flags: ['--reports'],
    token: tokenOf(USER),
  });
  t.after(() => served.stop());
  await served.said(/all objects looked at/);
  await installWebhooks(cluster, served, [
    { apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] },
  ]);
  let denied = '';
  let tries = 0;
  for (const end = Date.now() + 30_000; denied === ''; await sleep(200)) {
    const { status, body } = await cluster.call('POST', '/api/v1/namespaces/needy/configmaps', {
      metadata: { name: `asked-${tries++}` },
      data: { bad: '' },
    });
    assert.ok(Date.now() < end, 'nobody is asked');
    if (status !== 201) denied = String(body['message']);
  }
  // All but one may: what was looked up holds, and whoever asks may list secrets.
  assert.match(denied, /violates limited/);
  assert.doesNotMatch(denied, /trusted|got|listed/);
  const reports = '/apis/openreports.io/v1alpha1';
  const isReported = async () =>
    (await cluster.call('GET', `${reports}/namespaces/needy/reports/rampart-background`)).status === 200 &&
    (await cluster.call('GET', `${reports}/clusterreports/rampart-background`)).status === 200;
  await eventually(isReported, () => `reports are written\n${served.log()}`);
  // The background scan looks up what the webhook does, with the same verdict; who may do what it knows of nobody.
  const { results } = (await cluster.call('GET', `${reports}/namespaces/needy/reports/rampart-background`))
    .body as {
    results: readonly { policy: string; result: string }[];
  };
  assert.deepEqual(
    [...new Set(results.map(({ policy, result }) => `${policy} ${result}`))],
    ['limited fail'],
  );
  await call('/api/v1/namespaces/needy/configmaps/bad', undefined, 'DELETE');
  for (let i = 0; i < tries - 1; i++)
    await call(`/api/v1/namespaces/needy/configmaps/asked-${i}`, undefined, 'DELETE');
  await call('/api/v1/namespaces/strange', { metadata: { name: 'strange', labels: {} } }, 'PUT');

  const used = new Set<string>();
  const seen = () => {
    for (const { stage, user: who, verb, objectRef, responseStatus } of cluster.auditEvents()) {
      if ((who as { username?: string }).username !== USER) continue;
      const { resource, apiGroup = '' } = (objectRef ?? {}) as { resource?: string; apiGroup?: string };
      if (stage === 'ResponseComplete' || stage === 'ResponseStarted')
        used.add(`${verb} ${resource}.${apiGroup}`);
      assert.notEqual((responseStatus as { code?: number } | undefined)?.code, 403, `${verb} ${resource}`);
    }
    return rightsIn(rules).filter((right) => !used.has(right));
  };
  await eventually(
    async () => seen().every((right) => UNSEEN.includes(right)),
    () => `every right is used: ${seen().join()}\n${served.log()}`,
  );
  assert.doesNotMatch(served.log(), /forbidden|answered with 403/);

  // Processes that sign in by themselves need less.
  const ofProcess = (...words: string[]) => {
    const { status, stdout, stderr } = rampart(
      asAdmin,
      ...words,
      '--cluster',
      '--data',
      'data',
      '--print-rbac',
    );
    assert.equal(status, 0, stderr);
    return new Set(rightsIn((load(stdout) as { rules: readonly Rule[] }).rules));
  };
  const all = new Set(rightsIn(rules));
  const [worker, background] = [ofProcess('admission'), ofProcess('background', '--reports')];
  assert.deepEqual([...worker.union(background).difference(all)], []);
  assert.deepEqual(
    [...all.difference(worker.union(background))].filter((right) => !right.includes('admissionpolic')),
    [],
    'policies are watched by the controller alone',
  );
  assert.deepEqual(
    [...worker.difference(background)],
    ['get namespaces.', 'create subjectaccessreviews.authorization.k8s.io'],
  );
  assert.ok(!worker.has('watch configmaps.') && background.has('watch configmaps.'));

  // Without any of it each right is missed by somebody.
  await call(`${RBAC}/clusterrolebindings/rampart-serve`, undefined, 'DELETE');
  const doctor = rampart(join(home, 'kubeconfig'), 'doctor', '--cluster', '--data', 'data');
  // The log names policies that are not watched and reports that are not written.
  const rights = rightsIn(rules);
  const named = rights.filter(
    (right) =>
      !/admissionpolic|openreports|get namespaces/.test(right) &&
      !(right.startsWith('list') && rights.includes(right.replace('list', 'watch'))),
  );
  assert.ok(named.length > 8, named.join());
  for (const right of named)
    assert.ok(doctor.stdout.replaceAll(/\s+/g, ' ').includes(ruleOf(right)), `${right}\n${doctor.stdout}`);
  // Who cannot be asked for is nobody who may, as where the API server evaluates a policy.
  let message = '';
  await eventually(
    async () => {
      const { body } = await cluster.call('POST', '/api/v1/namespaces/needy/configmaps', {
        metadata: { name: 'later' },
      });
      message = JSON.stringify(body);
      return ['violates trusted', 'cannot get resource', 'cannot list resource'].every((one) =>
        message.includes(one),
      );
    },
    () => `the denial says what may not be asked: ${message}`,
  );
});

/** As doctor names it. */
function ruleOf(right: string): string {
  const [, verb, resource, group] = /^(\w+) (\w+)\.(.*)$/.exec(right)!;
  const watched = resource === 'namespaces' ? '"get", "list", "watch"' : '"list", "watch"';
  const verbs = verb === 'watch' ? watched : `"${verb}"`;
  return `{apiGroups: ["${group}"], resources: ["${resource}"], verbs: [${verbs}]}`;
}

async function eventually(holds: () => Promise<boolean>, what: () => string): Promise<void> {
  for (const end = Date.now() + 60_000; !(await holds()); await sleep(200))
    assert.ok(Date.now() < end, `never: ${what()}`);
}
