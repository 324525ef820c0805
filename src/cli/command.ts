/**
 * A command is one object: what it is, its flags, what it does. Parsing, help and docs/reference/cli.md derive from it.
 * (citty has that shape too, but keeps only the last of a repeated flag and accepts flags it does not know.)
 */
import type { Configuration, KeyName } from '../app/configuration.ts';
import type { Io } from './io.ts';

export interface Flag {
  readonly type: 'string' | 'boolean';
  readonly description: string;
  /** What stands after the flag in the help: `--format FORMAT`. */
  readonly hint?: string;
  /** The value may be left out: then it is empty. */
  readonly optional?: boolean;
  /** May be given several times. */
  readonly multiple?: boolean;
  /** The only values. */
  readonly options?: readonly string[];
  /** What shells complete as its value, where `options` cannot say. */
  readonly completes?: 'selection';
  readonly default?: string;
  /** The key of rampart.yaml that says the same; of a flag `no-…` its opposite. */
  readonly key?: KeyName;
}

export type Flags = Readonly<Record<string, Flag>>;

export interface Positional {
  readonly name: string;
  readonly description: string;
  /** How many must be given at least. Any number may be. */
  readonly min: number;
  /** A flag with which none is needed. */
  readonly unless?: string;
  /** What shells complete instead of files. */
  readonly completes?: 'policy' | 'shell';
}

export interface Command<F extends Flags = Flags> {
  /** As typed: `scan`, `policies check`. */
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** Paragraphs after the summary. */
  readonly description: readonly string[];
  readonly positional?: Positional;
  readonly flags: F;
  readonly examples: readonly { readonly line: string; readonly says: string }[];
  /** The exit code. */
  run(args: Arguments<F>, io: Io): Promise<number>;
}

export interface Arguments<F extends Flags> {
  readonly positionals: readonly string[];
  /** From the command line, else what the configuration says, else the default. */
  readonly flags: { readonly [K in keyof F]: ValueOf<F[K]> };
  /** Names of the flags on the command line with what was given. */
  readonly given: ReadonlyMap<string, readonly string[]>;
  /** Absent when there is neither a rampart.yaml nor a variable. */
  readonly config?: Configuration;
}

type ValueOf<F extends Flag> = F extends { type: 'boolean' }
  ? boolean
  : F extends { multiple: true }
    ? readonly TextOf<F>[]
    : F extends { default: string }
      ? TextOf<F>
      : TextOf<F> | undefined;

type TextOf<F extends Flag> = F extends { options: readonly (infer O)[] } ? O : string;

/** Of every command that heeds rampart.yaml, because a flag of it has a key there. */
export const CONFIG_FLAGS = {
  config: {
    type: 'string',
    hint: 'FILE',
    description:
      'Configuration. Without this flag: rampart.yaml of the working directory, or the nearest one above it in the repository.',
  },
  'no-config': {
    type: 'boolean',
    description: 'No configuration; environment variables count all the same.',
  },
  environment: {
    type: 'string',
    hint: 'NAME',
    description: 'The overlay of this name, under environments in the configuration.',
  },
} as const satisfies Flags;

/** Keeps the literal types of the flags, so that `run` sees them typed. */
export function command<const F extends Flags>(definition: Command<F>): Command<F> {
  if (!Object.values<Flag>(definition.flags).some(({ key }) => key !== undefined)) return definition;
  return { ...definition, flags: { ...definition.flags, ...CONFIG_FLAGS } };
}
