import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { lockText } from '../../decision/index.ts';
import { handmade, keeperAt, NOW, start } from '../background/fixture.ts';
import { checkDigests } from '../lock.ts';
import { buildSnapshot } from './build.ts';
import { compileSnapshot } from './compile.ts';
import { readingContent } from './content.ts';

const ID = 'pss-host-namespaces';

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-lock-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function build(folder: string) {
  const built = buildSnapshot({
    policies: ['builtin'],
    select: [`id=${ID}`],
    skip: [],
    set: [],
    severity: {},
    podPaths: [],
    namespace: 'default',
    stages: [{ select: [`id=${ID}`], stage: 'enforce' }],
    tiers: {},
    cwd: folder,
    folder,
    cache: undefined,
    saysIn: (inside) => inside.join('.'),
  });
  assert.ok(built.ok);
  return built;
}

function accept(folder: string, checks: ReadonlyMap<string, string>): void {
  const policies = new Map([[ID, { stage: undefined, checks }]]);
  writeFileSync(
    join(folder, 'rampart.lock'),
    lockText({ library: '0.0.1', settings: { 'pss.version': 'v1.37' }, policies }),
  );
}

/** What would become of a Pod in the host's network, by check. */
async function effects(t: TestContext, content: ReturnType<typeof build>['content']) {
  const live = handmade();
  live.put({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a', namespace: 'shop', uid: 'a' },
    spec: { hostNetwork: true, hostPID: true, containers: [{ name: 'c', image: 'i' }] },
  });
  const keeper = keeperAt(() => NOW);
  const running = start(live, keeper, () => NOW);
  t.after(running.close);
  running.background.prepare(compileSnapshot(content, { now: NOW })).take();
  await running.settle();
  const found = keeper.store.list({ state: 'open' });
  return Object.fromEntries(found.map(({ validation, effect }) => [validation, effect]));
}

test('a check that rampart.lock does not accept as it is audits, and the others of its policy are enforced', async (t) => {
  const folder = folderFor(t);
  const without = build(folder);
  assert.equal(without.content.unaccepted, undefined);
  const all = await effects(t, without.content);
  assert.ok(Object.keys(all).length > 1 && Object.values(all).every((effect) => effect === 'deny'));

  const { set } = compileSnapshot(without.content, { now: NOW });
  const digests = checkDigests(set.policies)!;
  const [changed = ''] = Object.keys(all);
  accept(folder, digests);
  assert.equal(build(folder).content.unaccepted, undefined);
  accept(folder, new Map([...digests, [changed, 'another']]));
  const upgraded = build(folder);
  assert.deepEqual(upgraded.content.unaccepted, { [ID]: [changed] });
  assert.match(upgraded.notices.join('\n'), new RegExp(`so audit only: ${ID}/${changed}; rampart lock`));
  assert.deepEqual(await effects(t, upgraded.content), { ...all, [changed]: 'audit' });

  const steps = readingContent(upgraded.text);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  assert.ok(step.value.ok && step.value.content.unaccepted !== undefined, 'it is sent to workers');
});
