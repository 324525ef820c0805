import type { CatalogueEntry } from '../app/catalogue.ts';
import { nearest } from '../app/nearest.ts';
import { UsageError } from '../app/usage.ts';
import { plainJson } from '../report/text.ts';
import { type Arguments, command } from './command.ts';
import { CATALOGUE_FLAGS, catalogueOptions } from './flags.ts';
import type { Io } from './io.ts';
import { facts, heading, remedy, section } from './policy-text.ts';

export const policiesShowCommand = command({
  name: 'policies show',
  summary: 'shows what a policy forbids, why, and what to do',
  description: [
    'Prints everything there is to know of each policy: what is forbidden and allowed, the remedy, the validations with ' +
      'their messages, severity, owner, frameworks, the checks of other tools that ask the same, and where it stands.',
    'Exit codes: 0 shown; 2 a mistake in the call, or no such policy.',
  ],
  positional: { name: 'ID', description: 'Id of a policy.', min: 1, completes: 'policy' },
  flags: CATALOGUE_FLAGS,
  examples: [{ line: 'rampart policies show pss-privileged', says: 'privileged containers' }],
  run,
});

async function run({ positionals, flags }: Arguments<typeof CATALOGUE_FLAGS>, io: Io): Promise<number> {
  const { readCatalogue } = await import('../app/catalogue.ts');
  const { policies } = readCatalogue(catalogueOptions(flags, io));
  const shown = positionals.map((id) => find(id, policies));
  io.out.write(flags.json ? `${plainJson({ policies: shown }, 2)}\n` : shown.map(print).join('\n'));
  return 0;
}

function find(id: string, policies: readonly CatalogueEntry[]): CatalogueEntry {
  const found = policies.find((policy) => policy.id === id);
  if (found !== undefined) return found;
  const near = nearest(
    id,
    policies.map((policy) => policy.id),
  );
  const help = near === undefined ? 'rampart policies list names them all' : `did you mean ${near}?`;
  throw new UsageError(`there is no policy ${id}`, help);
}

function print(policy: CatalogueEntry): string {
  return [
    ...heading(policy),
    ...remedy(policy),
    ...section(
      'Validations',
      policy.validations.map(({ name, message }) => (message === '' ? name : `${name}: ${message}`)),
    ),
    ...section(
      'Mutations',
      policy.mutations.map(({ patchType, expression }) => `${patchType}: ${expression}`),
    ),
    '\n',
    ...facts(policy),
  ].join('');
}
