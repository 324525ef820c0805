/** What an expression may refer to, and how names are found in it (cel-go checker/env.go, without containers). */
import type { Constants, FunctionDeclaration, Validator } from '../library.ts';
import type { Type } from '../types.ts';

export interface CheckEnvironment {
  readonly variables: Readonly<Record<string, Type>>;
  readonly functions: ReadonlyMap<string, FunctionDeclaration>;
  readonly constants?: Constants;
  /** Type of a declared field of an object type; undefined when it has no such field. */
  readonly fields?: (objectName: string, field: string) => Type | undefined;
  /** Field names of an object type, for "did you mean". */
  readonly fieldNames?: (objectName: string) => readonly string[];
  /** Whether a name is that of an object type, which `Name{field: value}` makes values of. */
  readonly isObject?: (name: string) => boolean;
  /** Whether `1 < 1.0` is allowed (Kubernetes: from 1.28 on). Default true. */
  readonly crossTypeComparisons?: boolean;
  /** Run when there is no type error. */
  readonly validators?: readonly Validator[];
}

/** Variables of the comprehensions around an expression, innermost first. */
export interface Scope {
  readonly variables: ReadonlyMap<string, Type>;
  readonly outer: Scope | undefined;
}

export interface Resolved {
  readonly type: Type;
  /** With a leading dot when a comprehension's variable hides a name that is meant here. */
  readonly name: string;
}

/** `name` or `.name`. */
export function resolveName(
  env: CheckEnvironment,
  scope: Scope | undefined,
  name: string,
): Resolved | undefined {
  const absolute = name.startsWith('.');
  const plain = absolute ? name.slice(1) : name;
  const local = lookupLocal(scope, plain);
  if (local && !absolute) return { type: local, name };
  const type = lookupGlobal(env, plain);
  return type && { type, name: local ? `.${plain}` : plain };
}

/** A dotted name that is one variable or constant: `google.protobuf.Timestamp`. */
export function resolveQualified(
  env: CheckEnvironment,
  scope: Scope | undefined,
  name: string,
): Resolved | undefined {
  const absolute = name.startsWith('.');
  const plain = absolute ? name.slice(1) : name;
  const local = lookupLocal(scope, plain.slice(0, plain.indexOf('.')));
  if (local && !absolute) return undefined;
  const type = lookupGlobal(env, plain);
  return type && { type, name: local ? `.${plain}` : plain };
}

export function lookupFunction(env: CheckEnvironment, name: string): FunctionDeclaration | undefined {
  return env.functions.get(name.startsWith('.') ? name.slice(1) : name);
}

function lookupLocal(scope: Scope | undefined, name: string): Type | undefined {
  for (let at = scope; at; at = at.outer) {
    const type = at.variables.get(name);
    if (type) return type;
  }
  return undefined;
}

function lookupGlobal(env: CheckEnvironment, name: string): Type | undefined {
  if (Object.hasOwn(env.variables, name)) return env.variables[name];
  if (env.constants && Object.hasOwn(env.constants, name)) return env.constants[name]!.type;
  return env.isObject?.(name) ? { kind: 'type', of: { kind: 'object', name } } : undefined;
}
