import { UsageError } from '../app/usage.ts';
import { type Arguments, command, type Flags } from './command.ts';
import type { Io } from './io.ts';
import { printTestJunit } from './test-junit.ts';
import { printTestJson, printTests } from './test-report.ts';

const flags = {
  format: {
    type: 'string',
    hint: 'FORMAT',
    options: ['pretty', 'json', 'junit'],
    default: 'pretty',
    description: 'What to print on standard output.',
  },
  'coverage-min': {
    type: 'string',
    hint: 'PERCENT',
    key: 'coverageMin',
    description:
      'Fails the run when fewer of the policies with tests of their own have passing and failing cases.',
  },
  all: { type: 'boolean', description: 'Also list the cases that pass.' },
  'allow-unsupported': {
    type: 'boolean',
    description: 'What this version cannot run is counted, and does not fail the run.',
  },
  watch: {
    type: 'boolean',
    description: 'Stays, and runs again what a change of a file touches; Ctrl+C ends it.',
  },
} as const satisfies Flags;

export const testCommand = command({
  name: 'test',
  summary: 'runs the tests beside policies',
  description: [
    'A policy folder holds policy.yaml, pass/ and fail/. Every document in pass/ must pass; every document in fail/ ' +
      'must fail the validation that its file is named for. A validation that no case makes fail is an error.',
    "Gatekeeper's suites (suite.yaml) are run as gator runs them, on templates with K8sNativeValidation; Kyverno's " +
      '(kyverno-test.yaml) as its CLI runs them, on policies in CEL.',
    'Exit codes: 0 all pass; 1 a case failed; 2 a mistake in the call; 3 something could not be tested.',
  ],
  positional: { name: 'PATH', description: 'A policy folder, a suite, or a folder of them.', min: 1 },
  flags,
  examples: [
    { line: 'rampart test library', says: 'the built-in policies, in a clone' },
    { line: 'rampart test policies --watch', says: 'while writing one' },
  ],
  run,
});

async function run(args: Arguments<typeof flags>, io: Io): Promise<number> {
  const { positionals, flags } = args;
  const least = percent(flags['coverage-min']);
  const tell = (report: Report): number => {
    io.out.write(print(report, flags));
    return exitCode(report, flags['allow-unsupported'], least, io);
  };
  if (!flags.watch) {
    const { testPolicies } = await import('../app/test.ts');
    return tell(testPolicies(positionals, io.cwd));
  }
  if (flags.format !== 'pretty') throw new UsageError('--watch goes with --format pretty');
  const { watchTests } = await import('./test-watch.ts');
  return watchTests(positionals, io, tell);
}

function exitCode(report: Report, allowUnsupported: boolean, least: number, io: Io): number {
  const { failed, errors, unsupported } = report.summary;
  if (errors > 0 || (unsupported > 0 && !allowUnsupported)) return 3;
  return failed > 0 || isUncovered(report, least, io) ? 1 : 0;
}

type Report = ReturnType<typeof import('../app/test.ts').testPolicies>;

function print(
  report: Report,
  { format, all, 'allow-unsupported': allowed }: Arguments<typeof flags>['flags'],
): string {
  if (format === 'json') return printTestJson(report);
  return format === 'junit' ? printTestJunit(report, allowed) : printTests(report, all);
}

function percent(text: string | undefined): number {
  if (text === undefined) return 0;
  if (/^(\d{1,2}|100)$/.test(text)) return Number(text);
  throw new UsageError(`--coverage-min expects a percentage from 0 to 100, got ${text}`);
}

function isUncovered({ coverage }: Report, least: number, io: Io): boolean {
  const { policies, untested } = coverage;
  const covered = policies === 0 ? 100 : Math.floor(((policies - untested.length) / policies) * 100);
  if (covered >= least) return false;
  io.err.write(
    `rampart: ${covered} % of the policies have passing and failing cases, and --coverage-min asks for ${least} %\n`,
  );
  return true;
}
