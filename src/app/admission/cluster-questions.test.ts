import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ask, bodyOf, CONTEXT, kyverno, make, responseOf } from '../../../test/fakes/gate.ts';
import { pod } from '../../policy/fixture.ts';
import { ClusterError } from '../../sources/index.ts';
import { createClusterQuestions } from './cluster-questions.ts';

const MAPS: Readonly<Record<string, string>> = { first: 'second', second: 'red' };

/** ConfigMaps by name, each of which names another one. */
function cluster() {
  const paths: string[] = [];
  return {
    paths,
    async read(path: string) {
      paths.push(path);
      if (path.startsWith('/api/v1/namespaces/shop/configmaps?'))
        return '{"apiVersion":"v1","kind":"ConfigMapList","metadata":{},"items":[{"metadata":{"name":"first"}}]}';
      if (path.startsWith('/apis/apps/v1/deployments?'))
        return '{"kind":"DeploymentList","metadata":{"continue":"x"},"items":[]}';
      const name = path.replace('/api/v1/namespaces/shop/configmaps/', '');
      if (MAPS[name] === undefined) throw new ClusterError('not found', 404);
      return `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}"},"data":{"next":"${MAPS[name]}"}}`;
    },
  };
}

const get = (name: string, namespace = 'shop') =>
  ({ kind: 'resource-get', apiVersion: 'v1', resource: 'configmaps', namespace, name }) as const;
const list = (apiVersion: string, resource: string, namespace: string, labels = {}) =>
  ({ kind: 'resource-list', apiVersion, resource, namespace, labels }) as const;

test('an object, none, a list, and too many', async () => {
  const of = cluster();
  const clock = { now: 0 };
  const { ask: answer, askFor } = createClusterQuestions(of, () => clock.now);
  const questions = [
    get('first'),
    get('nothing'),
    list('v1', 'configmaps', 'shop', { app: 'web', 'a/b': '' }),
    list('apps/v1', 'deployments', ''),
  ];
  for (const question of questions) assert.equal(answer(question), undefined);
  await askFor();
  assert.deepEqual(questions.map(answer), [
    {
      value: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'first' }, data: { next: 'second' } },
    },
    { value: null },
    { value: { items: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'first' } }] } },
    { error: 'there are more than 500 objects' },
  ]);
  assert.deepEqual(of.paths.slice(2), [
    '/api/v1/namespaces/shop/configmaps?limit=500&labelSelector=app%3Dweb%2Ca%2Fb%3D',
    '/apis/apps/v1/deployments?limit=500',
  ]);
  assert.equal(askFor(), undefined);
  clock.now = 2_001;
  assert.equal(answer(questions[0]!), undefined, 'what a cluster said counts for a moment');
});

test('no name leads anywhere else, and nothing but objects is asked for', async () => {
  const of = cluster();
  const { ask: answer, askFor } = createClusterQuestions(of, () => 0);
  const hostile = [
    get('..'),
    get('a/../../secrets/b'),
    get('first?watch=1'),
    get('first', '../kube-system'),
    list('v1', 'configmaps', 'shop', { app: 'web,other=1' }),
    list('../v1', 'configmaps', ''),
  ];
  for (const question of hostile) answer(question);
  await askFor();
  for (const question of hostile) assert.deepEqual(answer(question), { error: 'no object can be called so' });
  assert.deepEqual(of.paths, []);
  assert.equal(
    answer({ kind: 'http', method: 'GET', url: 'https://x', headers: {}, caBundle: '' }),
    undefined,
  );
  assert.equal(askFor(), undefined);
});

const POLICY = kyverno(`  variables:
    - {name: first, expression: 'resource.get("v1", "configmaps", "shop", "first")'}
    - {name: second, expression: 'resource.get("v1", "configmaps", "shop", string(variables.first.data.next))'}
  validations: [{expression: 'variables.second.data.next == "blue"', message: "not blue"}]`);

async function judged(t: TestContext, holdMs: number) {
  const of = cluster();
  const questions = createClusterQuestions(of, Date.now);
  const context = { ...CONTEXT, ask: questions.ask };
  const made = make(t, POLICY, { context, askFor: questions.askFor, holdMs, limitMs: 20_000 });
  const { status } = responseOf(await ask(made, bodyOf(pod())));
  return { message: status?.message, asked: of.paths.length, elsewhere: made.elsewhere.counts.asked };
}

test('what one answer leads to is asked as well, here and in a thread', async (t) => {
  const here = await judged(t, 60_000);
  assert.match(here.message!, /^violates kyverno.*not blue$/m);
  assert.deepEqual([here.asked, here.elsewhere], [2, 0]);
  assert.deepEqual(await judged(t, 0), { ...here, elsewhere: 1 });
});
