/**
 * What a kept answer of a look-up must still find as it was: told by digests, so that objects of files that did not
 * change need not even be read.
 */
import type { Relative } from '../policy/index.ts';
import { builtin } from './builtin.ts';
import { digestOf } from './result-cache.ts';

/** An object that can be looked up, as far as it tells where it is found and whether it is what it was. */
export interface Trace extends Pick<Relative, 'group' | 'kind' | 'namespace' | 'placed'> {
  readonly digest: string;
}

/** Those of one file. */
export interface Traces {
  /** By which the file is remembered, when they stand for objects that are not at hand. */
  readonly remembered: string | undefined;
  readonly traces: readonly Trace[];
}

export function traceOf(relative: Relative): Trace {
  const { group, kind, namespace, placed } = relative;
  return { group, kind, namespace, placed, digest: digestOf(builtin('node:v8').serialize(relative)) };
}
