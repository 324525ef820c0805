/** Pod templates inside of custom kinds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folderWith, lines, ONLY_PRIVILEGED, rampart, scan } from './rampart.ts';

const ROLLOUT = `apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: app
          image: registry.example/app:1
          securityContext: {privileged: true}
`;
const AT = ['--pod-path', 'Rollout.argoproj.io=spec.template'];

test('--pod-path: findings stand in the template of the custom kind', () => {
  const files = { 'rollout.yaml': ROLLOUT };
  assert.deepEqual(scan(files, ONLY_PRIVILEGED).results, []);
  assert.deepEqual(lines(scan(files, [...ONLY_PRIVILEGED, ...AT]).results), [
    'violation pss-privileged Rollout/web rollout.yaml:10',
  ]);
});

test('a place where no object has a template is said', () => {
  const cwd = folderWith({ 'rollout.yaml': ROLLOUT });
  const wrong = ['--pod-path', 'Rollout.argoproj.io=spec.templates'];
  assert.match(
    rampart(['scan', '.', ...wrong], { cwd }).out,
    /no Rollout has a pod template where --pod-path/,
  );
  assert.doesNotMatch(rampart(['scan', '.', ...AT], { cwd }).out, /--pod-path/);
  assert.equal(rampart(['scan', '.', '--pod-path', 'Rollout=spec'], { cwd }).code, 2);
});
