import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Reported } from '../../model/index.ts';
import { controllersOf, isHistory, type Named, onceAtController } from './owners.ts';

function named(file: string, owner?: string): Named {
  const ownerReferences = owner === undefined ? [] : [{ uid: owner, kind: 'Deployment', controller: true }];
  return { file, object: { kind: 'ReplicaSet', metadata: { uid: file, ownerReferences } } };
}

function violation(file: string, policy: string, verdict: Reported['verdict'] = 'violation'): Reported {
  return {
    policy,
    validation: 'validations[0]',
    severity: 'high',
    verdict,
    action: 'deny',
    reason: 'validation-failed',
    detail: '',
    resource: null,
    origin: { file, line: 1, column: 1 },
    fingerprint: '',
  };
}

test('a violation is left out where a controller, however far up, has it too', () => {
  const controllers = controllersOf([named('pod', 'set'), named('set', 'deployment'), named('deployment')]);
  const results = [
    violation('pod', 'a'),
    violation('deployment', 'a'),
    violation('pod', 'b'),
    violation('deployment', 'c', 'error'),
    violation('pod', 'c'),
    violation('pod', 'a', 'error'),
  ];
  assert.deepEqual(onceAtController(results, controllers), results.slice(1));
});

test('owners that own each other, or were not listed, leave out nothing by themselves', () => {
  const controllers = controllersOf([named('a', 'b'), named('b', 'a'), named('c', 'gone'), named('d', 'd')]);
  const results = ['a', 'c', 'd'].map((file) => violation(file, 'p'));
  assert.deepEqual(onceAtController(results, controllers), results);
});

test('only ReplicaSets of Deployments without replicas are history', () => {
  const { object } = named('set', 'deployment');
  assert.ok(isHistory({ ...object, spec: { replicas: 0 } }));
  assert.ok(!isHistory({ ...object, spec: { replicas: 1 } }));
  assert.ok(!isHistory({ ...object, spec: {} }));
  assert.ok(!isHistory({ ...named('set').object, spec: { replicas: 0 } }));
});
