import type { PolicyDiff } from '../app/diff-options.ts';
import { UsageError } from '../app/usage.ts';
import type { Reported } from '../model/index.ts';
import { wrapped } from '../report/page.ts';
import { many, plain, plainJson } from '../report/text.ts';
import { type Arguments, command, type Flags } from './command.ts';
import { CONTEXT_FLAGS, namespaceName } from './context-flags.ts';
import { CATALOGUE_FLAGS, SHARED_FLAGS } from './flags.ts';
import type { Io } from './io.ts';
import { usualRendering } from './render-flags.ts';

const flags = {
  set: SHARED_FLAGS.set,
  ...CONTEXT_FLAGS,
  json: CATALOGUE_FLAGS.json,
} as const satisfies Flags;

export const policiesDiffCommand = command({
  name: 'policies diff',
  summary: 'says what a change of policies would newly find',
  description: [
    'Compares two sets of policies: which were added, removed and changed, and, on the manifests given after them, which ' +
      'violations only the new set finds and which only the old one found.',
    'Exit codes: 0 nothing newly found; 1 new violations; 2 a mistake in the call; 3 something could not be evaluated ' +
      'under the new set.',
  ],
  positional: {
    name: 'SRC',
    description:
      'The old set (or rampart.lock), the new set (builtin, a file, a folder, a commit), then manifests.',
    min: 2,
  },
  flags,
  examples: [
    { line: 'rampart policies diff policies/ new-policies/ deploy/', says: 'before you merge them' },
    { line: 'rampart policies diff builtin policies/', says: 'only the policies' },
    { line: 'rampart policies diff rampart.lock builtin deploy/', says: 'what is not accepted yet' },
  ],
  run,
});

const WIDTH = 80;

async function run(args: Arguments<typeof flags>, io: Io): Promise<number> {
  const [before, after, ...paths] = args.positionals as [string, string, ...string[]];
  if (paths.includes('-'))
    throw new UsageError(
      'policies diff reads manifests twice, and standard input only once',
      'write them to a file',
    );
  const { diffPolicies } = await import('../app/policy-diff.ts');
  const { set, context, json } = args.flags;
  const namespace = namespaceName(args.flags.namespace);
  const diff = await diffPolicies({
    before,
    after,
    paths,
    cwd: io.cwd,
    set,
    namespace,
    defaults: !args.flags['no-defaults'],
    context,
    cache: io.cache,
    rendering: usualRendering(io),
  });
  io.out.write(json ? `${plainJson(diff, 2)}\n` : print(diff, paths.length > 0));
  if (diff.errors.length > 0) return 3;
  return diff.newFindings.length > 0 ? 1 : 0;
}

function print(diff: PolicyDiff, scanned: boolean): string {
  const { added, removed, changed, newFindings, goneFindings, errors } = diff;
  const sections = [
    ...added.map(({ id, severity }) => `added    ${plain(id)} (${severity})\n`),
    ...removed.map(
      ({ id, severity }) => `removed  ${plain(id)}${severity === null ? '' : ` (${severity})`}\n`,
    ),
    ...changed.flatMap(({ id, parts }) => [
      ...wrapped(WIDTH, 'changed  ', `${plain(id)}: ${parts.join(', ')}`),
    ]),
    `${many(added.length, 'policy', 'policies')} added, ${removed.length} removed, ${changed.length} changed\n`,
  ];
  if (scanned) {
    sections.push(
      ...list('Newly found', newFindings),
      ...list('No longer found', goneFindings),
      `\n${many(newFindings.length, 'new violation')}, ${goneFindings.length} no longer found\n`,
    );
  }
  return [...sections, ...list('Could not be evaluated', errors)].join('');
}

function list(title: string, results: readonly Reported[]): string[] {
  return results.length === 0 ? [] : [`\n${title}:\n`, ...results.flatMap((result) => [...describe(result)])];
}

function* describe({ severity, verdict, policy, origin, detail, reason }: Reported): Iterable<string> {
  const what = verdict === 'error' ? reason : severity;
  yield* wrapped(WIDTH, '  ', `${origin.file}:${origin.line}:${origin.column} ${what} [${policy ?? '-'}]`);
  yield* wrapped(WIDTH, '    ', detail);
}
