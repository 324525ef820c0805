import type { CatalogueEntry } from '../app/catalogue.ts';
import { nearest } from '../app/nearest.ts';
import { UsageError } from '../app/usage.ts';
import { wrapped } from '../report/page.ts';
import { plain, plainJson } from '../report/text.ts';
import { type Arguments, command } from './command.ts';
import { CATALOGUE_FLAGS } from './flags.ts';
import type { Io } from './io.ts';

export const policiesShowCommand = command({
  name: 'policies show',
  summary: 'shows what a policy forbids, why, and what to do',
  description: [
    'Prints everything there is to know of each policy: what is forbidden and allowed, the remedy, the validations with ' +
      'their messages, severity, owner, frameworks, the checks of other tools that ask the same, and where it stands.',
    'Exit codes: 0 shown; 2 a mistake in the call, or no such policy.',
  ],
  positional: { name: 'ID', description: 'Id of a policy.', min: 1 },
  flags: CATALOGUE_FLAGS,
  examples: [{ line: 'rampart policies show pss-privileged', says: 'privileged containers' }],
  run,
});

const WIDTH = 80;

async function run({ positionals, flags }: Arguments<typeof CATALOGUE_FLAGS>, io: Io): Promise<number> {
  const { readCatalogue } = await import('../app/catalogue.ts');
  const sources = flags.policies.length === 0 ? ['builtin'] : flags.policies;
  const { policies } = readCatalogue({
    policies: sources,
    cwd: io.cwd,
    set: flags.set,
    select: [],
    skip: [],
    cache: io.cache,
  });
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
    `${plain(policy.id)}: ${plain(policy.title)}\n`,
    ...paragraphs(policy.description),
    ...(policy.remediation === undefined ? [] : ['\nRemedy:\n', ...wrapped(WIDTH, '  ', policy.remediation)]),
    ...section(
      'Validations',
      policy.validations.map(({ name, message }) => (message === '' ? name : `${name}: ${message}`)),
    ),
    ...section(
      'Mutations',
      policy.mutations.map(({ patchType, expression }) => `${patchType}: ${expression}`),
    ),
    '\n',
    ...facts(policy).flatMap(([name, value]) => [...wrapped(WIDTH, name.padEnd(13), value)]),
  ].join('');
}

function section(title: string, items: readonly string[]): string[] {
  if (items.length === 0) return [];
  return [`\n${title}:\n`, ...items.flatMap((item) => [...wrapped(WIDTH, '  ', item)])];
}

function paragraphs(text: string | undefined): string[] {
  return text === undefined ? [] : ['\n', ...wrapped(WIDTH, '', text)];
}

function facts(policy: CatalogueEntry): (readonly [string, string])[] {
  const { origin, tests } = policy;
  const commit = origin.commit === undefined ? '' : ` (commit ${origin.commit.slice(0, 12)})`;
  const frameworks = Object.entries(policy.frameworks ?? {}).map(
    ([name, ids]) => `${name}: ${ids.join(', ')}`,
  );
  const all: (readonly [string, string | undefined])[] = [
    ['severity', policy.severity],
    ['kind', policy.kind],
    ['layer', policy.layer],
    ['owner', policy.owner],
    ['sets', policy.sets.join(', ')],
    ['frameworks', frameworks.join('; ')],
    ['equivalents', policy.equivalents?.join(', ')],
    ['tests', tests === null ? undefined : `${tests.pass} in pass/, ${tests.fail} in fail/`],
    ['origin', `${origin.file}:${origin.line}${commit}`],
    ['active', policy.active ? undefined : 'no: none of its validations applies under these settings'],
  ];
  return all.filter((fact): fact is readonly [string, string] => fact[1] !== undefined && fact[1] !== '');
}
