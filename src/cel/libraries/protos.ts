/**
 * `proto.getExt` and `proto.hasExt` (cel-go ext/protos.go), which Kyverno offers. Nothing that a policy reads is a
 * message with extensions, so they only ever find what a field of that name would be.
 */
import type { Expr } from '../ast.ts';
import type { Library, Macro, MacroContext } from '../library.ts';
import { macroNodes } from '../macros.ts';

const onProto =
  (expand: (context: MacroContext, operand: Expr, field: string) => Expr): Macro['expand'] =>
  (context, target, args) => {
    if (target?.kind !== 'ident' || target.name !== 'proto') return undefined;
    const [operand, extension] = args as [Expr, Expr];
    const field = extension.kind === 'select' ? dotted(extension) : undefined;
    return field === undefined
      ? context.fail(extension, 'invalid extension field')
      : expand(context, operand, field);
  };

function dotted(expr: Expr): string | undefined {
  if (expr.kind === 'ident') return expr.name;
  if (expr.kind !== 'select' || expr.testOnly) return undefined;
  const operand = dotted(expr.operand);
  return operand === undefined ? undefined : `${operand}.${expr.field}`;
}

export const protos: Library = Object.freeze({
  name: 'cel.protos',
  functions: [],
  macros: [
    {
      name: 'getExt',
      member: true,
      arity: 2,
      expand: onProto((context, operand, field) => macroNodes(context).select(operand, field)),
    },
    {
      name: 'hasExt',
      member: true,
      arity: 2,
      expand: onProto((context, operand, field) => macroNodes(context).presenceTest(operand, field)),
    },
  ],
});
