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

/**
 * The tree with other nodes in place of some: `change` is asked parents first, and gives undefined where a node stays
 * and its operands are to be asked. `bound` are the variables of the comprehensions around the node.
 */
export function replaceExpr(
  expr: Expr,
  change: (expr: Expr, bound: ReadonlySet<string>) => Expr | undefined,
  bound: ReadonlySet<string> = new Set(),
): Expr {
  const changed = change(expr, bound);
  if (changed !== undefined) return changed;
  const go = (child: Expr, names = bound): Expr => replaceExpr(child, change, names);
  switch (expr.kind) {
    case 'const':
    case 'ident':
      return expr;
    case 'select':
      return { ...expr, operand: go(expr.operand) };
    case 'call': {
      const args = expr.args.map((arg) => go(arg));
      return expr.target ? { ...expr, args, target: go(expr.target) } : { ...expr, args };
    }
    case 'list':
      return { ...expr, elements: expr.elements.map((element) => go(element)) };
    case 'map':
      return {
        ...expr,
        entries: expr.entries.map((entry) => ({ ...entry, key: go(entry.key), value: go(entry.value) })),
      };
    case 'struct':
      return { ...expr, fields: expr.fields.map((field) => ({ ...field, value: go(field.value) })) };
    case 'comprehension': {
      const loop = new Set([...bound, expr.iterVar, expr.accuVar]);
      if (expr.iterVar2 !== undefined) loop.add(expr.iterVar2);
      return {
        ...expr,
        iterRange: go(expr.iterRange),
        accuInit: go(expr.accuInit),
        loopCondition: go(expr.loopCondition, loop),
        loopStep: go(expr.loopStep, loop),
        result: go(expr.result, new Set([...bound, expr.accuVar])),
      };
    }
  }
}
