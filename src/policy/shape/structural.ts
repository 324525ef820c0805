import type { Shape } from './shape.ts';

/**
 * A shape as the structural schema of a CustomResourceDefinition (apiextensions.k8s.io/v1). Every node there has one type:
 * what may be of several is kept as it is written, and whoever reads it refuses what does not fit.
 */
export function structuralSchema(shape: Shape): Record<string, unknown> {
  const doc = shape.type === 'any' ? undefined : shape.doc;
  return { ...(doc === undefined ? {} : { description: doc }), ...body(shape) };
}

const KEPT = { 'x-kubernetes-preserve-unknown-fields': true } as const;

function body(shape: Shape): Record<string, unknown> {
  switch (shape.type) {
    case 'any':
    case 'oneOf':
      return KEPT;
    case 'string':
      return { type: 'string', ...(shape.values === undefined ? {} : { enum: shape.values }) };
    case 'boolean':
    case 'integer':
      return { type: shape.type };
    case 'list':
      return { type: 'array', items: structuralSchema(shape.items) };
    case 'map':
      return { type: 'object', additionalProperties: structuralSchema(shape.of) };
    case 'object': {
      const fields = Object.entries(shape.fields).map(([name, field]) => [name, structuralSchema(field)]);
      return {
        type: 'object',
        ...(shape.required.length === 0 ? {} : { required: shape.required }),
        ...(fields.length === 0 ? {} : { properties: Object.fromEntries(fields) }),
        ...(shape.open === true ? KEPT : {}),
      };
    }
  }
}
