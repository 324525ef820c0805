import type { Ast, Expr, SelectExpr } from '../../cel/ast.ts';
import { replaceExpr } from '../../cel/tree.ts';

/**
 * Reads an expression that was written for a Pod as one about an object that holds the Pod's template: `object.spec` and
 * `object.metadata` (and those of `oldObject`) then stand for the template's. `metadata.namespace` stays the object's
 * own, since templates name none. What reaches into the object in other ways (`object['spec']`, `object.?spec`) stays as
 * it is, as it does in Kyverno, which replaces text; strings and the names of other things stay too, which there they
 * do not.
 *
 * @param path Fields from the object to the template: `['spec', 'template']`.
 */
export function readTemplateAt(path: readonly string[]): (ast: Ast) => Ast {
  return ({ expr, source }) => {
    let last = Math.max(0, ...source.positions.keys());
    const positions = new Map(source.positions);
    const below = (operand: Expr, field: string): SelectExpr => {
      last++;
      positions.set(last, source.positions.get(operand.id) ?? 0);
      return { kind: 'select', id: last, operand, field, testOnly: false };
    };
    const replaced = replaceExpr(expr, (node, bound) => {
      if (node.kind !== 'select') return undefined;
      if (isOwnNamespace(node, bound)) return node;
      return isPodPart(node, bound) ? { ...node, operand: path.reduce(below, node.operand) } : undefined;
    });
    return { expr: replaced, source: { ...source, positions } };
  };
}

function isOwnNamespace({ field, operand }: SelectExpr, bound: ReadonlySet<string>): boolean {
  return (
    field === 'namespace' &&
    operand.kind === 'select' &&
    operand.field === 'metadata' &&
    isObject(operand.operand, bound)
  );
}

function isPodPart({ field, operand }: SelectExpr, bound: ReadonlySet<string>): boolean {
  return (field === 'spec' || field === 'metadata') && isObject(operand, bound);
}

function isObject(expr: Expr, bound: ReadonlySet<string>): boolean {
  if (expr.kind === 'ident')
    return (expr.name === 'object' || expr.name === 'oldObject') && !bound.has(expr.name);
  // `request.object` is the same object once more.
  return (
    expr.kind === 'select' &&
    (expr.field === 'object' || expr.field === 'oldObject') &&
    expr.operand.kind === 'ident' &&
    expr.operand.name === 'request'
  );
}
