import type { ConflictsOutcome } from '../app/conflicts.ts';
import { wrapped } from '../report/page.ts';
import { many, plain, plainJson } from '../report/text.ts';
import { yamlText } from '../report/yaml.ts';
import { type Arguments, command, type Flags } from './command.ts';
import { CATALOGUE_FLAGS, SHARED_FLAGS } from './flags.ts';
import type { Io } from './io.ts';
import { describeProblem } from './policies-check.ts';

const flags = {
  set: SHARED_FLAGS.set,
  schemas: SHARED_FLAGS.schemas,
  json: CATALOGUE_FLAGS.json,
} as const satisfies Flags;

export const policiesConflictsCommand = command({
  name: 'policies conflicts',
  summary: 'finds policies that repeat or exclude each other',
  description: [
    'Compares every policy with every other, whatever format each is written in. Duplicates ask the same of the same ' +
      'objects. Of a contradiction no object can satisfy both sides; it is shown with two objects that satisfy one side ' +
      'each. For all others an object that satisfies both was found and evaluated (--json prints it), or the answer is ' +
      'unknown, with the reason.',
    'Exit codes: 0 no conflict was found; 1 duplicates or contradictions; 2 a mistake in the call; 3 a policy could not ' +
      'be read.',
  ],
  positional: { name: 'PATH', description: 'A file or folder of policies, or builtin.', min: 1 },
  flags,
  examples: [
    { line: 'rampart policies conflicts policies/', says: 'your own with each other' },
    { line: 'rampart policies conflicts builtin policies/', says: 'with the library too' },
  ],
  run,
});

const WIDTH = 80;

async function run(args: Arguments<typeof flags>, io: Io): Promise<number> {
  const { readConflicts } = await import('../app/conflicts.ts');
  const { set, schemas, json } = args.flags;
  const outcome = readConflicts({ sources: args.positionals, cwd: io.cwd, set, schemas });
  io.out.write(json ? `${plainJson(outcome, 2)}\n` : print(outcome));
  if (outcome.errors.length > 0) return 3;
  const { duplicates, contradictions, unsatisfiable } = outcome;
  return duplicates.length + contradictions.length + unsatisfiable.length > 0 ? 1 : 0;
}

function print(outcome: ConflictsOutcome): string {
  const { duplicates, contradictions, unsatisfiable, unknown, errors } = outcome;
  return [
    ...duplicates.flatMap((found) => [...duplicate(found), '\n']),
    ...contradictions.flatMap((found) => [...contradiction(found), '\n']),
    ...unsatisfiable.flatMap((found) => [...impossible(found), '\n']),
    ...unknown.flatMap((found) => [...undecided(found), '\n']),
    ...errors.map((problem) => `${describeProblem('error', problem)}\n`),
    ...summary(outcome),
  ].join('');
}

function* duplicate({ a, b, match }: ConflictsOutcome['duplicates'][number]): Iterable<string> {
  const where = match === 'equal' ? 'the same objects' : 'objects that are partly the same';
  yield* wrapped(WIDTH, 'duplicate: ', `${a} and ${b}`);
  yield* wrapped(WIDTH, '  ', `ask the same of ${where}`);
}

function* contradiction(found: ConflictsOutcome['contradictions'][number]): Iterable<string> {
  const { a, b, kind, conditional, field, clauses, passesA, passesB } = found;
  const which = conditional ? ` that both are asked about` : '';
  const at = field === '' ? '' : `, because of ${field}`;
  yield* wrapped(WIDTH, 'contradiction: ', `${a} and ${b}`);
  yield* wrapped(WIDTH, '  ', `no ${kind}${which} can satisfy both${at}`);
  yield* asked(clauses);
  yield* example(`satisfies ${a}, not ${b}:`, passesA);
  yield* example(`satisfies ${b}, not ${a}:`, passesB);
}

function* asked(clauses: ConflictsOutcome['contradictions'][number]['clauses']): Iterable<string> {
  for (const { policy, validation, asks } of clauses)
    yield* wrapped(WIDTH, '    ', `${policy} (${validation}) asks: ${asks}`);
}

function* example(title: string, object: unknown): Iterable<string> {
  yield* wrapped(WIDTH, '    ', title);
  for (const line of yamlText(object).trimEnd().split('\n')) yield `      ${plain(line)}\n`;
}

function* impossible({ policy, kind, clauses }: ConflictsOutcome['unsatisfiable'][number]): Iterable<string> {
  yield* wrapped(WIDTH, 'contradiction: ', policy);
  yield* wrapped(WIDTH, '  ', `no ${kind} can satisfy it`);
  yield* asked(clauses);
}

function* undecided({ a, b, kind, reason }: ConflictsOutcome['unknown'][number]): Iterable<string> {
  yield* wrapped(WIDTH, 'unknown: ', `${a} and ${b}, of a ${kind}`);
  yield* wrapped(WIDTH, '  ', reason);
}

function* summary(outcome: ConflictsOutcome): Iterable<string> {
  const { policies, pairs, overlapping, duplicates, contradictions, none, unknown, apart } = outcome;
  if (apart.length > 0) yield* wrapped(WIDTH, 'not compared, since other objects decide: ', apart.join(', '));
  yield `${many(policies, 'policy', 'policies')}, ${many(pairs, 'pair')}, ${overlapping} of them about the same objects:\n`;
  const share = overlapping === 0 ? 0 : (100 * unknown.length) / overlapping;
  yield `${many(duplicates.length, 'duplicate')}, ${many(contradictions.length, 'contradiction')}, ` +
    `${none.length} proven none, ${unknown.length} unknown (${plain(share.toFixed(1))} %)\n`;
}
