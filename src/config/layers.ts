/** Which value counts, and where it comes from. */
import type { Origin } from '../model/index.ts';
import type { KeyName, Keys } from './keys.ts';
import type { Values } from './schema.ts';

/** Where a value comes from. */
export type Source =
  | { readonly kind: 'flag' | 'variable'; readonly name: string }
  | { readonly kind: 'file'; readonly section: readonly string[]; readonly origin: Origin }
  | { readonly kind: 'default' };

export interface Setting {
  readonly key: KeyName;
  /** Of a value that is a mapping: the entry that this is. */
  readonly entry: string | undefined;
  readonly value: unknown;
  readonly from: Source;
}

/** Settings by what they set, `failOn` or `settings.pss.version`: lists are set as a whole, mappings by entry. */
export type Layer = ReadonlyMap<string, Setting>;

/** `from` is asked for each setting by its key and entry. */
export function layerOf(
  values: Values,
  keys: Keys,
  from: (key: KeyName, entry: string | undefined) => Source,
): Layer {
  const settings = (Object.keys(keys) as KeyName[]).flatMap((key): Setting[] => {
    const value: unknown = values[key];
    if (value === undefined) return [];
    if (!keys[key].kind.entries) return [{ key, entry: undefined, value, from: from(key, undefined) }];
    return Object.entries(value as object).flatMap(([entry, inner]) =>
      inner === undefined ? [] : [{ key, entry, value: inner, from: from(key, entry) }],
    );
  });
  return new Map(settings.map((setting) => [nameOf(setting), setting]));
}

export function nameOf({ key, entry }: Pick<Setting, 'key' | 'entry'>): string {
  return entry === undefined ? key : `${key}.${entry}`;
}

/** Later layers over earlier ones. */
function over(...layers: readonly Layer[]): Layer {
  return new Map(layers.flatMap((layer) => [...layer]));
}

export function valuesOf(layer: Layer): Values {
  const values: Record<string, unknown> = {};
  for (const { key, entry, value } of layer.values()) {
    if (entry === undefined) values[key] = value;
    // Made from pairs, so that an entry may have any name.
    else values[key] = Object.fromEntries([...Object.entries(values[key] ?? {}), [entry, value]]);
  }
  return values as Values;
}

/** Everybody who may say something, each over those before. */
export interface Layers {
  readonly defaults: Layer;
  readonly file: Layer;
  /** Of the environment that was chosen. */
  readonly environment: Layer;
  /** In the order of the file. */
  readonly paths: readonly PathLayer[];
  readonly variables: Layer;
  readonly flags: Layer;
}

export interface PathLayer {
  readonly glob: string;
  readonly layer: Layer;
}

/** What counts for a file that these overlays match; without any, for all others. */
export function effective(layers: Layers, matching: readonly PathLayer[]): Layer {
  const { defaults, file, environment, variables, flags } = layers;
  return over(defaults, file, environment, ...matching.map(({ layer }) => layer), variables, flags);
}
