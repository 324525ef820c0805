import type { ReadinessReport } from '../app/readiness.ts';
import { wrapped } from '../report/page.ts';
import { many, plain, plainJson } from '../report/text.ts';
import { type Arguments, command, type Flags } from './command.ts';
import { CATALOGUE_FLAGS, SHARED_FLAGS } from './flags.ts';
import type { Io } from './io.ts';
import { describeProblem } from './policies-check.ts';

const flags = { set: SHARED_FLAGS.set, json: CATALOGUE_FLAGS.json } as const satisfies Flags;

export const policiesReadinessCommand = command({
  name: 'policies readiness',
  summary: 'says which of your policies run here unchanged',
  description: [
    'Says of each policy, and of each document that belongs to one, whether it runs unchanged, is convertible (and by ' +
      'which change), stays with its engine, or is refused as that engine would refuse it, and why.',
    'Exit codes: 0 all run unchanged; 1 some are convertible or stay; 2 a mistake in the call; 3 some are refused or ' +
      'could not be read.',
  ],
  positional: { name: 'PATH', description: 'A file or folder of policies.', min: 1 },
  flags,
  examples: [{ line: 'rampart policies readiness policies/', says: 'before you move' }],
  run,
});

const WIDTH = 80;

type Status = ReadinessReport['policies'][number]['status'];

const SAYS: Readonly<Record<Status, string>> = {
  unchanged: 'runs unchanged',
  convertible: 'convertible',
  stays: 'stays with its engine',
  refused: 'refused',
};

async function run(args: Arguments<typeof flags>, io: Io): Promise<number> {
  const { readReadiness } = await import('../app/readiness.ts');
  const report = readReadiness(args.positionals, args.flags.set, io.cwd);
  io.out.write(args.flags.json ? `${plainJson(report, 2)}\n` : print(report));
  const has = (status: Status) => report.policies.some((policy) => policy.status === status);
  if (report.errors.length > 0 || has('refused')) return 3;
  return has('convertible') || has('stays') ? 1 : 0;
}

function print({ policies, errors }: ReadinessReport): string {
  const count = (status: Status) => policies.filter((policy) => policy.status === status).length;
  return [
    ...policies.flatMap(({ resource, file, line, status, why }) => [
      `${plain(file)}:${line}: ${plain(resource.kind)} ${plain(resource.name)}: ${SAYS[status]}\n`,
      ...(why === '' ? [] : wrapped(WIDTH, '  ', why)),
    ]),
    ...errors.map((problem) => `\n${describeProblem('error', problem)}`),
    `\n${many(policies.length, 'document')}: ${count('unchanged')} unchanged, ${count('convertible')} convertible, ` +
      `${count('stays')} with their engines, ${count('refused')} refused\n`,
  ].join('');
}
