/** What is kept of a file for the next scan, as plain data, in parts: most of it is not read again until something changes. */
import type { Reported, Resource } from '../model/index.ts';
import type { Begun, Relative } from '../policy/index.ts';
import type { Facts } from './facts.ts';
import type { PodPathUse } from './pod-paths.ts';
import { type Memory, openMemory, type Pack } from './result-cache.ts';
import type { PackedTally } from './tally.ts';
import type { Trace } from './traces.ts';

export interface KeptFile {
  readonly alone: FileShare;
  readonly looked: LookedUp;
  /** Its objects that policies look up. */
  readonly relatives: readonly Relative[];
  /** Its objects that policies are about which look up others. */
  readonly pending: readonly { readonly profile: number; readonly begun: Begun }[];
}

/** What a file without allowances came to whatever other files say. */
export interface FileShare {
  readonly results: readonly Reported[];
  readonly tally: PackedTally;
  readonly traces: readonly Trace[];
  /** Whether there is more to be said of it, which hangs on other files. */
  readonly looks: boolean;
  /** What few files have: absent where there is none of it. */
  readonly more?: {
    readonly facts: Omit<Facts, 'relatives' | 'traces'>;
    /** Objects whose verdict may hang on another file. */
    readonly waiting: readonly { readonly profile: number; readonly resource: Resource }[];
    readonly met: ReadonlySet<number>;
    readonly podPaths: PodPathUse;
  };
}

/** What was said of it that hangs on other files. */
export interface LookedUp {
  /** Where was looked, as JSON. */
  readonly places: string;
  /** What was there: it still counts where this is the same. */
  readonly key: string;
  readonly results: readonly Reported[];
  readonly tally: PackedTally;
}

export type FileMemory = Memory<KeptFile>;

export function openFileMemory(pack: Pack): FileMemory {
  return openMemory<KeptFile>(pack, ['alone', 'looked', 'relatives', 'pending']);
}
