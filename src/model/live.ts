import type { Resource } from './resource.ts';

/** A kind of Kubernetes object in the version in which it is read. */
export interface LiveKind {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** As paths name it: `deployments`. */
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** Without a version: whichever is at hand. Kinds that policies take as parameters are read in the version they name. */
export type LiveName = Pick<LiveKind, 'group' | 'kind'> & Partial<Pick<LiveKind, 'version'>>;

/**
 * What became of an object. `before` is what was known of it: absent for one that is new. An object that was deleted and
 * made again while nobody looked is a `put` with another `metadata.uid`.
 */
export type Change =
  | { readonly type: 'put'; readonly resource: Resource; readonly before?: Resource }
  | { readonly type: 'delete'; readonly resource: Resource };

export interface LiveState {
  /** Whether everything was listed once: what is not there then does not exist. */
  readonly synced: boolean;
  /** Milliseconds since 1970 of the last sign that the objects are current: a list, an event, a bookmark. 0: none yet. */
  readonly seenAt: number;
  /** Why they are not. */
  readonly problem?: string;
  /** The API server does not allow it: until somebody changes that, nothing more will be known. */
  readonly forbidden?: true;
}

/** Objects as they are now: of the watches of a cluster, or of a folder that is watched. */
export interface LiveObjects {
  /** All known of a kind, in no order. */
  list(kind: LiveName): Iterable<Resource>;
  /** @param namespace Empty for cluster-scoped objects. */
  get(kind: LiveName, namespace: string, name: string): Resource | undefined;
  state(kind: LiveName): LiveState;
  /** @returns Ends it. A listener that throws is counted, and harms no other. */
  onChange(listener: (change: Change) => void): () => void;
  close(): Promise<void>;
}
