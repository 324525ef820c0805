/** `rampart serve` as the webhook of a real API server: each way in, each stage, and what must not get past. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { skipWithoutCluster } from './binaries.ts';
import { type Cluster, type Response, startCluster } from './cluster.ts';
import { installWebhooks, type Served, startServe, writeServeFiles } from './serve.ts';

const skip = skipWithoutCluster;

/** Every object has a label that says which policy looks at it; none is looked at by two. */
function vap(
  name: string,
  { resources = '["*/*"]', operations = '["*"]', more = '', validations = '' } = {},
): string {
  return `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: ${name}}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: ["*"], apiVersions: ["*"], resources: ${resources}, operations: ${operations}}]
${more}
  validations:
${validations}
`;
}

/** True, and for an object with as many labels as annotations longer than a request may hold a worker. */
const SLOW =
  '(!has(object.metadata.labels) || object.metadata.labels.all(x, object.metadata.labels == object.metadata.annotations))';

const POLICIES = {
  'enforced.yaml': vap('enforced', {
    resources: '[configmaps]',
    validations: `    - {expression: "object == null || !has(object.data) || !('bad' in object.data)", message: "bad data"}`,
  }),
  'warned.yaml': vap('warned', {
    resources: '[configmaps]',
    validations: `    - {expression: "object == null || !has(object.data) || !('poor' in object.data)", message: "poor data"}`,
  }),
  'audited.yaml': vap('audited', {
    resources: '[configmaps]',
    validations: `    - {expression: "object == null || !has(object.data) || !('odd' in object.data)", message: "odd data"}`,
  }),
  'keep.yaml': vap('keep', {
    resources: '[configmaps]',
    operations: '[DELETE]',
    validations: `    - {expression: "!has(oldObject.metadata.labels) || !('keep' in oldObject.metadata.labels)", message: "to be kept"}`,
  }),
  'no-exec.yaml': vap('no-exec', {
    resources: '["pods/exec", "pods/attach", "pods/portforward", "pods/proxy"]',
    operations: '[CONNECT]',
    validations: `    - {expression: "false", message: "nobody connects"}`,
  }),
  'no-eviction.yaml': vap('no-eviction', {
    resources: '["pods/eviction", "pods/binding"]',
    validations: `    - {expression: "false", message: "it stays where it is"}`,
  }),
  'scale.yaml': vap('scale', {
    resources: '["deployments/scale"]',
    validations: `    - {expression: "object.spec.replicas < 5", message: "too many"}`,
  }),
  'status.yaml': vap('status', {
    resources: '["deployments/status"]',
    validations: `    - {expression: "!has(object.status.replicas) || object.status.replicas < 7", message: "no such status"}`,
  }),
  'selector.yaml': vap('selector', {
    resources: '[secrets]',
    more: '    objectSelector: {matchLabels: {guarded: "yes"}}',
    validations: `    - {expression: "has(object.metadata.annotations)", message: "needs an annotation"}`,
  }),
  'namespaces.yaml': vap('namespaces', {
    resources: '[namespaces]',
    operations: '[CREATE, UPDATE]',
    validations: `    - {expression: "!has(object.metadata.labels) || !('exempt' in object.metadata.labels)", message: "nobody exempts itself"}`,
  }),
  'elsewhere.yaml': vap('elsewhere', {
    resources: '[serviceaccounts]',
    validations: `    - {expression: "namespaceObject.metadata.labels['team'] == 'shop'", message: "another team's"}`,
  }),
  'rights.yaml': vap('rights', {
    resources: '[resourcequotas]',
    validations: `    - {expression: "authorizer.group('').resource('secrets').namespace('shop').check('list').allowed()", message: "only who may list secrets"}
    - {expression: "!authorizer.serviceAccount('shop', 'a').group('').resource('secrets').check('list').allowed()", message: "the account may too much"}`,
  }),
  'slow-rights.yaml': vap('slow-rights', {
    resources: '[limitranges]',
    operations: '[CREATE]',
    validations: `    - {expression: "${SLOW} && (object.metadata.name != 'rights' || authorizer.serviceAccount('shop', 'nobody').group('').resource('secrets').check('list').allowed())", message: "nobody may"}`,
  }),
  'slow-look-up.yaml': `apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {name: slow-look-up}
spec:
  validationActions: [Deny]
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], resources: [limitranges], operations: [CREATE]}]
  validations:
    - {expression: "${SLOW} && object.metadata.name in resource.get('v1', 'configmaps', 'shop', 'allowed').data", message: "not among the allowed"}
`,
  'mutation.yaml': `apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: team}
spec:
  reinvocationPolicy: IfNeeded
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], resources: [endpoints], operations: [CREATE, UPDATE]}]
  mutations:
    - patchType: ApplyConfiguration
      applyConfiguration:
        expression: "Object{metadata: Object.metadata{labels: {'team': 'shop'}}}"
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: team}
spec: {policyName: team}
`,
};

const CONFIG = `policies: [policies, builtin]
select: ["id=enforced,warned,audited,keep,no-exec,no-eviction,scale,status,selector,namespaces,elsewhere,rights,slow-rights,slow-look-up,team,pss-privileged"]
stages:
  - {select: ["id=enforced,keep,no-exec,no-eviction,scale,status,selector,namespaces,elsewhere,rights,slow-rights,slow-look-up,team,pss-privileged"], stage: enforce}
  - {select: ["id=warned"], stage: warn}
`;

const EVERYTHING = [{ apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] }];
const SHOP = '/api/v1/namespaces/shop';

let cluster: Cluster;
let served: Served;
let folder: string;

before(async () => {
  if (skip !== false) return;
  folder = mkdtempSync(join(tmpdir(), 'rampart-webhook-'));
  cluster = await startCluster();
  writeServeFiles(folder, { config: CONFIG, policies: POLICIES });
  served = await startServe({ folder, cluster, workers: 1, port: 18_443 });
  for (const name of ['shop', 'bank']) {
    const labels = { webhook: 'on', team: name };
    await made(cluster.call('POST', '/api/v1/namespaces', { metadata: { name, labels } }));
  }
  await installWebhooks(cluster, served, EVERYTHING);
  await takesEffect();
});

after(async () => {
  await served?.stop();
  await cluster?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

async function takesEffect(): Promise<void> {
  for (const until = Date.now() + 30_000; ; await sleep(50)) {
    const { status } = await cluster.call(
      'POST',
      `${SHOP}/configmaps?dryRun=All`,
      map('probe', { bad: '1' }),
    );
    if (status === 403 || status === 422) return;
    assert.ok(Date.now() < until, 'the webhook did not take effect');
  }
}

async function made(call: Promise<Response>): Promise<Response> {
  const response = await call;
  assert.ok(response.status < 300, JSON.stringify(response.body));
  return response;
}

async function denied(call: Promise<Response>, message: RegExp): Promise<void> {
  const { status, body } = await call;
  assert.ok(status === 403 || status === 422, JSON.stringify(body));
  assert.match(String(body['message']), message);
}

function map(name: string, data?: Record<string, string>, labels?: Record<string, string>) {
  const metadata = { name, ...(labels === undefined ? {} : { labels }) };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, ...(data === undefined ? {} : { data }) };
}

test('audit says nothing, warn warns, enforce denies with policy, field and remedy', { skip }, async () => {
  const audited = await made(cluster.call('POST', `${SHOP}/configmaps`, map('odd', { odd: '1' })));
  assert.deepEqual(audited.warnings, []);
  const warned = await made(cluster.call('POST', `${SHOP}/configmaps`, map('poor', { poor: '1' })));
  assert.deepEqual(warned.warnings, ['would violate warned at data.poor: poor data']);
  const { status, body } = await cluster.call('POST', `${SHOP}/configmaps`, map('bad', { bad: '1' }));
  assert.equal(status, 422);
  assert.match(
    String(body['message']),
    /admission webhook "validate\.rampart\.dev" denied the request: violates enforced at data\.bad: bad data\n.*PolicyExemption of enforced in namespace shop/,
  );
});

test('an update from good to bad is denied by every way to patch', { skip }, async () => {
  await made(cluster.call('POST', `${SHOP}/configmaps`, map('good', { fine: '1' })));
  const path = `${SHOP}/configmaps/good`;
  await denied(cluster.call('PUT', path, map('good', { bad: '1' })), /violates enforced/);
  for (const [type, patch] of [
    ['application/merge-patch+json', { data: { bad: '1' } }],
    ['application/strategic-merge-patch+json', { data: { bad: '1' } }],
    ['application/json-patch+json', [{ op: 'add', path: '/data/bad', value: '1' }]],
  ] as const)
    await denied(cluster.call('PATCH', path, patch, type), /violates enforced/);
  const apply = `${path}?fieldManager=test&force=true`;
  await denied(
    cluster.call('PATCH', apply, map('good', { bad: '1' }), 'application/apply-patch+yaml'),
    /violates enforced/,
  );
  await denied(
    cluster.call(
      'PATCH',
      `${SHOP}/configmaps/new?fieldManager=test`,
      map('new', { bad: '1' }),
      'application/apply-patch+yaml',
    ),
    /violates enforced/,
  );
  await made(cluster.call('PATCH', path, { data: { fine: '2' } }, 'application/merge-patch+json'));
});

test('a name that the server makes up, a dry run, and an object that is being deleted are checked all the same', {
  skip,
}, async () => {
  const generated = { ...map(''), metadata: { generateName: 'g-' }, data: { bad: '1' } };
  await denied(cluster.call('POST', `${SHOP}/configmaps`, generated), /violates enforced/);
  await denied(
    cluster.call('POST', `${SHOP}/configmaps?dryRun=All`, map('bad', { bad: '1' })),
    /violates enforced/,
  );
  const held = { ...map('held'), metadata: { name: 'held', finalizers: ['test/held'] } };
  await made(cluster.call('POST', `${SHOP}/configmaps`, held));
  await made(cluster.call('DELETE', `${SHOP}/configmaps/held`));
  await denied(
    cluster.call('PATCH', `${SHOP}/configmaps/held`, { data: { bad: '1' } }, 'application/merge-patch+json'),
    /violates enforced/,
  );
  await made(
    cluster.call(
      'PATCH',
      `${SHOP}/configmaps/held`,
      { metadata: { finalizers: null } },
      'application/merge-patch+json',
    ),
  );
});

test('deletions are asked about with the object that was, one by one and as a collection', {
  skip,
}, async () => {
  await made(cluster.call('POST', `${SHOP}/configmaps`, map('kept', {}, { keep: 'yes' })));
  await denied(cluster.call('DELETE', `${SHOP}/configmaps/kept`), /violates keep.*to be kept/);
  await denied(cluster.call('DELETE', `${SHOP}/configmaps?labelSelector=keep`), /violates keep/);
  await made(
    cluster.call(
      'PATCH',
      `${SHOP}/configmaps/kept`,
      { metadata: { labels: null } },
      'application/merge-patch+json',
    ),
  );
  await made(cluster.call('DELETE', `${SHOP}/configmaps/kept`));
});

const CONTAINER = { name: 'main', image: 'registry.example/web:1' };
const PRIVILEGED = { ...CONTAINER, securityContext: { privileged: true } };

function pod(name: string, spec: Record<string, unknown>) {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: name } }, spec };
}

test('a privileged container is found wherever a pod may carry one', { skip }, async () => {
  const pods = `${SHOP}/pods`;
  await denied(cluster.call('POST', pods, pod('p', { containers: [PRIVILEGED] })), /violates pss-privileged/);
  const second = { containers: [CONTAINER, { ...PRIVILEGED, name: 'second' }] };
  await denied(cluster.call('POST', pods, pod('p', second)), /spec\.containers\[1\]/);
  const init = {
    containers: [CONTAINER],
    initContainers: [{ ...PRIVILEGED, name: 'init', restartPolicy: 'Always' }],
  };
  await denied(cluster.call('POST', pods, pod('p', init)), /spec\.initContainers\[0\]/);
  await made(cluster.call('POST', pods, pod('p', { containers: [CONTAINER] })));
  const { body } = await made(cluster.call('GET', `${pods}/p`));
  const debug = {
    ...body,
    spec: { ...(body['spec'] as object), ephemeralContainers: [{ ...PRIVILEGED, name: 'debug' }] },
  };
  await denied(cluster.call('PUT', `${pods}/p/ephemeralcontainers`, debug), /spec\.ephemeralContainers\[0\]/);
  const patch = { spec: { ephemeralContainers: [{ ...PRIVILEGED, name: 'debug' }] } };
  await denied(
    cluster.call('PATCH', `${pods}/p/ephemeralcontainers`, patch, 'application/strategic-merge-patch+json'),
    /violates pss-privileged/,
  );
});

test('templates of controllers are checked, bare ones too', { skip }, async () => {
  const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [PRIVILEGED] } };
  const selector = { matchLabels: { app: 'x' } };
  const job = { template: { spec: { containers: [PRIVILEGED], restartPolicy: 'Never' } } };
  for (const [path, kind, spec] of [
    ['/apis/apps/v1/namespaces/shop/deployments', 'Deployment', { selector, template }],
    ['/apis/apps/v1/namespaces/shop/replicasets', 'ReplicaSet', { selector, template }],
    ['/apis/apps/v1/namespaces/shop/statefulsets', 'StatefulSet', { selector, template, serviceName: 'x' }],
    ['/apis/apps/v1/namespaces/shop/daemonsets', 'DaemonSet', { selector, template }],
    [`${SHOP}/replicationcontrollers`, 'ReplicationController', { selector: { app: 'x' }, template }],
    ['/apis/batch/v1/namespaces/shop/jobs', 'Job', job],
    [
      '/apis/batch/v1/namespaces/shop/cronjobs',
      'CronJob',
      { schedule: '* * * * *', jobTemplate: { spec: job } },
    ],
  ] as const)
    await denied(
      cluster.call('POST', path, { kind, metadata: { name: 'x' }, spec }),
      /violates pss-privileged/,
    );
  const podTemplate = { kind: 'PodTemplate', metadata: { name: 'x' }, template };
  await denied(cluster.call('POST', `${SHOP}/podtemplates`, podTemplate), /violates pss-privileged/);
});

test('subresources are asked about: exec and its like, eviction, binding, scale, status', {
  skip,
}, async () => {
  await made(cluster.call('POST', `${SHOP}/pods`, pod('sub', { containers: [CONTAINER] })));
  for (const name of ['exec?command=sh', 'attach', 'portforward?ports=80'])
    await denied(cluster.call('POST', `${SHOP}/pods/sub/${name}`), /violates no-exec.*nobody connects/);
  await denied(cluster.call('GET', `${SHOP}/pods/sub/proxy/`), /violates no-exec/);
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'sub' } };
  await denied(cluster.call('POST', `${SHOP}/pods/sub/eviction`, eviction), /violates no-eviction/);
  const bound = {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name: 'sub' },
    target: { kind: 'Node', name: 'n' },
  };
  await denied(cluster.call('POST', `${SHOP}/pods/sub/binding`, bound), /violates no-eviction/);
  const deployments = '/apis/apps/v1/namespaces/shop/deployments';
  const template = { metadata: { labels: { app: 'd' } }, spec: { containers: [CONTAINER] } };
  await made(
    cluster.call('POST', deployments, {
      metadata: { name: 'd' },
      spec: { selector: { matchLabels: { app: 'd' } }, template },
    }),
  );
  const merge = 'application/merge-patch+json';
  await denied(
    cluster.call('PATCH', `${deployments}/d/scale`, { spec: { replicas: 9 } }, merge),
    /violates scale/,
  );
  await made(cluster.call('PATCH', `${deployments}/d/scale`, { spec: { replicas: 2 } }, merge));
  await denied(
    cluster.call('PATCH', `${deployments}/d/status`, { status: { replicas: 9 } }, merge),
    /violates status/,
  );
});

test('taking the label away that a selector asks for does not get past it', { skip }, async () => {
  const secret = (labels?: object, annotations?: object) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's', ...(labels && { labels }), ...(annotations && { annotations }) },
  });
  await made(cluster.call('POST', `${SHOP}/secrets`, secret({ guarded: 'yes' }, { why: 'test' })));
  await denied(cluster.call('PUT', `${SHOP}/secrets/s`, secret()), /violates selector/);
});

test('a namespace cannot be made with what would exempt it, nor be given it', { skip }, async () => {
  const labels = { webhook: 'on', exempt: 'yes' };
  await denied(
    cluster.call('POST', '/api/v1/namespaces', { metadata: { name: 'dodger', labels } }),
    /violates namespaces/,
  );
  await denied(
    cluster.call('PATCH', SHOP, { metadata: { labels: { exempt: 'yes' } } }, 'application/merge-patch+json'),
    /violates namespaces/,
  );
});

test('labels of namespaces are those of now, also of one that was only just made', { skip }, async () => {
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'a' } };
  await denied(
    cluster.call('POST', '/api/v1/namespaces/bank/serviceaccounts', account),
    /violates elsewhere/,
  );
  await made(cluster.call('POST', `${SHOP}/serviceaccounts`, account));
  for (const [name, team] of [
    ['fresh-shop', 'shop'],
    ['fresh-bank', 'bank'],
  ] as const) {
    await made(
      cluster.call('POST', '/api/v1/namespaces', { metadata: { name, labels: { webhook: 'on', team } } }),
    );
    const call = cluster.call('POST', `/api/v1/namespaces/${name}/serviceaccounts`, account);
    await (team === 'shop' ? made(call) : denied(call, /violates elsewhere/));
  }
});

test('a mutation is made, once, and what it made is what is checked', { skip }, async () => {
  const endpoints = { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'e', labels: { app: 'e' } } };
  const { body } = await made(cluster.call('POST', `${SHOP}/endpoints`, endpoints));
  assert.deepEqual((body['metadata'] as { labels: object }).labels, { app: 'e', team: 'shop' });
});

test('the audit log of the API server names snapshot, policy, stage and digest', { skip }, async () => {
  const { auditId } = await cluster.call('POST', `${SHOP}/configmaps`, map('bad', { bad: '1' }));
  for (const until = Date.now() + 10_000; ; await sleep(50)) {
    const event = cluster
      .auditEvents()
      .find(({ auditID, stage }) => auditID === auditId && stage === 'ResponseComplete');
    const annotations = (event?.['annotations'] ?? {}) as Record<string, string>;
    const outcomes = annotations['validate.rampart.dev/outcomes'];
    if (outcomes !== undefined) {
      assert.match(annotations['validate.rampart.dev/snapshot']!, /^sha256:[0-9a-f]{64}$/);
      assert.match(
        outcomes,
        /"policy":"enforced","digest":"sha256:[0-9a-f]{64}".*"stage":"enforce","effect":"deny"/,
      );
      return;
    }
    assert.ok(Date.now() < until, JSON.stringify(event));
  }
});

test('a policy that asks for rights is answered by the API server, for the user and for accounts', {
  skip,
}, async () => {
  const quota = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q' },
    spec: { hard: { pods: '1' } },
  };
  await made(cluster.call('POST', `${SHOP}/resourcequotas?dryRun=All`, quota));
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  await made(
    cluster.call('POST', `${rbac}/clusterroles`, {
      metadata: { name: 'secrets' },
      rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['list'] }],
    }),
  );
  await made(
    cluster.call('POST', `${rbac}/clusterrolebindings`, {
      metadata: { name: 'secrets' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'secrets' },
      subjects: [{ kind: 'ServiceAccount', namespace: 'shop', name: 'a' }],
    }),
  );
  // What was answered counts for ten seconds.
  for (const until = Date.now() + 20_000; ; await sleep(500)) {
    const { status, body } = await cluster.call('POST', `${SHOP}/resourcequotas?dryRun=All`, quota);
    if (status === 422) {
      assert.match(String(body['message']), /the account may too much/);
      return;
    }
    assert.ok(Date.now() < until, JSON.stringify(body));
  }
});

test('policies that take long are asked in a thread, which has the API server asked as well', {
  skip,
}, async () => {
  await made(cluster.call('POST', `${SHOP}/configmaps`, map('allowed', { fine: '', rights: '' })));
  const many = Object.fromEntries(Array.from({ length: 1_200 }, (_, i) => [`k${i}`, 'x']));
  const ranges = async (name: string, slow: boolean) => {
    const metadata = { name, ...(slow ? { labels: many, annotations: many } : {}) };
    const object = { apiVersion: 'v1', kind: 'LimitRange', metadata, spec: { limits: [] } };
    const call = () => cluster.call('POST', `${SHOP}/limitranges?dryRun=All`, object);
    const first = await call();
    // Once more where the machine was too busy for it.
    return String(first.body['message']).includes('it took longer') ? call() : first;
  };
  for (const slow of [false, true]) {
    await made(ranges('fine', slow));
    await denied(ranges('other', slow), /violates slow-look-up.*: not among the allowed/);
    await denied(ranges('rights', slow), /violates slow-rights.*: nobody may/);
  }
});
