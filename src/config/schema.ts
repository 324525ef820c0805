import { optional, strictObject, type ZodMiniType } from 'zod/mini';
import { type Key, type KeyName, type Keys, SECTION_NAMES } from './keys.ts';
import { sections } from './kinds.ts';

type ValueOf<K> = K extends Key<infer T> ? T : never;

/** What may be said at one place: any of the keys. */
export type Values = { readonly [K in KeyName]?: ValueOf<Keys[K]> };

/** A whole rampart.yaml. */
export interface ConfigFile extends Values {
  /** Overlays by the name of an environment. */
  readonly environments?: Readonly<Record<string, Values>>;
  /** Overlays by glob. */
  readonly paths?: Readonly<Record<string, Values>>;
}

export const SECTIONS = {
  environments: 'Overlays by environment, chosen by `--environment`: any key of its scope.',
  paths:
    'Overlays by glob: any key of its scope. Where several match a file, the later one wins. A glob is matched below the ' +
    'folder of rampart.yaml; one that matches a folder holds for all below it, one without a slash at any depth.',
} as const;

export type SectionName = keyof typeof SECTIONS;

/** The one schema: of the file, of which JSON Schema and types derive. */
export function schemaOf(keys: Keys): ZodMiniType<ConfigFile> {
  const environment = strictObject(shapeOf(keys, ['environment', 'path']));
  const path = strictObject(shapeOf(keys, ['path']));
  return strictObject({
    ...shapeOf(keys, ['file', 'environment', 'path']),
    environments: optional(sections(SECTION_NAMES.environments, environment)),
    paths: optional(sections(SECTION_NAMES.paths, path)),
  }) as unknown as ZodMiniType<ConfigFile>;
}

function shapeOf(keys: Keys, scopes: readonly Key['scope'][]): Record<string, ZodMiniType> {
  const chosen = Object.entries<Key>(keys).filter(([, { scope }]) => scopes.includes(scope));
  return Object.fromEntries(chosen.map(([name, { kind }]) => [name, optional(kind.schema)]));
}
