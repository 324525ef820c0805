import type { StoredFinding } from '../app/controller/controller.ts';
import type { ControllerStatus } from '../app/controller/status.ts';
import { wrapped } from '../report/page.ts';
import { plain, plainJson } from '../report/text.ts';
import { WEBHOOK_FLAGS } from './admission.ts';
import { type Arguments, command, type Flags } from './command.ts';
import { findingsTable } from './findings-table.ts';
import { CATALOGUE_FLAGS } from './flags.ts';
import type { Io } from './io.ts';
import { sinceLine } from './since-line.ts';
import { unlistedLines } from './unlisted-lines.ts';

const flags = {
  data: WEBHOOK_FLAGS.data,
  policy: { type: 'string', hint: 'ID', description: 'Only those of this policy.' },
  namespace: { type: 'string', hint: 'NAME', description: 'Only those of objects in this namespace.' },
  fixed: { type: 'boolean', description: 'Those that were fixed in the last seven days.' },
  json: CATALOGUE_FLAGS.json,
} as const satisfies Flags;

export const findingsCommand = command({
  name: 'findings',
  summary: 'lists what the background scan has found',
  description: [
    'What policies say of objects that exist, the worst first, with when it was first and last seen in --json. What an object is ' +
      'found to have as its controller has it is said once, at the controller. Asked of the controller that runs on the folder of ' +
      '--data; it forgets findings when it ends.',
    'Exit codes: 0 nothing is found; 1 there are findings; 2 a mistake, or nobody answers; 3 not everything was looked at yet, or may be.',
  ],
  flags,
  examples: [{ line: 'rampart findings --namespace shop', says: 'of one namespace' }],
  run,
});

const WIDTH = 80;

interface Listed {
  readonly findings: readonly StoredFinding[];
  /** That were not sent. */
  readonly more: number;
  readonly totals: Pick<ControllerStatus['findings'], 'objects' | 'complete' | 'unlisted' | 'since'>;
}

async function run({ flags: given }: Arguments<typeof flags>, io: Io): Promise<number> {
  const { dataFolder } = await import('../app/data-folder.ts');
  const { askController } = await import('../app/controller/ask.ts');
  const listed = (await askController(dataFolder(given.data), 'findings', {
    ...(given.policy === undefined ? {} : { policy: given.policy }),
    ...(given.namespace === undefined ? {} : { namespace: given.namespace }),
    ...(given.fixed ? { state: 'fixed' } : {}),
  })) as unknown as Listed;
  const { findings, totals, more } = listed;
  if (given.json) io.out.write(`${plainJson(listed, 2)}\n`);
  else {
    for (const line of findingsTable(findings, totals.objects, more)) io.out.write(`${plain(line)}\n`);
    for (const line of [...unlistedLines(totals.unlisted), sinceLine(totals.since)])
      for (const part of wrapped(WIDTH, '', plain(line))) io.out.write(part);
  }
  const open = !given.fixed && findings.some(({ verdict }) => verdict === 'violation' || verdict === 'error');
  if (open) return 1;
  return totals.complete && totals.unlisted.length === 0 ? 0 : 3;
}
