/** Small questions asked of syntax trees: literals, calls, and what a comprehension was written as. */
import type { CallExpr, ComprehensionExpr, Expr, ListExpr } from '../../cel/ast.ts';
import { children } from '../../cel/tree.ts';
import type { Constant } from './formula.ts';

export function isCall<N extends string>(expr: Expr, name: N): expr is CallExpr & { readonly function: N } {
  return expr.kind === 'call' && expr.function === name;
}

/** The value of a literal that JSON has, integers that a double holds exactly; undefined for others. */
export function constantOf(expr: Expr): Constant | undefined {
  if (expr.kind !== 'const') {
    const negated = isCall(expr, '-_') ? constantOf(expr.args[0]!) : undefined;
    return typeof negated === 'number' ? -negated : undefined;
  }
  const { value } = expr;
  switch (value.type) {
    case 'null':
      return null;
    case 'int':
    case 'uint': {
      const number = Number(value.value);
      return Number.isSafeInteger(number) ? number : undefined;
    }
    case 'bool':
    case 'double':
    case 'string':
      return value.value;
    case 'bytes':
      return undefined;
  }
}

export function literal(value: Constant): Expr {
  if (value === null) return { kind: 'const', id: 0, value: { type: 'null' } };
  if (typeof value === 'boolean') return { kind: 'const', id: 0, value: { type: 'bool', value } };
  if (typeof value === 'string') return { kind: 'const', id: 0, value: { type: 'string', value } };
  return Number.isSafeInteger(value)
    ? { kind: 'const', id: 0, value: { type: 'int', value: BigInt(value) } }
    : { kind: 'const', id: 0, value: { type: 'double', value } };
}

/** A macro over a list, as it was written. */
export type Fold =
  | { readonly macro: 'all' | 'exists'; readonly variable: string; readonly range: Expr; readonly body: Expr }
  | { readonly macro: 'filter'; readonly variable: string; readonly range: Expr; readonly body: Expr }
  | {
      readonly macro: 'map';
      readonly variable: string;
      readonly range: Expr;
      readonly when: Expr | undefined;
      readonly body: Expr;
    }
  | { readonly macro: 'exists_one'; readonly variable: string; readonly range: Expr; readonly body: Expr }
  | { readonly macro: 'bind'; readonly variable: string; readonly value: Expr; readonly body: Expr };

/** What a comprehension is the expansion of; undefined for macros that are not known here. */
export function foldOf(expr: ComprehensionExpr): Fold | undefined {
  const { iterVar: variable, iterRange: range, accuInit, loopStep: step, accuVar, result } = expr;
  if (expr.iterVar2 !== undefined) return undefined;
  if (constantOf(expr.loopCondition) === false)
    return { macro: 'bind', variable: accuVar, value: accuInit, body: result };
  const isAccumulator = (e: Expr | undefined) => e?.kind === 'ident' && e.name === accuVar;
  if (step.kind !== 'call') return undefined;
  const [first, second, third] = step.args;
  if (isAccumulator(result)) {
    if (step.function === '_&&_' && isAccumulator(first) && constantOf(accuInit) === true)
      return { macro: 'all', variable, range, body: second! };
    if (step.function === '_||_' && isAccumulator(first) && constantOf(accuInit) === false)
      return { macro: 'exists', variable, range, body: second! };
    const appended = (e: Expr | undefined): Expr | undefined => {
      if (e === undefined || !isCall(e, '_+_') || !isAccumulator(e.args[0])) return undefined;
      const added = e.args[1] as ListExpr;
      return added.kind === 'list' ? added.elements[0] : undefined;
    };
    const mapped = appended(step);
    if (mapped !== undefined) return { macro: 'map', variable, range, when: undefined, body: mapped };
    const picked = step.function === '_?_:_' && isAccumulator(third) ? appended(second) : undefined;
    if (picked === undefined) return undefined;
    return picked.kind === 'ident' && picked.name === variable
      ? { macro: 'filter', variable, range, body: first! }
      : { macro: 'map', variable, range, when: first!, body: picked };
  }
  return step.function === '_?_:_' && isAccumulator(third)
    ? { macro: 'exists_one', variable, range, body: first! }
    : undefined;
}

/** Names that are used and not bound; bound ones are unique when this is asked. */
export function freeNames(expr: Expr): readonly string[] {
  const used = new Set<string>();
  const bound = new Set<string>();
  const visit = (e: Expr): void => {
    if (e.kind === 'ident') used.add(e.name);
    if (e.kind === 'comprehension')
      for (const name of [e.iterVar, e.accuVar, ...(e.iterVar2 === undefined ? [] : [e.iterVar2])])
        bound.add(name);
    for (const child of children(e)) visit(child);
  };
  visit(expr);
  return [...used].filter((name) => !bound.has(name));
}
