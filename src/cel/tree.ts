/** Walking and copying of syntax trees. */
import type { Expr } from './ast.ts';

/** The operands of a node, in the order in which the checker and the printer meet them. */
export function children(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'const':
    case 'ident':
      return [];
    case 'select':
      return [expr.operand];
    case 'call':
      return expr.target ? [expr.target, ...expr.args] : expr.args;
    case 'list':
      return expr.elements;
    case 'map':
      return expr.entries.flatMap((entry) => [entry.key, entry.value]);
    case 'struct':
      return expr.fields.map((field) => field.value);
    case 'comprehension':
      return [expr.iterRange, expr.accuInit, expr.loopCondition, expr.loopStep, expr.result];
  }
}

/** A tree of the same shape; `newId` gives the id that takes the place of each old one (parents first). */
export function copyExpr(expr: Expr, newId: (old: number) => number): Expr {
  const id = newId(expr.id);
  const copy = (child: Expr): Expr => copyExpr(child, newId);
  switch (expr.kind) {
    case 'const':
    case 'ident':
      return { ...expr, id };
    case 'select':
      return { ...expr, id, operand: copy(expr.operand) };
    case 'call': {
      const args = expr.args.map(copy);
      return expr.target ? { ...expr, id, args, target: copy(expr.target) } : { ...expr, id, args };
    }
    case 'list':
      return { ...expr, id, elements: expr.elements.map(copy) };
    case 'map': {
      const entries = expr.entries.map((entry) => ({
        ...entry,
        id: newId(entry.id),
        key: copy(entry.key),
        value: copy(entry.value),
      }));
      return { ...expr, id, entries };
    }
    case 'struct': {
      const fields = expr.fields.map((field) => ({
        ...field,
        id: newId(field.id),
        value: copy(field.value),
      }));
      return { ...expr, id, fields };
    }
    case 'comprehension':
      return {
        ...expr,
        id,
        iterRange: copy(expr.iterRange),
        accuInit: copy(expr.accuInit),
        loopCondition: copy(expr.loopCondition),
        loopStep: copy(expr.loopStep),
        result: copy(expr.result),
      };
  }
}
