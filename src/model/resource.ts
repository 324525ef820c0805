import type { ResourceRef } from './finding.ts';

/**
 * One Kubernetes object. `object` is parsed JSON in the form that `cel` evaluates: integers as number (bigint beyond
 * 2^53), every other number as a boxed Number.
 */
export interface Resource {
  readonly ref: ResourceRef;
  readonly object: JsonMap;
  readonly origin: ResourceOrigin;
  /** Of an object of a cluster: see changedAt. Its managed fields are left out. */
  readonly changedAt?: string;
  /** The subresource through which that change came; absent: none. */
  readonly changedThrough?: string;
}

export interface JsonMap {
  readonly [key: string]: unknown;
}

/** Where the object stands: enough to find the line of any of its fields later, without parsing positions now. */
export interface ResourceOrigin {
  readonly file: string;
  /** Index of the document in the file, from 0. */
  readonly document: number;
  /** Line of the document's first token, from 1. */
  readonly line: number;
  /** JSON Pointer of the object inside the document: empty, or `/items/3` in a List. */
  readonly pointer: string;
}
