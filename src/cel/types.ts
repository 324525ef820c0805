/** CEL's types as the checker and the overload tables see them. */

export type Type =
  | { readonly kind: 'dyn' }
  /** Protobuf's: `dyn` to the checker but where it wants to know what it is, as what comprehensions range over. */
  | { readonly kind: 'any' }
  | { readonly kind: 'error' }
  | { readonly kind: 'null' }
  | { readonly kind: 'bool' }
  | { readonly kind: 'int' }
  | { readonly kind: 'uint' }
  | { readonly kind: 'double' }
  | { readonly kind: 'string' }
  | { readonly kind: 'bytes' }
  | { readonly kind: 'duration' }
  | { readonly kind: 'timestamp' }
  | { readonly kind: 'list'; readonly element: Type }
  | { readonly kind: 'map'; readonly key: Type; readonly value: Type }
  /** `type(x)`. */
  | { readonly kind: 'type'; readonly of?: Type }
  /** A type variable of an overload: `A` in `list(A)`. */
  | { readonly kind: 'param'; readonly name: string }
  /** `optional_type(T)`, `kubernetes.Quantity`, `net.IP`, … */
  | { readonly kind: 'opaque'; readonly name: string; readonly params: readonly Type[] }
  /** An object with declared fields (request, a Kubernetes kind's schema, `Object{}`): unknown fields are check errors. */
  | { readonly kind: 'object'; readonly name: string };

const simple = <K extends Type['kind']>(kind: K) => Object.freeze({ kind }) as Extract<Type, { kind: K }>;

export const DYN: Type = simple('dyn');
export const ANY: Type = simple('any');
export const ERROR: Type = simple('error');
export const NULL: Type = simple('null');
export const BOOL: Type = simple('bool');
export const INT: Type = simple('int');
export const UINT: Type = simple('uint');
export const DOUBLE: Type = simple('double');
export const STRING: Type = simple('string');
export const BYTES: Type = simple('bytes');
export const DURATION: Type = simple('duration');
export const TIMESTAMP: Type = simple('timestamp');
export const TYPE: Type = Object.freeze({ kind: 'type' });

export function listOf(element: Type): Type {
  return { kind: 'list', element };
}

export function mapOf(key: Type, value: Type): Type {
  return { kind: 'map', key, value };
}

export function param(name: string): Type {
  return { kind: 'param', name };
}

export function opaque(name: string, ...params: Type[]): Type {
  return { kind: 'opaque', name, params };
}

export function object(name: string): Type {
  return { kind: 'object', name };
}

export function optionalOf(value: Type): Type {
  return opaque('optional_type', value);
}
