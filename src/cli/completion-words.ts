/** What scripts of completion know: commands, flags, and the words that can stand for values. */
import type { CatalogueEntry } from '../app/catalogue.ts';
import type { Command, Flag } from './command.ts';

export interface Vocabulary {
  readonly commands: readonly Command[];
  /** Of `--select` and `--skip`: what may stand behind `KEY=`. */
  readonly selection: ReadonlyMap<string, readonly string[]>;
  readonly policies: readonly string[];
  /** Of `rampart completion`. */
  readonly shells: readonly string[];
}

/** By the built-in policies. */
export function selectionWords(policies: readonly CatalogueEntry[]): Vocabulary['selection'] {
  const of = (words: (policy: CatalogueEntry) => readonly (string | undefined)[]): string[] =>
    [...new Set(policies.flatMap(words))].filter((word) => word !== undefined).sort();
  return new Map([
    ['id', of(({ id }) => [id])],
    ['severity', of(({ severity }) => [severity])],
    ['layer', of(({ layer }) => [layer])],
    ['framework', of(({ frameworks }) => Object.keys(frameworks ?? {}))],
    ['owner', of(({ owner }) => [owner])],
    ['set', ['all', ...of(({ sets }) => sets)]],
  ]);
}

/** Commands of one word, and first words of the others with their second ones. */
export function tree(commands: readonly Command[]): ReadonlyMap<string, readonly string[]> {
  const words = new Map<string, string[]>();
  for (const { name } of commands) {
    const [first, second] = name.split(' ') as [string, string?];
    words.set(first, [...(words.get(first) ?? []), ...(second === undefined ? [] : [second])]);
  }
  return words;
}

/** First words that another follows. */
export function groups(commands: readonly Command[]): string[] {
  return [...tree(commands)].flatMap(([first, second]) => (second.length > 0 ? [first] : []));
}

export function summaryOf(commands: readonly Command[], name: string): string {
  const found = commands.find((command) => command.name === name);
  if (found !== undefined) return found.summary;
  return commands
    .filter((command) => command.name.startsWith(`${name} `))
    .map((command) => command.name.slice(name.length + 1))
    .join(', ');
}

/** The flags of a command and `--help`, each with a line about it. */
export function flagsOf({ flags }: Command): readonly (readonly [flag: string, about: string])[] {
  return [
    ...Object.entries<Flag>(flags).map(
      ([flag, { description }]) => [flag, firstSentence(description)] as const,
    ),
    ['help', 'Print what the command does'],
  ];
}

/** Where only certain words may stand: the values of a flag, by `COMMAND --FLAG`. */
export function valuesOf(commands: readonly Command[]): { name: string; flag: string; definition: Flag }[] {
  return commands.flatMap(({ name, flags }) =>
    Object.entries<Flag>(flags)
      .filter(([, { options, completes }]) => options !== undefined || completes !== undefined)
      .map(([flag, definition]) => ({ name, flag, definition })),
  );
}

/** Words that may stand where a command takes no paths. */
export function positionalWords(
  { positional }: Command,
  { policies, shells }: Vocabulary,
): readonly string[] {
  if (positional?.completes === 'policy') return policies;
  return positional?.completes === 'shell' ? shells : [];
}

function firstSentence(text: string): string {
  return text.split(/(?<=[.:;]) /)[0]!.replace(/[.:;]$/, '');
}
