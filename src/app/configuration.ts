/** rampart.yaml, variables and flags → what counts, for all files and for each. */
import { relative, sep } from 'node:path';
import {
  effective,
  type KeyName,
  type Keys,
  type Kind,
  keysOf,
  type Layer,
  type Layers,
  layerOf,
  matcherOf,
  misspelt,
  type PathLayer,
  readVariables,
  type Setting,
  type Source,
  shown,
  type Values,
  valuesOf,
  variableKeys,
  variableOf,
} from '../config/index.ts';
import type { Environment } from '../model/index.ts';
import { CONFIG_BYTES, type ConfigDocument, readConfigDocument } from './config-document.ts';
import type { ConfigLocation } from './config-file.ts';
import { createContentReader } from './content.ts';
import { UsageError } from './usage.ts';
import { VOCABULARY } from './vocabulary.ts';

export type { KeyName, Layer, Setting, Source, Values } from '../config/index.ts';

export interface ConfigurationInput {
  readonly location: ConfigLocation | undefined;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Variables that are no keys and still known. */
  readonly variables: readonly string[];
  readonly environment: string | undefined;
  readonly flags: readonly GivenFlag[];
}

/** What a flag set, by the key that it stands for. */
export interface GivenFlag {
  readonly key: KeyName;
  readonly flag: string;
  readonly texts: readonly string[];
}

export interface Configuration {
  readonly location: ConfigLocation | undefined;
  /** What counts where no overlay of a path matches. */
  readonly base: Layer;
  /** What counts for a file, by its absolute path: one and the same layer for files that the same overlays match. */
  readonly at: (path: string) => Layer;
  /** What a layer says of a key, as occurrences of its flag; without what flags themselves say. */
  readonly texts: (key: KeyName, layer: Layer) => readonly string[];
  readonly values: (layer: Layer) => Values;
  /** Ways in which charts are deployed: all, or the chosen one. */
  readonly environments: readonly Environment[];
  /** What an error calls a setting, `select` or `severity.ID`: the place where it stands, or the flag. */
  readonly says: (name: string, layer: Layer) => string;
  /** The same for what stands inside a setting, by the keys and indexes that lead to it. */
  readonly saysIn: (path: readonly [KeyName, ...string[]], layer: Layer) => string;
  /** In the order of the reference. */
  readonly settings: (layer: Layer) => readonly Setting[];
  /** Said once. */
  readonly notices: readonly string[];
}

/** Throws UsageError for everything that is wrong in file, variables and the choice of an environment. */
export function readConfiguration(input: ConfigurationInput): Configuration {
  const keys = keysOf(VOCABULARY);
  const document = input.location === undefined ? undefined : readFile(input.location, input.cwd);
  const layers: Layers = {
    defaults: layerOf(defaultsOf(keys), keys, () => ({ kind: 'default' })),
    file: document === undefined ? new Map() : fileLayer(document, keys),
    environment: environmentLayer(document, keys, input.environment),
    paths: document === undefined ? [] : pathLayers(document, keys),
    variables: variablesOf(input, keys),
    flags: flagLayer(input.flags, keys),
  };
  return {
    location: input.location,
    base: effective(layers, []),
    at: perFile(layers, input.location),
    texts: (key, layer) => textsOf(key, layer, keys),
    values: valuesOf,
    environments: environmentsOf(document, input),
    says: (name, layer) => placeOf(name, layer.get(name)?.from),
    saysIn: (path, layer) => placeInside(path, layer.get(path[0])?.from, document),
    settings: (layer) => inOrder(layer, keys),
    notices: noticesOf(input, keys),
  };
}

function readFile(location: ConfigLocation, cwd: string): ConfigDocument {
  const content = createContentReader(CONFIG_BYTES)(location.path);
  if (!content.ok) throw new UsageError(`${location.shown}: ${content.detail}`);
  return readConfigDocument(content.bytes, location, cwd);
}

function defaultsOf(keys: Keys): Values {
  return Object.fromEntries(
    Object.entries(keys).map(([name, key]) => [name, (key as { default?: unknown }).default]),
  ) as Values;
}

function fileLayer(document: ConfigDocument, keys: Keys): Layer {
  return layerOf(document.file, keys, sourceIn(document, []));
}

/** Where settings stand that are found below these keys of the file. */
function sourceIn(
  { where }: ConfigDocument,
  section: readonly string[],
): (key: string, entry: string | undefined) => Source {
  return (key, entry) => ({
    kind: 'file',
    section,
    origin: where([...section, key, ...(entry === undefined ? [] : [entry])]),
  });
}

function environmentLayer(document: ConfigDocument | undefined, keys: Keys, name: string | undefined): Layer {
  if (name === undefined) return new Map();
  const environments = document?.file.environments ?? {};
  if (document !== undefined && Object.hasOwn(environments, name))
    return layerOf(environments[name]!, keys, sourceIn(document, ['environments', name]));
  const known = Object.keys(environments);
  const near = VOCABULARY.nearest(name, known);
  throw new UsageError(
    `there is no environment ${name}`,
    known.length === 0
      ? 'no rampart.yaml in force names any under environments'
      : near === undefined
        ? `rampart.yaml has ${known.join(', ')}`
        : `did you mean ${near}?`,
  );
}

function environmentsOf(
  document: ConfigDocument | undefined,
  { environment: chosen, location }: ConfigurationInput,
): Environment[] {
  const { helm: shared = {}, environments = {} } = document?.file ?? {};
  const names = Object.keys(environments).filter((name) => chosen === undefined || name === chosen);
  const file = location === undefined ? {} : { file: location.shown };
  const all = names.map((name) => ({ name, helm: { ...shared, ...environments[name]!.helm }, ...file }));
  return all.length > 0 ? all : [{ name: undefined, helm: shared, ...file }];
}

/** In the order of the file, whatever the order in which an object keeps names such as `2024`. */
function pathLayers(document: ConfigDocument, keys: Keys): PathLayer[] {
  return Object.entries(document.file.paths ?? {})
    .map(([glob, values]) => ({ glob, values, origin: document.where(['paths', glob]) }))
    .sort((a, b) => a.origin.line - b.origin.line || a.origin.column - b.origin.column)
    .map(({ glob, values }) => ({
      glob,
      layer: layerOf(values, keys, sourceIn(document, ['paths', glob])),
    }));
}

function variablesOf({ env }: ConfigurationInput, keys: Keys): Layer {
  const { layer, mistakes } = readVariables(env, keys, VOCABULARY);
  if (mistakes.length > 0) throw new UsageError(mistakes.join('\n'));
  return layer;
}

/** Flags were looked at when they were read; their values are read once more by whoever uses them. */
function flagLayer(flags: readonly GivenFlag[], keys: Keys): Layer {
  const named = new Map(flags.map(({ key, flag }) => [key, flag]));
  const values = flags.map(({ key, texts }) => [key, keys[key].kind.text?.read(texts)] as const);
  return layerOf(Object.fromEntries(values) as Values, keys, (key) => ({
    kind: 'flag',
    name: `--${named.get(key)}`,
  }));
}

function textsOf(key: KeyName, layer: Layer, keys: Keys): readonly string[] {
  const others = new Map(
    [...layer].filter(([, setting]) => setting.key === key && setting.from.kind !== 'flag'),
  );
  const value: unknown = valuesOf(others)[key];
  return value === undefined ? [] : (keys[key].kind as Kind).text!.write(value);
}

function placeOf(name: string, from: Source | undefined): string {
  if (from?.kind === 'flag' || from?.kind === 'variable') return from.name;
  if (from?.kind !== 'file') return name;
  const { file, line, column } = from.origin;
  return `${file}:${line}:${column}: ${name}`;
}

function placeInside(
  path: readonly [KeyName, ...string[]],
  from: Source | undefined,
  document: ConfigDocument | undefined,
): string {
  if (from?.kind !== 'file' || document === undefined) return placeOf(shown(path), from);
  return placeOf(shown(path), { ...from, origin: document.where([...from.section, ...path]) });
}

function inOrder(layer: Layer, keys: Keys): Setting[] {
  const names = Object.keys(keys);
  return [...layer.values()].sort((a, b) => names.indexOf(a.key) - names.indexOf(b.key));
}

function perFile(layers: Layers, location: ConfigLocation | undefined): (path: string) => Layer {
  const base = effective(layers, []);
  if (layers.paths.length === 0 || location === undefined) return () => base;
  const match = matcherOf(layers.paths.map(({ glob }) => glob));
  const made = new Map<string, Layer>([['', base]]);
  return (path) => {
    const file = relative(location.folder, path).split(sep).join('/');
    const matching = file.startsWith('../') ? [] : match(file);
    const name = matching.join(' ');
    let layer = made.get(name);
    if (layer === undefined) {
      layer = effective(
        layers,
        matching.map((index) => layers.paths[index]!),
      );
      made.set(name, layer);
    }
    return layer;
  };
}

function noticesOf({ env, variables }: ConfigurationInput, keys: Keys): string[] {
  const known = [...variables, ...variableKeys(keys).map(variableOf)];
  return misspelt(env, known, VOCABULARY.nearest).map(
    ({ name, meant }) => `the environment variable ${name} means nothing here; did you mean ${meant}?`,
  );
}
