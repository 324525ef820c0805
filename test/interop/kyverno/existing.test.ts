/** MutatingPolicies on objects that exist against Kyverno's own background controller. */
import { test } from 'node:test';
import type { AdmissionRequest } from '../../../src/policy/index.ts';
import { skipWithoutGo } from '../interop.ts';
import { assertAgreement, SEED } from './agreement.ts';
import { BY_EXPRESSION, BY_RULES } from './existing-cases.ts';
import { each } from './mutants.ts';
import { mutatedExisting } from './ours.ts';
import { requestsAboutCluster } from './requests.ts';
import { saidOfExisting } from './theirs.ts';

test('objects that exist change as they do under Kyverno', { skip: skipWithoutGo }, (t) => {
  const triggers = requestsAboutCluster(SEED);
  return assertAgreement<AdmissionRequest | null>(t, {
    command: 'existing',
    asked: [
      ...BY_RULES.map((of) => ({ of, subjects: [null, ...triggers] })),
      ...BY_EXPRESSION.map((of) => ({ of, subjects: triggers })),
    ],
    sides: { ours: mutatedExisting, theirs: saidOfExisting },
    mutants: {
      'expressions choose nothing': each((policy) => ({ ...policy, targets: null })),
      'conditions of targets are forgotten': each((policy) => ({ ...policy, matchConditions: [] })),
    },
  });
});
