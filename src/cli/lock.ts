import { wrapped } from '../report/page.ts';
import { many, plain } from '../report/text.ts';
import { type Arguments, command, type Flags } from './command.ts';
import { CATALOGUE_FLAGS } from './flags.ts';
import type { Io } from './io.ts';

const flags = {
  policies: CATALOGUE_FLAGS.policies,
  set: CATALOGUE_FLAGS.set,
  lock: {
    type: 'string',
    hint: 'FILE',
    description: 'The file to write. Without this flag: the nearest rampart.lock, else one here.',
  },
  accept: {
    type: 'string',
    hint: 'ID',
    multiple: true,
    description: 'Only this policy is accepted as it is now; the rest of the file stays.',
  },
  check: {
    type: 'boolean',
    description: 'Writes nothing; the exit code is 1 when there is something to accept.',
  },
} as const satisfies Flags;

export const lockCommand = command({
  name: 'lock',
  summary: 'accepts the checks of libraries as they are now',
  description: [
    'Writes rampart.lock: the version of the built-in library, the Pod Security Standards it is asked for, and a digest of ' +
      'every check. In a scan, checks of libraries that are not in it, or not as they are in it, are audit: they report and ' +
      'fail nothing. Policies of this repository are reviewed where they lie and need no entry.',
    'Exit codes: 0 written, or nothing to accept; 1 with --check, something to accept; 2 a mistake.',
  ],
  flags,
  examples: [
    { line: 'rampart policies diff rampart.lock builtin deploy/', says: 'what an upgrade would newly find' },
    { line: 'rampart lock', says: 'accept it' },
  ],
  run,
});

const WIDTH = 80;

async function run({ flags: given }: Arguments<typeof flags>, io: Io): Promise<number> {
  const { lockPolicies } = await import('../app/write-lock.ts');
  const change = lockPolicies({
    policies: given.policies.length === 0 ? ['builtin'] : given.policies,
    cwd: io.cwd,
    set: given.set,
    cache: io.cache,
    file: given.lock,
    accept: given.accept,
    write: !given.check,
  });
  const { file, added, changed, removed, settings, checks } = change;
  const lines = [
    ...added.map((check) => `added    ${check}`),
    ...changed.map((check) => `changed  ${check}`),
    ...removed.map((check) => `gone     ${check}`),
    ...settings.map((setting) => `set      ${setting}`),
  ];
  for (const line of lines) io.out.write(`${plain(line)}\n`);
  const counts = `${added.length} added, ${changed.length} changed, ${removed.length} gone`;
  const verb = given.check ? 'would hold' : 'holds';
  for (const line of wrapped(WIDTH, '', `${file} ${verb} ${many(checks, 'check')}: ${counts}`))
    io.out.write(line);
  return given.check && lines.length > 0 ? 1 : 0;
}
