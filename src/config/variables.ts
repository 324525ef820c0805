/** Environment variables: a key each, `RAMPART_FAIL_ON` for `failOn`. */
import type { KeyName, Keys } from './keys.ts';
import { type Layer, layerOf } from './layers.ts';
import { faultOf } from './read.ts';
import type { Values } from './schema.ts';
import type { Vocabulary } from './vocabulary.ts';

export const VARIABLE_PREFIX = 'RAMPART_';

export function variableOf(key: string): string {
  return VARIABLE_PREFIX + key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

/** The keys that have a variable: those whose values can be written as text. */
export function variableKeys(keys: Keys): KeyName[] {
  return (Object.keys(keys) as KeyName[]).filter((key) => keys[key].kind.text !== undefined);
}

export interface ReadVariables {
  readonly layer: Layer;
  /** What is wrong with some of them. */
  readonly mistakes: readonly string[];
}

/** A list or mapping takes a line each; an empty variable is one that is not set. */
export function readVariables(
  env: Readonly<Record<string, string | undefined>>,
  keys: Keys,
  vocabulary: Vocabulary,
): ReadVariables {
  const values: Record<string, unknown> = {};
  const mistakes: string[] = [];
  for (const key of variableKeys(keys)) {
    const lines = (env[variableOf(key)] ?? '').split(/\r?\n/).filter((line) => line !== '');
    if (lines.length === 0) continue;
    const value = keys[key].kind.text!.read(lines);
    const fault = faultOf(key, value, keys, vocabulary);
    if (fault === undefined) values[key] = value;
    else mistakes.push(`${variableOf(key)}: ${fault}`);
  }
  const layer = layerOf(values as Values, keys, (key) => ({ kind: 'variable', name: variableOf(key) }));
  return { layer, mistakes };
}

/** Variables that look like a misspelt one: `RAMPART_FAILON`, and what was meant. */
export function misspelt(
  env: Readonly<Record<string, string | undefined>>,
  known: readonly string[],
  nearest: Vocabulary['nearest'],
): { readonly name: string; readonly meant: string }[] {
  return Object.keys(env).flatMap((name) => {
    if (!name.startsWith(VARIABLE_PREFIX) || known.includes(name)) return [];
    // Clusters set RAMPART_SERVICE_HOST and its like for a Service of that name: only what is near is worth a word.
    const meant = nearest(
      name.slice(VARIABLE_PREFIX.length),
      known.map((other) => other.slice(VARIABLE_PREFIX.length)),
    );
    return meant === undefined ? [] : [{ name, meant: VARIABLE_PREFIX + meant }];
  });
}
