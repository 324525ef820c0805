/** Brings a live cluster into a scan; without one, nothing of it is loaded. */
import type { PolicySet } from '../../policy/index.ts';
import type { Input } from '../input.ts';
import type { ScanOptions } from '../options.ts';
import type { Scanned } from '../scanner.ts';
import { UsageError } from '../usage.ts';
import type { Live } from './live.ts';

/** What a cluster says of what policies may ask. */
export type LiveFacts = Pick<Live, 'objects' | 'definitions'>;

interface ReadCluster {
  readonly input: Input;
  readonly facts: LiveFacts;
  /** Results as they are reported: what a controller violates, its Pods need not. */
  settle(scanned: Scanned): Scanned;
  /** Keeps from reports what they must not quote. */
  quotable(source: SourceOf): SourceOf;
}

type SourceOf = (file: string) => string | undefined;

interface LiveScan {
  readonly options: ScanOptions;
  /** @param files What is scanned beside the cluster. */
  read(set: PolicySet, files: Input): Promise<ReadCluster>;
}

/** Throws UsageError where the cluster cannot be asked. */
export async function openLive(options: ScanOptions): Promise<LiveScan> {
  const { cluster: context } = options;
  if (context === undefined) return { options, read: async (_, files) => withoutCluster(files) };
  if (options.gate.changed !== undefined)
    throw new UsageError('--changed is about files, and --cluster has none', 'leave one of them out');
  const { openCluster, readLive } = await import('./live.ts');
  const { onceAtController } = await import('./owners.ts');
  const open = await openCluster(options, context);
  return {
    options: open.options,
    async read(set, files) {
      const live = await readLive(open, set, options.podPaths);
      return {
        input: {
          files: [...files.files, ...live.files],
          given: new Map([...files.given, ...live.given]),
          problems: [...files.problems, ...live.problems],
          notices: [...files.notices, ...live.notices],
        },
        facts: live,
        settle(scanned) {
          scanned.tally.files -= live.files.length;
          return { ...scanned, results: onceAtController(scanned.results, live.controllers) };
        },
        quotable: (source) => (file) => (live.secret.has(file) ? undefined : source(file)),
      };
    },
  };
}

function withoutCluster(input: Input): ReadCluster {
  return {
    input,
    facts: { objects: [], definitions: [] },
    settle: (scanned) => scanned,
    quotable: (source) => source,
  };
}
