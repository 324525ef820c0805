import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Initialised, Outcome } from '../app/init/init.ts';
import { wrapped } from '../report/page.ts';
import { many, plain } from '../report/text.ts';
import { type Arguments, command, type Flags } from './command.ts';
import type { Io } from './io.ts';
import { parse } from './parse.ts';

const flags = {
  ci: {
    type: 'string',
    hint: 'FORGE',
    options: ['auto', 'github', 'gitlab', 'none'],
    default: 'auto',
    description: 'Whose workflow to write; auto: what the repository is kept in.',
  },
  branch: {
    type: 'string',
    hint: 'NAME',
    description: 'The branch that pull requests are merged into. Without this flag: what the remote says.',
  },
  baseline: {
    type: 'boolean',
    description: 'Also write down what is found today, in rampart-baseline.yaml: only what is new fails.',
  },
  'import-suppressions': {
    type: 'boolean',
    description:
      'Also make exemptions, for 90 days, of what checkov, Trivy, kube-linter and Kubescape are told to skip, in ' +
      'rampart-exemptions.yaml.',
  },
  'dry-run': { type: 'boolean', description: 'Say what would be written, and write nothing.' },
} as const satisfies Flags;

export const initCommand = command({
  name: 'init',
  summary: 'sets up a repository',
  description: [
    'Looks at what the working directory holds and writes a small rampart.yaml, a pre-commit hook, and a workflow for GitHub ' +
      'or GitLab. What exists is not overwritten: entries are added where nothing else changes, and else printed.',
    'Exit codes: 0; 2 a mistake in the call; 3 some suppressions could not be imported.',
  ],
  flags,
  examples: [
    { line: 'rampart init --dry-run', says: 'what it would write' },
    { line: 'rampart init --baseline', says: 'with what is found today as known' },
  ],
  run,
});

const WIDTH = 80;
const BASELINE = 'rampart-baseline.yaml';
const EXEMPTIONS = 'rampart-exemptions.yaml';

async function run({ flags: given }: Arguments<typeof flags>, io: Io): Promise<number> {
  const { initialise } = await import('../app/init/init.ts');
  const write = !given['dry-run'];
  const imported = given['import-suppressions'] ? await importSuppressions(write, io) : undefined;
  const done = initialise({
    cwd: io.cwd,
    ci: given.ci,
    branch: given.branch,
    baseline: given.baseline ? BASELINE : undefined,
    exemptions: imported?.exemptions,
    write,
  });
  for (const line of print(done, write)) io.out.write(line);
  if (given.baseline && write) await writeBaseline(io);
  return imported?.code ?? 0;
}

/** As `rampart exemptions import .` does it. `exemptions`: the file, where there is anything to exempt. */
async function importSuppressions(write: boolean, io: Io) {
  const { exemptionsImportCommand } = await import('./exemptions-import.ts');
  const args = parse(exemptionsImportCommand, ['.', '--output', EXEMPTIONS, ...(write ? [] : ['--dry-run'])]);
  const code = await exemptionsImportCommand.run(args, io);
  io.out.write('\n');
  return { code, exemptions: existsSync(resolve(io.cwd, EXEMPTIONS)) ? EXEMPTIONS : undefined };
}

/** As `rampart scan . --update-baseline` does it. Errors are said, and are no reason not to have set up the rest. */
async function writeBaseline(io: Io): Promise<void> {
  const { scanCommand, scanOptions } = await import('./scan.ts');
  const { scan } = await import('../app/scan.ts');
  const { configured } = await import('./configured.ts');
  const asked = parse(scanCommand, ['.', '--baseline', BASELINE, '--update-baseline', '--allow-empty']);
  const { report } = await scan(scanOptions(await configured(scanCommand, asked, io), [], io));
  for (const notice of report.notices)
    for (const line of wrapped(WIDTH, '', plain(notice))) io.out.write(line);
  const { error } = report.summary.verdicts;
  if (error > 0) io.out.write(`${many(error, 'error')} are no part of it: rampart scan . names them\n`);
}

function* print({ survey, forge, files }: Initialised, write: boolean): Iterable<string> {
  const { objects, policies, charts, kustomizations, suppressions } = survey;
  yield* wrapped(
    WIDTH,
    'found ',
    `${many(objects, 'Kubernetes object')}, ${many(charts.length, 'chart')}, ${many(kustomizations, 'kustomization')}` +
      `${policies.length === 0 ? '' : `, policies in ${policies.map(plain).join(', ')}`}`,
  );
  if (suppressions.length > 0)
    yield* wrapped(WIDTH, 'found ', `${suppressions.join(', ')}: what other tools were told not to find`);
  yield '\n';
  for (const outcome of files) yield* described(outcome, write);
  yield '\nnext:\n';
  for (const step of nextSteps(forge)) yield* wrapped(WIDTH, '  ', step);
}

const WORDS: Readonly<Record<Outcome['what'], readonly [done: string, would: string]>> = {
  written: ['wrote', 'would write'],
  extended: ['added to', 'would add to'],
  kept: ['kept', 'would keep'],
  'by-hand': ['add by hand to', 'add by hand to'],
};

function* described({ path, what, add }: Outcome, write: boolean): Iterable<string> {
  yield `${WORDS[what][write ? 0 : 1]} ${path}\n`;
  if (add !== undefined) for (const line of add.trimEnd().split('\n')) yield `    ${line}\n`;
}

function nextSteps(forge: Initialised['forge']): string[] {
  return [
    'rampart scan . shows what is found; rampart lock pins the checks, so that an upgrade brings no surprise.',
    ...(forge === 'github'
      ? [
          'The workflow is part of the pull request: its author can edit it. To make it a gate, keep it in a repository that few ' +
            'can write, and require it: Settings → Rules → Rulesets → Require workflows to pass before merging.',
        ]
      : []),
    ...(forge === 'gitlab'
      ? [
          'The job is part of the merge request: its author can edit it. To make it a gate, run it by a pipeline execution policy: ' +
            'Secure → Policies → New policy → Pipeline execution policy.',
        ]
      : []),
  ];
}
