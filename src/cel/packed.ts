/**
 * A parsed and checked expression as text, to be kept between runs: compiling it again then begins with planning.
 * Only what planning reads is kept; source positions are found by parsing again, should anybody ask.
 */
import type { Ast, Expr } from './ast.ts';
import type { CheckResult } from './check/check.ts';
import type { Type } from './types.ts';

export interface Front {
  readonly ast: Ast;
  readonly checked: CheckResult;
}

interface Packed {
  readonly expr: Expr;
  readonly references: [number, readonly string[] | { readonly name: string }][];
  /** Of the nodes that name a type. */
  readonly types: [number, Type][];
  readonly outputType: Type;
  readonly issues: CheckResult['issues'];
}

export function pack({ ast, checked }: Front): string {
  const packed: Packed = {
    expr: ast.expr,
    references: [...checked.references] as Packed['references'],
    types: [...checked.types].filter(([, type]) => type.kind === 'type'),
    outputType: checked.outputType,
    issues: checked.issues,
  };
  return JSON.stringify(packed, encode);
}

/** Numbers as text: JSON has no bigint and no -0; bytes as a list. */
function encode(key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return [...value];
  return key === 'value' && typeof value === 'number' ? (Object.is(value, -0) ? '-0' : String(value)) : value;
}

/** @param parseAgain Parses the text it was made from, for its source positions. */
export function unpack(text: string, parseAgain: () => Ast): Front {
  const { expr, references, types, outputType, issues } = JSON.parse(text) as Packed;
  revive(expr);
  let source: Ast['source'] | undefined;
  const ast: Ast = {
    expr,
    get source() {
      source ??= parseAgain().source;
      return source;
    },
  };
  return { ast, checked: { references: new Map(references), types: new Map(types), outputType, issues } };
}

function revive(expr: Expr): void {
  switch (expr.kind) {
    case 'const':
      reviveConstant(expr.value as { type: string; value?: unknown });
      return;
    case 'ident':
      return;
    case 'select':
      revive(expr.operand);
      return;
    case 'call':
      if (expr.target !== undefined) revive(expr.target);
      expr.args.forEach(revive);
      return;
    case 'list':
      expr.elements.forEach(revive);
      return;
    case 'map':
      for (const { key, value } of expr.entries) {
        revive(key);
        revive(value);
      }
      return;
    case 'struct':
      for (const { value } of expr.fields) revive(value);
      return;
    case 'comprehension':
      for (const part of [expr.iterRange, expr.accuInit, expr.loopCondition, expr.loopStep, expr.result])
        revive(part);
  }
}

function reviveConstant(constant: { type: string; value?: unknown }): void {
  if (constant.type === 'int' || constant.type === 'uint') constant.value = BigInt(constant.value as string);
  else if (constant.type === 'double') constant.value = Number(constant.value);
  else if (constant.type === 'bytes') constant.value = Uint8Array.from(constant.value as number[]);
}
