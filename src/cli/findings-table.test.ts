import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredFinding } from '../app/controller/controller.ts';
import { findingsTable } from './findings-table.ts';

function finding(name: string, of: Partial<StoredFinding> = {}): StoredFinding {
  return {
    policy: 'no-root',
    validation: '',
    severity: 'high',
    verdict: 'violation',
    action: 'deny',
    reason: 'validation-failed',
    detail: 'runs as root',
    stage: 'audit',
    effect: 'audit',
    resource: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name, uid: '' },
    firstSeen: 0,
    lastSeen: 0,
    fixedAt: undefined,
    fixedBy: undefined,
    reopened: 0,
    snapshot: 's',
    unevaluated: false,
    origin: { file: `${name}.yaml`, line: 3 },
    ...of,
  };
}

test('one line each, aligned, with the place', () => {
  const role = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    namespace: '',
    name: 'all',
    uid: '',
  };
  const open = [
    finding('a'),
    finding('longer', { verdict: 'error' }),
    finding('x', { resource: role, severity: 'critical' }),
    finding('y', { verdict: 'exempted' }),
  ];
  assert.deepEqual(findingsTable(open, 7), [
    '7 objects looked at: 3 findings',
    'high      no-root  Pod shop/a       a.yaml:3',
    'error     no-root  Pod shop/longer  longer.yaml:3',
    'critical  no-root  ClusterRole all  x.yaml:3',
  ]);
});

test('where that is too wide, the place has a line of its own; what has none has none', () => {
  const name = 'n'.repeat(60);
  const passed = withoutPlace(finding('c', { unevaluated: true }));
  assert.deepEqual(findingsTable([finding(name), withoutPlace(finding('b')), passed], 2), [
    '2 objects looked at: 3 findings',
    `high  no-root  Pod shop/${name}`,
    `      ${name}.yaml:3`,
    'high  no-root  Pod shop/b',
    'high  no-root  Pod shop/c',
    '      admitted unevaluated',
  ]);
});

test('no more than twenty, and how many more there are', () => {
  const lines = findingsTable(
    Array.from({ length: 23 }, (_, i) => finding(`p${i}`)),
    1_234,
  );
  assert.equal(lines.length, 22);
  assert.equal(lines.at(-1), 'and 3 more');
  assert.equal(findingsTable([finding('a')], 9, 5)[0], '9 objects looked at: 6 findings');
  assert.deepEqual(findingsTable([], 1), ['1 object looked at: no findings']);
});

function withoutPlace({ origin: _, ...finding }: StoredFinding): StoredFinding {
  return finding;
}
