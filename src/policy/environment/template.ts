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

/**
 * The same for expressions that may change the object: `object.spec`, `object.metadata.labels` and
 * `object.metadata.annotations` are the template's, the name and the rest of the metadata the object's own, and
 * `Object{…}` is what becomes of the template. Where Kyverno's replacement of text gives types that do not fit
 * (`Object.metadata{…}`, or an `Object{…}` that is not what the expression begins with), these fit.
 */
export function writeTemplateAt(path: readonly string[]): (ast: Ast) => Ast {
  return ({ expr, source }) => {
    let last = Math.max(0, ...source.positions.keys());
    const positions = new Map(source.positions);
    const newId = (near: number): number => {
      last++;
      positions.set(last, source.positions.get(near) ?? 0);
      return last;
    };
    const below = (operand: Expr, field: string): SelectExpr => {
      return { kind: 'select', id: newId(operand.id), operand, field, testOnly: false };
    };
    const types = path.map((_, i) => ['Object', ...path.slice(0, i)].join('.'));
    const inner = ['Object', ...path].join('.');
    const change = (node: Expr, bound: ReadonlySet<string>): Expr | undefined => {
      if (node.kind === 'select' && isPatchedPart(node, bound))
        return { ...node, operand: replaceExpr(node.operand, deepen, bound) };
      if (node.kind !== 'struct' || !/^Object(\.|$)/.test(node.typeName)) return undefined;
      const renamed = node.typeName.replace('Object', inner);
      const fields = node.fields.map((field) => ({
        ...field,
        value: replaceExpr(field.value, change, bound),
      }));
      if (node.typeName !== 'Object') return { ...node, typeName: renamed, fields };
      if (fields.length === 0) return node;
      return path.reduceRight<Expr>(
        (value, name, i) => ({
          kind: 'struct',
          id: newId(node.id),
          typeName: types[i]!,
          fields: [{ id: newId(node.id), name, value, optional: false }],
        }),
        { ...node, typeName: renamed, fields },
      );
    };
    const deepen = (node: Expr, bound: ReadonlySet<string>): Expr | undefined =>
      isObject(node, bound) ? path.reduce(below, node) : undefined;
    return { expr: replaceExpr(expr, change), source: { ...source, positions } };
  };
}

/** Not the object's own: `spec`, and of the metadata labels and annotations. */
function isPatchedPart({ field, operand }: SelectExpr, bound: ReadonlySet<string>): boolean {
  if (field === 'spec') return isObject(operand, bound);
  return (
    (field === 'labels' || field === 'annotations') &&
    operand.kind === 'select' &&
    operand.field === 'metadata' &&
    isObject(operand.operand, bound)
  );
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
