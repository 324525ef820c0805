/** What gates count, from one snapshot to the next. */
import type { DecisionCounts, Outcome, PolicyCounts } from '../model/index.ts';
import type { CompiledPolicy } from '../policy/index.ts';

export interface DecisionTally {
  /** Of requests that were no dry runs. */
  request(): void;
  /** Nothing else is kept of them. */
  dryRun(): void;
  passed(policy: Pick<CompiledPolicy, 'id'>): void;
  add(outcome: Outcome): void;
  /** Since the tally was made. */
  readonly counts: DecisionCounts;
}

export function createTally(): DecisionTally {
  const policies: Record<string, PolicyCounts> = Object.create(null);
  const counts = { policies, requests: 0, dryRuns: 0 };
  const of = (id: string): PolicyCounts => {
    policies[id] ??= { pass: 0, violation: 0, error: 0, exempted: 0, denied: 0, warned: 0 };
    return policies[id];
  };
  return {
    counts,
    request: () => {
      counts.requests++;
    },
    dryRun: () => {
      counts.dryRuns++;
    },
    passed: ({ id }) => {
      of(id).pass++;
    },
    add({ policy, verdict, effect }) {
      if (policy === null || verdict === 'skip' || verdict === 'pass') return;
      const counted = of(policy);
      counted[verdict]++;
      if (effect === 'deny') counted.denied++;
      else if (effect === 'warn') counted.warned++;
    },
  };
}
