/** Rules in CEL of ClusterPolicies and Policies against Kyverno's own engine. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AdmissionRequest } from '../../../src/policy/index.ts';
import { skipWithoutGo } from '../interop.ts';
import type { Case } from './cases.ts';
import { summary } from './compare.ts';
import { ruled } from './ours.ts';
import { generateRequests } from './requests.ts';
import { RULE_CASES } from './rule-cases.ts';
import { compareAll, type Mutant, type Sides } from './run.ts';
import { askKyverno, saidOfRules } from './theirs.ts';

const EACH = Number(process.env['RAMPART_KYVERNO_REQUESTS'] ?? 20);
const SEED = Number(process.env['RAMPART_KYVERNO_SEED'] ?? 2026);
const SHOWN = Number(process.env['RAMPART_KYVERNO_SHOWN'] ?? 3);
const SIDES: Sides<AdmissionRequest> = { ours: ruled, theirs: saidOfRules };

test('rules in CEL decide as they do in Kyverno', { skip: skipWithoutGo }, async (t) => {
  const asked = RULE_CASES.map((of, i) => ({ of, subjects: requests(SEED + i, of) }));
  const answers = await askKyverno('cluster', asked);
  const compared = compareAll(asked, answers, SIDES, []);
  assert.equal(compared.differences.length, 0, compared.differences.slice(0, SHOWN).join('\n'));
  t.diagnostic(summary(compared));
  for (const [name, mutant] of Object.entries(MUTANTS)) {
    const { differences } = compareAll(asked, answers, SIDES, [], mutant);
    assert.ok(differences.length > 0, `the mutant is not caught: ${name}`);
  }
});

/** Of a namespace that does not exist every rule fails there; the API server lets nothing be made in one. */
function requests(seed: number, { kinds }: Case): AdmissionRequest[] {
  return generateRequests(seed, kinds, EACH).filter(({ namespace }) => namespace !== 'gone');
}

/** Each must be noticed. */
const MUTANTS: Readonly<Record<string, Mutant>> = {
  'nothing is excluded': (set) => ({
    ...set,
    policies: set.policies.map((policy) => ({
      ...policy,
      filter:
        policy.filter !== null && 'turn' in policy.filter
          ? { ...policy.filter, exclude: null }
          : policy.filter,
    })),
  }),
  'exceptions are forgotten': (set) => ({
    ...set,
    policies: set.policies.map((policy) => ({
      ...policy,
      filter:
        policy.filter !== null && 'turn' in policy.filter ? { ...policy.filter, except: [] } : policy.filter,
    })),
  }),
  'every rule has its turn': (set) => ({
    ...set,
    policies: set.policies.map((policy) => ({
      ...policy,
      filter:
        policy.filter !== null && 'turn' in policy.filter ? { ...policy.filter, turn: null } : policy.filter,
    })),
  }),
};
