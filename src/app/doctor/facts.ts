/** What doctor looks at: gathered first, so that each check is a function of it. */
import type { JsonMap } from '../../model/index.ts';
import type { Served, WatchedKind } from '../../sources/index.ts';
import type { Right } from '../cluster/rbac.ts';
import type { Lifetime } from '../pki/lifetime.ts';
import type { CompiledSnapshot } from '../snapshot/compile.ts';
import type { WebhookRule } from '../webhook/atoms.ts';

export interface Facts {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly snapshot: CompiledSnapshot | undefined;
  /** Why there is no snapshot. */
  readonly noSnapshot: string | undefined;
  /** Of the CA, of the webhook. */
  readonly certificates: readonly Lifetime[];
  /** PEM of the CA; undefined: there is none. */
  readonly authority: string | undefined;
  readonly cluster: ClusterFacts | undefined;
}

export interface ClusterFacts {
  readonly served: Served;
  /** Namespaces; undefined: they may not be listed. */
  readonly namespaces: readonly JsonMap[] | undefined;
  /** Rampart's own entries in webhook configurations; undefined: those may not be listed. */
  readonly webhooks: readonly Webhook[] | undefined;
  /** What is watched for this snapshot, and whether it may be listed. */
  readonly watched: readonly {
    readonly kind: WatchedKind;
    /** Workers watch what they look up; the background scan all that policies judge, too. */
    readonly by: 'workers' | 'background';
    readonly problem: string | undefined;
  }[];
  /** What policies ask the API server for beside that, and may not be asked for. */
  readonly refused: readonly Right[];
  /** What answers at the webhooks' own addresses. */
  readonly reached: readonly Reached[];
}

export interface Reached {
  readonly url: string;
  /** HTTP; 0: nobody answers. */
  readonly status: number;
  readonly detail: string;
}

/** One entry of a configuration. */
export interface Webhook {
  readonly configuration: string;
  readonly name: string;
  readonly mutating: boolean;
  readonly rules: readonly WebhookRule[];
  readonly failurePolicy: string;
  readonly matchPolicy: string;
  readonly namespaceSelector: JsonMap;
  readonly objectSelector: JsonMap;
  /** PEM; empty: none. */
  readonly caBundle: string;
  /** Undefined for a Service. */
  readonly url: string | undefined;
}

/** What a check found. */
export interface Diagnosis {
  /** `gap`: something is not governed, or soon will not be; `unknown`: nobody could look. */
  readonly state: 'ok' | 'gap' | 'unknown';
  /** What was looked at: a few words. */
  readonly what: string;
  readonly detail: string;
  /** What to do. */
  readonly help?: string;
}

export type Check = (facts: Facts) => readonly Diagnosis[];
