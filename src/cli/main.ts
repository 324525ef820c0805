import { nearest } from '../app/nearest.ts';
import { UsageError } from '../app/usage.ts';
import type { Command } from './command.ts';
import { COMMANDS } from './commands.ts';
import { configured } from './configured.ts';
import type { Io } from './io.ts';
import { parse } from './parse.ts';

/** Runs one command line and returns the exit code: 0 clean, 1 findings, 2 usage or configuration, 3 not evaluated. */
export async function main(words: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatch(words, io);
  } catch (error) {
    return await fail(error, io);
  }
}

async function dispatch(words: readonly string[], io: Io): Promise<number> {
  const name = commandName(words);
  if (name !== undefined) return run(await COMMANDS[name]!(), words.slice(name.split(' ').length), io);
  const [first] = words;
  if (first === '--version' || first === '-v')
    return say(`${(await import('../app/version.ts')).VERSION}\n`, io);
  if (first === undefined) {
    io.err.write(await overview());
    return 2;
  }
  if (first === '--help' || first === '-h' || first === 'help') return say(await overview(), io);
  throw unknownCommand(words);
}

function commandName(words: readonly string[]): string | undefined {
  const [first = '', second = ''] = words;
  return [`${first} ${second}`, first].find((name) => Object.hasOwn(COMMANDS, name));
}

async function run(command: Command, words: readonly string[], io: Io): Promise<number> {
  const end = words.indexOf('--');
  const flags = end === -1 ? words : words.slice(0, end);
  if (flags.includes('--help') || flags.includes('-h'))
    return say((await import('./help.ts')).commandHelp(command), io);
  return command.run(await configured(command, parse(command, words), io), io);
}

function say(text: string, io: Io): number {
  io.out.write(text);
  return 0;
}

async function overview(): Promise<string> {
  const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
  const lines = commands.map(({ name, summary }) => `  rampart ${name.padEnd(16)} ${summary}`);
  return [
    'Rampart hardens cloud-native environments: policies as code, delivered like code.',
    '',
    ...lines,
    '',
    'rampart COMMAND --help says more; rampart --version says which this is.',
    '',
  ].join('\n');
}

function unknownCommand(words: readonly string[]): UsageError {
  const names = Object.keys(COMMANDS);
  const grouped = names.filter((name) => name.startsWith(`${words[0]} `));
  if (grouped.length > 0) return new UsageError(`rampart ${words[0]} needs more: ${grouped.join(', ')}`);
  const near = nearest(words[0]!, names);
  return new UsageError(
    `unknown command ${words[0]}`,
    near === undefined ? 'rampart --help lists the commands' : `did you mean ${near}?`,
  );
}

async function fail(error: unknown, io: Io): Promise<number> {
  // File names and arguments come from outside: no control character of theirs reaches the terminal.
  const { plainLines } = await import('../report/index.ts');
  const complain = (text: string): void => io.err.write(`rampart: ${plainLines(text).join('\n')}\n`);
  if (error instanceof UsageError) {
    complain(error.hint === undefined ? error.message : `${error.message}; ${error.hint}`);
    return 2;
  }
  // A fault of ours: nothing was decided, so it must not look like a clean scan.
  const text = error instanceof Error ? error.message : String(error);
  complain(`internal error: ${text}`);
  if (io.env['RAMPART_DEBUG'] === '1' && error instanceof Error) io.err.write(`${error.stack}\n`);
  else io.err.write('Nothing was decided. RAMPART_DEBUG=1 shows where it happened.\n');
  return 3;
}
