import {
  type Reason,
  type Reported,
  SEVERITIES,
  type Severity,
  type Summary,
  type Undecided,
  type Verdict,
} from '../model/index.ts';
import { compareText } from './order.ts';

/** Counts taken while evaluating, in each thread; plain data, so that they travel between threads. */
export interface Tally {
  files: number;
  resources: number;
  notKubernetes: number;
  readonly verdicts: Record<Verdict, number>;
  readonly severities: Record<Severity, number>;
  /** By policy, verdict, reason and detail. */
  readonly undecided: Map<string, Undecided>;
}

export function newTally(): Tally {
  return {
    files: 0,
    resources: 0,
    notKubernetes: 0,
    verdicts: { pass: 0, violation: 0, error: 0, skip: 0, exempted: 0 },
    severities: { critical: 0, high: 0, medium: 0, low: 0, info: 0 },
    undecided: new Map(),
  };
}

/** Reasons of a skip that is a want of knowledge, not the policy's own "does not concern this". */
const WANTING: ReadonlySet<Reason> = new Set([
  'needs-user',
  'needs-namespace',
  'needs-params',
  'needs-conversion',
  'needs-answer',
  'needs-related',
]);

export function count(
  tally: Tally,
  result: Pick<Reported, 'policy' | 'verdict' | 'severity' | 'reason' | 'detail'>,
): void {
  const { policy, verdict, severity, reason, detail } = result;
  tally.verdicts[verdict]++;
  if (verdict === 'violation') tally.severities[severity]++;
  if (policy === null) return;
  if (verdict === 'error' || (verdict === 'skip' && WANTING.has(reason)))
    addUndecided(tally, { policy, verdict, reason, detail, count: 1 });
}

function addUndecided(tally: Tally, cause: Undecided): void {
  const key = JSON.stringify([cause.policy, cause.verdict, cause.reason, cause.detail]);
  const known = tally.undecided.get(key);
  tally.undecided.set(key, known === undefined ? cause : { ...known, count: known.count + cause.count });
}

export function mergeTally(into: Tally, from: Tally): void {
  into.files += from.files;
  into.resources += from.resources;
  into.notKubernetes += from.notKubernetes;
  for (const verdict of Object.keys(into.verdicts) as Verdict[])
    into.verdicts[verdict] += from.verdicts[verdict];
  for (const severity of SEVERITIES) into.severities[severity] += from.severities[severity];
  for (const cause of from.undecided.values()) addUndecided(into, cause);
}

/** 2, a mistake in the call, is thrown, not counted; 3 outranks 1: what was not evaluated may hide anything. */
export function summarize(tally: Tally, policies: number, failOn: Severity | 'none'): Summary {
  const counted = failOn === 'none' ? [] : SEVERITIES.slice(0, SEVERITIES.indexOf(failOn) + 1);
  const failing = counted.reduce((sum, severity) => sum + tally.severities[severity], 0);
  return {
    files: tally.files,
    resources: tally.resources,
    policies,
    notKubernetes: tally.notKubernetes,
    verdicts: tally.verdicts,
    severities: tally.severities,
    undecided: [...tally.undecided.entries()].sort(([a], [b]) => compareText(a, b)).map(([, cause]) => cause),
    failOn,
    failing,
    exitCode: tally.verdicts.error > 0 ? 3 : failing > 0 ? 1 : 0,
  };
}
