import { UsageError } from '../app/usage.ts';
import { type Command, command } from './command.ts';
import { completionScript, SHELLS, type Shell } from './completion-scripts.ts';
import type { Io } from './io.ts';

/** `all` loads the commands it is to complete. */
export const completionCommand = (all: () => Promise<readonly Command[]>) =>
  command({
    name: 'completion',
    summary: 'prints a script that completes commands and flags',
    description: [
      'Prints what a shell needs to complete commands, flags and their values.',
      'Exit codes: 0 printed; 2 no such shell.',
    ],
    positional: { name: 'SHELL', description: `${SHELLS.join(', ')}.`, min: 1 },
    flags: {},
    examples: [
      { line: 'source <(rampart completion bash)', says: 'in ~/.bashrc' },
      { line: 'rampart completion fish | source', says: 'in config.fish' },
    ],
    run: ({ positionals }, io) => run(positionals, all, io),
  });

async function run(
  positionals: readonly string[],
  all: () => Promise<readonly Command[]>,
  io: Io,
): Promise<number> {
  const [shell, ...more] = positionals;
  if (more.length > 0 || !isShell(shell))
    throw new UsageError(`rampart completion knows ${SHELLS.join(', ')}; got ${positionals.join(' ')}`);
  io.out.write(completionScript(shell, await all()));
  return 0;
}

function isShell(text: string | undefined): text is Shell {
  return (SHELLS as readonly (string | undefined)[]).includes(text);
}
