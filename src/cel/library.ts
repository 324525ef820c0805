/**
 * How functions are declared: one table serves the checker (types), the compiler (dispatch, inlining) and the cost
 * counter. A library is a frozen value; an environment is a list of them.
 */
import type { Ast, Expr } from './ast.ts';
import type { Type } from './types.ts';
import type { Value } from './values.ts';

export interface Overload {
  /** cel-go's overload id, e.g. `string_to_quantity`. */
  readonly id: string;
  /** `a.f(b)` when true (then `args[0]` is the receiver), else `f(a, b)`. */
  readonly member: boolean;
  readonly args: readonly Type[];
  readonly result: Type;
  /**
   * Strict: called with values of the declared types (checked by the caller when they are not known statically).
   * Throws CelError for a runtime error; its message is the one cel-go gives.
   */
  readonly impl: (...args: never[]) => Value;
  /**
   * Runtime cost of the call itself, its arguments excluded, as the API server counts it (k8s.io/apiserver
   * pkg/cel/library/cost.go, cel-go interpreter/runtimecost.go). Absent: 1.
   */
  readonly cost?: (args: readonly Value[], result: Value) => number;
}

export interface FunctionDeclaration {
  readonly name: string;
  readonly overloads: readonly Overload[];
}

/**
 * A macro: matched by name, arity and form; returns the expansion, or undefined to leave the call as it is, or throws
 * MacroError to refuse it.
 */
export interface Macro {
  readonly name: string;
  readonly member: boolean;
  /** Number of arguments without the receiver; 'any' for variadic ones. */
  readonly arity: number | 'any';
  readonly expand: (
    context: MacroContext,
    target: Expr | undefined,
    args: readonly Expr[],
  ) => Expr | undefined;
}

/** Makes nodes with fresh ids at the position of the macro call. */
export interface MacroContext {
  nextId(): number;
  /** Copies a tree with fresh ids. */
  copy(expr: Expr): Expr;
  /** Fails the parse at this node. */
  fail(at: Expr, message: string): never;
  /** Name of the accumulator variable of comprehensions: `@result`. */
  readonly accumulator: string;
}

export interface Constants {
  readonly [name: string]: { readonly type: Type; readonly value: Value };
}

export interface Library {
  /** e.g. `kubernetes.quantity`. */
  readonly name: string;
  /** Kubernetes minor that introduced it for VAP, as a number: 28 for 1.28. Absent: always there. */
  readonly since?: number;
  readonly functions: readonly FunctionDeclaration[];
  readonly macros?: readonly Macro[];
  readonly constants?: Constants;
  /** Run by the checker on expressions without type errors. */
  readonly validators?: readonly Validator[];
}

/** A check beyond types, on the typed tree: cel-go's ASTValidator. */
export interface Validator {
  /** cel-go's name, e.g. `cel.validator.duration`. */
  readonly name: string;
  readonly validate: (
    ast: Ast,
    types: ReadonlyMap<number, Type>,
    report: (at: Expr, message: string) => void,
  ) => void;
}
