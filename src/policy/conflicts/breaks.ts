/**
 * What follows from an expression being an error, which under `failurePolicy: Ignore` lets an object pass. Implied by
 * the error, like the other translations; only of expressions whose cost no object can drive beyond its budget.
 */
import type { CallExpr, Expr } from '../../cel/ast.ts';
import { and, FALSE, type Formula, opaque, or } from './formula.ts';
import { constantOf, isCall } from './terms.ts';
import { canonicalText } from './text.ts';
import {
  bounded,
  meaning,
  notThere,
  optionalChain,
  pathOf,
  type Scope,
  type Shape,
  typesAt,
  type ValueType,
} from './translate.ts';

/** @param owner id of the policy */
export function breaksOf(expr: Expr, shape: Shape, owner: string): Formula {
  return bounded(shape, owner, (scope) => breaks(expr, scope));
}

function breaks(expr: Expr, scope: Scope): Formula {
  if (expr.kind === 'const') return FALSE;
  if (expr.kind === 'select' && expr.testOnly)
    return holderBreaks(expr.operand, scope) ?? unknown(expr, scope);
  if (expr.kind !== 'call') return reading(expr, ['boolean'], scope) ?? unknown(expr, scope);
  return callBreaks(expr, scope) ?? unknown(expr, scope);
}

function unknown(expr: Expr, scope: Scope): Formula {
  return opaque(`${canonicalText(expr, scope.names)} of ${scope.owner} is an error`, true);
}

function callBreaks(expr: CallExpr, scope: Scope): Formula | undefined {
  const [a, b, c] = expr.args as [Expr, Expr, Expr];
  switch (expr.function) {
    case '!_':
      return breaks(a, scope);
    case '_&&_':
    case '_||_':
      return logicalBreaks(a, b, expr.function === '_&&_', scope);
    case '_?_:_':
      return or(
        breaks(a, scope),
        and(meaning(a, true, scope), breaks(b, scope)),
        and(meaning(a, false, scope), breaks(c, scope)),
      );
    case '_==_':
    case '_!=_':
      return both(reading(a, undefined, scope), reading(b, undefined, scope));
    case '_<_':
    case '_<=_':
    case '_>_':
    case '_>=_':
      return both(reading(a, ['number'], scope), reading(b, ['number'], scope));
    case '@in':
      return b.kind === 'list' && b.elements.every((element) => constantOf(element) !== undefined)
        ? reading(a, undefined, scope)
        : undefined;
    case 'startsWith':
    case 'endsWith':
    case 'contains':
      return expr.target === undefined
        ? undefined
        : both(reading(expr.target, ['string'], scope), reading(a, ['string'], scope));
    default:
      return reading(expr, ['boolean'], scope);
  }
}

/** An operand that decides absorbs the error of the other. */
function logicalBreaks(a: Expr, b: Expr, neutral: boolean, scope: Scope): Formula {
  const one = (broken: Expr, other: Expr) =>
    and(breaks(broken, scope), or(breaks(other, scope), meaning(other, neutral, scope)));
  return or(one(a, b), one(b, a));
}

function both(a: Formula | undefined, b: Formula | undefined): Formula | undefined {
  return a === undefined || b === undefined ? undefined : or(a, b);
}

/** When a value cannot be read; undefined when it may be of another type, or is more than a field. */
function reading(expr: Expr, types: readonly ValueType[] | undefined, scope: Scope): Formula | undefined {
  if (constantOf(expr) !== undefined) return FALSE;
  const path = pathOf(expr, scope);
  if (path !== undefined) return fits(path, types, scope) ? notThere(path, scope) : undefined;
  if (!isCall(expr, 'orValue') || expr.target === undefined) return undefined;
  const chain = optionalChain(expr.target, scope);
  if (chain === undefined || !fits(chain.path, types, scope)) return undefined;
  const preset = reading(expr.args[0]!, types, scope);
  return preset === undefined ? undefined : or(notThere(chain.strict, scope), preset);
}

function holderBreaks(operand: Expr, scope: Scope): Formula | undefined {
  const path = pathOf(operand, scope);
  return path !== undefined && fits(path, ['map'], scope) ? notThere(path, scope) : undefined;
}

/** Only what a schema describes cannot be of another type. */
function fits(path: string, types: readonly ValueType[] | undefined, scope: Scope): boolean {
  const known = path === 'object' ? (['map'] as const) : typesAt(path, scope);
  return known?.every((type) => types?.includes(type) ?? true) === true;
}
