/** Scripts by which shells complete commands, flags and their values. They call nothing: what they know is in them. */
import type { Command, Flag } from './command.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export function completionScript(shell: Shell, commands: readonly Command[]): string {
  return SCRIPTS[shell](commands);
}

const SCRIPTS: Readonly<Record<Shell, (commands: readonly Command[]) => string>> = {
  bash: (commands) => `${bashFunction(commands)}complete -o default -F _rampart rampart\n`,
  // Zsh understands bash's scripts, but for how words are taken apart.
  zsh: (commands) =>
    `#compdef rampart\nautoload -U +X bashcompinit && bashcompinit\n${bashFunction(commands)}complete -o default -F _rampart rampart\n`,
  fish: fishScript,
};

/** Commands of one word, and first words of the others with their second ones. */
function tree(commands: readonly Command[]): ReadonlyMap<string, readonly string[]> {
  const words = new Map<string, string[]>();
  for (const { name } of commands) {
    const [first, second] = name.split(' ') as [string, string?];
    words.set(first, [...(words.get(first) ?? []), ...(second === undefined ? [] : [second])]);
  }
  return words;
}

function bashFunction(commands: readonly Command[]): string {
  const words = tree(commands);
  const groups = [...words].filter(([, second]) => second.length > 0);
  return `_rampart() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local command="\${COMP_WORDS[1]}"
  case "$command" in
    ${groups.map(([first]) => first).join('|')}) command="$command \${COMP_WORDS[2]}" ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${[...words.keys()].join(' ')} --help --version" -- "$current"))
    return
  fi
  if [ "$COMP_CWORD" -eq 2 ]; then
    case "\${COMP_WORDS[1]}" in
${groups.map(([first, second]) => `      ${first}) COMPREPLY=($(compgen -W "${second.join(' ')}" -- "$current")); return ;;`).join('\n')}
    esac
  fi
  case "$command $previous" in
${commands.flatMap(bashValues).join('\n')}
  esac
  case "$current" in
    -*)
      case "$command" in
${commands.map(({ name, flags }) => `        "${name}") COMPREPLY=($(compgen -W "${flagNames(flags).join(' ')}" -- "$current")) ;;`).join('\n')}
      esac ;;
  esac
}
`;
}

function bashValues({ name, flags }: Command): string[] {
  return Object.entries<Flag>(flags).flatMap(([flag, { options }]) =>
    options === undefined
      ? []
      : [
          `    "${name} --${flag}") COMPREPLY=($(compgen -W "${options.join(' ')}" -- "$current")); return ;;`,
        ],
  );
}

function flagNames(flags: Command['flags']): string[] {
  return [...Object.keys(flags).map((flag) => `--${flag}`), '--help'];
}

function fishScript(commands: readonly Command[]): string {
  const words = tree(commands);
  const top = [...words.keys()];
  const summaries = new Map(commands.map(({ name, summary }) => [name, summary]));
  return [
    `complete -c rampart -n __fish_use_subcommand -f -a "${top.join(' ')}"`,
    ...[...words].flatMap(([first, second]) =>
      second.map(
        (word) =>
          `complete -c rampart -n "__fish_seen_subcommand_from ${first}; and not __fish_seen_subcommand_from ${second.join(' ')}" -f -a ${word} -d ${quoted(summaries.get(`${first} ${word}`) ?? '')}`,
      ),
    ),
    ...commands.flatMap((command) =>
      Object.entries<Flag>(command.flags).map(([flag, definition]) => fishFlag(command, flag, definition)),
    ),
    '',
  ].join('\n');
}

function fishFlag({ name }: Command, flag: string, { type, options, description }: Flag): string {
  const seen = name
    .split(' ')
    .map((word) => `__fish_seen_subcommand_from ${word}`)
    .join('; and ');
  const value = type === 'boolean' ? '' : options === undefined ? ' -r' : ` -x -a "${options.join(' ')}"`;
  return `complete -c rampart -n "${seen}" -l ${flag}${value} -d ${quoted(firstSentence(description))}`;
}

function firstSentence(text: string): string {
  return text.split(/(?<=[.:]) /)[0]!.replace(/[.:]$/, '');
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
