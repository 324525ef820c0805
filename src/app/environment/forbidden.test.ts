/** A kind that may not be listed: who needs it is told so, and nobody else hears of it. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startFakeApi } from '../../../test/fakes/api-server.ts';
import { native } from '../../../test/fakes/gate.ts';
import type { LiveKind } from '../../model/index.ts';
import { FOLLOWER, request } from '../../policy/fixture.ts';
import { createEvaluator } from '../../policy/index.ts';
import { connect } from '../../sources/index.ts';
import { enforcedSet } from '../admission/deciding.ts';
import { snapshotOfTexts } from '../background/fixture.ts';
import { createClusterLive } from './cluster-live.ts';
import { aroundCluster, contextOf, unlistedIn, whyUnlisted } from './context.ts';

const MAPS: LiveKind = {
  group: '',
  version: 'v1',
  resource: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
};

/** What there is none of is right. */
const LOOKING = (name: string, kinds: string) =>
  native(
    name,
    `  related: [{name: some, kinds: [${kinds}]}]
  validations: [{expression: "!related.some.exists(o, o.metadata.name == 'a')", message: there is one}]`,
  );

const POLICIES = [
  LOOKING('asks-maps', 'ConfigMap'),
  LOOKING('asks-services', 'Service'),
  native('plain', "  validations: [{expression: 'false', message: not so}]"),
];

/** Of the API server that a test forbids to list ConfigMaps; it serves no Services. */
async function around(t: TestContext, away: readonly string[] = []) {
  const api = await startFakeApi();
  api.put('shop/a');
  api.forbid(true);
  process.env['KUBECONFIG'] = api.kubeconfig;
  const live = createClusterLive(await connect(''), [MAPS], { timing: { refusedMs: 40, retryMs: [5, 40] } });
  const compiled = snapshotOfTexts(...POLICIES);
  const said = aroundCluster({ minor: 37, resources: [], stale: away });
  const { context, close } = contextOf(live, compiled, [MAPS], said);
  t.after(async () => {
    close();
    await live.close();
    await api.close();
  });
  const evaluator = createEvaluator(enforcedSet(compiled), context);
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'shop' } };
  const ask = () =>
    evaluator
      .admit(request({ object }), FOLLOWER)
      .map(({ policy, verdict, action, detail }) => `${policy} ${verdict} ${action}: ${detail}`);
  return { api, live, ask };
}

async function until(holds: () => boolean): Promise<void> {
  for (let left = 400; left > 0 && !holds(); left--) await sleep(5);
  assert.ok(holds());
}

test('who needs it is an error that names the kind and the right; others decide, and it heals by itself', async (t) => {
  const { api, live, ask } = await around(t);
  assert.match(String(whyUnlisted(live, [MAPS])), /ConfigMap objects are not listed yet/, 'not asked yet');
  await until(() => whyUnlisted(live, [MAPS]) === true);
  const [unlisted, ...more] = unlistedIn(live, [MAPS]);
  assert.deepEqual([unlisted!.kind, unlisted!.group, more], ['ConfigMap', '', []]);
  const said = ask();
  assert.deepEqual(
    said.map((one) => one.slice(0, one.indexOf(':'))),
    ['asks-maps error deny', 'plain violation deny'],
  );
  assert.match(
    said[0]!,
    /ConfigMap was not listed yet: .*cannot list resource "configmaps"; the RBAC rule it takes: .*"configmaps".*"list", "watch"/,
  );
  api.forbid(false);
  await until(() => live.state(MAPS).synced);
  assert.deepEqual(unlistedIn(live, [MAPS]), []);
  assert.deepEqual(ask(), ['asks-maps violation deny: there is one', 'plain violation deny: not so']);
  api.delete('shop/a');
  await until(() => [...live.list(MAPS)].length === 0);
  assert.deepEqual(ask(), ['plain violation deny: not so']);
});

test('of a group that does not say what it serves nothing is known either', async (t) => {
  const { ask } = await around(t, ['']);
  assert.match(
    ask()[1]!,
    /^asks-services error deny: .*may exist: whoever serves Service of the core group does not answer$/,
  );
});
