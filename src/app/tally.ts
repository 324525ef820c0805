import {
  type Reason,
  type Reported,
  SEVERITIES,
  type Severity,
  type Stage,
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
  known: number;
  readonly staged: Record<'audit' | 'warn', number>;
  readonly verdicts: Record<Verdict, number>;
  readonly severities: Record<Severity, number>;
  /** Violations at or above what their files fail on, and what is enforced; counted when all results are known. */
  failing: number;
  /** By policy, verdict, reason and detail. */
  readonly undecided: Map<string, Undecided>;
}

export function newTally(): Tally {
  return {
    files: 0,
    resources: 0,
    notKubernetes: 0,
    known: 0,
    staged: { audit: 0, warn: 0 },
    verdicts: { pass: 0, violation: 0, error: 0, skip: 0, exempted: 0 },
    severities: { critical: 0, high: 0, medium: 0, low: 0, info: 0 },
    failing: 0,
    undecided: new Map(),
  };
}

/** A tally as numbers, which are read again several times as fast. */
export interface PackedTally {
  /** In the order of {@link Tally}'s fields. */
  readonly counts: readonly number[];
  readonly undecided: readonly Undecided[];
}

export function packTally(tally: Tally): PackedTally {
  const { staged, verdicts, severities, undecided, ...counts } = tally;
  const numbers = [counts, staged, verdicts, severities].flatMap((some) => Object.values<number>(some));
  return { counts: numbers, undecided: [...undecided.values()] };
}

export function unpackTally({ counts, undecided }: PackedTally): Tally {
  const tally = newTally();
  const { staged, verdicts, severities, undecided: _, ...others } = tally;
  let at = 0;
  const fill = (some: Record<string, number>): void => {
    for (const name of Object.keys(some)) some[name] = counts[at++]!;
  };
  for (const some of [others, staged, verdicts, severities]) fill(some);
  for (const cause of undecided) addUndecided(tally, cause);
  return Object.assign(tally, others);
}

/** Reasons of a skip that is a want of knowledge, not the policy's own "does not concern this". */
const WANTING: ReadonlySet<Reason> = new Set([
  'needs-user',
  'needs-namespace',
  'needs-params',
  'needs-conversion',
  'needs-answer',
  'unsupported',
  'needs-related',
]);

export function count(
  tally: Tally,
  result: Pick<Reported, 'policy' | 'verdict' | 'severity' | 'reason' | 'detail' | 'known' | 'stage'>,
  failOn: Severity | 'none' = 'none',
): void {
  const { policy, verdict, reason, detail } = result;
  tally.verdicts[verdict]++;
  if (verdict === 'violation') countViolation(tally, result, failOn);
  if (policy === null) return;
  if (verdict === 'error' || (verdict === 'skip' && WANTING.has(reason)))
    addUndecided(tally, { policy, verdict, reason, detail, count: 1 });
}

function countViolation(
  tally: Tally,
  { severity, known, stage }: Pick<Reported, 'severity' | 'known' | 'stage'>,
  failOn: Severity | 'none',
): void {
  if (known === true) tally.known++;
  else if (stage === 'audit' || stage === 'warn') tally.staged[stage]++;
  else {
    tally.severities[severity]++;
    if (isFailing(severity, stage, failOn)) tally.failing++;
  }
}

/** Whether it makes the exit code 1, or 3 where it is an error. `failOn`: what its file fails on. */
export function failsRun(
  { verdict, severity, known, stage }: Pick<Reported, 'verdict' | 'severity' | 'known' | 'stage'>,
  failOn: Severity | 'none',
): boolean {
  if (verdict !== 'violation') return verdict === 'error';
  return known !== true && stage !== 'audit' && stage !== 'warn' && isFailing(severity, stage, failOn);
}

/** Of a violation that is neither known nor only reported. */
function isFailing(severity: Severity, stage: Stage | undefined, failOn: Severity | 'none'): boolean {
  return failOn !== 'none' && (stage === 'enforce' || isAtLeast(severity, failOn));
}

function isAtLeast(severity: Severity, least: Severity): boolean {
  return SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(least);
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
  into.known += from.known;
  into.failing += from.failing;
  for (const stage of ['audit', 'warn'] as const) into.staged[stage] += from.staged[stage];
  for (const verdict of Object.keys(into.verdicts) as Verdict[])
    into.verdicts[verdict] += from.verdicts[verdict];
  for (const severity of SEVERITIES) into.severities[severity] += from.severities[severity];
  for (const cause of from.undecided.values()) addUndecided(into, cause);
}

/**
 * The same counts, where violations, errors and exempted results are not those counted but these. `failOn`: what a
 * result's file fails on.
 */
export function recount(
  tally: Tally,
  results: readonly Reported[],
  failOn: (result: Reported) => Severity | 'none',
): Tally {
  const { files, resources, notKubernetes, verdicts } = tally;
  const { pass, skip } = verdicts;
  const again: Tally = { ...newTally(), files, resources, notKubernetes };
  for (const cause of tally.undecided.values()) if (cause.verdict === 'skip') addUndecided(again, cause);
  for (const result of results)
    if (result.verdict !== 'pass' && result.verdict !== 'skip') count(again, result, failOn(result));
  Object.assign(again.verdicts, { pass, skip });
  return again;
}

/** 2, a mistake in the call, is thrown, not counted; 3 outranks 1: what was not evaluated may hide anything. */
export function summarize(
  tally: Tally,
  policies: number,
  failOn: Severity | 'none',
  unchanged: number | null,
): Summary {
  return {
    files: tally.files,
    resources: tally.resources,
    policies,
    notKubernetes: tally.notKubernetes,
    verdicts: tally.verdicts,
    severities: tally.severities,
    known: tally.known,
    staged: tally.staged,
    unchanged,
    undecided: [...tally.undecided.entries()].sort(([a], [b]) => compareText(a, b)).map(([, cause]) => cause),
    failOn,
    failing: tally.failing,
    exitCode: tally.verdicts.error > 0 ? 3 : tally.failing > 0 ? 1 : 0,
  };
}
