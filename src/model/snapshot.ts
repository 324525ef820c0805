/** Everything that decides, frozen: the same policies, stages, exemptions and tiers are the same snapshot on every machine. */
import type { Severity, Stage } from './finding.ts';

export const TIERS = ['low', 'medium', 'high'] as const;
/** How much something matters: blast radius by sensitivity. */
export type Tier = (typeof TIERS)[number];

/** Where a stage holds; what is absent asks nothing. */
export interface StageScope {
  readonly tiers?: readonly Tier[];
  /** Names; `*` stands for any characters. No cluster-scoped object is in one. */
  readonly namespaces?: readonly string[];
  /** 0 to 100, of namespaces by a hash of their names; of cluster-scoped objects by kind and name. */
  readonly percent?: number;
}

export interface StageEntry {
  readonly stage: Stage;
  readonly scope?: StageScope;
}

export interface Tiers {
  /** Of namespaces that nobody says anything of. */
  readonly default: Tier;
  /** By name; goes before what the namespace's own label says. */
  readonly namespaces: Readonly<Record<string, Tier>>;
}

export interface SnapshotDocument {
  /** Canonical JSON of one object, its numbers as they were written. */
  readonly text: string;
  readonly origin: { readonly file: string; readonly line: number; readonly commit?: string };
  /** False: only observed, never denied or mutated for. */
  readonly decides: boolean;
}

export interface SnapshotContent {
  readonly format: 1;
  /** Settings of policies, resolved: `pss.version`, `kubernetes.version`. */
  readonly settings: Readonly<Record<string, string>>;
  /** Policies with all that belongs to them, and PolicyExemptions. */
  readonly documents: readonly SnapshotDocument[];
  /** Ids of those that are evaluated. */
  readonly policies: readonly string[];
  /** Other severities than policies say, by id. */
  readonly severities: Readonly<Record<string, Severity>>;
  /** By policy id: the last entry whose scope holds counts; without one the policy audits. */
  readonly stages: Readonly<Record<string, readonly StageEntry[]>>;
  readonly tiers: Tiers;
  readonly podPaths: readonly string[];
  /** Of namespaced objects in files that name none. */
  readonly namespace: string;
}
