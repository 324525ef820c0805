/** What a snapshot holds, for people and as JSON. */
import type { Exemption, Severity, Stage, StageEntry, Tiers } from '../../model/index.ts';
import { STAGES } from '../../model/index.ts';
import type { CompiledPolicy } from '../../policy/index.ts';
import { placeProblem } from '../place.ts';
import { podPathText } from '../pod-paths.ts';
import type { CompiledSnapshot } from './compile.ts';

export interface DescribedPolicy {
  readonly id: string;
  readonly severity: Severity;
  /** Empty: audit everywhere. */
  readonly stages: readonly StageEntry[];
  readonly file: string;
  readonly line: number;
}

export interface Described {
  readonly digest: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly documents: number;
  readonly policies: readonly DescribedPolicy[];
  /** Ids of policies of the cluster that are only looked at. */
  readonly observed: readonly string[];
  /** How many policies go as far as each stage, anywhere. */
  readonly stages: Readonly<Record<Stage, number>>;
  readonly exemptions: readonly Pick<Exemption, 'name' | 'namespace' | 'policy' | 'expires' | 'reason'>[];
  readonly tiers: Tiers;
  readonly podPaths: readonly string[];
  /** What cannot be compiled by this version. */
  readonly problems: readonly ReturnType<typeof placeProblem>[];
}

export function describeSnapshot(snapshot: CompiledSnapshot): Described {
  const { digest, content, set, observed, exemptions, tiers, podPaths, problems } = snapshot;
  const policies = distinct(set.policies).map((policy) => describePolicy(policy, snapshot));
  const furthest = policies.map(({ stages }) => furthestOf(stages));
  const count = (stage: Stage) => furthest.filter((one) => one === stage).length;
  return {
    digest,
    settings: content.settings,
    documents: content.documents.length,
    policies,
    observed: distinct(observed.policies).map(({ id }) => id),
    stages: { audit: count('audit'), warn: count('warn'), enforce: count('enforce') },
    exemptions: exemptions.map(({ name, namespace, policy, expires, reason }) => ({
      name,
      namespace,
      policy,
      expires,
      reason,
    })),
    tiers,
    podPaths: podPaths.map(podPathText),
    problems: problems.map(placeProblem),
  };
}

/** Once each, also of what validates and mutates under one name. */
function distinct(policies: readonly CompiledPolicy[]): CompiledPolicy[] {
  return [...new Map(policies.map((policy) => [policy.id, policy])).values()];
}

function describePolicy({ id, info, origin }: CompiledPolicy, { stages }: CompiledSnapshot): DescribedPolicy {
  const { file, line } = origin;
  return { id, severity: info.severity, stages: stages.get(id) ?? [], file, line };
}

function furthestOf(entries: readonly StageEntry[]): Stage {
  return STAGES.findLast((stage) => entries.some((entry) => entry.stage === stage)) ?? 'audit';
}
