import type { Reported } from '../model/index.ts';
import type { DiffOptions } from './diff-options.ts';
import { NO_GATE, type ScanOptions } from './options.ts';
import { scan } from './scan.ts';

/** What the policies of a source find on the manifests of a comparison. */
export async function findingsOf(source: string, options: DiffOptions): Promise<readonly Reported[]> {
  const { paths, cwd, set, namespace, defaults, context, cache, rendering } = options;
  const settings: ScanOptions = {
    paths,
    cwd,
    set,
    namespace,
    defaults,
    context,
    complete: false,
    cache,
    rendering,
    policies: [source],
    stdinFilename: '-',
    exclude: [],
    select: ['set=all'],
    skip: [],
    userinfo: undefined,
    answers: undefined,
    schemas: [],
    failOn: 'none',
    podPaths: [],
    gate: NO_GATE,
    all: false,
    strict: false,
    allowEmpty: false,
    fingerprints: true,
    commits: false,
    jobs: undefined,
  };
  return (await scan(settings)).report.results;
}
