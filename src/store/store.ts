/** What the controller remembers. One interface, whatever keeps it: today memory, which forgets when it ends. */
import type {
  DecisionBatch,
  DecisionCounts,
  DecisionRecord,
  FindingBatch,
  LiveFinding,
  LiveRef,
  UnlistedKind,
  Verdict,
} from '../model/index.ts';

export interface DecisionStore {
  /** False: a batch with this key was added before, and this one changes nothing. */
  add(batch: DecisionBatch): boolean;
  totals(): DecisionTotals;
  /** The last ones, newest first. */
  recent(limit: number): readonly DecisionRecord[];
}

export interface DecisionTotals extends DecisionCounts {
  /** Records that nobody has any more. */
  readonly dropped: number;
  /** Milliseconds since 1970: what came before was forgotten. */
  readonly since: number;
}

export interface FindingStore {
  /** False: a batch with this key was added before. */
  add(batch: FindingBatch): boolean;
  /** The worst first, then by name. */
  list(filter?: FindingFilter): readonly StoredFinding[];
  totals(): FindingTotals;
  /** Of the totals what costs nothing to know. */
  progress(): Pick<FindingTotals, 'since' | 'complete'>;
  /** Says of an object whether anybody was asked about what it is now. One that is not known is left alone. */
  mark(resource: LiveRef, unevaluated: boolean): void;
}

export interface FindingFilter {
  readonly policy?: string;
  readonly namespace?: string;
  readonly verdict?: Verdict;
  /** Default: both. */
  readonly state?: 'open' | 'fixed';
  /** Without what the controller of an object is found to have as well. Default false. */
  readonly once?: boolean;
}

export interface StoredFinding extends LiveFinding {
  readonly resource: LiveRef;
  /** Milliseconds since 1970. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** Undefined: it is open. */
  readonly fixedAt: number | undefined;
  readonly fixedBy: 'object-changed' | 'object-deleted' | 'policy-changed' | undefined;
  /** How often it came back after it was fixed. */
  readonly reopened: number;
  readonly snapshot: string;
  /** The object was made or changed while nobody was asked about it. */
  readonly unevaluated: boolean;
}

export interface PolicyFindings {
  /** Objects that it looks at: without them nobody knows what its findings are of. */
  readonly looked: number;
  readonly open: number;
}

export interface FindingTotals {
  readonly open: number;
  readonly fixed: number;
  /** Fixed ones that nobody has any more. */
  readonly dropped: number;
  readonly objects: number;
  /** Objects that were made or changed while nobody was asked about them. */
  readonly unevaluated: number;
  /** By id; also those that have nothing to say. */
  readonly policies: Readonly<Record<string, PolicyFindings>>;
  /** Open ones by namespace; empty for cluster-scoped objects. */
  readonly namespaces: Readonly<Record<string, number>>;
  /** Milliseconds since 1970: what came before was forgotten. */
  readonly since: number;
  /** Whether everything that exists was looked at since then, but for what is `unlisted`. */
  readonly complete: boolean;
  /** Kinds that policies look at and nobody may list: nothing is known of them now. */
  readonly unlisted: readonly UnlistedKind[];
}
