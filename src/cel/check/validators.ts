/**
 * Checks of literals that the API server adds to type checking (k8s.io/apiserver pkg/cel/environment/base.go; cel-go
 * cel/validator.go). They are libraries without functions, so that the Kubernetes version decides about them too.
 */
import type { Expr } from '../ast.ts';
import { CelError } from '../errors.ts';
import type { Library, Validator } from '../library.ts';
import { compileRegex } from '../regex/index.ts';
import { parseDuration, parseTimestamp, timestampFromSeconds } from '../stdlib/time.ts';
import { children } from '../tree.ts';
import type { Type } from '../types.ts';
import { int } from '../values.ts';
import { formatType, sameType, unwrapOptional } from './types.ts';

/** `[1, 'a']` is refused, except inside the arguments of `format`. */
export const homogeneousLiterals: Library = {
  name: 'kubernetes.homogeneous-literals',
  functions: [],
  validators: [{ name: 'cel.validator.homogeneous_literals', validate: validateHomogeneous }],
};

/** `duration('x')`, `timestamp('x')` and `matches('(')` are refused when loaded, not when evaluated. */
export const literalValidation: Library = {
  name: 'kubernetes.literal-validation',
  since: 29,
  functions: [],
  validators: [
    literalArgument(
      'duration',
      (literal) => literal.type === 'string' && throws(() => parseDuration(literal.value)),
    ),
    literalArgument('timestamp', (literal) => {
      if (literal.type === 'int') return throws(() => timestampFromSeconds(int(literal.value)));
      return literal.type === 'string' && throws(() => parseTimestamp(literal.value));
    }),
    literalArgument(
      'matches',
      (literal) => literal.type === 'string' && 'error' in compileRegex(literal.value),
    ),
  ],
};

type Literal = (Expr & { kind: 'const' })['value'];

/** Refuses calls of a function whose first argument (receiver not counted, as in cel-go) is a bad literal. */
function literalArgument(name: string, isBad: (literal: Literal) => boolean): Validator {
  return {
    name: `cel.validator.${name}`,
    validate: (ast, _types, report) => {
      for (const { expr } of descendants(ast.expr)) {
        const arg = expr.kind === 'call' && expr.function === name ? expr.args[0] : undefined;
        if (arg?.kind === 'const' && isBad(arg.value)) report(arg, `invalid ${name} argument`);
      }
    },
  };
}

function throws(parse: () => unknown): boolean {
  try {
    parse();
    return false;
  } catch (error) {
    if (error instanceof CelError) return true;
    throw error;
  }
}

/** Functions whose arguments may be lists of anything. */
const EXEMPT = new Set(['format']);

function validateHomogeneous(...[ast, types, report]: Parameters<Validator['validate']>): void {
  const typeOf = (expr: Expr, optional: boolean): Type => {
    const type = types.get(expr.id)!;
    return optional ? unwrapOptional(type).type : type;
  };
  const mismatch = (at: Expr, expected: Type, actual: Type) => {
    if (sameType(expected, actual, true)) return false;
    report(at, `expected type '${formatType(expected)}' but found '${formatType(actual)}'`);
    return true;
  };
  for (const { expr, exempt } of descendants(ast.expr)) {
    if (exempt) continue;
    if (expr.kind === 'list' && expr.elements.length > 1) {
      const optionals = new Set(expr.optionalIndices);
      const first = typeOf(expr.elements[0]!, optionals.has(0));
      expr.elements.some((e, i) => mismatch(e, first, typeOf(e, optionals.has(i))));
    }
    if (expr.kind === 'map' && expr.entries.length > 1) {
      const [first, ...rest] = expr.entries;
      for (const { key, value, optional } of rest) {
        mismatch(key, typeOf(first!.key, false), typeOf(key, false));
        mismatch(value, typeOf(first!.value, first!.optional), typeOf(value, optional));
      }
    }
  }
}

/** All nodes, parents first; `exempt` inside a call of an exempt function. */
function* descendants(root: Expr): Generator<{ expr: Expr; exempt: boolean }> {
  const stack = [{ expr: root, exempt: false }];
  for (let next = stack.pop(); next; next = stack.pop()) {
    yield next;
    const exempt = next.exempt || (next.expr.kind === 'call' && EXEMPT.has(next.expr.function));
    for (const child of children(next.expr).toReversed()) stack.push({ expr: child, exempt });
  }
}
