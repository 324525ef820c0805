/**
 * What a kept answer of a look-up must still find as it was: told by digests, so that objects of files that did not
 * change need not even be read.
 */
import type { Relative } from '../policy/index.ts';
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
  return { group, kind, namespace, placed, digest: digestOfValue(relative) };
}

/**
 * The same for the same value, wherever it comes from: what V8 serializes hangs on how it happens to hold a value, and that
 * is another in another thread. Strings and numbers of all kinds are told apart.
 */
export function digestOfValue(value: unknown): string {
  return digestOf(JSON.stringify(value, (_, inner: unknown) => marked(inner)));
}

function marked(value: unknown): unknown {
  if (typeof value === 'string') return `s${value}`;
  if (typeof value === 'bigint') return `i${value}`;
  if (value instanceof Number) return Object.is(value.valueOf(), -0) ? 'd-0' : `d${value}`;
  return value;
}
