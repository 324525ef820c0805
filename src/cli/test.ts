import { type Arguments, command, type Flags } from './command.ts';
import { SHARED_FLAGS } from './flags.ts';
import type { Io } from './io.ts';
import { printTestJson, printTests } from './test-report.ts';

const flags = {
  format: SHARED_FLAGS.format,
  all: { type: 'boolean', description: 'Also list the cases that pass.' },
  'allow-unsupported': {
    type: 'boolean',
    description: 'What this version cannot run is counted, and does not fail the run.',
  },
} as const satisfies Flags;

export const testCommand = command({
  name: 'test',
  summary: 'runs the tests beside policies',
  description: [
    'A policy folder holds policy.yaml, pass/ and fail/. Every document in pass/ must pass; every document in fail/ ' +
      'must fail the validation that its file is named for. A validation that no case makes fail is an error.',
    "Gatekeeper's suites (suite.yaml) are run as gator runs them, on templates with K8sNativeValidation.",
    'Exit codes: 0 all pass; 1 a case failed; 2 a mistake in the call; 3 something could not be tested.',
  ],
  positional: { name: 'PATH', description: 'A policy folder, a suite, or a folder of them.', min: 1 },
  flags,
  examples: [{ line: 'rampart test library', says: 'the built-in policies, in a clone' }],
  run,
});

async function run(args: Arguments<typeof flags>, io: Io): Promise<number> {
  const { testPolicies } = await import('../app/test.ts');
  const report = testPolicies(args.positionals, io.cwd);
  io.out.write(args.flags.format === 'json' ? printTestJson(report) : printTests(report, args.flags.all));
  const { failed, errors, unsupported } = report.summary;
  if (errors > 0 || (unsupported > 0 && !args.flags['allow-unsupported'])) return 3;
  return failed > 0 ? 1 : 0;
}
