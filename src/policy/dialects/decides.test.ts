import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decidesWhere } from './decides.ts';
import { roleOf } from './kinds.ts';

const document = (apiVersion: string, kind: string) => ({
  ref: { apiVersion, kind, namespace: '', name: 'x' },
});

const ADMISSION = [
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
];
const KYVERNO = [
  'ValidatingPolicy',
  'NamespacedValidatingPolicy',
  'MutatingPolicy',
  'NamespacedMutatingPolicy',
  'PolicyException',
];

/** Every kind that another engine enforces, and some that no version of ours runs. */
const FOREIGN: readonly (readonly [string, string])[] = [
  ...['v1', 'v1beta1', 'v1alpha1'].flatMap((version) =>
    ADMISSION.map((kind) => [`admissionregistration.k8s.io/${version}`, kind] as const),
  ),
  ...['v1', 'v1beta1', 'v1alpha1'].flatMap((version) =>
    KYVERNO.map((kind) => [`policies.kyverno.io/${version}`, kind] as const),
  ),
  ['kyverno.io/v1', 'ClusterPolicy'],
  ['kyverno.io/v2beta1', 'Policy'],
  ['kyverno.io/v2', 'PolicyException'],
  ['kyverno.io/v2', 'CleanupPolicy'],
  ['policies.kyverno.io/v1', 'ImageValidatingPolicy'],
  ['templates.gatekeeper.sh/v1', 'ConstraintTemplate'],
  ['constraints.gatekeeper.sh/v1beta1', 'K8sRequiredLabels'],
  ['expansion.gatekeeper.sh/v1beta1', 'ExpansionTemplate'],
  ['mutations.gatekeeper.sh/v1', 'Assign'],
];

test('a policy of ours decides wherever it is', () => {
  const native = document('rampart.dev/v1', 'HardeningPolicy');
  for (const from of ['files', 'cluster'] as const)
    for (const watched of [false, true])
      assert.equal(decidesWhere(native, from, { watched, adopted: false }), true);
});

test('a policy of another engine decides from files, and is observed where that engine has it', () => {
  for (const [apiVersion, kind] of FOREIGN) {
    assert.notEqual(roleOf(apiVersion, kind), 'object', kind);
    const policy = document(apiVersion, kind);
    const name = `${apiVersion} ${kind}`;
    assert.equal(decidesWhere(policy, 'files'), true, name);
    assert.equal(decidesWhere(policy, 'cluster'), false, name);
    assert.equal(decidesWhere(policy, 'files', { watched: true, adopted: false }), false, name);
    for (const from of ['files', 'cluster'] as const)
      assert.equal(decidesWhere(policy, from, { watched: true, adopted: true }), true, name);
  }
});

test('exemptions and parameters count from files', () => {
  for (const [apiVersion, kind] of [
    ['rampart.dev/v1', 'PolicyExemption'],
    ['v1', 'ConfigMap'],
    ['v1', 'Namespace'],
  ] as const) {
    assert.equal(decidesWhere(document(apiVersion, kind), 'files'), true);
    assert.equal(decidesWhere(document(apiVersion, kind), 'files', { watched: true, adopted: false }), true);
    assert.equal(decidesWhere(document(apiVersion, kind), 'cluster'), false);
  }
});

test('a version of ours that is not known decides nothing in the cluster', () => {
  assert.equal(decidesWhere(document('rampart.dev/v9', 'HardeningPolicy'), 'cluster'), false);
  assert.equal(decidesWhere(document('rampart.dev/v1', 'PolicyRollout'), 'cluster'), false);
});
