/** MutatingPolicies against Kyverno's own compiler, autogen, engine and webhook. */
import { test } from 'node:test';
import { skipWithoutGo } from '../interop.ts';
import { assertAgreement, withRequests } from './agreement.ts';
import {
  CUSTOM_TEMPLATES,
  DELETION,
  MUTATION_ANNOTATIONS,
  NO_NAMESPACE,
  TEMPLATE_TYPES,
} from './deliberate.ts';
import { AT_ADMISSION, each } from './mutants.ts';
import { MUTATING_CASES } from './mutating-cases.ts';
import { mutated } from './ours.ts';
import { saidOfChange } from './theirs.ts';

test('MutatingPolicies change as they do in Kyverno', { skip: skipWithoutGo }, (t) =>
  assertAgreement(t, {
    command: 'mutating',
    asked: withRequests(MUTATING_CASES),
    sides: { ours: mutated, theirs: saidOfChange },
    deliberate: [NO_NAMESPACE, DELETION, TEMPLATE_TYPES, MUTATION_ANNOTATIONS, CUSTOM_TEMPLATES],
    mutants: {
      ...AT_ADMISSION,
      'lists are never replaced': each((policy) => ({
        ...policy,
        mutations: policy.mutations.map((mutation) => ({ ...mutation, atomics: 'refused' })),
      })),
    },
  }),
);
