/**
 * How the API server reads an object of a built-in kind after a JSON patch: strictly, into a Go struct. What has no
 * place there is an internal error, whatever the failure policy says.
 */
import type { FieldSchema } from '../../model/index.ts';
import { isMap } from '../json.ts';
import { isNumeric } from './values.ts';

/** What is wrong with an object; undefined when it can be read. */
export function strictFault(schema: FieldSchema, object: unknown): string | undefined {
  const unknown: string[] = [];
  const mismatch = visit(schema, object, '', unknown);
  if (mismatch !== undefined) return mismatch;
  if (unknown.length === 0) return undefined;
  return `strict decoding error: ${unknown.map((path) => `unknown field "${path}"`).join(', ')}`;
}

/** The first value of a wrong type; unknown fields are collected. */
function visit(schema: FieldSchema, value: unknown, path: string, unknown: string[]): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (!fits(schema, value)) return `json: cannot unmarshal ${jsonType(value)} into ${path}`;
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      const fault =
        schema.items === undefined ? undefined : visit(schema.items, item, `${path}[${i}]`, unknown);
      if (fault !== undefined) return fault;
    }
  }
  if (!isMap(value) || schema.type === 'any') return undefined;
  for (const key of Object.keys(value)) {
    const at = path === '' ? key : `${path}.${key}`;
    const field = schema.field(key);
    const fault = field === undefined ? undefined : visit(field, value[key], at, unknown);
    if (fault !== undefined) return fault;
    if (field === undefined && !schema.open) unknown.push(at);
  }
  return undefined;
}

function fits({ type }: FieldSchema, value: unknown): boolean {
  switch (type) {
    case 'object':
    case 'map':
      return isMap(value);
    case 'array':
      return Array.isArray(value);
    case 'string':
      return typeof value === 'string';
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
      return typeof value === 'number' || typeof value === 'bigint';
    case 'number':
      return isNumeric(value);
    case 'int-or-string':
      return typeof value === 'string' || isNumeric(value);
    default:
      return true;
  }
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (isNumeric(value)) return 'number';
  return typeof value === 'boolean' ? 'bool' : typeof value === 'string' ? 'string' : 'object';
}
