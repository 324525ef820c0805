import { NO_GATE, type ScanOptions } from './options.ts';

/** What a scan asks that nobody says more of than where, what and by which policies. */
export function plainOptions(
  asked: Pick<ScanOptions, 'paths' | 'cwd' | 'policies' | 'rendering' | 'cache'> & Partial<ScanOptions>,
): ScanOptions {
  return {
    stdinFilename: '-',
    exclude: [],
    select: [],
    skip: [],
    set: [],
    namespace: 'default',
    defaults: true,
    context: [],
    complete: false,
    userinfo: undefined,
    answers: undefined,
    schemas: [],
    failOn: 'none',
    gate: NO_GATE,
    all: false,
    strict: false,
    allowEmpty: false,
    fingerprints: true,
    commits: false,
    jobs: undefined,
    podPaths: [],
    ...asked,
  };
}
