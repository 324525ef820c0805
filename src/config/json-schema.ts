import { toJSONSchema } from 'zod/mini';
import { type Key, keysOf } from './keys.ts';
import { SECTIONS, schemaOf } from './schema.ts';
import type { Vocabulary } from './vocabulary.ts';

interface JsonSchema {
  readonly properties: Record<string, JsonSchema>;
  readonly additionalProperties?: JsonSchema;
}

/** JSON Schema of rampart.yaml, for editors: what the schema of this room accepts. */
export function configJsonSchema(vocabulary: Vocabulary): object {
  const keys = keysOf(vocabulary);
  const { $schema, ...schema } = toJSONSchema(schemaOf(keys), { target: 'draft-7', io: 'input' });
  const whole = schema as unknown as JsonSchema;
  const described = (properties: Record<string, JsonSchema>, withDefault: boolean) =>
    Object.fromEntries(
      Object.entries(properties).map(([name, property]) => {
        const key = (keys as Record<string, Key>)[name]!;
        const preset = withDefault && key.default !== undefined ? { default: key.default } : {};
        return [name, { description: key.doc, ...property, ...preset }];
      }),
    );
  const sections = Object.entries(SECTIONS).map(([name, description]) => {
    const { additionalProperties: overlay, ...section } = whole.properties[name]!;
    const properties = described(overlay!.properties, false);
    return [name, { description, ...section, additionalProperties: { ...overlay, properties } }];
  });
  const own = Object.entries(whole.properties).filter(([name]) => !Object.hasOwn(SECTIONS, name));
  return {
    $schema,
    title: 'Configuration of Rampart',
    description: 'What rampart.yaml may hold.',
    ...whole,
    properties: { ...described(Object.fromEntries(own), true), ...Object.fromEntries(sections) },
  };
}
