import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonMap } from '../../model/index.ts';
import { pod, policies, scan } from '../fixture.ts';
import { containerPointers, type PodView, viewPod } from './pod.ts';

const view = (object: JsonMap, pointer = ''): PodView => {
  const found = viewPod(object, pointer);
  assert.ok(found !== null && !('detail' in found));
  return found;
};

test('containers come in the order init, regular, ephemeral, with their places', () => {
  const object = {
    spec: {
      template: {
        spec: {
          ephemeralContainers: [{ name: 'e' }],
          containers: [{ name: 'a' }, { name: 'b' }],
          initContainers: [{ name: 'i' }],
        },
      },
    },
  };
  const found = view(object, '/spec/template');
  assert.deepEqual(
    found.containers.map((c) => c['name']),
    ['i', 'a', 'b', 'e'],
  );
  assert.deepEqual(containerPointers(found), [
    '/spec/template/spec/initContainers/0',
    '/spec/template/spec/containers/0',
    '/spec/template/spec/containers/1',
    '/spec/template/spec/ephemeralContainers/0',
  ]);
});

test('metadata and spec are always there, null lists are empty ones', () => {
  const found = view({ spec: { containers: null } });
  assert.deepEqual(found.pod, { metadata: {}, spec: { containers: null } });
  assert.deepEqual(found.containers, []);
  assert.deepEqual(containerPointers(found), []);
});

test('an object without a template makes no pods', () => {
  assert.equal(viewPod({ spec: {} }, '/spec/template'), null);
  assert.equal(viewPod({ spec: { template: null } }, '/spec/template'), null);
});

test('what is malformed is named, and nothing behind it is skipped in silence', () => {
  const table: [JsonMap, string, string][] = [
    [{ spec: [] }, '/spec', 'spec: expected a map, got a list'],
    [{ spec: { containers: {} } }, '/spec/containers', 'spec.containers: expected a list, got a map'],
    [
      { spec: { containers: [{}, 'x'] } },
      '/spec/containers/1',
      'spec.containers.1: expected a map, got a string',
    ],
    [
      { spec: { initContainers: [null] } },
      '/spec/initContainers/0',
      'spec.initContainers.0: expected a map, got null',
    ],
    [{ metadata: 'x', spec: {} }, '/metadata', 'metadata: expected a map, got a string'],
  ];
  for (const [object, pointer, detail] of table) {
    assert.deepEqual(viewPod(object, ''), { pointer, detail: `the pod cannot be read: ${detail}` });
  }
});

const PRIVILEGED = policies(`
apiVersion: rampart.dev/v1
kind: HardeningPolicy
metadata: {name: n}
spec:
  title: T
  severity: low
  pods: {}
  validations: [{expression: "containers.all(c, c.?securityContext.?privileged.orValue(false) == false)"}]
`);

test('a malformed neighbour never hides a privileged container: violation or error, never a pass', () => {
  const json = fc.oneof(
    fc.constant(null),
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.array(fc.integer()),
    fc.constant({}),
  );
  const list = fc.constantFrom('initContainers', 'containers', 'ephemeralContainers');
  fc.assert(
    fc.property(fc.array(json), list, list, json, (neighbours, where, other, otherValue) => {
      const bad = { name: 'bad', securityContext: { privileged: true } };
      const object = pod({ spec: { [other]: otherValue, [where]: [...neighbours, bad] } });
      const [finding, ...more] = scan(PRIVILEGED, object);
      assert.deepEqual(more, []);
      assert.ok(finding!.verdict === 'violation' || finding!.verdict === 'error', finding!.verdict);
    }),
  );
});

test('a malformed pod is an error at its place', () => {
  const [finding] = scan(PRIVILEGED, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: [] });
  assert.deepEqual(
    [finding!.verdict, finding!.reason, finding!.path],
    ['error', 'evaluation-failed', '/spec'],
  );
});
