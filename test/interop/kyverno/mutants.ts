/** Defects that the comparisons of several kinds of policies must notice. */
import type { PolicySet } from '../../../src/policy/index.ts';
import type { Mutant } from './run.ts';

type Policy = PolicySet['policies'][number];

/** The same defect in every policy. */
export function each(change: (policy: Policy) => Policy): Mutant {
  return (set) => ({ ...set, policies: set.policies.map(change) });
}

/** Of policies that are asked at admission. */
export const AT_ADMISSION: Readonly<Record<string, Mutant>> = {
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
