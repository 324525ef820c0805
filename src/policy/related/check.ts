/** What is wrong with how an expression uses related objects, beside what CEL itself says. */
import type { Ast, Expr } from '../../cel/ast.ts';
import { formatType } from '../../cel/check/types.ts';
import { createIssue, type Issue } from '../../cel/source.ts';
import { children } from '../../cel/tree.ts';
import type { Type } from '../../cel/types.ts';
import type { Program } from '../program.ts';

/**
 * `related.x` may stand only where its elements are gone through (`exists`, `all`, `filter`, `map`, …): whether there are
 * more of them may not be known, and those alone can say so.
 */
export function misuses(ast: Ast): Issue[] {
  return strays(ast.expr).map(({ id, field }) =>
    createIssue(
      ast.source,
      ast.source.positions.get(id) ?? 0,
      'no-overload',
      `related.${field} can only be gone through, by exists, all, filter or map: how many there are may not be known`,
    ),
  );
}

function strays(expr: Expr): { id: number; field: string }[] {
  if (isRelated(expr)) return [{ id: expr.id, field: expr.field }];
  return children(expr).flatMap((child) =>
    expr.kind === 'comprehension' && child === expr.iterRange && isRelated(child) ? [] : strays(child),
  );
}

function isRelated(expr: Expr): expr is Extract<Expr, { kind: 'select' }> {
  return expr.kind === 'select' && expr.operand.kind === 'ident' && expr.operand.name === 'related';
}

/** What an expression of a lookup may yield. */
export type LookupValue = 'text' | 'texts' | 'labels';

const WORDS = {
  text: 'a string',
  texts: 'a string or a list of strings',
  labels: 'a map of labels',
} as const;

/** What is wrong with the type of such an expression; undefined when nothing is. */
export function unfitValue(
  { ast, outputType }: Pick<Program, 'ast' | 'outputType'>,
  wanted: LookupValue,
): Issue | undefined {
  if (fitsType(outputType, wanted)) return undefined;
  return createIssue(
    ast.source,
    0,
    'type',
    `must evaluate to ${WORDS[wanted]}, got ${formatType(outputType)}`,
  );
}

function fitsType(type: Type, wanted: LookupValue): boolean {
  if (type.kind === 'dyn') return true;
  if (wanted === 'labels') return type.kind === 'map';
  return (
    type.kind === 'string' || (wanted === 'texts' && type.kind === 'list' && fitsType(type.element, 'text'))
  );
}
