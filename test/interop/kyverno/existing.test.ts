/** MutatingPolicies on objects that exist against Kyverno's own background controller. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AdmissionRequest } from '../../../src/policy/index.ts';
import { skipWithoutGo } from '../interop.ts';
import { summary } from './compare.ts';
import { BY_EXPRESSION, BY_RULES } from './existing-cases.ts';
import { mutatedExisting } from './ours.ts';
import { requestsAboutCluster } from './requests.ts';
import { compareAll, type Mutant, type Sides } from './run.ts';
import { askKyverno, saidOfExisting } from './theirs.ts';

const SEED = Number(process.env['RAMPART_KYVERNO_SEED'] ?? 2026);
const SHOWN = Number(process.env['RAMPART_KYVERNO_SHOWN'] ?? 3);
type Trigger = AdmissionRequest | null;
const SIDES: Sides<Trigger> = { ours: mutatedExisting, theirs: saidOfExisting };

test('objects that exist change as they do under Kyverno', { skip: skipWithoutGo }, async (t) => {
  const triggers = requestsAboutCluster(SEED);
  const asked = [
    ...BY_RULES.map((of) => ({ of, subjects: [null, ...triggers] })),
    ...BY_EXPRESSION.map((of) => ({ of, subjects: triggers })),
  ];
  const answers = await askKyverno('existing', asked);
  const compared = compareAll(asked, answers, SIDES, []);
  assert.equal(compared.differences.length, 0, compared.differences.slice(0, SHOWN).join('\n'));
  t.diagnostic(summary(compared));
  for (const [name, mutant] of Object.entries(MUTANTS)) {
    const { differences } = compareAll(asked, answers, SIDES, [], mutant);
    assert.ok(differences.length > 0, `the mutant is not caught: ${name}`);
  }
});

/** Each must be noticed. */
const MUTANTS: Readonly<Record<string, Mutant>> = {
  'expressions choose nothing': (set) => ({
    ...set,
    policies: set.policies.map((policy) => ({ ...policy, targets: null })),
  }),
  'conditions of targets are forgotten': (set) => ({
    ...set,
    policies: set.policies.map((policy) => ({ ...policy, matchConditions: [] })),
  }),
};
