/** From what was scanned to what is reported: policies' own problems, the gate, the counts. */
import type { PolicyInfo, Report, Reported } from '../model/index.ts';
import type { PolicySet } from '../policy/index.ts';
import { acknowledge, placeAcknowledged } from './acknowledged.ts';
import { throughGate } from './gate.ts';
import { GATE_RULES } from './gate-rules.ts';
import type { Input } from './input.ts';
import { openStaging } from './lock.ts';
import type { Locked } from './locked.ts';
import { type GateFiles, openGate } from './open-gate.ts';
import type { ScanOptions } from './options.ts';
import { compareResults } from './order.ts';
import { placeProblemIn } from './place.ts';
import { podPathNotices } from './pod-paths.ts';
import { judges, type Profiles } from './profiles.ts';
import { folderInRepository } from './repository-file.ts';
import type { Scanned } from './scanner.ts';
import { count, failsRun, recount, summarize } from './tally.ts';
import { UsageError } from './usage.ts';

interface ToReport {
  readonly profiles: Profiles;
  readonly input: Input;
  readonly scanned: Scanned;
  readonly files: GateFiles;
}

export async function reportOf(
  { options, findings, notices, lock }: Locked,
  { profiles, input, scanned, files }: ToReport,
): Promise<Report> {
  const { sets } = profiles;
  const { tally } = scanned;
  const problems = placeProblems(options, profiles, input);
  for (const problem of problems.results) count(tally, problem);
  if (tally.resources === 0 && tally.verdicts.error === 0 && !options.allowEmpty) throw nothingFound(options);
  const judging = judgingPolicies(sets);
  const gate = await openGate(options, {
    set: sets[0]!,
    scanned,
    ids: new Set(judging.keys()),
    folder: folderInRepository(options.cwd),
    files,
    differences: findings,
    staging: lock === undefined ? undefined : openStaging(lock, sets),
  });
  const listed = problems.results.filter(({ verdict }) => verdict === 'error' || options.all);
  const gated = throughGate([...scanned.results, ...listed], gate);
  const failOn = ({ origin }: Reported) => profiles.all[profiles.of.get(origin.file) ?? 0]!.failOn;
  const counts = recount(tally, gated.results, failOn);
  return {
    results: gated.results
      .map((result): Reported => (failsRun(result, failOn(result)) ? { ...result, fails: true } : result))
      .sort(compareResults),
    summary: summarize(counts, judging.size, options.failOn, gated.unchanged),
    policies: withGateRules(judging, gated.results),
    notices: [
      ...input.notices,
      ...problems.notices,
      ...new Set(sets.flatMap(noticesOf)),
      ...podPathNotices(scanned.podPaths, options.podPaths),
      ...notices,
      ...gated.notices,
    ],
  };
}

/** What could not be read or compiled; acknowledged, it is a skip. */
function placeProblems(options: ScanOptions, profiles: Profiles, input: Input) {
  const place = placeProblemIn(folderInRepository(options.cwd));
  const ofPolicies = profiles.problems();
  const acknowledged = acknowledge(options, ofPolicies);
  const results = [...ofPolicies, ...input.problems].map((problem): Reported => {
    const reason = acknowledged.reasonOf(problem);
    return reason === undefined ? place(problem) : placeAcknowledged(place(problem), reason);
  });
  return { results, notices: acknowledged.notices };
}

/** Of several profiles the first counts: it is that of files that no overlay matches. */
function judgingPolicies(sets: readonly PolicySet[]): Map<string, PolicyInfo> {
  return new Map(
    sets
      .toReversed()
      .flatMap((set) => set.policies)
      .filter(judges)
      .map(({ info }): [string, PolicyInfo] => [info.id, info]),
  );
}

/** The gate's own rules are listed where they found something. */
function withGateRules(
  policies: ReadonlyMap<string, PolicyInfo>,
  results: readonly Reported[],
): ReadonlyMap<string, PolicyInfo> {
  const found = new Set(results.filter(({ reason }) => reason === 'gate').map(({ policy }) => policy ?? ''));
  return new Map([...policies, ...[...GATE_RULES].filter(([id]) => found.has(id))]);
}

function nothingFound({ paths, cluster }: ScanOptions): UsageError {
  const places = [...paths, ...(cluster === undefined ? [] : ['the cluster'])];
  return new UsageError(
    `no Kubernetes object in ${places.join(', ')}`,
    'nothing was checked, so this is no pass',
  );
}

function noticesOf({ policies, warnings, inactive }: PolicySet): string[] {
  const said = warnings.map(({ policy, detail, origin }) =>
    policy === undefined ? `${origin.file}:${origin.line}: ${detail}` : `${policy}: ${detail}`,
  );
  for (const { id, info, variant } of policies)
    if (info.deprecation !== undefined && variant === '')
      said.push(`${id} is deprecated${deprecationText(info)}`);
  if (inactive.length > 0)
    said.push(`no validation applies under the settings: ${inactive.map(({ id }) => id).join(', ')}`);
  return said;
}

/** `; use other; it goes on 2027-01-01`. */
function deprecationText({ deprecation = {} }: PolicyInfo): string {
  const { replacedBy, removal } = deprecation;
  return `${replacedBy === undefined ? '' : `; use ${replacedBy}`}${removal === undefined ? '' : `; it goes on ${removal}`}`;
}
