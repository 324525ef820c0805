/** What every gate decides by, frozen: policies with their stages, tiers and exemptions, named by the digest of it all. */
import type { Severity, Stage } from './finding.ts';

export const TIERS = ['low', 'medium', 'high'] as const;

/** How much it matters: blast radius and sensitivity of data, of a namespace. */
export type Tier = (typeof TIERS)[number];

/** Where a stage counts: all that is said must hold. */
export interface StageScope {
  readonly tiers?: readonly Tier[];
  /** Names; `*` stands for any characters. */
  readonly namespaces?: readonly string[];
  /** 0 to 100, by a consistent hash of the namespace; for cluster-scoped objects of kind and name. */
  readonly percent?: number;
}

export interface StageEntry {
  readonly stage: Stage;
  /** Absent: everywhere. */
  readonly scope?: StageScope;
}

export interface Tiers {
  /** Of namespaces that are not named; `high` when nobody says. */
  readonly default: Tier;
  readonly namespaces: Readonly<Record<string, Tier>>;
}

export interface SnapshotDocument {
  /** Canonical JSON of one object, exact numbers kept. */
  readonly text: string;
  /**
   * `file`: relative to the folder of the configuration, `builtin:…`, or `cluster:…` of a watched object. `line`: of the
   * object's document, from 1.
   */
  readonly origin: { readonly file: string; readonly line: number; readonly commit?: string };
  /** False: it is only observed (in the background, in counts); nothing is denied or mutated for it. */
  readonly decides: boolean;
}

/** Plain JSON; the same on every machine: no absolute path, no time, everything in one order. */
export interface SnapshotContent {
  readonly format: 1;
  /** As resolved: `pss.version: v1.37`. */
  readonly settings: Readonly<Record<string, string>>;
  /** Policies, bindings, parameters among them, exceptions, exemptions; sorted. */
  readonly documents: readonly SnapshotDocument[];
  /** Ids of the policies that were selected, sorted; others among the documents that decide are not evaluated. */
  readonly policies: readonly string[];
  /** Other severities than policies say, by id. */
  readonly severities: Readonly<Record<string, Severity>>;
  /** By id of a policy. The last entry whose scope holds counts; where none does: audit. */
  readonly stages: Readonly<Record<string, readonly StageEntry[]>>;
  /** Names of validations by id of a policy that rampart.lock does not accept: they only audit, whatever the stage. Absent: none. */
  readonly unaccepted?: Readonly<Record<string, readonly string[]>>;
  readonly tiers: Tiers;
  /** `KIND.GROUP=PATH`: where custom kinds carry pod templates. */
  readonly podPaths: readonly string[];
  /** Of namespaced objects in files that name none; unused at admission. */
  readonly namespace: string;
}
