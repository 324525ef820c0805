import { flagsOf, groups, positionalWords, tree, type Vocabulary, valuesOf } from './completion-words.ts';

/** For bash from 3.2 on, which macOS has. Bash takes words apart at `=`; they are put together again before anything else. */
export function bashScript(vocabulary: Vocabulary): string {
  const { commands, selection } = vocabulary;
  const words = tree(commands);
  const positionals = commands.flatMap((command) => {
    const found = positionalWords(command, vocabulary);
    return found.length === 0 ? [] : [`    "${command.name}") __rampart_offer "${found.join(' ')}" ;;`];
  });
  return `__rampart_offer() {
  COMPREPLY=($(compgen -W "$1" -- "$current"))
  case "$COMP_WORDBREAKS" in
    *=*) case "$current" in *=*) COMPREPLY=("\${COMPREPLY[@]#"\${current%=*}="}") ;; esac ;;
    *) [ -z "$flag" ] || COMPREPLY=("\${COMPREPLY[@]/#/$flag=}") ;;
  esac
}
__rampart_select() {
  case "$current" in
${[...selection].map(([key, values]) => `    ${key}=*) __rampart_offer "${values.map((value) => `${key}=${value}`).join(' ')}" ;;`).join('\n')}
    *) compopt -o nospace 2>/dev/null; __rampart_offer "${[...selection.keys()].map((key) => `${key}=`).join(' ')}" ;;
  esac
}
_rampart() {
  local word glued= flag= count=0 current previous command
  local -a words
  words=()
  for word in "\${COMP_WORDS[@]:0:$((COMP_CWORD + 1))}"; do
    if [ $count -gt 0 ] && { [ "$word" = = ] || [ -n "$glued" ]; }; then
      words[count-1]="\${words[count-1]}$word"
    else
      words[count]="$word"
      count=$((count + 1))
    fi
    glued=
    [ "$word" != = ] || glued=yes
  done
  COMPREPLY=()
  current="\${words[count-1]}"
  previous="\${words[count-2]}"
  command="\${words[1]}"
  case "$command" in
    ${groups(commands).join('|')}) command="$command \${words[2]}" ;;
  esac
  if [ $count -eq 2 ]; then
    __rampart_offer "${[...words.keys()].join(' ')} --help --version"
    return
  fi
  if [ $count -eq 3 ]; then
    case "\${words[1]}" in
${groups(commands)
  .map((first) => `      ${first}) __rampart_offer "${words.get(first)!.join(' ')}"; return ;;`)
  .join('\n')}
    esac
  fi
  case "$current" in
    --*=*) flag="\${current%%=*}"; previous="$flag"; current="\${current#*=}" ;;
  esac
  case "$command $previous" in
${valuesOf(commands)
  .map(({ name, flag, definition: { options } }) => {
    const offer = options === undefined ? '__rampart_select' : `__rampart_offer "${options.join(' ')}"`;
    return `    "${name} --${flag}") ${offer}; return ;;`;
  })
  .join('\n')}
  esac
  case "$flag$current" in
    -*)
      [ -z "$flag" ] || return
      case "$command" in
${commands
  .map((command) => {
    const flags = flagsOf(command).map(([flag]) => `--${flag}`);
    return `        "${command.name}") __rampart_offer "${flags.join(' ')}" ;;`;
  })
  .join('\n')}
      esac
      return ;;
  esac
  case "$command" in
${positionals.join('\n')}
  esac
}
complete -o default -F _rampart rampart
`;
}
