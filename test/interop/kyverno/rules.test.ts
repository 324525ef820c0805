/** Rules in CEL of ClusterPolicies and Policies against Kyverno's own engine. */
import { test } from 'node:test';
import type { CompiledPolicy } from '../../../src/policy/index.ts';
import { skipWithoutGo } from '../interop.ts';
import { assertAgreement, withRequests } from './agreement.ts';
import { each } from './mutants.ts';
import { ruled } from './ours.ts';
import { RULE_CASES } from './rule-cases.ts';
import { saidOfRules } from './theirs.ts';

test('rules in CEL decide as they do in Kyverno', { skip: skipWithoutGo }, (t) =>
  assertAgreement(t, {
    command: 'cluster',
    // Of a namespace that does not exist every rule fails there; the API server lets nothing be made in one.
    asked: withRequests(RULE_CASES).map(({ of, subjects }) => ({
      of,
      subjects: subjects.filter(({ namespace }) => namespace !== 'gone'),
    })),
    sides: { ours: ruled, theirs: saidOfRules },
    mutants: {
      'nothing is excluded': withFilter({ exclude: null }),
      'exceptions are forgotten': withFilter({ except: [] }),
      'every rule has its turn': withFilter({ turn: null }),
    },
  }),
);

type RuleFilter = Extract<NonNullable<CompiledPolicy['filter']>, { readonly turn: unknown }>;

function withFilter(change: Partial<RuleFilter>) {
  return each((policy) => {
    const { filter } = policy;
    return filter !== null && 'turn' in filter ? { ...policy, filter: { ...filter, ...change } } : policy;
  });
}
