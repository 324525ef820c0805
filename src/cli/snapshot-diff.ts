import type { Changes, SnapshotDiff } from '../app/snapshot/diff.ts';
import { UsageError } from '../app/usage.ts';
import { wrapped } from '../report/page.ts';
import { many, plainJson } from '../report/text.ts';
import { type Arguments, command, type Flags } from './command.ts';
import { CATALOGUE_FLAGS } from './flags.ts';
import type { Io } from './io.ts';
import { SNAPSHOT_FLAGS, snapshotOptions } from './snapshot-options.ts';
import { stageWords } from './snapshot-text.ts';

const flags = { ...SNAPSHOT_FLAGS, json: CATALOGUE_FLAGS.json } as const satisfies Flags;

export const snapshotDiffCommand = command({
  name: 'snapshot diff',
  summary: 'says what a new snapshot would change',
  description: [
    'Compares two snapshots: which policies were added, removed and changed (in what they decide, or only in what they say), ' +
      'which stages moved, and which exemptions, tiers and settings are others.',
    'Exit codes: 0 they are the same; 1 they differ; 2 a mistake in the call, or something is no snapshot; 3 this version cannot ' +
      'compile a policy of them.',
  ],
  positional: {
    name: 'SNAPSHOT',
    description:
      'The old one, then the new one: a file, a data folder, or . for what the configuration here would make.',
    min: 2,
  },
  flags,
  examples: [
    { line: 'rampart snapshot diff .rampart .', says: 'what would change' },
    { line: 'rampart snapshot diff old.json new.json --json', says: 'for another program' },
  ],
  run,
});

async function run(args: Arguments<typeof flags>, io: Io): Promise<number> {
  const [before, after, ...more] = args.positionals as [string, string, ...string[]];
  if (more.length > 0) throw new UsageError('snapshot diff takes two snapshots');
  const { namedSnapshot } = await import('../app/snapshot/find.ts');
  const { diffSnapshots } = await import('../app/snapshot/diff.ts');
  const options = { cwd: io.cwd, now: Date.now(), here: () => snapshotOptions(args, io) };
  const [old, now] = [before, after].map((name) => namedSnapshot(name, options).snapshot);
  const [problem] = [...old!.problems, ...now!.problems];
  if (problem !== undefined) {
    const { file, line } = problem.origin;
    for (const text of wrapped(WIDTH, '', `${file}:${line}: ${problem.detail}`)) io.err.write(text);
    return 3;
  }
  const diff = diffSnapshots(old!, now!);
  io.out.write(args.flags.json ? `${plainJson(diff, 2)}\n` : [...print(diff)].join(''));
  return diff.before === diff.after ? 0 : 1;
}

const WIDTH = 80;

const CHANGED = { meaning: '', severity: ' (only its severity)', text: ' (only its text)' };

function* print(diff: SnapshotDiff): Iterable<string> {
  const { before, after, added, removed, changed, stages, tiers, settings, others } = diff;
  if (before === after) {
    yield 'the same snapshot\n';
    return;
  }
  for (const id of added) yield* line('added', id);
  for (const id of removed) yield* line('removed', id);
  for (const { id, what } of changed) yield* line('changed', `${id}${CHANGED[what]}`);
  for (const { id, before, after } of stages)
    yield* line('stage', `${id}: ${stageWords(before)} → ${stageWords(after)}`);
  yield* listed('exemption', diff.exemptions);
  yield* listed('observed', diff.observed);
  for (const { namespace, before, after } of tiers)
    yield* line('tier', `${namespace === '*' ? 'all others' : namespace}: ${before} → ${after}`);
  for (const { name, before, after } of settings) yield* line('setting', `${name}: ${before} → ${after}`);
  if (others) yield* line('others', 'parameters, what is not selected, or where something stands');
  const counts = [
    `${many(added.length, 'policy', 'policies')} added`,
    `${removed.length} removed`,
    `${changed.length} changed`,
    `${many(stages.length, 'stage')} moved`,
  ];
  yield* wrapped(WIDTH, '', counts.join(', '));
}

function* listed(name: string, { added, removed, changed }: Changes): Iterable<string> {
  for (const id of added) yield* line(name, `${id} added`);
  for (const id of removed) yield* line(name, `${id} removed`);
  for (const id of changed) yield* line(name, `${id} changed`);
}

function line(name: string, text: string): Iterable<string> {
  return wrapped(WIDTH, `${name.padEnd(9)}  `, text);
}
