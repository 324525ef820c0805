/** A shell at a terminal, to see what it makes of a line when Tab is pressed. */
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderWith } from './rampart.ts';

export type Shell = 'bash' | 'zsh' | 'fish';

/** Whether this machine has it, and `script`, which makes the terminal. */
export function hasShell(shell: Shell): boolean {
  return [shell, 'script'].every((program) => !spawnSync(program, ['--version']).error);
}

/** Ctrl-G prints the line as it stands between brackets, and clears it. */
const SETUP: Readonly<Record<Shell, string>> = {
  bash: `bind -x '"\\C-g": printf "\\n<<%s>>\\n" "$READLINE_LINE"; READLINE_LINE='; bind 'set bell-style none'; PS1='ready> '`,
  zsh: `show() { print; print -r -- "<<$BUFFER>>"; BUFFER=; zle reset-prompt }; zle -N show; bindkey '^g' show; PS1='ready> '`,
  fish: `function fish_prompt; echo -n 'ready> '; end; function fish_right_prompt; end; function show; echo; echo "<<"(commandline)">>"; commandline ''; echo 'ready> '; end; bind \\cg show`,
};
const START: Readonly<Record<Shell, (file: string) => string>> = {
  bash: (file) => `bash --noprofile --rcfile ${file} -i`,
  zsh: (file) => `ZDOTDIR=${file.slice(0, file.lastIndexOf('/'))} zsh -d -i`,
  fish: (file) => `fish --no-config -i -C 'source ${file}'`,
};
const NAMES: Readonly<Record<Shell, string>> = { bash: 'bashrc', zsh: '.zshrc', fish: 'config.fish' };

const SECONDS = 60;

/**
 * Each line after Tab was pressed behind it, in a folder of these files. `setup` is what a person has in the file that the
 * shell reads at the start.
 */
export async function afterTab(
  shell: Shell,
  setup: string,
  lines: readonly string[],
  files: Readonly<Record<string, string>>,
): Promise<string[]> {
  const home = folderWith({});
  const file = join(home, NAMES[shell]);
  writeFileSync(file, `${setup}\n${SETUP[shell]}\n`);
  const child = spawn('script', ['-qec', START[shell](file), '/dev/null'], {
    cwd: folderWith(files),
    env: { PATH: process.env['PATH'], HOME: home, TERM: 'xterm', SHELL: '/bin/sh', LC_ALL: 'C.UTF-8' },
  });
  let printed = '';
  let heard = (): void => {};
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => {
      printed += text;
      heard();
    });
  const until = <T>(find: () => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${shell} does not answer: ${printed}`)),
        SECONDS * 1000,
      );
      heard = () => {
        const found = find();
        if (found === undefined) return;
        clearTimeout(timer);
        resolve(found);
      };
      heard();
    });
  try {
    const completed: string[] = [];
    for (const line of lines) {
      await until(() => (printed.includes('ready> ') ? true : undefined));
      printed = '';
      child.stdin.write(`${line}\t\x07`);
      completed.push(await until(() => /<<(.*?)>>.*ready> /s.exec(printed)?.[1]));
    }
    return completed;
  } finally {
    child.kill();
  }
}
