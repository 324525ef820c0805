import { resolve } from 'node:path';
import type { ScanOptions } from '../app/index.ts';
import type { FileOptions } from '../app/options.ts';
import { parsePodPath } from '../app/pod-paths.ts';
import { UsageError } from '../app/usage.ts';
import { SEVERITIES } from '../model/index.ts';
import { FORMAT_NAMES, type FormatName } from '../report/index.ts';
import { type Arguments, command, type Flags } from './command.ts';
import { CONTEXT_FLAGS, namespaceName } from './context-flags.ts';
import { SELECTION_FLAGS, SHARED_FLAGS } from './flags.ts';
import type { Io } from './io.ts';
import { type OutputTarget, openOutputs } from './output.ts';
import { progressOn } from './progress.ts';
import { RENDER_FLAGS, renderingOf } from './render-flags.ts';
import { configurationOptions } from './scan-config.ts';

export const SCAN_FLAGS = {
  policies: {
    type: 'string',
    hint: 'SRC',
    multiple: true,
    key: 'policies',
    description:
      'Policies to apply: builtin, a file, a folder, or git::REPOSITORY//PATH?ref=REF. Without this flag: builtin.',
  },
  ...SELECTION_FLAGS,
  set: SHARED_FLAGS.set,
  exclude: {
    type: 'string',
    hint: 'GLOB',
    multiple: true,
    key: 'exclude',
    description: 'Leave out files that match, relative to the working directory.',
  },
  cluster: {
    type: 'string',
    hint: 'CONTEXT',
    optional: true,
    description:
      'Also scan what is in the cluster of this context of the kubeconfig; without CONTEXT, of the current one.',
  },
  'print-rbac': {
    type: 'boolean',
    description:
      'Instead of a scan, print the ClusterRole that a scan of the cluster by these policies needs.',
  },
  ...CONTEXT_FLAGS,
  complete: {
    type: 'boolean',
    description:
      'The files and --context are all there is: an object that policies look for and do not find does not exist.',
  },
  userinfo: {
    type: 'string',
    hint: 'FILE',
    key: 'userinfo',
    description: 'Who makes the requests: {username, groups, uid, extra} as YAML or JSON.',
  },
  answers: {
    type: 'string',
    hint: 'FILE',
    key: 'answers',
    description:
      "Answers that only a cluster or the network can give: of the authorizer, and to what Kyverno's policies ask.",
  },
  schemas: {
    type: 'string',
    hint: 'PATH',
    multiple: true,
    key: 'schemas',
    description:
      'CustomResourceDefinitions that say plural, scope and shape of kinds Kubernetes does not have.',
  },
  'pod-path': SHARED_FLAGS['pod-path'],
  ...RENDER_FLAGS,
  'fail-on': {
    type: 'string',
    hint: 'SEVERITY',
    options: [...SEVERITIES, 'none'],
    default: 'low',
    key: 'failOn',
    description: 'Least severity of a violation that makes the exit code 1.',
  },
  changed: {
    type: 'string',
    hint: 'BASE',
    optional: true,
    key: 'changed',
    description:
      'Only findings on lines or resources that changed since the branch left BASE; without BASE, since it left what it ' +
      'is to be merged into. --changed=false: all findings, whatever rampart.yaml says.',
  },
  baseline: {
    type: 'string',
    hint: 'FILE',
    key: 'baseline',
    description: 'Findings that are known: they are listed as such, and fail no run.',
  },
  'update-baseline': {
    type: 'boolean',
    description: 'Writes what is found now to the file of --baseline. Errors never are in it.',
  },
  lock: {
    type: 'string',
    hint: 'FILE',
    description:
      'Checks that are accepted, and stages. Without this flag: the nearest rampart.lock, up to the root of the repository.',
  },
  'no-lock': { type: 'boolean', description: 'No rampart.lock counts.' },
  trust: {
    type: 'string',
    hint: 'REF',
    description:
      'The branch, tag or commit that decides: policies, exemptions, baseline, context and answers of this repository ' +
      'are read from it, not from the working tree.',
  },
  'allow-below': {
    type: 'string',
    hint: 'SEVERITY',
    options: SEVERITIES,
    default: 'high',
    key: 'allowBelow',
    description: 'Comments and annotations of manifests excuse only what is less severe than this.',
  },
  blame: {
    type: 'boolean',
    description:
      'Say who added the comments and exemptions that excuse findings, and when, as git blame has it.',
  },
  format: {
    type: 'string',
    hint: 'FORMAT',
    options: FORMAT_NAMES,
    default: 'pretty',
    key: 'format',
    description: 'What to print on standard output.',
  },
  output: {
    type: 'string',
    hint: 'FORMAT=FILE',
    multiple: true,
    key: 'output',
    description: 'Also write a report to a file.',
  },
  all: { type: 'boolean', description: 'Also list passes, skips, and what is not Kubernetes.' },
  'allow-empty': {
    type: 'boolean',
    description: 'Nothing to scan is no mistake: for hooks that name whatever files changed.',
  },
  strict: { type: 'boolean', key: 'strict', description: 'What is not Kubernetes is an error.' },
  'stdin-filename': {
    type: 'string',
    hint: 'NAME',
    default: '<stdin>',
    description: 'Name of standard input in results.',
  },
  jobs: {
    type: 'string',
    hint: 'N',
    description: 'Threads at most. Without this flag: one for each core, and for each 4,000 files.',
  },
  cache: {
    type: 'string',
    hint: 'DIR',
    description:
      'Folder that keeps the results of large scans for the next one. Without this flag: the cache folder of the user.',
  },
  'no-cache': { type: 'boolean', description: 'Results of earlier scans are neither used nor kept.' },
  quiet: { type: 'boolean', description: 'No summary, notes or progress.' },
  'no-color': { type: 'boolean', description: 'No colour; so does the environment variable NO_COLOR.' },
} as const satisfies Flags;

export const scanCommand = command({
  name: 'scan',
  summary: 'checks Kubernetes manifests against policies',
  description: [
    'Reads YAML and JSON (folders are walked, .gitignore is respected), evaluates every selected policy on every ' +
      'object as the API server would on CREATE, and prints what fails with file, line, reason and remedy.',
    'Exit codes: 0 clean; 1 violations at or above --fail-on; 2 a mistake in the call or configuration, or nothing ' +
      'to scan; 3 something could not be evaluated. 2 outranks 3 outranks 1.',
  ],
  positional: {
    name: 'PATH',
    description: 'A file, a folder, git::REPOSITORY//PATH?ref=REF, or - for standard input.',
    min: 1,
    unless: 'cluster',
  },
  flags: SCAN_FLAGS,
  examples: [
    { line: 'rampart scan deploy/', says: 'everything under deploy/' },
    { line: 'rampart scan . --select framework=pss-restricted', says: 'only the restricted standard' },
    { line: 'rampart scan . --policies policies/ --fail-on high', says: 'your own policies' },
    { line: 'helm template . | rampart scan -', says: 'what a chart renders' },
    { line: 'rampart scan --cluster production', says: 'what runs in a cluster' },
    { line: 'rampart scan . --output sarif=rampart.sarif', says: 'and a report for code scanning' },
  ],
  run,
});

type ScanArguments = Arguments<typeof SCAN_FLAGS>;

async function run(args: ScanArguments, io: Io): Promise<number> {
  const targets = targetsOf(args);
  if (args.flags['update-baseline'] && args.flags.baseline === undefined)
    throw new UsageError('--update-baseline needs a file', 'name it: --baseline rampart-baseline.yaml');
  const options = scanOptions(args, targets, io);
  if (args.flags['print-rbac']) return printRbac(options, io);
  const outputs = openOutputs(targets, io);
  const progress = progressOn(io.err, args.flags.quiet, Date.now);
  const { scan } = await import('../app/scan.ts');
  const { report, source } = await scan(options, progress.step).finally(progress.end);
  const { VERSION } = await import('../app/version.ts');
  await outputs.write(report, {
    source,
    version: VERSION,
    quiet: args.flags.quiet,
    all: args.flags.all,
    color: !args.flags['no-color'],
  });
  return report.summary.exitCode;
}

async function printRbac(options: ScanOptions, io: Io): Promise<number> {
  const { neededRole } = await import('../app/cluster/role.ts');
  io.out.write(await neededRole(options));
  return 0;
}

/** @param targets Where the report goes, which decides what has to be known for it. */
export function scanOptions(args: ScanArguments, targets: readonly OutputTarget[], io: Io): ScanOptions {
  const { positionals, flags } = args;
  return {
    ...fileOptions(flags),
    ...configurationOptions(SCAN_FLAGS, args, fileOptions),
    paths: positionals,
    cluster: flags.cluster,
    cwd: io.cwd,
    stdinFilename: flags['stdin-filename'],
    exclude: flags.exclude,
    policies: flags.policies.length === 0 ? ['builtin'] : flags.policies,
    defaults: !flags['no-defaults'],
    context: flags.context,
    complete: flags.complete,
    userinfo: flags.userinfo,
    answers: flags.answers,
    schemas: flags.schemas,
    gate: {
      ref: flags.trust,
      lock: flags['no-lock'] ? null : flags.lock,
      baseline: flags.baseline,
      updateBaseline: flags['update-baseline'],
      changed: baseOf(flags.changed),
      allowBelow: flags['allow-below'],
      blame: flags.blame,
      env: io.env,
    },
    all: flags.all,
    strict: flags.strict,
    allowEmpty: flags['allow-empty'],
    fingerprints: targets.some(({ format }) => format !== 'pretty'),
    // Only these formats say it, and looking it up takes time.
    commits: targets.some(({ format }) => format === 'json' || format === 'ndjson'),
    jobs: flags.jobs === undefined ? undefined : threads(flags.jobs),
    cache: cacheOf(flags, io),
    rendering: renderingOf(flags, io, args.config?.environments),
    podPaths: flags['pod-path'].map(parsePodPath),
  };
}

/** null: what the branch is to be merged into. */
function baseOf(changed: string | undefined): string | null | undefined {
  if (changed === '' || changed === 'true') return null;
  return changed === 'false' ? undefined : changed;
}

function fileOptions(flags: ScanArguments['flags']): FileOptions {
  return {
    select: flags.select,
    skip: flags.skip,
    set: flags.set,
    namespace: namespaceName(flags.namespace),
    failOn: flags['fail-on'],
  };
}

function cacheOf({ cache, 'no-cache': none }: ScanArguments['flags'], io: Io): ScanOptions['cache'] {
  if (none && cache !== undefined)
    throw new UsageError('--cache and --no-cache exclude each other', 'leave one out');
  if (io.cache === undefined || (cache === undefined && !none)) return io.cache;
  const { results: _, ...others } = io.cache;
  return cache === undefined ? others : { ...others, results: () => resolve(io.cwd, cache) };
}

function threads(text: string): number {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw new UsageError(`--jobs expects a number from 1 to 999, got ${text}`);
}

function targetsOf({ flags }: ScanArguments): OutputTarget[] {
  const files = flags.output.map((text): OutputTarget => {
    const at = text.indexOf('=');
    const format = text.slice(0, at);
    const file = text.slice(at + 1);
    if (at < 1 || file === '') throw new UsageError(`--output expects FORMAT=FILE, got ${text}`);
    if (!isFormat(format))
      throw new UsageError(`--output: the format is one of ${FORMAT_NAMES.join(', ')}; got ${format}`);
    return { format, file };
  });
  return [{ format: flags.format, file: undefined }, ...files];
}

function isFormat(name: string): name is FormatName {
  return (FORMAT_NAMES as readonly string[]).includes(name);
}
