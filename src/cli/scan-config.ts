/** What a configuration says of a scan beside its flags, and of files by themselves. */
import type { Configuration, Layer } from '../app/configuration.ts';
import type { FileOptions, ScanOptions } from '../app/options.ts';
import type { Arguments, Flags } from './command.ts';
import { flagsUnder } from './configured.ts';

/** `optionsOf` makes of flags what may differ from file to file. */
export function configurationOptions<F extends Flags>(
  flags: F,
  { given, config }: Arguments<F>,
  optionsOf: (flags: Arguments<F>['flags']) => FileOptions,
): Partial<ScanOptions> {
  if (config === undefined) return {};
  const { base, at, location } = config;
  const made = new Map<Layer, FileOptions | undefined>([[base, undefined]]);
  return {
    ...besideFlags(config, base),
    unsupported: config.values(base).unsupported ?? [],
    ...(location === undefined ? {} : { config: location.here }),
    at(path) {
      const layer = at(path);
      if (!made.has(layer)) {
        const own = optionsOf(flagsUnder(flags, given, config, layer));
        made.set(layer, { ...own, ...besideFlags(config, layer) });
      }
      return made.get(layer);
    },
  };
}

function besideFlags(config: Configuration, layer: Layer): Pick<FileOptions, 'severity' | 'says'> {
  return {
    severity: config.values(layer).severity ?? {},
    says: (name) => config.says(name, layer),
  };
}
