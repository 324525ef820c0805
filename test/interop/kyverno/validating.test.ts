/** ValidatingPolicies against Kyverno's own compiler, autogen, engine and webhook. */
import { test } from 'node:test';
import { skipWithoutGo } from '../interop.ts';
import { assertAgreement, withRequests } from './agreement.ts';
import {
  BROKEN_MESSAGE,
  IGNORED_CONDITION,
  NO_MESSAGE,
  NO_NAMESPACE,
  NO_TEMPLATE,
  NULL_ANNOTATION,
} from './deliberate.ts';
import { AT_ADMISSION } from './mutants.ts';
import { validated } from './ours.ts';
import { saidOf } from './theirs.ts';
import { VALIDATING_CASES } from './validating-cases.ts';

test('ValidatingPolicies decide as they do in Kyverno', { skip: skipWithoutGo }, (t) =>
  assertAgreement(t, {
    command: 'validating',
    asked: withRequests(VALIDATING_CASES),
    sides: { ours: validated, theirs: saidOf },
    deliberate: [NO_NAMESPACE, NULL_ANNOTATION, IGNORED_CONDITION, BROKEN_MESSAGE, NO_MESSAGE, NO_TEMPLATE],
    mutants: AT_ADMISSION,
  }),
);
