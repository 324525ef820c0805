/** @module rampart.yaml: its schema, what is wrong in one, and which value counts. */

export { type Key, type KeyName, type Keys, keysOf } from './keys.ts';
export type { Kind, StageRule, TierSettings } from './kinds.ts';
export {
  effective,
  type Layer,
  type Layers,
  layerOf,
  nameOf,
  type PathLayer,
  type Setting,
  type Source,
  valuesOf,
} from './layers.ts';
export { type Mistake, shown } from './mistakes.ts';
export { matcherOf } from './paths.ts';
export { readConfig } from './read.ts';
export { type ConfigFile, SECTIONS, type Values } from './schema.ts';
export { misspelt, readVariables, VARIABLE_PREFIX, variableKeys, variableOf } from './variables.ts';
export type { Vocabulary } from './vocabulary.ts';
