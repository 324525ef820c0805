import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonMap, Resource } from '../model/index.ts';
import { assessReadiness } from './readiness.ts';

function document(line: number, apiVersion: string, kind: string, name: string, spec: JsonMap): Resource {
  return {
    ref: { apiVersion, kind, namespace: '', name },
    object: { apiVersion, kind, metadata: { name }, spec },
    origin: { file: 'p.yaml', document: 0, line, pointer: '' },
  };
}

const VAP = 'admissionregistration.k8s.io/v1';
const match = {
  resourceRules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
};
const policy = { matchConstraints: match, validations: [{ expression: 'true' }] };

function statuses(...documents: Resource[]): string[] {
  return assessReadiness(documents).map(({ resource, line, status }) => `${line} ${resource.name} ${status}`);
}

test('each document that is a policy is judged by itself; others are left out', () => {
  assert.deepEqual(
    statuses(
      document(1, VAP, 'ValidatingAdmissionPolicy', 'good', policy),
      document(20, VAP, 'ValidatingAdmissionPolicy', 'bad', {
        ...policy,
        validations: [{ expression: 'nonsense(' }],
      }),
      document(40, 'admissionregistration.k8s.io/v1alpha1', 'ValidatingAdmissionPolicy', 'old', policy),
      document(60, 'kyverno.io/v1', 'ClusterPolicy', 'patterns', {
        rules: [{ name: 'a', match: {}, validate: { pattern: {} } }],
      }),
      document(80, 'v1', 'ConfigMap', 'params', {}),
    ),
    ['1 good unchanged', '20 bad refused', '40 old convertible', '60 patterns stays'],
  );
});

test('a policy whose binding is elsewhere runs, and what is missing is said', () => {
  const [only] = assessReadiness([
    document(1, VAP, 'ValidatingAdmissionPolicy', 'with-params', {
      ...policy,
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
    }),
  ]);
  assert.equal(only!.status, 'unchanged');
  assert.match(only!.why, /binding/);
});

test('what would have to change, or why not, is said', () => {
  const [old, foreign] = assessReadiness([
    document(1, 'admissionregistration.k8s.io/v1beta2', 'ValidatingAdmissionPolicy', 'old', policy),
    document(9, 'kyverno.io/v1', 'ClusterPolicy', 'patterns', {
      rules: [{ name: 'a', match: {}, validate: { pattern: {} } }],
    }),
  ]);
  assert.match(old!.why, /admissionregistration\.k8s\.io\/v1/);
  assert.match(foreign!.why, /validate\.pattern/);
});
