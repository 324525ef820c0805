/** Fills in what the command line does not say from rampart.yaml and variables. */
import { type ConfigLocation, findConfig } from '../app/config-file.ts';
import type { Configuration, GivenFlag, Layer } from '../app/configuration.ts';
import { UsageError } from '../app/usage.ts';
import type { Arguments, CONFIG_FLAGS, Command, Flag, Flags } from './command.ts';
import type { Io } from './io.ts';
import { typed } from './parse.ts';

/** Variables that are no keys. The first two are the launcher's and the last word of every error. */
const VARIABLES = ['RAMPART_CACHE', 'RAMPART_DEBUG', 'RAMPART_CONFIG', 'RAMPART_ENVIRONMENT'] as const;

/** The arguments as they count. Nothing is loaded for a command that heeds no configuration, or where there is none. */
export async function configured<F extends Flags>(
  command: Command<F>,
  args: Arguments<F>,
  io: Io,
): Promise<Arguments<F>> {
  if (command.flags['config'] === undefined) return args;
  const chosen = await choose(args, io);
  if (chosen.location === undefined && chosen.environment === undefined && !hasVariables(io.env)) return args;
  const config = await configurationOf(command, args, io, chosen);
  for (const notice of config.notices) io.err.write(`rampart: note: ${notice}\n`);
  return { ...args, config, flags: flagsUnder(command.flags, args.given, config, config.base) };
}

/** Throws UsageError for all that is wrong in the configuration. */
export async function configurationOf<F extends Flags>(
  { flags }: Command<F>,
  args: Arguments<F>,
  io: Io,
  given?: Chosen,
): Promise<Configuration> {
  const chosen = given ?? (await choose(args, io));
  const { readConfiguration } = await import('../app/configuration.ts');
  return readConfiguration({
    ...chosen,
    cwd: io.cwd,
    env: io.env,
    variables: VARIABLES,
    flags: givenFlags(flags, args),
  });
}

interface Chosen {
  readonly location: ConfigLocation | undefined;
  readonly environment: string | undefined;
}

async function choose(args: Arguments<Flags>, { cwd, env }: Io): Promise<Chosen> {
  const { config, 'no-config': none, environment, trust } = (args as unknown as Choosing).flags;
  if (none && config !== undefined) throw new UsageError('--config and --no-config cannot both hold');
  const named = config ?? set(env['RAMPART_CONFIG']);
  return {
    location: none ? undefined : await findFile(cwd, named, trust),
    environment: environment ?? set(env['RAMPART_ENVIRONMENT']),
  };
}

type Choosing = Arguments<typeof CONFIG_FLAGS & { trust: { type: 'string'; description: string } }>;

async function findFile(cwd: string, named: string | undefined, trust: string | undefined) {
  if (trust === undefined) return findConfig(cwd, named);
  const { findTrustedConfig } = await import('../app/trust.ts');
  return findTrustedConfig(cwd, named, trust);
}

function set(variable: string | undefined): string | undefined {
  return variable === '' ? undefined : variable;
}

/** Whether any variable could be a key's; which those are is known only to what is loaded then. */
function hasVariables(env: Io['env']): boolean {
  return Object.keys(env).some(
    (name) => name.startsWith('RAMPART_') && !(VARIABLES as readonly string[]).includes(name),
  );
}

function givenFlags(flags: Flags, { given }: Arguments<Flags>): GivenFlag[] {
  return Object.entries(flags).flatMap(([flag, { key }]) => {
    const texts = given.get(flag);
    if (key === undefined || texts === undefined) return [];
    return [{ key, flag, texts: flag.startsWith('no-') ? texts.map(opposite) : texts }];
  });
}

/** The flags of a command under one layer of settings: what the command line says stays as it was written there. */
export function flagsUnder<F extends Flags>(
  flags: F,
  given: ReadonlyMap<string, readonly string[]>,
  config: Configuration,
  layer: Layer,
): Arguments<F>['flags'] {
  const texts = new Map<string, readonly string[]>();
  for (const [name, flag] of Object.entries<Flag>(flags)) {
    const own = given.get(name) ?? [];
    const others = flag.key === undefined ? [] : config.texts(flag.key, layer);
    const counting = [...(name.startsWith('no-') ? others.map(opposite) : others), ...own];
    if (counting.length > 0) texts.set(name, counting);
  }
  return typed(flags, texts);
}

function opposite(text: string): string {
  return text === 'true' ? 'false' : 'true';
}
