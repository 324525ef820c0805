/** Schemas of Kubernetes kinds as CEL types. Source: apiserver pkg/cel/common/schemas.go, SchemaDeclType. */
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  object,
  STRING,
  TIMESTAMP,
  type Type,
} from '../../cel/types.ts';
import type { FieldSchema } from '../../model/index.ts';

/** Object types by name, made as schemas are met; their fields are looked up when an expression asks. */
export interface SchemaTypes {
  typeOf(schema: FieldSchema | undefined): Type;
  /** The type of an object that has the fields of several, the first one's where they share a name. */
  union(schemas: readonly FieldSchema[]): Type;
  fields(objectName: string, field: string): Type | undefined;
  fieldNames(objectName: string): readonly string[];
}

export function createSchemaTypes(): SchemaTypes {
  const names = new Map<FieldSchema, string>();
  const schemas = new Map<string, readonly FieldSchema[]>();

  function register(name: string, of: readonly FieldSchema[]): Type {
    schemas.set(name, of);
    return object(name);
  }

  function objectType(schema: FieldSchema): Type {
    // What the schema leaves open cannot be misspelt.
    if (schema.open || schema.fieldNames.length === 0) return DYN;
    let name = names.get(schema);
    if (name === undefined) {
      const plain = schema.name ?? 'object';
      name = schemas.has(plain) ? `${plain}#${schemas.size}` : plain;
      names.set(schema, name);
    }
    return register(name, [schema]);
  }

  function typeOf(schema: FieldSchema | undefined): Type {
    switch (schema?.type) {
      case 'object':
        return objectType(schema);
      case 'map':
        return mapOf(STRING, typeOf(schema.values));
      case 'array':
        return listOf(typeOf(schema.items));
      case 'string':
        return stringType(schema.format);
      case 'integer':
        return INT;
      case 'number':
        return DOUBLE;
      case 'boolean':
        return BOOL;
      default:
        return DYN;
    }
  }

  return {
    typeOf,
    union: (of) => (of.length === 0 ? DYN : register(`union#${schemas.size}`, of)),
    fields: (name, field) => {
      const schema = schemas.get(name)?.find((candidate) => candidate.fieldNames.includes(field));
      return schema === undefined ? undefined : typeOf(schema.field(field));
    },
    fieldNames: (name) => (schemas.get(name) ?? []).flatMap((schema) => schema.fieldNames),
  };
}

function stringType(format: string | undefined): Type {
  switch (format) {
    case 'byte':
      return BYTES;
    case 'date':
    case 'date-time':
      return TIMESTAMP;
    case 'duration':
      return DURATION;
    default:
      return STRING;
  }
}
