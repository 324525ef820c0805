import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policies, vap } from './fixture.ts';
import { type Selection, selectPolicies } from './select.ts';

const native = (name: string, more: string) => `---
apiVersion: rampart.dev/v1
kind: HardeningPolicy
metadata: {name: ${name}}
spec:
  title: T
  pods: {}
  validations: [{expression: "true"}]
${more}
`;

const TEXT =
  native(
    'privileged',
    '  severity: critical\n  layer: kubernetes\n  owner: sec\n  sets: [workload]\n  frameworks: {pss-baseline: [privileged], pss-restricted: [privileged]}',
  ) +
  native(
    'seccomp',
    '  severity: low\n  layer: kubernetes\n  frameworks: {pss-restricted: {ids: [seccomp], when: {pss.version: ">=1.19"}}}',
  ) +
  native('ingress', '  severity: high\n  layer: network\n  owner: net') +
  `---${vap('  validations: [{expression: "true"}]', undefined, 'own')}`;

const ids = (selection: Selection, pss = 37) => {
  const set = policies(TEXT, { settings: { 'pss.version': pss, 'kubernetes.version': 37 } });
  const result = selectPolicies(set, selection);
  return result.ok ? result.set.policies.map(({ id }) => id) : result.errors;
};

test('every key selects; without a selection all stay', () => {
  assert.deepEqual(ids({}), ['ingress', 'own', 'privileged', 'seccomp']);
  assert.deepEqual(ids({ select: ['id=seccomp'] }), ['seccomp']);
  assert.deepEqual(ids({ select: ['severity=medium'] }), ['own']);
  assert.deepEqual(ids({ select: ['layer=network'] }), ['ingress']);
  assert.deepEqual(ids({ select: ['owner=sec'] }), ['privileged']);
  assert.deepEqual(ids({ select: ['set=workload'] }), ['privileged']);
});

test('restricted includes baseline; membership follows the settings', () => {
  assert.deepEqual(ids({ select: ['framework=pss-baseline'] }), ['privileged']);
  assert.deepEqual(ids({ select: ['framework=pss-restricted'] }), ['privileged', 'seccomp']);
  assert.deepEqual(ids({ select: ['framework=pss-restricted'] }, 18), ['privileged']);
});

test('a comma is OR, repeated flags are AND', () => {
  assert.deepEqual(ids({ select: ['severity=low,high'] }), ['ingress', 'seccomp']);
  assert.deepEqual(ids({ select: ['severity=low,high', 'layer=kubernetes'] }), ['seccomp']);
  assert.deepEqual(ids({ select: ['framework=pss-restricted', 'framework=pss-baseline'] }), ['privileged']);
});

test('skip takes out what it names', () => {
  assert.deepEqual(ids({ skip: ['id=own', 'id=ingress'] }), ['privileged', 'seccomp']);
  assert.deepEqual(ids({ select: ['layer=kubernetes'], skip: ['severity=low'] }), ['privileged']);
});

test('unknown keys and values are errors with the nearest name', () => {
  assert.deepEqual(ids({ select: ['severty=high'] }), [
    '--select severty=high: unknown key "severty"; keys: id, severity, layer, framework, owner, set. Did you mean "severity"?',
  ]);
  assert.deepEqual(ids({ skip: ['id=priviledged'] }), [
    '--skip id=priviledged: no policy has id "priviledged". Did you mean "privileged"?',
  ]);
  assert.deepEqual(ids({ select: ['severity=urgent'] }), [
    '--select severity=urgent: no policy has severity "urgent".',
  ]);
  assert.deepEqual(ids({ select: ['high'] }), [
    '--select high: expected key=value; keys: id, severity, layer, framework, owner, set',
  ]);
});

test('a selection that leaves nothing is an error', () => {
  assert.deepEqual(ids({ select: ['severity=info'] }), [
    '--select severity=info: none of 4 policies is left',
  ]);
  assert.deepEqual(ids({ select: ['id=own'], skip: ['id=own'] }), [
    '--select id=own --skip id=own: none of 4 policies is left',
  ]);
});
