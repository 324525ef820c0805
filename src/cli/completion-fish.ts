import type { Command, Flag } from './command.ts';
import { flagsOf, groups, positionalWords, summaryOf, tree, type Vocabulary } from './completion-words.ts';

export function fishScript(vocabulary: Vocabulary): string {
  const { commands, selection } = vocabulary;
  const selections = [...selection].flatMap(([key, values]) => values.map((value) => `${key}=${value}`));
  return [
    '# Whether a command is being written: its one or two words, the second one empty where it is not there yet.',
    'function __rampart_at',
    '    set -l words (commandline -opc)',
    '    set -l command $words[2]',
    `    if contains -- "$command" ${groups(commands).join(' ')}`,
    '        set command "$command $words[3]"',
    '    end',
    '    test "$command" = "$argv[1]"',
    'end',
    'function __rampart_select',
    `    printf '%s\\n' ${selections.join(' ')}`,
    'end',
    ...[...tree(commands)].flatMap(([first, second]) => [
      `complete -c rampart -n "__rampart_at ''" -f -a ${first} -d ${quoted(summaryOf(commands, first))}`,
      ...second.map(
        (word) =>
          `complete -c rampart -n "__rampart_at '${first} '" -f -a ${word} -d ${quoted(summaryOf(commands, `${first} ${word}`))}`,
      ),
    ]),
    "complete -c rampart -n \"__rampart_at ''\" -f -l version -d 'Print the version'",
    "complete -c rampart -n \"__rampart_at ''\" -f -l help -d 'Print what there is'",
    ...commands.flatMap((command) => commandLines(command, vocabulary)),
    '',
  ].join('\n');
}

function commandLines(command: Command, vocabulary: Vocabulary): string[] {
  const here = `complete -c rampart -n "__rampart_at '${command.name}'"`;
  const words = positionalWords(command, vocabulary);
  return [
    ...(words.length === 0 ? [] : [`${here} -f -a "${words.join(' ')}"`]),
    ...flagsOf(command).map(([flag, about]) => {
      const definition = (command.flags as Readonly<Record<string, Flag | undefined>>)[flag];
      return `${here} -l ${flag}${argument(definition)} -d ${quoted(about)}`;
    }),
  ];
}

/** What follows a flag: a file, unless it is known better; nothing that must, where it may be left out. */
function argument(flag: Flag | undefined): string {
  if (flag === undefined || flag.type === 'boolean' || flag.optional === true) return '';
  if (flag.completes !== undefined) return " -x -a '(__rampart_select)'";
  return flag.options === undefined ? ' -r' : ` -x -a "${flag.options.join(' ')}"`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
