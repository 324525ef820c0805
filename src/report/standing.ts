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
export const STANDS = {
  below: 'does not fail the run',
  warn: 'warn only',
  audit: 'audit only',
  known: 'known',
  exempted: 'exempted',
} as const satisfies Partial<Record<Standing, string>>;

/** The same for any standing; undefined for what fails the run, and for what is no violation. */
export function standsAs(standing: Standing): string | undefined {
  return (STANDS as Partial<Record<Standing, string>>)[standing];
}
