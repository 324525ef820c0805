import type { Exemption, StageEntry, Tiers } from '../model/index.ts';
import type { CompiledPolicy, Evaluator } from '../policy/index.ts';

/** What decides, compiled. */
export interface DecidingSnapshot {
  readonly digest: string;
  /** Every one acts as it would when fully enforced. */
  readonly policies: readonly CompiledPolicy[];
  /** Over these policies; returns neither passes nor skips. */
  readonly evaluator: Evaluator;
  readonly stages: Readonly<Record<string, readonly StageEntry[]>>;
  /** Names of validations, by id of a policy: they audit, whatever its stage. */
  readonly unaccepted?: Readonly<Record<string, readonly string[]>>;
  readonly tiers: Tiers;
  readonly exemptions: readonly Exemption[];
  /** Ids of policies that are looked at, and decide nothing. */
  readonly observed: ReadonlySet<string>;
  /** Of policies' sources, by id. */
  readonly digests: ReadonlyMap<string, string>;
}
