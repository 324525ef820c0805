/** Names in an expression's text replaced where they are free; everything else stays as its author wrote it. */
import type { Ast, Expr } from '../../cel/ast.ts';
import { children } from '../../cel/tree.ts';

/** Offsets (in code points) of free uses of the names. */
function freeUses(ast: Ast, names: ReadonlySet<string>): Map<number, string> {
  const found = new Map<number, string>();
  const visit = (expr: Expr, bound: ReadonlySet<string>): void => {
    if (expr.kind === 'ident') {
      const offset = ast.source.positions.get(expr.id);
      if (names.has(expr.name) && !bound.has(expr.name) && offset !== undefined) found.set(offset, expr.name);
      return;
    }
    if (expr.kind !== 'comprehension') {
      for (const child of children(expr)) visit(child, bound);
      return;
    }
    const inside = new Set([
      ...bound,
      expr.accuVar,
      expr.iterVar,
      ...(expr.iterVar2 === undefined ? [] : [expr.iterVar2]),
    ]);
    visit(expr.iterRange, bound);
    visit(expr.accuInit, bound);
    visit(expr.loopCondition, inside);
    visit(expr.loopStep, inside);
    visit(expr.result, new Set([...bound, expr.accuVar]));
  };
  visit(ast.expr, new Set());
  return found;
}

export function usesFree(ast: Ast, name: string): boolean {
  return freeUses(ast, new Set([name])).size > 0;
}

/** @param by what stands in place of each name; an operand, in parentheses where it needs them */
export function renameFree(text: string, ast: Ast, by: Readonly<Record<string, string>>): string {
  const uses = freeUses(ast, new Set(Object.keys(by)));
  if (uses.size === 0) return text;
  const characters = [...text];
  let written = '';
  let from = 0;
  for (const [offset, name] of [...uses].sort(([a], [b]) => a - b)) {
    written += characters.slice(from, offset).join('') + by[name];
    from = offset + [...name].length;
  }
  return written + characters.slice(from).join('');
}
