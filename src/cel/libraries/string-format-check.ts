/** Checks `'…'.format([…])` when both are written out (cel-go ext/formatting.go `stringFormatValidator`). */
import type { Expr } from '../ast.ts';
import { CelError } from '../errors.ts';
import type { Validator } from '../library.ts';
import { nameOfType } from '../runtime/names.ts';
import { children } from '../tree.ts';
import type { Type } from '../types.ts';
import { type Clauses, clauseErrors, interpolate } from './string-format.ts';

type Types = ReadonlyMap<number, Type>;
type Report = (at: Expr, message: string) => void;

export const validateFormatCalls: Validator = {
  name: 'cel.validator.string_format',
  validate: (ast, types, report) => {
    const stack: Expr[] = [ast.expr];
    for (let expr = stack.pop(); expr; expr = stack.pop()) {
      checkCall(expr, types, report);
      stack.push(...children(expr).toReversed());
    }
  },
};

function checkCall(expr: Expr, types: Types, report: Report): void {
  if (expr.kind !== 'call' || expr.function !== 'format' || expr.args.length !== 1) return;
  const template = expr.target;
  const list = expr.args[0]!;
  if (template?.kind !== 'const' || template.value.type !== 'string' || list.kind !== 'list') return;
  let at: Expr = expr;
  const clauses = typeClauses(types, (bad) => {
    at = bad;
  });
  try {
    const { used } = interpolate(template.value.value, list.elements, clauses);
    if (list.elements.length <= used) return;
    const counts = `(expected ${used}, got ${list.elements.length})`;
    report(expr, `too many arguments supplied to string.format ${counts}`);
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    report(at, error.$message);
  }
}

type Kind = Type['kind'];

const STRINGABLE: readonly Kind[] = [
  'list',
  'map',
  'int',
  'uint',
  'double',
  'bool',
  'string',
  'timestamp',
  'bytes',
  'duration',
  'type',
  'null',
];

function typeClauses(types: Types, blame: (bad: Expr) => void): Clauses<Expr> {
  const check = (arg: Expr, kinds: readonly Kind[], error: (type: string) => string): string => {
    const type = types.get(arg.id);
    if (type === undefined || type.kind === 'dyn' || kinds.includes(type.kind)) return '';
    blame(arg);
    throw new CelError('invalid-argument', error(nameOfType(type)));
  };
  const checkString = (arg: Expr): string => {
    check(arg, STRINGABLE, clauseErrors.string);
    if (arg.kind === 'list' || arg.kind === 'map') for (const child of children(arg)) checkString(child);
    return '';
  };
  return {
    string: checkString,
    decimal: (arg) => check(arg, ['int', 'uint'], clauseErrors.decimal),
    fixed: (arg) => check(arg, ['double', 'string'], clauseErrors.fixed),
    scientific: (arg) => check(arg, ['double', 'string'], clauseErrors.scientific),
    binary: (arg) => check(arg, ['int', 'uint', 'bool'], clauseErrors.binary),
    hex: (arg) => check(arg, ['int', 'uint', 'string', 'bytes'], clauseErrors.hex),
    octal: (arg) => check(arg, ['int', 'uint'], clauseErrors.octal),
  };
}
