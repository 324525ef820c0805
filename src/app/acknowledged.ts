/** Policies that cannot be run and that a team knows of: counted, no failure, and said when they are run after all. */
import type { Problem, Reported } from '../model/index.ts';
import { didYouMean } from '../policy/nearest.ts';
import type { ScanOptions } from './options.ts';

export interface Acknowledgement {
  /** Why this problem does not fail the run; undefined when it does. */
  readonly reasonOf: (problem: Problem) => string | undefined;
  /** Names that acknowledge nothing. */
  readonly notices: readonly string[];
}

export function acknowledge(
  { unsupported = [], says = (name) => name }: Pick<ScanOptions, 'unsupported' | 'says'>,
  problems: readonly Problem[],
): Acknowledgement {
  const reasons = new Map(unsupported.map(({ policy, reason }) => [policy, reason]));
  const refused = problems.filter(isUnsupported).flatMap(({ policy }) => policy ?? []);
  return {
    reasonOf: (problem) => (isUnsupported(problem) ? reasons.get(problem.policy ?? '') : undefined),
    notices: unsupported
      .filter(({ policy }) => !refused.includes(policy))
      .map(
        ({ policy }) =>
          `${says('unsupported')}: no policy that is not run has the name ${policy}; take it off the list.${didYouMean(policy, refused)}`,
      ),
  };
}

function isUnsupported({ reason }: Problem): boolean {
  return reason === 'unsupported';
}

/** A skip instead of an error. */
export function placeAcknowledged(problem: Reported, reason: string): Reported {
  const { help: _, excerpt: __, ...result } = problem;
  const detail = `${problem.detail} Acknowledged: ${reason}`;
  return { ...result, severity: 'info', verdict: 'skip', action: 'allow', detail };
}
