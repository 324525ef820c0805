import { UsageError } from '../app/usage.ts';
import { plainJson } from '../report/text.ts';
import { type Arguments, command, type Flags } from './command.ts';
import { CATALOGUE_FLAGS } from './flags.ts';
import type { Io } from './io.ts';
import { wholeText } from './snapshot-text.ts';

const flags = {
  data: {
    type: 'string',
    hint: 'DIR',
    description: 'The snapshot in force in this data folder. Without this flag and a FILE: .rampart.',
  },
  json: CATALOGUE_FLAGS.json,
} as const satisfies Flags;

export const snapshotShowCommand = command({
  name: 'snapshot show',
  summary: 'says what a snapshot holds',
  description: [
    'Prints the digest of a snapshot, its policies with their stages, exemptions, tiers and settings. One of a data folder is ' +
      'shown only if it is signed and whole.',
    'Exit codes: 0; 2 there is none, or it is not what was signed; 3 this version cannot compile a policy of it.',
  ],
  positional: { name: 'FILE', description: 'What `rampart snapshot build --output` wrote.', min: 0 },
  flags,
  examples: [
    { line: 'rampart snapshot show', says: 'what is in force' },
    { line: 'rampart snapshot show snapshot.json --json', says: 'for another program' },
  ],
  run,
});

async function run({ positionals, flags: { data, json } }: Arguments<typeof flags>, io: Io): Promise<number> {
  const [file, ...more] = positionals;
  if (more.length > 0 || (file !== undefined && data !== undefined))
    throw new UsageError('snapshot show takes one FILE, or --data');
  const { snapshotOfData, snapshotOfFile } = await import('../app/snapshot/find.ts');
  const { DATA_NAME } = await import('../app/data-folder.ts');
  const now = Date.now();
  const { snapshot, epoch } =
    file === undefined ? snapshotOfData(data ?? DATA_NAME, io.cwd, now) : snapshotOfFile(file, io.cwd, now);
  const { describeSnapshot } = await import('../app/snapshot/describe.ts');
  const described = describeSnapshot(snapshot);
  if (json) io.out.write(`${plainJson({ ...described, ...(epoch === undefined ? {} : { epoch }) }, 2)}\n`);
  else for (const line of wholeText(described, epoch)) io.out.write(line);
  return described.problems.length > 0 ? 3 : 0;
}
