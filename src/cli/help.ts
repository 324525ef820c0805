import type { Command, Flag } from './command.ts';

const WIDTH = 80;

/** The help of one command, at most 80 columns wide. */
export function commandHelp(command: Command): string {
  const sections = [
    `rampart ${command.name}: ${command.summary}`,
    `Usage: ${usage(command)}`,
    ...command.description.map((paragraph) => fold(paragraph, '').join('\n')),
    positionalHelp(command),
    flagsHelp(command),
    examplesHelp(command),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

export function usage({ name, positional, flags }: Command): string {
  const words = ['rampart', name];
  if (positional !== undefined)
    words.push(positional.min > 0 ? `${positional.name}...` : `[${positional.name}...]`);
  if (Object.keys(flags).length > 0) words.push('[flags]');
  return words.join(' ');
}

function positionalHelp({ positional }: Command): string {
  return positional === undefined ? '' : entry(positional.name, positional.description);
}

function flagsHelp({ flags }: Command): string {
  const lines = Object.entries(flags).map(([name, flag]) => entry(flagUsage(name, flag), describe(flag)));
  return lines.length === 0 ? '' : `Flags:\n${lines.join('\n')}`;
}

export function flagUsage(name: string, { type, hint }: Flag): string {
  return type === 'boolean' ? `--${name}` : `--${name} ${hint ?? 'VALUE'}`;
}

/** The description with what follows from the definition itself. */
export function describe({ description, options, default: preset, multiple }: Flag): string {
  const facts = [
    options === undefined ? '' : `one of ${options.join(', ')}`,
    preset === undefined ? '' : `default ${preset}`,
    multiple === true ? 'repeatable' : '',
  ].filter((fact) => fact !== '');
  return facts.length === 0 ? description : `${description} (${facts.join('; ')})`;
}

function examplesHelp({ examples }: Command): string {
  if (examples.length === 0) return '';
  return `Examples:\n${examples.map(({ line, says }) => entry(line, says)).join('\n')}`;
}

/** `  head   text`, the text on lines of its own where the head is long. */
function entry(head: string, text: string): string {
  const indent = ' '.repeat(26);
  const lines = fold(text, indent);
  if (head.length > 22) return [`  ${head}`, ...lines].join('\n');
  return [`  ${head.padEnd(24)}${lines[0]!.trimStart()}`, ...lines.slice(1)].join('\n');
}

function fold(text: string, indent: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + 1 > WIDTH) lines.push(indent + word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
