import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Objection } from '../app/snapshot/prove.ts';
import { UsageError } from '../app/usage.ts';
import type { Problem } from '../model/index.ts';
import { wrapped } from '../report/page.ts';
import { many, plain, plainJson } from '../report/text.ts';
import { type Arguments, command, type Flags } from './command.ts';
import { CATALOGUE_FLAGS } from './flags.ts';
import type { Io } from './io.ts';
import { SNAPSHOT_FLAGS, snapshotOptions } from './snapshot-options.ts';
import { summaryLines } from './snapshot-text.ts';

const flags = {
  ...SNAPSHOT_FLAGS,
  output: { type: 'string', hint: 'FILE', description: 'Also write the snapshot.' },
  timeout: {
    type: 'string',
    hint: 'SECONDS',
    default: '60',
    description: 'What the policies and their tests may take in all.',
  },
  json: CATALOGUE_FLAGS.json,
} as const satisfies Flags;

export const snapshotBuildCommand = command({
  name: 'snapshot build',
  summary: 'freezes what decides, and proves it',
  description: [
    'Puts together what gates would decide by: the policies that rampart.yaml and the flags select, their stages, the tiers of ' +
      'namespaces, and PolicyExemptions among the policy files. Its digest is the same on every machine. It is proved in a ' +
      "process of its own: every policy compiles, and the policies' own tests pass.",
    'Exit codes: 0 it would be taken; 1 a test of a policy fails; 2 a mistake in the call or the configuration; 3 a policy does ' +
      'not compile, or nothing could be proved in time.',
  ],
  flags,
  examples: [
    { line: 'rampart snapshot build', says: 'what the configuration here makes' },
    { line: 'rampart snapshot build --output snapshot.json', says: 'to look at, or to compare with' },
  ],
  run,
});

const WIDTH = 80;

async function run(args: Arguments<typeof flags>, io: Io): Promise<number> {
  const { output, json, timeout } = args.flags;
  const time = milliseconds(timeout);
  const { buildSnapshot } = await import('../app/snapshot/build.ts');
  const built = buildSnapshot(snapshotOptions(args, io));
  if (!built.ok) return refuse(built.problems.map(objectionTo), json, io);
  for (const notice of built.notices) io.err.write(`rampart: note: ${plain(notice)}\n`);
  const { PROOF_LIMITS, proveSnapshot } = await import('../app/snapshot/prove.ts');
  const now = Date.now();
  const proved = await proveSnapshot(built, { cwd: io.cwd, now }, { ...PROOF_LIMITS, time });
  if (!proved.ok) return refuse(proved.objections, json, io);
  const { compileSnapshot } = await import('../app/snapshot/compile.ts');
  const { describeSnapshot } = await import('../app/snapshot/describe.ts');
  const described = describeSnapshot(compileSnapshot(built.content, { now, digest: built.digest }));
  if (output !== undefined) write(output, built.text, io);
  const { tests } = proved;
  if (json)
    io.out.write(`${plainJson({ ok: true, ...described, tests, acknowledged: built.acknowledged }, 2)}\n`);
  else {
    for (const line of summaryLines(described)) io.out.write(line);
    io.out.write(
      `tests       ${tests.passed} passed${tests.unsupported === 0 ? '' : `, ${tests.unsupported} cannot be run here`}\n`,
    );
    if (built.acknowledged > 0)
      io.out.write(`left out    ${many(built.acknowledged, 'document')} that unsupported names\n`);
  }
  return 0;
}

function objectionTo({ detail, origin: { file, line, column }, help }: Problem): Objection {
  const said = help === undefined ? detail : `${detail} ${help}`;
  return { code: 'does-not-compile', detail: said, place: { file, line, column } };
}

function refuse(objections: readonly Objection[], json: boolean, io: Io): number {
  if (json) io.out.write(`${plainJson({ ok: false, objections }, 2)}\n`);
  else {
    for (const { code, detail, place } of objections) {
      const where = place === undefined ? '' : `${place.file}:${place.line}:${place.column} `;
      for (const line of wrapped(WIDTH, '', `${where}${code}`)) io.out.write(line);
      for (const line of wrapped(WIDTH, '  ', detail)) io.out.write(line);
    }
    io.out.write(`no snapshot: ${many(objections.length, 'objection')}\n`);
  }
  return objections.every(({ code }) => code === 'test-failed') ? 1 : 3;
}

function write(file: string, text: string, io: Io): void {
  try {
    writeFileSync(resolve(io.cwd, file), text);
  } catch (error) {
    throw new UsageError(`--output: cannot write ${file}: ${(error as NodeJS.ErrnoException).code ?? error}`);
  }
}

function milliseconds(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text) * 1000;
  throw new UsageError(`--timeout expects a number of seconds from 1 to 99999, got ${text}`);
}
