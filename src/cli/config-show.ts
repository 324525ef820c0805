import { resolve } from 'node:path';
import type { Configuration, Layer, Setting, Source } from '../app/configuration.ts';
import { plain, plainJson } from '../report/text.ts';
import { yamlText } from '../report/yaml.ts';
import { type Arguments, command, type Flag, type Flags } from './command.ts';
import { configurationOf } from './configured.ts';
import { SHARED_FLAGS } from './flags.ts';
import type { Io } from './io.ts';
import { SCAN_FLAGS } from './scan.ts';

const own = {
  path: {
    type: 'string',
    hint: 'FILE',
    description: 'What counts for this file: overlays under paths that match it. It need not exist.',
  },
  explain: { type: 'boolean', description: 'Where each value comes from, in a comment above it.' },
  format: SHARED_FLAGS.format,
} as const satisfies Flags;

const flags = { ...keyed(SCAN_FLAGS), ...own };

export const configShowCommand = command({
  name: 'config show',
  summary: 'says what counts, and where each value comes from',
  description: [
    'Prints every key of rampart.yaml with the value that counts: a flag over an environment variable, over an overlay of ' +
      'paths, over one of environments, over the file, over the default. The flags of rampart scan may be given, to see what ' +
      'they change.',
    'Exit codes: 0; 2 a mistake in the call or the configuration.',
  ],
  flags,
  examples: [
    { line: 'rampart config show --explain', says: 'all values, with file and line' },
    { line: 'rampart config show --path deploy/web.yaml --format json', says: 'for one file' },
  ],
  run,
});

/** Those that a configuration can say too. */
function keyed(all: Flags): Flags {
  return Object.fromEntries(Object.entries<Flag>(all).filter(([, { key }]) => key !== undefined));
}

async function run(args: Arguments<Flags>, io: Io): Promise<number> {
  const config = args.config ?? (await configurationOf(configShowCommand, args, io));
  const { path, explain, format } = (args as unknown as Arguments<typeof own>).flags;
  const layer = path === undefined ? config.base : config.at(resolve(io.cwd, path));
  io.out.write(format === 'json' ? json(config, layer) : yaml(config, layer, explain));
  return 0;
}

function json(config: Configuration, layer: Layer): string {
  const values = config.settings(layer).map(({ key, entry, value, from }) => ({
    key,
    ...(entry === undefined ? {} : { entry }),
    value,
    from,
  }));
  return `${plainJson({ file: config.location?.shown ?? null, values }, 2)}\n`;
}

/** A rampart.yaml that says the same, from the working directory. */
function yaml(config: Configuration, layer: Layer, explain: boolean): string {
  const settings = config.settings(layer);
  const lines: string[] = [];
  for (const [index, setting] of settings.entries()) {
    const { key, entry, value } = setting;
    const indent = entry === undefined ? '' : '  ';
    if (entry !== undefined && settings[index - 1]?.key !== key) lines.push(`${key}:`);
    if (explain) lines.push(`${indent}# ${plain(origin(setting))}`);
    const written = yamlText({ [entry ?? key]: value }).trimEnd();
    lines.push(...written.split('\n').map((line) => indent + line));
  }
  return `${lines.join('\n')}\n`;
}

function origin({ from }: Setting): string {
  return from.kind === 'file' ? placed(from) : from.kind === 'default' ? 'default' : from.name;
}

function placed({ section, origin: { file, line, column } }: Source & { kind: 'file' }): string {
  const [kind, name] = section;
  const where = `${file}:${line}:${column}`;
  return kind === undefined ? where : `${where}, ${kind} ${name}`;
}
