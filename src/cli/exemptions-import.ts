import type { Draft, Note, NoteKind } from '../app/import-plan.ts';
import type { ImportOutcome } from '../app/import-suppressions.ts';
import type { FileOptions, ScanOptions } from '../app/options.ts';
import { plainOptions } from '../app/plain-options.ts';
import { parsePodPath } from '../app/pod-paths.ts';
import { UsageError } from '../app/usage.ts';
import { wrapped } from '../report/page.ts';
import { many, plain } from '../report/text.ts';
import { type Arguments, command, type Flags } from './command.ts';
import { CONTEXT_FLAGS, namespaceName } from './context-flags.ts';
import { SELECTION_FLAGS } from './flags.ts';
import type { Io } from './io.ts';
import { describeProblem } from './policies-check.ts';
import { progressOn } from './progress.ts';
import { RENDER_FLAGS, renderingOf } from './render-flags.ts';
import { SCAN_FLAGS } from './scan.ts';
import { configurationOptions } from './scan-config.ts';

const flags = {
  policies: SCAN_FLAGS.policies,
  ...SELECTION_FLAGS,
  set: SCAN_FLAGS.set,
  exclude: SCAN_FLAGS.exclude,
  ...CONTEXT_FLAGS,
  complete: SCAN_FLAGS.complete,
  schemas: SCAN_FLAGS.schemas,
  'pod-path': SCAN_FLAGS['pod-path'],
  ...RENDER_FLAGS,
  output: {
    type: 'string',
    hint: 'FILE',
    default: 'rampart-exemptions.yaml',
    description: 'The file that exemptions are added to. What stands in it stays, and is not renewed.',
  },
  'expires-in': {
    type: 'string',
    hint: 'DAYS',
    default: '90',
    description: 'How long they count, at most 365 days; what ends earlier where it comes from ends then.',
  },
  'dry-run': { type: 'boolean', description: 'Only says what would be written.' },
} as const satisfies Flags;

export const exemptionsImportCommand = command({
  name: 'exemptions import',
  summary: 'makes exemptions of what other tools skip',
  description: [
    'Scans PATH, and writes a PolicyExemption for every finding that checkov, Trivy, kube-linter or Kubescape was told not ' +
      'to report: by comments and annotations in manifests, .trivyignore, .trivyignore.yaml and .checkov.baseline beside ' +
      'and above them, and Kubescape exceptions in JSON. Which of their checks a policy stands for is in its equivalents. ' +
      'Objects are exempted by their names, and only from what is found today.',
    'Exit codes: 0 done; 2 a mistake in the call; 3 something could not be read or evaluated: the rest is imported.',
  ],
  positional: {
    name: 'PATH',
    description: 'A file or folder of manifests, - for standard input; also a file of suppressions.',
    min: 1,
  },
  flags,
  examples: [
    { line: 'rampart exemptions import deploy/ --dry-run', says: 'what there is to import' },
    { line: 'rampart exemptions import . exceptions.json', says: 'with exceptions of Kubescape' },
  ],
  run,
});

type ImportArguments = Arguments<typeof flags>;

const MOST_DAYS = 365;

async function run(args: ImportArguments, io: Io): Promise<number> {
  const days = daysOf(args.flags['expires-in']);
  const { importSuppressions } = await import('../app/import-suppressions.ts');
  const { output, 'dry-run': dry } = args.flags;
  const progress = progressOn(io.err, false, Date.now);
  const outcome = await importSuppressions(
    { scan: scanOptions(args, io), output, days, write: !dry, now: Date.now() },
    progress.step,
  ).finally(progress.end);
  for (const line of print(outcome, output, dry)) io.out.write(line);
  for (const problem of outcome.errors) io.err.write(describeProblem('error', problem));
  return outcome.errors.length > 0 || outcome.notes.some(({ kind }) => kind === 'unreadable') ? 3 : 0;
}

function daysOf(text: string): number {
  if (/^[1-9]\d{0,2}$/.test(text) && Number(text) <= MOST_DAYS) return Number(text);
  throw new UsageError(`--expires-in expects days from 1 to ${MOST_DAYS}, got ${text}`);
}

function scanOptions(args: ImportArguments, io: Io): ScanOptions {
  const { positionals, flags: given } = args;
  return {
    ...plainOptions({
      paths: positionals,
      cwd: io.cwd,
      policies: given.policies.length === 0 ? ['builtin'] : given.policies,
      rendering: renderingOf(given, io, args.config?.environments),
      cache: io.cache,
      stdinFilename: '<stdin>',
      fingerprints: false,
    }),
    ...fileOptions(given),
    ...configurationOptions(flags, args, fileOptions),
    exclude: given.exclude,
    defaults: !given['no-defaults'],
    context: given.context,
    complete: given.complete,
    schemas: given.schemas,
    podPaths: given['pod-path'].map(parsePodPath),
  };
}

function fileOptions({ select, skip, set, namespace }: ImportArguments['flags']): FileOptions {
  return { select, skip, set, namespace: namespaceName(namespace), failOn: 'none' };
}

const WIDTH = 80;

function* print(outcome: ImportOutcome, output: string, dry: boolean): Iterable<string> {
  const { drafts, findings, already, suppressions, others, notes } = outcome;
  for (const draft of drafts) yield* describe(draft);
  for (const [kind, group] of Map.groupBy(notes, (note) => note.kind)) yield* section(kind, group);
  if (drafts.length + notes.length > 0) yield '\n';
  const verb = dry ? 'would be added to' : 'added to';
  const counts = [
    `${many(suppressions, 'suppression')} of other tools`,
    `${many(drafts.length, 'exemption')} for ${many(findings, 'finding')} ${verb} ${output}`,
    ...(already > 0 ? [`${many(already, 'finding')} exempted before`] : []),
    ...(others > 0 ? [`${many(others, 'entry', 'entries')} about other things than Kubernetes objects`] : []),
  ];
  for (const line of counts) yield* wrapped(WIDTH, '', line);
}

function* describe({
  policy,
  validations,
  kind,
  namespace,
  names,
  expires,
  reason,
}: Draft): Iterable<string> {
  const only = validations.length === 0 ? '' : ` (${validations.join(', ')})`;
  const subject = `${kind} ${names.map((name) => `${namespace}/${name}`).join(', ')}`;
  yield* wrapped(WIDTH, '', `${policy}${only}: ${subject} until ${expires}`);
  yield* wrapped(WIDTH, '  ', plain(reason));
}

const TITLES: Readonly<Record<NoteKind, string>> = {
  unreadable: 'Could not be read, and suppresses nothing here:',
  wide: 'Suppress many checks at once; imported for what is found today:',
  narrower: 'Ask for a part only of what is exempted now; look at each:',
  'not-renewed': 'Exempted until a day that has passed; not renewed:',
  nameless: 'Objects that no exemption can name:',
  expired: 'Expired, not imported:',
  unplaceable: 'Not imported:',
  nothing: 'Nothing to exempt, nothing is found there:',
  'not-selected': 'Only about policies that are not selected:',
  unknown: 'No policy is equivalent to these checks:',
};

function* section(kind: NoteKind, notes: readonly Note[]): Iterable<string> {
  yield `\n${TITLES[kind]}\n`;
  for (const { origin, tool, check, detail } of notes) {
    const said = kind === 'wide' ? many(Number(detail), 'finding') : detail;
    const what = [tool, check].filter((word) => word !== '').join(' ');
    const { file, line, column } = origin;
    yield* wrapped(WIDTH, '  ', `${file}:${line}:${column} ${what}${said === '' ? '' : `: ${said}`}`);
  }
}
