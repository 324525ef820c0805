import type { JsonMap } from '../../model/index.ts';
import { isMap, kindOf, pointerStep } from '../json.ts';
import { didYouMean } from '../nearest.ts';
import type { Infer, ObjectShape, Shape } from './shape.ts';

export interface ShapeIssue {
  readonly code: 'unknown-field' | 'wrong-type' | 'required' | 'not-supported';
  /** JSON Pointer inside the document. */
  readonly pointer: string;
  readonly message: string;
}

/**
 * Reads a document by its shape. Null fields count as absent, as in the API server's typed decoding; unknown fields are
 * issues and are left out of the value. The value is only good for use when no issue but `unknown-field` was found.
 */
export function read<S extends Shape>(shape: S, value: unknown): { value: Infer<S>; issues: ShapeIssue[] } {
  const issues: ShapeIssue[] = [];
  return { value: readValue(shape, value, '', issues) as Infer<S>, issues };
}

function readValue(shape: Shape, value: unknown, pointer: string, issues: ShapeIssue[]): unknown {
  switch (shape.type) {
    case 'any':
      return value;
    case 'string':
      if (typeof value !== 'string') return wrongType('a string', value, pointer, issues);
      if (shape.values !== undefined && !shape.values.includes(value)) {
        const allowed = shape.values.map((v) => `"${v}"`).join(', ');
        const message = `"${value}" is not one of ${allowed}.${didYouMean(value, shape.values)}`;
        issues.push({ code: 'not-supported', pointer, message });
      }
      return value;
    case 'boolean':
      return typeof value === 'boolean' ? value : wrongType('a boolean', value, pointer, issues);
    case 'integer':
      return typeof value === 'number' ? value : wrongType('an integer', value, pointer, issues);
    case 'list':
      if (!Array.isArray(value)) return wrongType('a list', value, pointer, issues);
      return value.map((item, i) => readValue(shape.items, item, pointer + pointerStep(i), issues));
    case 'map':
      if (!isMap(value)) return wrongType('a map', value, pointer, issues);
      return readMap(shape.of, value, pointer, issues);
    case 'object':
      if (!isMap(value)) return wrongType('a map', value, pointer, issues);
      return readObject(shape, value, pointer, issues);
    case 'oneOf': {
      const option = shape.options.find((o) => fits(o, value));
      if (option !== undefined) return readValue(option, value, pointer, issues);
      return wrongType(shape.options.map(named).join(' or '), value, pointer, issues);
    }
  }
}

function readMap(of: Shape, value: JsonMap, pointer: string, issues: ShapeIssue[]): JsonMap {
  const result: Record<string, unknown> = Object.create(null);
  for (const key of Object.keys(value)) {
    result[key] = readValue(of, value[key], pointer + pointerStep(key), issues);
  }
  return result;
}

function readObject(shape: ObjectShape, value: JsonMap, pointer: string, issues: ShapeIssue[]): JsonMap {
  const result: Record<string, unknown> = Object.create(null);
  for (const key of Object.keys(value)) {
    const field = Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined;
    if (field === undefined) {
      if (shape.open) result[key] = value[key];
      else issues.push(unknownField(key, shape, pointer));
    } else if (value[key] !== null) {
      result[key] = readValue(field, value[key], pointer + pointerStep(key), issues);
    }
  }
  for (const name of shape.required) {
    if (result[name] === undefined) {
      issues.push({
        code: 'required',
        pointer: pointer + pointerStep(name),
        message: `"${name}" is required.`,
      });
    }
  }
  return result;
}

function unknownField(key: string, shape: ObjectShape, pointer: string): ShapeIssue {
  const message = `Unknown field "${key}".${didYouMean(key, Object.keys(shape.fields))}`;
  return { code: 'unknown-field', pointer: pointer + pointerStep(key), message };
}

function wrongType(expected: string, value: unknown, pointer: string, issues: ShapeIssue[]): undefined {
  issues.push({ code: 'wrong-type', pointer, message: `Expected ${expected}, got ${kindOf(value)}.` });
  return undefined;
}

function fits(shape: Shape, value: unknown): boolean {
  switch (shape.type) {
    case 'string':
      return typeof value === 'string';
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
      return typeof value === 'number';
    case 'list':
      return Array.isArray(value);
    case 'map':
    case 'object':
      return isMap(value);
    default:
      return true;
  }
}

function named(shape: Shape): string {
  switch (shape.type) {
    case 'list':
    case 'map':
    case 'string':
    case 'boolean':
      return `a ${shape.type}`;
    case 'object':
      return 'a map';
    default:
      return `an ${shape.type}`;
  }
}
