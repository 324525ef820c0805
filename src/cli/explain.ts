import type { Explanation } from '../app/explain.ts';
import { plain, plainJson } from '../report/text.ts';
import { type Arguments, command } from './command.ts';
import { CATALOGUE_FLAGS, catalogueOptions } from './flags.ts';
import type { Io } from './io.ts';
import { facts, heading, remedy } from './policy-text.ts';

export const explainCommand = command({
  name: 'explain',
  summary: 'says why a policy matters and what to write instead',
  description: [
    'Prints why a policy matters, what it forbids and allows, the remedy, an object before and after, and the controls of ' +
      'frameworks that ask for it.',
    'Exit codes: 0 explained; 2 a mistake in the call, or no such policy.',
  ],
  positional: { name: 'POLICY', description: 'Id of a policy.', min: 1, completes: 'policy' },
  flags: CATALOGUE_FLAGS,
  examples: [{ line: 'rampart explain pss-privileged', says: 'privileged containers' }],
  run,
});

async function run({ positionals, flags }: Arguments<typeof CATALOGUE_FLAGS>, io: Io): Promise<number> {
  const { explainPolicies } = await import('../app/explain.ts');
  const explained = explainPolicies(positionals, catalogueOptions(flags, io));
  io.out.write(flags.json ? `${plainJson({ policies: explained }, 2)}\n` : explained.map(print).join('\n'));
  return 0;
}

function print({ policy, example }: Explanation): string {
  return [
    ...heading(policy),
    ...remedy(policy),
    ...(example === undefined
      ? []
      : ['\nBefore (-) and after (+):\n', ...example.split('\n').map((line) => `  ${plain(line)}\n`)]),
    '\n',
    ...facts(policy),
  ].join('');
}
