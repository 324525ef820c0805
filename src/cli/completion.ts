import { UsageError } from '../app/usage.ts';
import { type Command, command } from './command.ts';
import { completionScript, SHELLS, type Shell } from './completion-scripts.ts';
import { selectionWords } from './completion-words.ts';
import type { Io } from './io.ts';

/** `all` loads the commands it is to complete. */
export const completionCommand = (all: () => Promise<readonly Command[]>) =>
  command({
    name: 'completion',
    summary: 'prints a script that completes commands and flags',
    description: [
      'Prints what a shell needs to complete commands, flags, their values and the ids of built-in policies.',
      'Exit codes: 0 printed; 2 no such shell.',
    ],
    positional: { name: 'SHELL', description: `${SHELLS.join(', ')}.`, min: 1, completes: 'shell' },
    flags: {},
    examples: [
      { line: 'source <(rampart completion bash)', says: 'in ~/.bashrc' },
      { line: 'source <(rampart completion zsh)', says: 'in ~/.zshrc, below compinit' },
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
  const { readCatalogue } = await import('../app/catalogue.ts');
  const { policies } = readCatalogue({
    policies: ['builtin'],
    cwd: io.cwd,
    set: [],
    select: [],
    skip: [],
    cache: io.cache,
  });
  const vocabulary = {
    commands: await all(),
    selection: selectionWords(policies),
    policies: policies.map(({ id }) => id),
    shells: SHELLS,
  };
  io.out.write(completionScript(shell, vocabulary));
  return 0;
}

function isShell(text: string | undefined): text is Shell {
  return (SHELLS as readonly (string | undefined)[]).includes(text);
}
