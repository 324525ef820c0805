import { parseArgs } from 'node:util';
import { nearest } from '../app/nearest.ts';
import { UsageError } from '../app/usage.ts';
import type { Arguments, Command, Flag, Flags } from './command.ts';

/** Reads the words after the command's name. Nothing is guessed: what is not known or not complete is a UsageError. */
export function parse<F extends Flags>(command: Command<F>, words: readonly string[]): Arguments<F> {
  const { tokens } = parseArgs({
    args: withEmptyValues(command.flags, words),
    options: Object.fromEntries(Object.entries(command.flags).map(([name, { type }]) => [name, { type }])),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const positionals: string[] = [];
  const given = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const flag = flagNamed(command, token.rawName);
    const values = given.get(token.name) ?? [];
    if (values.length > 0 && flag.multiple !== true)
      throw new UsageError(`${token.rawName} is given more than once`);
    values.push(readValue(flag, token));
    given.set(token.name, values);
  }
  checkPositionals(command, positionals, given);
  return { positionals, flags: typed(command.flags, given), given };
}

/** `--changed --all` and `--changed` at the end are `--changed=`, where the value may be left out. */
function withEmptyValues(flags: Flags, words: readonly string[]): string[] {
  const end = words.includes('--') ? words.indexOf('--') : words.length;
  return words.map((word, i) => {
    const isBare = i < end && word.startsWith('--') && flags[word.slice(2)]?.optional === true;
    const next = words[i + 1];
    return isBare && (i + 1 >= end || next!.startsWith('-')) ? `${word}=` : word;
  });
}

function flagNamed(command: Command<Flags>, rawName: string): Flag {
  const name = rawName.replace(/^--?/, '');
  if (rawName.startsWith('--') && Object.hasOwn(command.flags, name)) return command.flags[name]!;
  const known = Object.keys(command.flags).map((flag) => `--${flag}`);
  const near = nearest(rawName, known);
  throw new UsageError(
    `unknown flag ${rawName}`,
    near === undefined ? `rampart ${command.name} --help lists the flags` : `did you mean ${near}?`,
  );
}

interface OptionToken {
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function readValue(flag: Flag, { rawName, value, inlineValue }: OptionToken): string {
  if (flag.type === 'boolean') {
    // With `=false` it undoes what a rampart.yaml says.
    if (value === undefined || value === 'true' || value === 'false') return value ?? 'true';
    throw new UsageError(`${rawName} takes no value but true or false, got ${value}`);
  }
  // A flag in the place of a value is a forgotten value, an empty one most often a variable that is not set.
  if (value === '' && flag.optional === true) return value;
  if (value === undefined || value === '' || (value.startsWith('--') && inlineValue !== true))
    throw new UsageError(`${rawName} needs a value: ${rawName} ${flag.hint ?? 'VALUE'}`);
  if (flag.options === undefined || flag.options.includes(value)) return value;
  const near = nearest(value, flag.options);
  throw new UsageError(
    `${rawName} is one of ${flag.options.join(', ')}; got ${value}`,
    near === undefined ? undefined : `did you mean ${near}?`,
  );
}

function checkPositionals(
  { name, positional, flags }: Command<Flags>,
  words: readonly string[],
  given: ReadonlyMap<string, readonly string[]>,
): void {
  if (positional === undefined && words.length > 0)
    throw new UsageError(`rampart ${name} takes no ${words[0]}`, `rampart ${name} --help says what it takes`);
  if (positional !== undefined && words.length < positional.min)
    throw new UsageError(
      `rampart ${name} needs a ${positional.name}`,
      takenInstead(flags, given) ?? `rampart ${name} --help says what it takes`,
    );
  // An unset variable of a shell must not become the working directory.
  if (words.includes('')) throw new UsageError(`rampart ${name}: a ${positional?.name} is empty`);
}

/** A flag whose value may be left out takes the next word all the same. */
function takenInstead(flags: Flags, given: ReadonlyMap<string, readonly string[]>): string | undefined {
  const found = [...given].find(([name, [value]]) => flags[name]?.optional === true && value !== '');
  return found === undefined ? undefined : `--${found[0]} took ${found[1][0]} for its value: put it last`;
}

/** Values by flag, of the types that the flags say. */
export function typed<F extends Flags>(
  flags: F,
  given: ReadonlyMap<string, readonly string[]>,
): Arguments<F>['flags'] {
  const entries = Object.entries(flags).map(([name, flag]) => {
    const values = given.get(name) ?? [];
    if (flag.type === 'boolean') return [name, values[0] === 'true'];
    if (flag.multiple === true) return [name, values];
    return [name, values[0] ?? flag.default];
  });
  return Object.fromEntries(entries) as Arguments<F>['flags'];
}
