/** ValidatingPolicies against Kyverno's own compiler, autogen, engine and webhook. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AdmissionRequest, PolicySet } from '../../../src/policy/index.ts';
import { skipWithoutGo } from '../interop.ts';
import { summary } from './compare.ts';
import {
  BROKEN_MESSAGE,
  IGNORED_CONDITION,
  NO_MESSAGE,
  NO_NAMESPACE,
  NO_TEMPLATE,
  NULL_ANNOTATION,
} from './deliberate.ts';
import { validated } from './ours.ts';
import { generateRequests } from './requests.ts';
import { compareAll, type Mutant, type Sides } from './run.ts';
import { askKyverno, saidOf } from './theirs.ts';
import { VALIDATING_CASES } from './validating-cases.ts';

const EACH = Number(process.env['RAMPART_KYVERNO_REQUESTS'] ?? 20);
const SEED = Number(process.env['RAMPART_KYVERNO_SEED'] ?? 2026);
const SIDES: Sides<AdmissionRequest> = { ours: validated, theirs: saidOf };
const DELIBERATE = [
  NO_NAMESPACE,
  NULL_ANNOTATION,
  IGNORED_CONDITION,
  BROKEN_MESSAGE,
  NO_MESSAGE,
  NO_TEMPLATE,
];

test('ValidatingPolicies decide as they do in Kyverno', { skip: skipWithoutGo }, async (t) => {
  const asked = VALIDATING_CASES.map((of, i) => ({
    of,
    subjects: generateRequests(SEED + i, of.kinds, EACH),
  }));
  const answers = await askKyverno('validating', asked);
  const compared = compareAll(asked, answers, SIDES, DELIBERATE);
  assert.equal(compared.differences.length, 0, compared.differences.slice(0, SHOWN).join('\n'));
  t.diagnostic(summary(compared));
  for (const [what, count] of compared.deliberate) assert.ok(count > 0, `nothing differs: ${what}`);
  for (const [name, mutant] of Object.entries(MUTANTS)) {
    const { differences } = compareAll(asked, answers, SIDES, DELIBERATE, mutant);
    assert.ok(differences.length > 0, `the mutant is not caught: ${name}`);
  }
});

const SHOWN = Number(process.env['RAMPART_KYVERNO_SHOWN'] ?? 3);

const each =
  (change: (policy: PolicySet['policies'][number]) => PolicySet['policies'][number]): Mutant =>
  (set) => ({ ...set, policies: set.policies.map(change) });

/** Each must be noticed. */
const MUTANTS: Readonly<Record<string, Mutant>> = {
  'nothing is made of policies on Pods': (set) => ({
    ...set,
    policies: set.policies.filter(({ variant }) => variant === ''),
  }),
  'the last condition is forgotten': each((policy) => ({
    ...policy,
    matchConditions: policy.matchConditions.slice(0, -1),
  })),
  'exceptions are forgotten': each((policy) => ({ ...policy, exceptions: [] })),
  'failurePolicy is always Fail': each((policy) => ({ ...policy, failurePolicy: 'Fail' })),
};
