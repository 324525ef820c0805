import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePodPath, podPathText } from './pod-paths.ts';

test('a kind, its group, and the way to the template', () => {
  const text = 'RayCluster.ray.io=spec.workerGroupSpecs[*].template';
  const read = parsePodPath(text);
  assert.deepEqual(read, {
    kind: 'RayCluster',
    group: 'ray.io',
    path: ['spec', 'workerGroupSpecs', '*', 'template'],
  });
  assert.equal(podPathText(read), text);
});

for (const text of [
  'Rollout=spec',
  'rollout.argoproj.io=spec',
  'Rollout.argoproj.io',
  'A.b=',
  'A.b=c..d',
  'A.b=c[1]',
  'A.b=.c',
  'A.b=c d',
])
  test(`refused: ${text}`, () => {
    assert.throws(() => parsePodPath(text), /--pod-path/);
  });
