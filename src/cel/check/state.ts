/** What the rules of the checker share: types of nodes, type variables, scopes, issues. */
import type { Ast, Expr } from '../ast.ts';
import { createIssue, type Issue, type IssueCode } from '../source.ts';
import { ERROR, type Type } from '../types.ts';
import type { CheckEnvironment, Scope } from './environment.ts';
import { nearest } from './nearest.ts';
import { formatType, isSmallType } from './types.ts';
import { type Bindings, createBindings, isAssignable, substitute } from './unify.ts';

/** What a name or call means: the ids of the overloads that may apply, or the name of a variable or constant. */
export type Reference = readonly string[] | { readonly name: string };

const MAX_ISSUES = 20;

/** Types of expressions like `[{a: a}].map(b, {b: b}).map(…)` double at each step. */
const MAX_TYPE_PARTS = 1_000;

export interface CheckState {
  readonly ast: Ast;
  readonly env: CheckEnvironment;
  readonly types: Map<number, Type>;
  readonly references: Map<number, Reference>;
  readonly bindings: Bindings;
  readonly issues: Issue[];
  scope: Scope | undefined;
  freeVariables: number;
  refusesCrossType: boolean;
}

export function startCheck(ast: Ast, env: CheckEnvironment): CheckState {
  return {
    ast,
    env,
    types: new Map(),
    references: new Map(),
    bindings: createBindings(),
    issues: [],
    scope: undefined,
    freeVariables: 0,
    refusesCrossType: env.crossTypeComparisons === false,
  };
}

/** A type variable of its own. */
export function freeVariable(c: CheckState): Type {
  return { kind: 'param', name: `_var${c.freeVariables++}` };
}

export function typeOf(c: CheckState, expr: Expr): Type {
  return c.types.get(expr.id) ?? ERROR;
}

export function setType(c: CheckState, expr: Expr, type: Type): void {
  if (isSmallType(type, MAX_TYPE_PARTS)) {
    c.types.set(expr.id, type);
    return;
  }
  c.types.set(expr.id, ERROR);
  report(c, expr.id, 'limit', `type has more than ${MAX_TYPE_PARTS} parts`);
}

export function assertType(c: CheckState, expr: Expr, expected: Type): void {
  if (!isAssignable(c.bindings, expected, typeOf(c, expr))) typeMismatch(c, expr, expected, typeOf(c, expr));
}

export function typeMismatch(c: CheckState, expr: Expr, expected: Type, actual: Type): void {
  const text = (type: Type) => formatType(substitute(c.bindings, type, false));
  report(c, expr.id, 'type', `expected type '${text(expected)}' but found '${text(actual)}'`);
}

export function undeclared(c: CheckState, id: number, name: string, candidates: Iterable<string>): void {
  const meant = suggestion(name, candidates);
  report(c, id, 'undeclared', `undeclared reference to '${name}' (in container '')${meant}`);
}

export function undefinedField(c: CheckState, id: number, objectName: string, field: string): Type {
  const meant = suggestion(field, c.env.fieldNames?.(objectName) ?? []);
  report(c, id, 'unknown-field', `undefined field '${field}'${meant}`);
  return ERROR;
}

function suggestion(name: string, candidates: Iterable<string>): string {
  const meant = nearest(name, candidates);
  return meant === undefined || meant === name ? '' : `; did you mean '${meant}'?`;
}

export function report(c: CheckState, id: number, code: IssueCode, message: string): void {
  if (c.issues.length >= MAX_ISSUES) return;
  const { source } = c.ast;
  c.issues.push(createIssue(source, source.positions.get(id) ?? 0, code, message));
}
