import type { Reported } from '../model/index.ts';
import { many, plain, plainJson, plainLines } from '../report/text.ts';
import { type Arguments, command, type Flags } from './command.ts';
import { CATALOGUE_FLAGS, SHARED_FLAGS } from './flags.ts';
import type { Io } from './io.ts';

const flags = {
  set: SHARED_FLAGS.set,
  schemas: SHARED_FLAGS.schemas,
  json: CATALOGUE_FLAGS.json,
  strict: { type: 'boolean', description: 'Warnings count as errors.' },
} as const satisfies Flags;

export const policiesCheckCommand = command({
  name: 'policies check',
  summary: 'explains what is wrong with policies',
  description: [
    'Compiles every policy and explains each error with file, line, column and caret. Warns of misspelt fields by the ' +
      'schema of the kinds a policy names, and of functions that a cluster of the set version would refuse in a new policy.',
    'Exit codes: 0 all compile; 1 warnings, with --strict; 2 a mistake in the call; 3 a policy does not compile.',
  ],
  positional: { name: 'PATH', description: 'A file or folder of policies, or builtin.', min: 1 },
  flags,
  examples: [{ line: 'rampart policies check policies/', says: 'everything below policies/' }],
  run,
});

async function run(args: Arguments<typeof flags>, io: Io): Promise<number> {
  const { checkPolicyFiles } = await import('../app/check.ts');
  const { set, schemas, json, strict } = args.flags;
  const outcome = checkPolicyFiles({ sources: args.positionals, cwd: io.cwd, set, schemas });
  const { policies, errors, warnings } = outcome;
  if (json) io.out.write(`${plainJson({ policies, errors, warnings }, 2)}\n`);
  else {
    const said = [
      ...errors.map((problem) => describeProblem('error', problem)),
      ...warnings.map((problem) => describeProblem('warning', problem)),
      `${many(policies, 'policy compiles', 'policies compile')}, ${many(errors.length, 'error')}, ${many(warnings.length, 'warning')}`,
    ];
    io.out.write(`${said.join('\n')}\n`);
  }
  if (errors.length > 0) return 3;
  return strict && warnings.length > 0 ? 1 : 0;
}

/** As rustc shows it. */
export function describeProblem(
  kind: 'error' | 'warning',
  { policy, origin, detail, excerpt, help }: Reported,
): string {
  const lines = [
    `${kind}${policy === null ? '' : `[${plain(policy)}]`}: ${plainLines(detail).join('\n  ')}`,
    `  --> ${plain(origin.file)}:${origin.line}:${origin.column}`,
    ...(excerpt === undefined ? [] : plainLines(excerpt).map((line) => `   | ${line}`)),
    ...(help === undefined ? [] : [`   = help: ${plain(help)}`]),
  ];
  return `${lines.join('\n')}\n`;
}
