/** ValidatingPolicies on JSON documents against Kyverno's own engine. */
import { test } from 'node:test';
import { skipWithoutGo } from '../interop.ts';
import { assertAgreement } from './agreement.ts';
import { BROKEN_MESSAGE, DOCUMENT_READINGS, IGNORED_CONDITION } from './deliberate.ts';
import { DOCUMENT_CASES, DOCUMENTS } from './document-cases.ts';
import { each } from './mutants.ts';
import { validatedDocument } from './ours.ts';
import { saidOf } from './theirs.ts';

test('JSON documents are judged as Kyverno judges them', { skip: skipWithoutGo }, (t) => {
  const subjects = DOCUMENTS.map((payload) => ({ payload }));
  return assertAgreement(t, {
    command: 'validating',
    asked: DOCUMENT_CASES.map((of) => ({ of, subjects })),
    sides: { ours: validatedDocument, theirs: saidOf },
    deliberate: [IGNORED_CONDITION, BROKEN_MESSAGE, DOCUMENT_READINGS],
    mutants: { 'conditions are forgotten': each((policy) => ({ ...policy, matchConditions: [] })) },
  });
});
