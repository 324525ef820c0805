import type { ConvertOutcome } from '../app/convert.ts';
import { wrapped } from '../report/page.ts';
import { plain } from '../report/text.ts';
import { yamlText } from '../report/yaml.ts';
import { type Arguments, command, type Flags } from './command.ts';
import { SHARED_FLAGS } from './flags.ts';
import type { Io } from './io.ts';
import { describeProblem } from './policies-check.ts';

const flags = {
  to: {
    type: 'string',
    hint: 'FORMAT',
    options: ['native', 'vap'],
    default: 'vap',
    description: 'native: HardeningPolicy. vap: ValidatingAdmissionPolicy with its bindings.',
  },
  set: SHARED_FLAGS.set,
} as const satisfies Flags;

export const policiesConvertCommand = command({
  name: 'policies convert',
  summary: 'writes policies in another format',
  description: [
    'Prints every policy of PATH as a HardeningPolicy, or as a ValidatingAdmissionPolicy with its bindings, with the same ' +
      'verdicts. A comment before each says what the format has no place for. What cannot be said in it is not printed, and ' +
      'named on standard error.',
    'Exit codes: 0 all were converted; 1 some cannot be said in that format; 2 a mistake in the call; 3 a policy could not ' +
      'be read.',
  ],
  positional: { name: 'PATH', description: 'A file or folder of policies, or builtin.', min: 1 },
  flags,
  examples: [
    { line: 'rampart policies convert policies/ --to native', says: 'one format for all' },
    { line: 'rampart policies convert builtin --to vap', says: 'the library, for any cluster' },
  ],
  run,
});

const WIDTH = 80;

async function run(args: Arguments<typeof flags>, io: Io): Promise<number> {
  const { convertPolicies } = await import('../app/convert.ts');
  const { to, set } = args.flags;
  const { conversions, errors } = convertPolicies({
    sources: args.positionals,
    target: to,
    cwd: io.cwd,
    set,
  });
  io.out.write(print(conversions));
  const refused = conversions.filter((conversion) => 'refused' in conversion);
  for (const { policy, refused: why } of refused)
    io.err.write([...wrapped(WIDTH, `not converted: `, `${policy}: ${why}`)].join(''));
  for (const problem of errors) io.err.write(describeProblem('error', problem));
  if (errors.length > 0) return 3;
  return refused.length > 0 ? 1 : 0;
}

function print(conversions: ConvertOutcome['conversions']): string {
  const texts = conversions.flatMap((conversion) => {
    if ('refused' in conversion) return [];
    const { notes, documents } = conversion;
    const comments = notes.flatMap((note) => [...wrapped(WIDTH - 2, '', plain(note))]);
    return [comments.map((line) => `# ${line}`).join('') + documents.map(yamlText).join('---\n')];
  });
  return texts.join('---\n');
}
