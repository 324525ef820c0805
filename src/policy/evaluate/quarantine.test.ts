import assert from 'node:assert/strict';
import { test } from 'node:test';
import { binding, discovery, policies, request, vap } from '../fixture.ts';
import { createEvaluator } from './evaluator.ts';
import type { Follower } from './follower.ts';

const OTHER = `---${vap('  validations: [{expression: "false", message: no}]', undefined, 'q')}`;

function ask(text: string, of = request(), quarantined: readonly string[] = ['p']) {
  const set = policies(text);
  assert.deepEqual(set.problems, []);
  const skipped: string[] = [];
  const evaluator = createEvaluator(
    set,
    { discovery, complete: true },
    { quarantined: (id) => (quarantined.includes(id) ? 'quarantined: why' : undefined) },
  );
  const follower: Follower = {
    passed: () => {},
    skipped: ({ id }) => skipped.push(id),
    unknown: 'error',
    unfinished: () => {},
    annotated: () => {},
  };
  const findings = evaluator.admit(of, follower).map(({ policy, verdict, action, reason, detail }) => {
    return [policy, verdict, action, reason, detail];
  });
  return { findings, skipped };
}

const WHY = ['budget-exceeded', 'quarantined: why'];

test('a policy in quarantine is an error of what it matches, whatever it would say; others are evaluated', () => {
  const { findings } = ask(vap('  validations: [{expression: "true"}]') + OTHER);
  assert.deepEqual(findings, [
    ['p', 'error', 'deny', ...WHY],
    ['q', 'violation', 'deny', 'validation-failed', 'no'],
  ]);
});

test('its conditions are not evaluated, its rules and selectors are', () => {
  const conditions = '  matchConditions: [{name: never, expression: "false"}]\n';
  const validations = '  validations: [{expression: "true"}]';
  assert.deepEqual(ask(vap(conditions + validations)).findings, [['p', 'error', 'deny', ...WHY]]);
  const configMaps = '{apiGroups: [""], apiVersions: [v1], resources: [configmaps], operations: ["*"]}';
  assert.deepEqual(ask(vap(validations, configMaps)).findings, []);
  const elsewhere = binding(
    '  validationActions: [Deny]\n  matchResources: {objectSelector: {matchLabels: {a: b}}}',
  );
  assert.deepEqual(ask(vap(validations) + elsewhere), { findings: [], skipped: ['p'] });
});

test('what becomes of it say its failure rule and its binding', () => {
  const validations = '  validations: [{expression: "true"}]';
  const action = (text: string) => ask(text).findings[0]![2];
  assert.equal(action(vap(`  failurePolicy: Ignore\n${validations}`)), 'allow');
  assert.equal(action(vap(validations) + binding('  validationActions: [Warn]')), 'warn');
  assert.equal(action(vap(validations) + binding('  validationActions: [Audit]')), 'audit');
});
