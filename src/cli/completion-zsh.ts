import {
  flagsOf,
  groups,
  positionalWords,
  summaryOf,
  tree,
  type Vocabulary,
  valuesOf,
} from './completion-words.ts';

/** To be sourced, or kept as `_rampart` in a folder of the fpath. */
export function zshScript(vocabulary: Vocabulary): string {
  const { commands, selection } = vocabulary;
  const words = tree(commands);
  const described = (entries: readonly (readonly [string, string])[]): string =>
    entries.map(([word, about]) => quoted(about === '' ? word : `${word}:${about}`)).join(' ');
  const positionals = commands.flatMap((command) => {
    const found = positionalWords(command, vocabulary);
    return found.length === 0 ? [] : [`    ${quoted(command.name)}) compadd -- ${found.join(' ')} ;;`];
  });
  return `#compdef rampart
_rampart_select() {
  case $PREFIX in
${[...selection].map(([key, values]) => `    ${key}=*) compset -P 1 '*='; compadd -- ${values.map(quoted).join(' ')} ;;`).join('\n')}
    *) compadd -S '' -- ${[...selection.keys()].map((key) => `${key}=`).join(' ')} ;;
  esac
}
_rampart() {
  local command=$words[2] previous=$words[CURRENT-1] flag=
  local -a known
  case $command in
    ${groups(commands).join('|')}) command="$command $words[3]" ;;
  esac
  if (( CURRENT == 2 )); then
    known=(${described([...words.keys()].map((first) => [first, summaryOf(commands, first)]))})
    _describe command known
    [[ $PREFIX != -* ]] || compadd -- --help --version
    return
  fi
  if (( CURRENT == 3 )); then
    case $words[2] in
${groups(commands)
  .map((first) => {
    const seconds = words.get(first)!.map((word) => [word, summaryOf(commands, `${first} ${word}`)] as const);
    return `      ${first}) known=(${described(seconds)}); _describe command known; return ;;`;
  })
  .join('\n')}
    esac
  fi
  if [[ $PREFIX == --*=* ]]; then
    flag=\${PREFIX%%=*} previous=\${PREFIX%%=*}
    compset -P 1 '*='
  fi
  case "$command $previous" in
${valuesOf(commands)
  .map(({ name, flag, definition: { options } }) => {
    const offer = options === undefined ? '_rampart_select' : `compadd -- ${options.join(' ')}`;
    return `    ${quoted(`${name} --${flag}`)}) ${offer}; return ;;`;
  })
  .join('\n')}
  esac
  if [[ -z $flag && $PREFIX == -* ]]; then
    case $command in
${commands
  .map((command) => {
    const flags = flagsOf(command).map(([flag, about]) => [`--${flag}`, about] as const);
    return `      ${quoted(command.name)}) known=(${described(flags)}) ;;`;
  })
  .join('\n')}
    esac
    _describe -o flag known
    return
  fi
  case $command in
${positionals.join('\n')}
    *) compset -P '*='; _files ;;
  esac
}
if [[ $funcstack[1] == _rampart ]]; then
  _rampart "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef _rampart rampart
fi
`;
}

/** A colon parts the word from what is said about it; the words themselves have none. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
