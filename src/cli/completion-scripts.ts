/** Scripts by which shells complete commands, flags and their values. They call nothing: what they know is in them. */
import { bashScript } from './completion-bash.ts';
import { fishScript } from './completion-fish.ts';
import type { Vocabulary } from './completion-words.ts';
import { zshScript } from './completion-zsh.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export function completionScript(shell: Shell, vocabulary: Vocabulary): string {
  return SCRIPTS[shell](vocabulary);
}

const SCRIPTS: Readonly<Record<Shell, (vocabulary: Vocabulary) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};
