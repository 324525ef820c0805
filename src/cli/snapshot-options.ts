/** What the commands about snapshots take from flags and rampart.yaml. */
import { parsePodPath } from '../app/pod-paths.ts';
import type { SnapshotOptions } from '../app/snapshot/build.ts';
import type { Arguments, Flags } from './command.ts';
import { CONTEXT_FLAGS, namespaceName } from './context-flags.ts';
import { CATALOGUE_FLAGS, SELECTION_FLAGS, SHARED_FLAGS } from './flags.ts';
import type { Io } from './io.ts';

export const SNAPSHOT_FLAGS = {
  policies: CATALOGUE_FLAGS.policies,
  ...SELECTION_FLAGS,
  set: SHARED_FLAGS.set,
  'pod-path': SHARED_FLAGS['pod-path'],
  namespace: CONTEXT_FLAGS.namespace,
} as const satisfies Flags;

export function snapshotOptions(
  { flags, config }: Arguments<typeof SNAPSHOT_FLAGS>,
  io: Io,
): SnapshotOptions {
  const values = config?.values(config.base) ?? {};
  return {
    policies: flags.policies.length === 0 ? ['builtin'] : flags.policies,
    select: flags.select,
    skip: flags.skip,
    set: flags.set,
    podPaths: flags['pod-path'].map(parsePodPath),
    namespace: namespaceName(flags.namespace),
    severity: values.severity ?? {},
    unsupported: values.unsupported ?? [],
    stages: values.stages ?? [],
    tiers: values.tiers ?? {},
    cwd: io.cwd,
    folder: config?.location?.folder ?? io.cwd,
    cache: io.cache,
    saysIn: (inside) => config!.saysIn(['stages', ...inside], config!.base),
    ...(config === undefined ? {} : { says: (name) => config.says(name, config.base) }),
  };
}
