import type { Expected } from '../folders.ts';
import type { Covered, SuiteOutcome, TestOutcome } from '../report.ts';

/** A suite's results, and what they say of each of its policies. */
export function outcomeOf({ results, policies }: SuiteOutcome): TestOutcome {
  const covered = [...policies].map(([policy, { validations, failed }]): Covered => {
    const own = results.filter((result) => result.policy === policy && result.result !== 'skipped');
    const missing: Expected[] = [];
    if (!own.some(({ actual }) => actual === 'pass' || actual === '0 violations')) missing.push('pass');
    if (!own.some(({ actual }) => actual === 'fail' || /^[1-9]\d* violations?$/.test(actual)))
      missing.push('fail');
    return { policy, validations: validations.length, failed: failed.size, missing };
  });
  return { results, covered };
}
