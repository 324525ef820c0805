import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseResource, type Rule, type RuleTarget, ruleMatches } from './rules.ts';

const rule = (of: Partial<Rule> & { on?: string[] } = {}): Rule => {
  const { on = ['pods'], ...rest } = of;
  return {
    operations: ['*'],
    apiGroups: [''],
    apiVersions: ['v1'],
    resources: on.map(parseResource),
    scope: '*',
    resourceNames: [],
    ...rest,
  };
};

const target = (of: Partial<RuleTarget> = {}): RuleTarget => ({
  operation: 'CREATE',
  resource: { group: '', version: 'v1', resource: 'pods' },
  subresource: '',
  namespace: 'shop',
  ...of,
});

test('operations: by name or all', () => {
  assert.equal(ruleMatches(rule({ operations: ['CREATE'] }), target()), true);
  assert.equal(ruleMatches(rule({ operations: ['UPDATE', 'DELETE'] }), target()), false);
  assert.equal(ruleMatches(rule({ operations: ['*'] }), target({ operation: 'CONNECT' })), true);
});

test('groups and versions: by name or all', () => {
  const deployments = target({ resource: { group: 'apps', version: 'v1', resource: 'deployments' } });
  assert.equal(ruleMatches(rule({ apiGroups: ['*'], on: ['deployments'] }), deployments), true);
  assert.equal(ruleMatches(rule({ apiGroups: ['apps'], on: ['deployments'] }), deployments), true);
  assert.equal(ruleMatches(rule({ apiGroups: [''], on: ['deployments'] }), deployments), false);
  assert.equal(
    ruleMatches(rule({ apiGroups: ['apps'], apiVersions: ['v1beta1'], on: ['*'] }), deployments),
    false,
  );
});

test('resources and subresources', () => {
  const status = target({ subresource: 'status' });
  const table: [string, boolean, boolean][] = [
    // pattern, pods, pods/status
    ['pods', true, false],
    ['pods/status', false, true],
    ['pods/*', true, true],
    ['*', true, false],
    ['*/status', false, true],
    ['*/*', true, true],
    ['services', false, false],
    ['*/scale', false, false],
  ];
  for (const [pattern, plain, sub] of table) {
    assert.equal(ruleMatches(rule({ on: [pattern] }), target()), plain, `${pattern} on pods`);
    assert.equal(ruleMatches(rule({ on: [pattern] }), status), sub, `${pattern} on pods/status`);
  }
});

test('scope: Namespaces are cluster-scoped, although the request carries their name as namespace', () => {
  const node = target({ resource: { group: '', version: 'v1', resource: 'nodes' }, namespace: '' });
  const namespace = target({ resource: { group: '', version: 'v1', resource: 'namespaces' } });
  for (const [scope, pods, nodes, namespaces] of [
    ['*', true, true, true],
    ['Namespaced', true, false, false],
    ['Cluster', false, true, true],
  ] as const) {
    const any = rule({ scope, on: ['*'] });
    assert.equal(ruleMatches(any, target()), pods, scope);
    assert.equal(ruleMatches(any, node), nodes, scope);
    assert.equal(ruleMatches(any, namespace), namespaces, scope);
  }
});
