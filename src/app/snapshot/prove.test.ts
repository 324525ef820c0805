import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SnapshotContent } from '../../model/index.ts';
import { readManifest } from '../../sources/index.ts';
import { contentText, documentOf } from './content.ts';
import { proveSnapshot } from './prove.ts';

const ROOT = new URL('../../../', import.meta.url).pathname;
const options = { cwd: ROOT, now: 1_800_000_000_000 };

const policy = (expression: string) => `apiVersion: rampart.dev/v1
kind: HardeningPolicy
metadata: {name: a}
spec:
  title: Something
  severity: high
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  validations: [{name: a, expression: "${expression}", message: No.}]
`;

function textOf(expression: string): string {
  const [resource] = readManifest(policy(expression), { file: 'a.yaml' }).resources;
  const content: SnapshotContent = {
    format: 1,
    settings: {},
    documents: [documentOf(resource!, true)],
    policies: ['a'],
    severities: {},
    stages: {},
    tiers: { default: 'high', namespaces: {} },
    podPaths: [],
    namespace: 'default',
  };
  return contentText(content);
}

test('a good one is proved with its tests, and one without tests too', async () => {
  const none = await proveSnapshot({ text: textOf('true'), tests: [] }, options);
  assert.deepEqual(none, { ok: true, tests: { passed: 0, unsupported: 0, skipped: 0 } });
  const nothing = await proveSnapshot({ text: textOf('true'), tests: [`${ROOT}src/model`] }, options);
  assert.equal(nothing.ok, true);
  const some = await proveSnapshot({ text: textOf('true'), tests: [`${ROOT}examples/gatekeeper`] }, options);
  assert.ok(some.ok && some.tests.passed > 0);
});

test('what does not compile is told with its place', async () => {
  const proved = await proveSnapshot({ text: textOf('nothing'), tests: [] }, options);
  assert.ok(!proved.ok);
  assert.deepEqual(
    proved.objections.map(({ code, place }) => [code, place?.file]),
    [['does-not-compile', 'a.yaml']],
  );
  const none = await proveSnapshot({ text: '{}', tests: [] }, options);
  assert.deepEqual(none, { ok: false, objections: [{ code: 'no-proof', detail: 'it is no snapshot' }] });
});

test('who takes too much time or memory is refused, and the caller goes on meanwhile', async () => {
  const tests = [`${ROOT}library/policies`];
  let turns = 0;
  const timer = setInterval(() => turns++, 10);
  const late = await proveSnapshot({ text: textOf('true'), tests }, options, { time: 300, memory: 512 });
  clearInterval(timer);
  assert.ok(turns > 5);
  assert.deepEqual(late.ok ? [] : late.objections.map(({ code }) => code), ['out-of-time']);
  const fat = await proveSnapshot({ text: textOf('true'), tests }, options, { time: 60_000, memory: 24 });
  assert.deepEqual(fat.ok ? [] : fat.objections.map(({ code }) => code), ['out-of-memory']);
});

test('a process that dies proves nothing', async () => {
  const proved = await proveSnapshot({ text: textOf('true'), tests: [`${ROOT}none`] }, options);
  assert.deepEqual(proved.ok ? [] : proved.objections.map(({ code }) => code), ['no-proof']);
});
