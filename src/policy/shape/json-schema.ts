import type { Shape } from './shape.ts';

/** A shape as JSON Schema (draft 2020-12). */
export function jsonSchema(shape: Shape): Record<string, unknown> {
  return withDescription(shape, body(shape));
}

function body(shape: Shape): Record<string, unknown> {
  switch (shape.type) {
    case 'any':
      return {};
    case 'string':
      return shape.values === undefined ? { type: 'string' } : { enum: shape.values };
    case 'boolean':
    case 'integer':
      return { type: shape.type };
    case 'list':
      return { type: 'array', items: jsonSchema(shape.items) };
    case 'map':
      return { type: 'object', additionalProperties: jsonSchema(shape.of) };
    case 'oneOf':
      return { anyOf: shape.options.map(jsonSchema) };
    case 'object':
      return {
        type: 'object',
        properties: Object.fromEntries(
          Object.entries(shape.fields).map(([name, field]) => [name, jsonSchema(field)]),
        ),
        ...(shape.required.length === 0 ? {} : { required: shape.required }),
        additionalProperties: shape.open === true,
      };
  }
}

function withDescription(shape: Shape, schema: Record<string, unknown>): Record<string, unknown> {
  return shape.doc === undefined ? schema : { description: shape.doc, ...schema };
}
