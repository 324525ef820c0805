import type { Catalogue, CatalogueEntry } from '../app/catalogue.ts';
import { wrapped } from '../report/page.ts';
import { many, plain, plainJson } from '../report/text.ts';
import { type Arguments, command, type Flags } from './command.ts';
import { CATALOGUE_FLAGS, SELECTION_FLAGS } from './flags.ts';
import type { Io } from './io.ts';
import { describeProblem } from './policies-check.ts';

const flags = { ...CATALOGUE_FLAGS, ...SELECTION_FLAGS } as const satisfies Flags;

export const policiesListCommand = command({
  name: 'policies list',
  summary: 'lists policies',
  description: [
    'Lists the policies of --policies by id, each with its severity and title. --json adds layer, owner, sets, frameworks, ' +
      'equivalents, description, remedy, validations, origin and how many test cases stand beside each.',
    'Exit codes: 0 all could be read; 2 a mistake in the call; 3 a policy was refused.',
  ],
  flags,
  examples: [
    { line: 'rampart policies list --select framework=pss-restricted', says: 'what that standard asks for' },
    { line: 'rampart policies list --policies policies/ --json', says: 'your own, for another program' },
  ],
  run,
});

const WIDTH = 80;

async function run(args: Arguments<typeof flags>, io: Io): Promise<number> {
  const { readCatalogue } = await import('../app/catalogue.ts');
  const { policies, set, select, skip, json } = args.flags;
  const sources = policies.length === 0 ? ['builtin'] : policies;
  const catalogue = readCatalogue({ policies: sources, cwd: io.cwd, set, select, skip, cache: io.cache });
  io.out.write(json ? `${plainJson(catalogue, 2)}\n` : print(catalogue));
  return catalogue.errors.length > 0 ? 3 : 0;
}

function print({ policies, errors }: Catalogue): string {
  const longest = Math.max(0, ...policies.map(({ id }) => plain(id).length));
  return [
    ...policies.flatMap((entry) => [...line(entry, Math.min(longest, 40))]),
    ...errors.map((problem) => `\n${describeProblem('error', problem)}`),
    `\n${many(policies.length, 'policy', 'policies')}${errors.length > 0 ? `, ${many(errors.length, 'error')}` : ''}\n`,
  ].join('');
}

function line({ id, severity, title, active }: CatalogueEntry, column: number): Iterable<string> {
  const note = active ? '' : ' (not active under these settings)';
  return wrapped(WIDTH, `${plain(id).padEnd(column)}  ${severity.padEnd(8)}  `, title + note);
}
