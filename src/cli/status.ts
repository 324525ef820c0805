import type { ControllerStatus } from '../app/controller/status.ts';
import { wrapped } from '../report/page.ts';
import { many, plain, plainJson } from '../report/text.ts';
import { WEBHOOK_FLAGS } from './admission.ts';
import { type Arguments, command, type Flags } from './command.ts';
import { CATALOGUE_FLAGS } from './flags.ts';
import type { Io } from './io.ts';
import { sinceLine } from './since-line.ts';
import { unlistedLines } from './unlisted-lines.ts';

const flags = { data: WEBHOOK_FLAGS.data, json: CATALOGUE_FLAGS.json } as const satisfies Flags;

export const statusCommand = command({
  name: 'status',
  summary: 'asks a running controller how it is',
  description: [
    'The snapshot in force, which workers have it, what was decided and found since the controller began, and why the last change ' +
      'was refused, if it was. Asked of the controller that runs on the folder of --data.',
    'Exit codes: 0 every worker has the snapshot in force; 1 one has not, or the last change was refused; 2 a mistake, or nobody ' +
      'answers.',
  ],
  flags,
  examples: [{ line: 'rampart status --data .rampart', says: 'on the machine that serves' }],
  run,
});

const WIDTH = 80;
/** Of a digest: enough to tell snapshots apart; --json has all of it. */
const SHORT = 19;

async function run({ flags: given }: Arguments<typeof flags>, io: Io): Promise<number> {
  const { dataFolder } = await import('../app/data-folder.ts');
  const { askController } = await import('../app/controller/ask.ts');
  const status = (await askController(dataFolder(given.data), 'status')) as unknown as ControllerStatus;
  if (given.json) io.out.write(`${plainJson(status, 2)}\n`);
  else for (const line of linesOf(status)) io.out.write(line);
  const behind = status.workers.some(({ inForce }) => inForce < status.epoch);
  return behind || status.refused !== undefined ? 1 : 0;
}

function* linesOf({ epoch, digest, policies, workers, decisions, findings, refused }: ControllerStatus) {
  const row = (name: string, text: string) => wrapped(WIDTH, name.padEnd(12), plain(text));
  yield* row('snapshot', digest === '' ? 'none' : `${digest.slice(0, SHORT)}…, epoch ${epoch}`);
  yield* row('policies', String(policies));
  for (const { id, inForce, refused, quarantined, unlisted } of workers) {
    yield* row('worker', `${id}: ${refused ?? (inForce >= epoch ? 'has it' : 'has an older one')}`);
    for (const policy of quarantined)
      yield* row('', `${policy} is in quarantine there: it kept taking too long`);
    for (const kind of unlisted)
      yield* row('', `it may not list ${kind}: policies that need it are errors; rampart doctor says why`);
  }
  const since = new Date(decisions.since).toISOString();
  yield* row(
    'decisions',
    `${many(decisions.requests, 'request')}, ${many(decisions.dryRuns, 'dry run')} since ${since}`,
  );
  const counts = Object.values(decisions.policies);
  const sum = (of: 'violation' | 'error' | 'denied' | 'warned') =>
    counts.reduce((all, one) => all + one[of], 0);
  yield* row(
    '',
    `${sum('violation')} violations, ${sum('error')} errors: ${sum('denied')} denied, ${sum('warned')} warned`,
  );
  const looked = !findings.complete
    ? 'not all looked at yet'
    : findings.unlisted.length === 0
      ? 'all looked at'
      : 'all looked at but for what may not be listed';
  yield* row(
    'findings',
    `${findings.open} open, ${findings.fixed} fixed; ${many(findings.objects, 'object')}, ${looked}`,
  );
  yield* row('', sinceLine(findings.since));
  if (findings.unevaluated > 0)
    yield* row(
      '',
      `${many(findings.unevaluated, 'object')} admitted unevaluated: nobody was asked about them`,
    );
  for (const line of unlistedLines(findings.unlisted)) yield* row('', line);
  for (const reason of refused?.reasons ?? []) yield* row('refused', reason);
}
