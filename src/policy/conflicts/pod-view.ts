/** A converted policy sees a pod as the native one does: by an expression that is worth recognising for what it is. */
import type { Expr } from '../../cel/ast.ts';
import { parse } from '../../cel/parser.ts';
import { podViewText } from '../pod-view.ts';
import { replaceName } from './reduce.ts';
import { isCall } from './terms.ts';
import { canonicalText } from './text.ts';

const TEMPLATE = 'template';

/** The template that an expression is the view of; undefined when it is none. */
export function templateOf(expr: Expr): Expr | undefined {
  if (!isCall(expr, '_?_:_') || !isCall(expr.args[2]!, 'dyn')) return undefined;
  const template = expr.args[1]!;
  return canonicalText(expr) === canonicalText(replaceName(view(), TEMPLATE, template))
    ? template
    : undefined;
}

let parsed: Expr | undefined;

function view(): Expr {
  if (parsed !== undefined) return parsed;
  const read = parse(podViewText(TEMPLATE));
  if (!('ast' in read)) throw new Error('the view of a pod is no expression');
  parsed = read.ast.expr;
  return parsed;
}
