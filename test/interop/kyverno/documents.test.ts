/** ValidatingPolicies on JSON documents against Kyverno's own engine. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipWithoutGo } from '../interop.ts';
import { summary } from './compare.ts';
import { BROKEN_MESSAGE, DOCUMENT_READINGS, IGNORED_CONDITION } from './deliberate.ts';
import { DOCUMENT_CASES, DOCUMENTS } from './document-cases.ts';
import { validatedDocument } from './ours.ts';
import type { JsonMap } from './resources.ts';
import { compareAll, type Mutant, type Sides } from './run.ts';
import { askKyverno, saidOf } from './theirs.ts';

interface Document {
  readonly payload: JsonMap;
}

const SIDES: Sides<Document> = { ours: validatedDocument, theirs: saidOf };
const DELIBERATE = [IGNORED_CONDITION, BROKEN_MESSAGE, DOCUMENT_READINGS];

test('JSON documents are judged as Kyverno judges them', { skip: skipWithoutGo }, async (t) => {
  const subjects = DOCUMENTS.map((payload) => ({ payload }));
  const asked = DOCUMENT_CASES.map((of) => ({ of, subjects }));
  const answers = await askKyverno('validating', asked);
  const compared = compareAll(asked, answers, SIDES, DELIBERATE);
  assert.equal(compared.differences.length, 0, compared.differences.join('\n'));
  t.diagnostic(summary(compared));
  for (const [what, count] of compared.deliberate) assert.ok(count > 0, `nothing differs: ${what}`);
  const forgetful: Mutant = (set) => ({
    ...set,
    policies: set.policies.map((policy) => ({ ...policy, matchConditions: [] })),
  });
  assert.ok(compareAll(asked, answers, SIDES, DELIBERATE, forgetful).differences.length > 0);
});
