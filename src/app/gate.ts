/**
 * What becomes of the findings of a scan: which are excused, which were known, which are nobody's change. Nothing is
 * dropped in silence: what is excused or known stays listed, what is left out is counted.
 */
import { covers, exempts, isExpired, isOver } from '../decision/index.ts';
import { type Exemption, type Origin, type Reported, SEVERITIES, type Severity } from '../model/index.ts';
import type { KeyedAllowance } from './allowances.ts';
import type { Baseline } from './baseline.ts';
import type { Changes } from './changes.ts';
import { type GateRule, gateFinding } from './gate-rules.ts';
import type { Staging } from './lock.ts';

export interface Gate {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Ids of the policies that were evaluated. */
  readonly policies: ReadonlySet<string>;
  /** Allowances in manifests count for findings less severe than this. */
  readonly allowBelow: Severity;
  readonly allowances: readonly KeyedAllowance[];
  readonly exemptions: readonly Exemption[];
  /** Those of them that name an object of the scan. */
  readonly met: ReadonlySet<Exemption>;
  readonly baseline: Baseline | undefined;
  readonly staging: Staging | undefined;
  readonly changes: Changes | undefined;
  /** What of the gate is not as in the commit that decides: listed in any case. */
  readonly differences: readonly Reported[];
  /** ` (added by …)`, of a line; empty where nobody asked, or nobody knows. */
  readonly blame: (origin: Origin) => string;
  /** The working directory, from the repository's root. */
  readonly folder: string;
}

export interface Gated {
  readonly results: readonly Reported[];
  /** How many were left out because nothing of theirs changed; null without changes. */
  readonly unchanged: number | null;
  readonly notices: readonly string[];
}

export function throughGate(found: readonly Reported[], gate: Gate): Gated {
  const excused = excuse(found, gate);
  const all = [...excused.results, ...aboutAllowances(excused, gate), ...aboutExemptions(excused, gate)];
  const { results, notices } = gate.baseline?.compare(all) ?? { results: all, notices: [] };
  const changed = gate.changes === undefined ? results : results.filter(gate.changes.concerns);
  const listed = changed.map((result) => staged(result, gate.staging));
  return {
    results: [...listed.map(withoutTraces), ...gate.differences],
    unchanged: gate.changes === undefined ? null : results.length - listed.length,
    notices: [...notices, ...(gate.staging?.notices() ?? [])],
  };
}

function staged(result: Reported, staging: Staging | undefined): Reported {
  const stage = result.verdict === 'violation' ? staging?.stage(result) : undefined;
  return stage === undefined ? result : { ...result, stage };
}

interface Excused {
  readonly results: readonly Reported[];
  /** Keys of allowances, and exemptions, that excused something. */
  readonly used: ReadonlySet<string | Exemption>;
  /** Allowances by key that would excuse what is too severe for them. */
  readonly refused: ReadonlyMap<string, Reported>;
}

function excuse(found: readonly Reported[], gate: Gate): Excused {
  const used = new Set<string | Exemption>();
  const refused = new Map<string, Reported>();
  const byKey = new Map(gate.allowances.map((allowance) => [allowance.key, allowance]));
  const limit = SEVERITIES.indexOf(gate.allowBelow);
  const results = found.map((result): Reported => {
    if (result.verdict !== 'violation') return result;
    for (const exemption of gate.exemptions) {
      if (isExpired(exemption, gate.now) || !exempts(exemption, result)) continue;
      used.add(exemption);
      const { namespace, name, expires, reason, origin } = exemption;
      const by = `PolicyExemption ${namespace}/${name}: ${reason}${gate.blame(origin)}`;
      return exempted(result, `exempted until ${expires} by ${by}`);
    }
    for (const key of result.allowedBy ?? []) {
      const { said, origin } = byKey.get(key)!;
      if ('fault' in said || !covers(said, result.policy, result.validation)) continue;
      if (isOver(said.until, gate.now)) continue;
      if (SEVERITIES.indexOf(result.severity) <= limit) {
        refused.set(key, result);
        continue;
      }
      used.add(key);
      const where = `${origin.file}:${origin.line}: ${said.reason}${gate.blame(origin)}`;
      return exempted(result, `allowed until ${said.until} at ${where}`);
    }
    return result;
  });
  return { results, used, refused };
}

function exempted(result: Reported, why: string): Reported {
  return { ...result, verdict: 'exempted', reason: 'exempted', detail: `${result.detail} (${why})` };
}

function aboutAllowances({ used, refused }: Excused, gate: Gate): Reported[] {
  const { now, policies, folder, changes, allowBelow } = gate;
  return gate.allowances.flatMap(({ key, origin, said }) => {
    const about = 'fault' in said ? key : `${said.policy}/${said.validation ?? ''}`;
    const finding = (rule: GateRule, detail: string) =>
      gateFinding(rule, { origin, detail: detail + gate.blame(origin), about, folder });
    if ('fault' in said) return [finding('allow-malformed', `nothing is allowed here: ${said.fault}`)];
    const name = said.validation === undefined ? said.policy : `${said.policy}/${said.validation}`;
    if (isOver(said.until, now))
      return [finding('allow-expired', `what allows ${name} ended on ${said.until}: ${said.reason}`)];
    const added =
      changes?.hasLine(origin.file, origin.line) === true
        ? [finding('allow-added', `${name} is newly allowed until ${said.until}: ${said.reason}`)]
        : [];
    const severe = refused.get(key);
    if (severe !== undefined) {
      const detail = `${name} is ${severe.severity} here; what stands in a manifest allows only what is below ${allowBelow}`;
      return [...added, finding('allow-too-severe', detail)];
    }
    // Of a policy that was not asked nothing is known.
    if (used.has(key) || !policies.has(said.policy)) return added;
    return [...added, finding('allow-unused', `${name} has no finding here`)];
  });
}

function aboutExemptions(
  { used }: Excused,
  { exemptions, met, now, policies, folder, blame }: Gate,
): Reported[] {
  return exemptions.flatMap((exemption) => {
    const { namespace, name, policy, expires, reason, origin } = exemption;
    const finding = (rule: GateRule, detail: string) =>
      gateFinding(rule, { origin, detail: detail + blame(origin), about: `${namespace}/${name}`, folder });
    if (isExpired(exemption, now))
      return [finding('exemption-expired', `${namespace}/${name} ended on ${expires}: ${reason}`)];
    if (used.has(exemption) || !met.has(exemption) || !policies.has(policy)) return [];
    return [finding('exemption-unused', `${namespace}/${name}: ${policy} has no finding on what it names`)];
  });
}

/** What only the gate needed to know of a result. */
function withoutTraces(result: Reported): Reported {
  if (result.identity === undefined && result.allowedBy === undefined && result.inputs === undefined)
    return result;
  const { identity: _, allowedBy: __, inputs: ___, ...rest } = result;
  return rest;
}
