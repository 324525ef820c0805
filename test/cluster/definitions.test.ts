/** deploy/crds on a real API server: the kinds are served, and hold what the library holds. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { load } from 'js-yaml';
import { skipWithoutCluster } from './binaries.ts';
import { type Cluster, startCluster } from './cluster.ts';

const root = join(import.meta.dirname, '..', '..');
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const POLICIES = '/apis/rampart.dev/v1/hardeningpolicies';
const EXEMPTIONS = '/apis/rampart.dev/v1/namespaces/default/policyexemptions';
const STRICT = '?fieldValidation=Strict';

interface Definition {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[] | null;
  };
}

let cluster: Cluster;
before(async () => {
  if (skipWithoutCluster !== false) return;
  cluster = await startCluster();
  for (const file of globSync('deploy/crds/*.yaml', { cwd: root })) {
    const definition = load(readFileSync(join(root, file), 'utf8')) as Definition;
    const made = await cluster.call('POST', `${DEFINITIONS}${STRICT}`, definition);
    assert.equal(made.status, 201, JSON.stringify(made.body));
    await established(definition.metadata.name);
  }
});
after(() => cluster?.stop());

async function established(name: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const { status } = (await cluster.call('GET', `${DEFINITIONS}/${name}`)).body as unknown as Definition;
    const holds = (type: string) =>
      status?.conditions?.some((one) => one.type === type && one.status === 'True');
    assert.notEqual(holds('NonStructuralSchema'), true, JSON.stringify(status));
    if (holds('Established')) return;
    await sleep(100);
  }
  assert.fail(`${name} is not established`);
}

const policyOf = (file: string) =>
  load(readFileSync(join(root, file), 'utf8')) as { metadata: { name: string }; spec: object };

test('every policy of the library can be created, and comes back as it was', {
  skip: skipWithoutCluster,
}, async () => {
  const files = globSync('library/policies/**/policy.yaml', { cwd: root });
  assert.ok(files.length > 100);
  for (const file of files) {
    const policy = policyOf(file);
    const { status, body, warnings } = await cluster.call('POST', `${POLICIES}${STRICT}`, policy);
    assert.deepEqual([status, warnings], [201, []], `${file}: ${body['message']}`);
    assert.deepEqual(body['spec'], policy.spec, file);
  }
});

test('what does not fit is refused by the API server itself', { skip: skipWithoutCluster }, async () => {
  const policy = policyOf(globSync('library/policies/**/policy.yaml', { cwd: root })[0]!);
  for (const [change, says] of [
    [{ severity: 'worst' }, /severity/],
    [{ validations: [{ message: 'x' }] }, /expression/],
    [{ titel: 'x' }, /unknown field "spec.titel"/],
  ] as const) {
    const metadata = { name: 'wrong' };
    const wrong = { ...policy, metadata, spec: { ...policy.spec, ...change } };
    const { status, body } = await cluster.call('POST', `${POLICIES}${STRICT}`, wrong);
    assert.ok([400, 422].includes(status), `${status}`);
    assert.match(String(body['message']), says);
  }
});

test('exemptions are namespaced; status is a subresource that the spec is not changed by', {
  skip: skipWithoutCluster,
}, async () => {
  const exemption = {
    apiVersion: 'rampart.dev/v1',
    kind: 'PolicyExemption',
    metadata: { name: 'legacy' },
    spec: {
      policy: 'pss-privileged',
      reason: 'replaced next quarter',
      expires: '2999-01-01',
      match: { kinds: ['Deployment'], names: ['legacy-*'] },
    },
  };
  const made = await cluster.call('POST', `${EXEMPTIONS}${STRICT}`, exemption);
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const condition = {
    type: 'Ready',
    status: 'True',
    reason: 'InForce',
    message: 'it counts',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  };
  const changed = {
    ...made.body,
    spec: { ...exemption.spec, reason: 'another' },
    status: { conditions: [condition] },
  };
  const { status, body } = await cluster.call('PUT', `${EXEMPTIONS}/legacy/status`, changed);
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual([body['spec'], body['status']], [exemption.spec, { conditions: [condition] }]);
  const without = await cluster.call('PUT', `${EXEMPTIONS}/legacy`, { ...body, status: {} });
  assert.deepEqual(without.body['status'], { conditions: [condition] });
});
