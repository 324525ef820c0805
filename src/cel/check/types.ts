/** Types as text, and when two of them are the same. */
import { DYN, type Type } from '../types.ts';

/** As cel-go writes types in messages: `map(string, list(int))`. */
export function formatType(type: Type): string {
  switch (type.kind) {
    case 'error':
      return '!error!';
    case 'list':
      return `list(${formatType(type.element)})`;
    case 'map':
      return `map(${formatType(type.key)}, ${formatType(type.value)})`;
    case 'type':
      return type.of ? `type(${formatType(type.of)})` : 'type';
    case 'param':
    case 'object':
      return type.name;
    case 'opaque':
      return type.params.length === 0 ? type.name : `${type.name}(${type.params.map(formatType).join(', ')})`;
    default:
      return type.kind;
  }
}

/** The types inside a type. */
export function parameters(type: Type): readonly Type[] {
  switch (type.kind) {
    case 'list':
      return [type.element];
    case 'map':
      return [type.key, type.value];
    case 'type':
      return type.of ? [type.of] : [];
    case 'opaque':
      return type.params;
    default:
      return [];
  }
}

/** Whether two types are one and the same, type variables compared by name unless `anyParam`. */
export function sameType(a: Type, b: Type, anyParam = false): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind) return false;
  if (a.kind === 'param') return anyParam || a.name === (b as typeof a).name;
  if ((a.kind === 'object' || a.kind === 'opaque') && a.name !== (b as typeof a).name) return false;
  const left = parameters(a);
  const right = parameters(b);
  return left.length === right.length && left.every((t, i) => sameType(t, right[i]!, anyParam));
}

/** The type with each type inside it replaced. */
export function mapParameters(type: Type, replace: (inner: Type) => Type): Type {
  switch (type.kind) {
    case 'list':
      return { kind: 'list', element: replace(type.element) };
    case 'map':
      return { kind: 'map', key: replace(type.key), value: replace(type.value) };
    case 'type':
      return type.of ? { kind: 'type', of: replace(type.of) } : type;
    case 'opaque':
      return type.params.length === 0 ? type : { ...type, params: type.params.map(replace) };
    default:
      return type;
  }
}

/** Whether a type has at most `limit` parts; counting ends there, however large the type is. */
export function isSmallType(type: Type, limit: number): boolean {
  return countUpTo(type, limit) <= limit;
}

function countUpTo(type: Type, limit: number): number {
  let count = 1;
  for (const inner of parameters(type)) {
    if (count > limit) return count;
    count += countUpTo(inner, limit - count);
  }
  return count;
}

export function isDynOrError(type: Type): boolean {
  return type.kind === 'dyn' || type.kind === 'any' || type.kind === 'error';
}

/** `optional_type(T)` → T. */
export function unwrapOptional(type: Type): { type: Type; optional: boolean } {
  return type.kind === 'opaque' && type.name === 'optional_type'
    ? { type: type.params[0] ?? DYN, optional: true }
    : { type, optional: false };
}
