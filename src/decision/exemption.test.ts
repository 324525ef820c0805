import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Exemption, Finding } from '../model/index.ts';
import { exempts, isExpired, names } from './exemption.ts';

const exemption: Exemption = {
  name: 'e',
  namespace: 'shop',
  policy: 'p',
  validations: [],
  kinds: ['Deployment'],
  names: ['web', 'agent-*-node'],
  reason: 'r',
  ticket: undefined,
  expires: '2026-11-26',
  origin: { file: 'e.yaml', line: 1, column: 1 },
};
const finding = (
  more: Partial<Finding> = {},
  ref: Partial<NonNullable<Finding['resource']>> = {},
): Finding => ({
  policy: 'p',
  validation: 'v',
  severity: 'high',
  verdict: 'violation',
  action: 'deny',
  reason: 'validation-failed',
  detail: '',
  resource: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web', ...ref },
  ...more,
});

test('policy, validation, kind, namespace and name must all fit', () => {
  assert.equal(exempts(exemption, finding()), true);
  assert.equal(exempts({ ...exemption, validations: ['v'] }, finding()), true);
  assert.equal(exempts({ ...exemption, validations: ['w'] }, finding()), false);
  assert.equal(exempts(exemption, finding({ policy: 'q' })), false);
  assert.equal(exempts(exemption, finding({ resource: null })), false);
  assert.equal(exempts(exemption, finding({}, { kind: 'Pod' })), false);
  assert.equal(exempts(exemption, finding({}, { namespace: 'other' })), false);
});

test('cluster-scoped objects are exempted in one namespace alone', () => {
  const role = { kind: 'ClusterRole', namespace: '', name: 'web' };
  const of = (namespace: string) => ({ ...exemption, namespace, kinds: ['ClusterRole'] });
  assert.equal(exempts(of('shop'), finding({}, role)), false);
  assert.equal(exempts(of('rampart'), finding({}, role)), true);
});

test('names are whole names', () => {
  const isNamed = (name: string) =>
    names(exemption, { apiVersion: 'v1', kind: 'Deployment', namespace: 'shop', name });
  for (const name of ['web', 'agent-1-node', 'agent--node', 'agent-a-node-b-node'])
    assert.ok(isNamed(name), name);
  for (const name of ['web2', 'xweb', 'agent-node', 'agent-1-nodes', 'xagent-1-node', 'Web'])
    assert.ok(!isNamed(name), name);
});

test('a pattern means what the regular expression means', () => {
  const piece = fc.constantFrom('a', 'b', '*', 'ab');
  fc.assert(
    fc.property(fc.array(piece), fc.stringMatching(/^[ab]{0,8}$/), (pieces, name) => {
      const pattern = pieces.join('');
      const expected = new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name);
      const ref = { apiVersion: 'v1', kind: 'Deployment', namespace: 'shop', name };
      assert.equal(names({ ...exemption, names: [pattern] }, ref), expected);
    }),
  );
});

test('expired is expired', () => {
  assert.equal(isExpired(exemption, Date.parse('2026-11-26T12:00:00Z')), false);
  assert.equal(isExpired(exemption, Date.parse('2026-11-27T00:00:00Z')), true);
});
