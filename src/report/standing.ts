import type { Reported } from '../model/index.ts';

/**
 * How a result stands to the run, which is what a format shows it by. A violation is `failing`, or it is listed without
 * failing the run: `below` what --fail-on asks for, of a policy whose stage is `warn` or `audit`, or `known`.
 */
export type Standing =
  | 'error'
  | 'failing'
  | 'below'
  | 'warn'
  | 'audit'
  | 'known'
  | 'exempted'
  | 'skip'
  | 'pass';

export function standingOf({ verdict, known, stage, fails }: Reported): Standing {
  if (verdict !== 'violation') return verdict;
  if (known === true) return 'known';
  if (fails === true) return 'failing';
  return stage === 'audit' || stage === 'warn' ? stage : 'below';
}

/** Why a violation does not fail the run, in a few words. */
export const STANDS: Readonly<Partial<Record<Standing, string>>> = {
  below: 'does not fail the run',
  warn: 'warn only',
  audit: 'audit only',
  known: 'known',
  exempted: 'exempted',
};
