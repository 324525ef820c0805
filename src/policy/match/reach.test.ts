import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policies, vap } from '../fixture.ts';
import { looksBeyondMetadata, type ReachedKind, reaches } from './reach.ts';

const DEPLOYMENTS: ReachedKind = {
  group: 'apps',
  version: 'v1',
  resource: 'deployments',
  kind: 'Deployment',
  namespaced: true,
};

function policy(rules: string, expression = 'true', more = '') {
  return policies(vap(`  validations: [{expression: "${expression}"}]${more}`, rules)).policies[0]!;
}

function rule({
  groups = 'apps',
  versions = 'v1',
  resources = 'deployments',
  operations = 'CREATE',
  more = '',
}) {
  return `{apiGroups: ["${groups}"], apiVersions: ["${versions}"], resources: ["${resources}"], operations: ["${operations}"]${more}}`;
}

test('rules say which kinds a policy reaches, and in which version', () => {
  const cases = [
    [{}, 'exactly'],
    [{ groups: '*', versions: '*', resources: '*' }, 'exactly'],
    [{ resources: '*/*' }, 'exactly'],
    [{ versions: 'v1beta2' }, 'equivalent'],
    [{ groups: 'batch' }, 'no'],
    [{ resources: 'deployments/scale' }, 'no'],
    [{ operations: 'DELETE' }, 'no'],
    [{ more: ', scope: Cluster' }, 'no'],
    [{ more: ', scope: Namespaced' }, 'exactly'],
  ] as const;
  for (const [of, expected] of cases)
    assert.equal(reaches(policy(rule(of)), DEPLOYMENTS), expected, JSON.stringify(of));
});

test('only expressions that stay with metadata look no further', () => {
  const cases = [
    ["object.metadata.name != 'a' && oldObject.metadata == null", false],
    ['has(object.metadata.labels)', false],
    ['object.data.size() > 0', true],
    ['has(object.data)', true],
    ["[object].exists(o, o.data.a == 'b')", true],
    ['object.?data.hasValue()', true],
    ["object['data'].a == 'b'", true],
    ['object . metadata.name == object.metadataX', true],
  ] as const;
  for (const [expression, expected] of cases)
    assert.equal(looksBeyondMetadata(policy(rule({}), expression)), expected, expression);
});
