/** What Rampart has to be allowed by a real API server, what it does with less, and through which subresource objects change. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { load } from 'js-yaml';
import { createBackground } from '../../src/app/background/background.ts';
import { BACKGROUND } from '../../src/app/background/environment.ts';
import { snapshotOf } from '../../src/app/background/fixture.ts';
import { createOutbox } from '../../src/app/background/outbox.ts';
import { lastChange } from '../../src/model/index.ts';
import { connect } from '../../src/sources/index.ts';
import { createMemoryFindings } from '../../src/store/index.ts';
import { skipWithoutCluster } from './binaries.ts';
import { ADMIN_TOKEN, type Cluster, kubeconfigFor, startCluster, tokenOf } from './cluster.ts';
import { define, definitionsOf } from './report-definitions.ts';
import { installWebhooks, startServe, writeServeFiles } from './serve.ts';

const skip = skipWithoutCluster;
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const READ = ['get', 'list', 'watch'];

let cluster: Cluster;
let folder: string;

before(async () => {
  if (skip !== false) return;
  folder = mkdtempSync(join(tmpdir(), 'rampart-rights-'));
  cluster = await startCluster();
  process.env['KUBECONFIG'] = join(folder, 'kubeconfig');
  writeFileSync(
    process.env['KUBECONFIG'],
    kubeconfigFor({ token: tokenOf('scanner'), server: cluster.url, authority: cluster.certificate }),
  );
  await cluster.call('POST', '/api/v1/namespaces', { metadata: { name: 'shop' } });
});

after(async () => {
  await cluster?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

async function allow(name: string, rules: readonly object[], user = 'scanner'): Promise<void> {
  await cluster.call('POST', `${RBAC}/clusterroles`, { metadata: { name }, rules });
  await cluster.call('POST', `${RBAC}/clusterrolebindings`, {
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'User', name: user, apiGroup: 'rbac.authorization.k8s.io' }],
  });
}

async function until(holds: () => boolean, what: string, within = 60_000): Promise<void> {
  for (const end = Date.now() + within; !holds(); await sleep(50))
    assert.ok(Date.now() < end, `never: ${what}`);
}

test('a kind that may not be listed is named, and holds up no other', { skip }, async (t) => {
  await allow('some', [
    { apiGroups: [''], resources: ['namespaces', 'pods'], verbs: READ },
    { apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: READ },
  ]);
  const made = await cluster.call('POST', '/api/v1/namespaces/shop/pods', {
    metadata: { name: 'a' },
    spec: { containers: [{ name: 'c', image: 'i', securityContext: { privileged: true } }] },
  });
  assert.equal(made.status, 201);
  const environment = await BACKGROUND.ofCluster(await connect(''));
  const store = createMemoryFindings(0);
  const log: string[] = [];
  const outbox = createOutbox({
    run: 'r',
    send: async (batch) => {
      store.add(batch);
      return { since: 0 };
    },
    looked: () => background.looked(),
    unlisted: () => background.unlisted(),
    heard: () => {},
    now: Date.now,
    everyMs: 20,
    idleMs: 50,
  });
  const background = createBackground({
    environment,
    outbox,
    now: Date.now,
    log: (event, fields) => log.push(`${event} ${String(fields?.['kind'])}`),
  });
  t.after(async () => {
    background.close();
    outbox.close();
    await environment.close();
  });
  background.prepare(snapshotOf('pss-privileged')).take();
  await until(() => store.totals().complete, 'all that may be listed is looked at');
  assert.deepEqual(
    store.list({ state: 'open' }).map(({ policy, resource }) => `${policy} ${resource.name}`),
    ['pss-privileged a'],
  );
  const { unlisted } = store.totals();
  const deployments = unlisted.find(({ kind }) => kind === 'Deployment');
  assert.match(deployments!.detail, /403.*"scanner" cannot list/);
  assert.ok(
    deployments!.detail.includes(
      '{apiGroups: ["apps"], resources: ["deployments"], verbs: ["list", "watch"]}',
    ),
  );
  assert.ok(!unlisted.some(({ kind }) => kind === 'Pod'));
  assert.ok(log.includes('a kind may not be listed: nothing is known of it Deployment'), log.join('\n'));

  await allow('rest', [
    { apiGroups: ['apps', 'batch', ''], resources: ['*'], verbs: READ },
    { apiGroups: ['admissionregistration.k8s.io'], resources: ['*'], verbs: READ },
  ]);
  await until(() => store.totals().unlisted.length === 0, 'what may be listed at last is');
});

test('a change through a subresource has a time, and its name, in the managed fields', { skip }, async () => {
  const pods = '/api/v1/namespaces/shop/pods';
  await cluster.call('POST', pods, {
    metadata: { name: 'debugged' },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  });
  await sleep(1_100);
  const spec = {
    ephemeralContainers: [
      { name: 'd', image: 'i', terminationMessagePolicy: 'File', imagePullPolicy: 'Always' },
    ],
  };
  const type = 'application/strategic-merge-patch+json';
  const { status, body } = await cluster.call(
    'PATCH',
    `${pods}/debugged/ephemeralcontainers`,
    { spec },
    type,
  );
  assert.equal(status, 200, JSON.stringify(body));
  const { at, through } = lastChange(body);
  assert.equal(through, 'ephemeralcontainers');
  assert.ok(at > String((body['metadata'] as Record<string, unknown>)['creationTimestamp']));
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
  const user = 'stranger';
  for (const definition of definitionsOf('openreports')) await define(cluster, definition);
  const home = join(folder, 'needy');
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
  await allow('rampart-serve', rules, user);
  const served = await startServe({
    folder: home,
    cluster,
    workers: 1,
    port: 18_461,
    flags: ['--reports'],
    token: tokenOf(user),
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
      if ((who as { username?: string }).username !== user) continue;
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
  assert.doesNotMatch(served.log(), /forbidden|403/);

  // Without any of it each right is missed by somebody.
  await call(`${RBAC}/clusterrolebindings/rampart-serve`, undefined, 'DELETE');
  const doctor = rampart(join(home, 'kubeconfig'), 'doctor', '--cluster', '--data', 'data');
  for (const right of rightsIn(rules).filter(
    (one) => one.startsWith('watch ') && !one.includes('admissionpolic'),
  ))
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

function ruleOf(right: string): string {
  const [, resource, group] = /^\w+ (\w+)\.(.*)$/.exec(right)!;
  const verbs = resource === 'namespaces' ? '"get", "list", "watch"' : '"list", "watch"';
  return `{apiGroups: ["${group}"], resources: ["${resource}"], verbs: [${verbs}]}`;
}

async function eventually(holds: () => Promise<boolean>, what: () => string): Promise<void> {
  for (const end = Date.now() + 60_000; !(await holds()); await sleep(200))
    assert.ok(Date.now() < end, `never: ${what()}`);
}
