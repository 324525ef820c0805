/** What the reference pages say of rampart.yaml. */
import { type Key, keysOf, SECTIONS, variableOf } from '../config/index.ts';
import { configJsonSchema } from '../config/json-schema.ts';
import { VOCABULARY } from './vocabulary.ts';

export interface KeyReference extends Omit<Key, 'kind'> {
  readonly name: string;
  readonly type: string;
  /** Absent: it is only written in the file. */
  readonly variable?: string;
  /** Whether a variable takes a line for each of several. */
  readonly lines: boolean;
}

/** The keys in their order. */
export function configurationKeys(): KeyReference[] {
  return Object.entries<Key>(keysOf(VOCABULARY)).map(([name, { kind, ...key }]) => ({
    ...key,
    name,
    type: kind.says,
    ...(kind.text === undefined ? {} : { variable: variableOf(name) }),
    lines: kind.entries || kind.says.startsWith('a list'),
  }));
}

/** What stands beside the keys: sections by name, with a sentence. */
export const CONFIGURATION_SECTIONS: Readonly<Record<string, string>> = SECTIONS;

export function configurationSchema(): object {
  return configJsonSchema(VOCABULARY);
}
