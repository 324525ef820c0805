/**
 * Syntax tree → text. Expanded macros come out as they were written, so that parsing the text makes the same tree
 * again, but for ids.
 */
import type { Ast, CallExpr, Constant, Expr, MapEntry, StructField } from './ast.ts';
import { formatDouble } from './stdlib/numbers.ts';

/** The text of an expression, or of a part of it. */
export function print(ast: Ast, part: Expr = ast.expr): string {
  return operand(ast.source.macroCalls, part, Precedence.conditional);
}

/** How tightly an operator binds; an operand that binds less tightly needs parentheses. */
const Precedence = {
  conditional: 0,
  or: 1,
  and: 2,
  relation: 3,
  sum: 4,
  product: 5,
  unary: 6,
  member: 7,
} as const;

type MacroCalls = ReadonlyMap<number, Expr>;

/** Text, and how tightly it binds. */
type Printed = readonly [text: string, precedence: number];

function operand(macros: MacroCalls, expr: Expr, least: number): string {
  const [text, precedence] = printed(macros, expr);
  return precedence < least ? `(${text})` : text;
}

function printed(macros: MacroCalls, expr: Expr): Printed {
  const written = macros.get(expr.id);
  if (written?.kind === 'call') return call(macros, written);
  const inner = (e: Expr) => operand(macros, e, Precedence.conditional);
  switch (expr.kind) {
    case 'const':
      return constant(expr.value);
    case 'ident':
      return [expr.name, Precedence.member];
    case 'select': {
      const text = `${operand(macros, expr.operand, Precedence.member)}.${field(expr.field)}`;
      return [expr.testOnly ? `has(${text})` : text, Precedence.member];
    }
    case 'call':
      return call(macros, expr);
    case 'list': {
      const optional = new Set(expr.optionalIndices);
      const elements = expr.elements.map((e, i) => (optional.has(i) ? '?' : '') + inner(e));
      return [`[${elements.join(', ')}]`, Precedence.member];
    }
    case 'map':
      return [`{${entries(expr.entries, (e: MapEntry) => inner(e.key), inner)}}`, Precedence.member];
    case 'struct': {
      const fields = entries(expr.fields, (f: StructField) => field(f.name), inner);
      return [`${expr.typeName}{${fields}}`, Precedence.member];
    }
    case 'comprehension':
      throw new Error('a comprehension without the macro call it came from has no text');
  }
}

function entries<E extends MapEntry | StructField>(
  list: readonly E[],
  key: (entry: E) => string,
  value: (expr: Expr) => string,
): string {
  return list.map((e) => `${e.optional ? '?' : ''}${key(e)}: ${value(e.value)}`).join(', ');
}

// --- calls ---------------------------------------------------------------------------------------------------------

const BINARY: Readonly<Record<string, readonly [symbol: string, precedence: number]>> = {
  '_||_': ['||', Precedence.or],
  '_&&_': ['&&', Precedence.and],
  '_<_': ['<', Precedence.relation],
  '_<=_': ['<=', Precedence.relation],
  '_>_': ['>', Precedence.relation],
  '_>=_': ['>=', Precedence.relation],
  '_==_': ['==', Precedence.relation],
  '_!=_': ['!=', Precedence.relation],
  '@in': ['in', Precedence.relation],
  '_+_': ['+', Precedence.sum],
  '_-_': ['-', Precedence.sum],
  '_*_': ['*', Precedence.product],
  '_/_': ['/', Precedence.product],
  '_%_': ['%', Precedence.product],
};

function call(macros: MacroCalls, expr: CallExpr): Printed {
  const at = (e: Expr, least: number) => operand(macros, e, least);
  const { function: name, target, args } = expr;
  const [a, b, c] = args as [Expr, Expr, Expr];
  const binary = BINARY[name];
  if (name === '_&&_' || name === '_||_') return chain(macros, expr, ...binary!);
  // A chain of the same level groups to the left.
  if (binary) return [`${at(a, binary[1])} ${binary[0]} ${at(b, binary[1] + 1)}`, binary[1]];
  switch (name) {
    case '_?_:_': {
      const branches = `${at(b, Precedence.or)} : ${at(c, Precedence.conditional)}`;
      return [`${at(a, Precedence.or)} ? ${branches}`, Precedence.conditional];
    }
    case '!_':
      return [`!${at(a, Precedence.member)}`, Precedence.unary];
    case '-_':
      return [`-${negated(at(a, Precedence.member))}`, Precedence.unary];
    case '_[_]':
      return [`${at(a, Precedence.member)}[${at(b, 0)}]`, Precedence.member];
    case '_[?_]':
      return [`${at(a, Precedence.member)}[?${at(b, 0)}]`, Precedence.member];
    case '_?._':
      return [`${at(a, Precedence.member)}.?${optionalField(b)}`, Precedence.member];
    default: {
      const list = args.map((arg) => at(arg, 0)).join(', ');
      const receiver = target ? `${at(target, Precedence.member)}.` : '';
      return [`${receiver}${name}(${list})`, Precedence.member];
    }
  }
}

/** `-1` is a literal and `--a` is `a`: such operands need parentheses. */
function negated(text: string): string {
  return /^[-\d]/.test(text) ? `(${text})` : text;
}

/**
 * `a && b && c`. The parser balances such a chain; a tree that is not what it makes of all terms in a row was written
 * with parentheses.
 */
function chain(macros: MacroCalls, expr: CallExpr, symbol: string, precedence: number): Printed {
  const isLink = (e: Expr): e is CallExpr =>
    e.kind === 'call' && e.function === expr.function && !macros.has(e.id);
  const all = termsOf(expr, isLink);
  const terms = isBalanced(expr, all.length, isLink) ? all : expr.args;
  return [terms.map((term) => operand(macros, term, precedence + 1)).join(` ${symbol} `), precedence];
}

type IsLink = (expr: Expr) => expr is CallExpr;

function termsOf(expr: Expr, isLink: IsLink): readonly Expr[] {
  return isLink(expr) ? expr.args.flatMap((arg) => termsOf(arg, isLink)) : [expr];
}

/** Whether the parser makes this tree of `count` terms (see `balanced` in parser.ts). */
function isBalanced(expr: Expr, count: number, isLink: IsLink): boolean {
  if (!isLink(expr)) return count === 1;
  if (count < 2) return false;
  const left = (count >> 1) + (count & 1);
  return isBalanced(expr.args[0]!, left, isLink) && isBalanced(expr.args[1]!, count - left, isLink);
}

// --- names and literals --------------------------------------------------------------------------------------------

const KEYWORDS = new Set(['in', 'true', 'false', 'null']);

function field(name: string): string {
  if (/^[A-Za-z_]\w*$/.test(name) && !KEYWORDS.has(name)) return name;
  if (/^[\w.\-/ ]+$/.test(name)) return `\`${name}\``;
  throw new Error(`${JSON.stringify(name)} cannot be written as a field name`);
}

function optionalField(name: Expr): string {
  if (name.kind === 'const' && name.value.type === 'string') return field(name.value.value);
  throw new Error('an optional selection without a field name has no text');
}

function constant(value: Constant): Printed {
  switch (value.type) {
    case 'string':
      return [quote(value.value), Precedence.member];
    case 'bytes':
      return [
        `b${quote(Array.from(value.value, (byte) => String.fromCharCode(byte)).join(''), true)}`,
        Precedence.member,
      ];
    case 'uint':
      return [`${value.value}u`, Precedence.member];
    case 'double': {
      const text = formatDouble(value.value);
      return [/[.e]/.test(text) ? text : `${text}.0`, Precedence.member];
    }
    case 'null':
      return ['null', Precedence.member];
    default:
      return [String(value.value), Precedence.member];
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '"': '\\"',
  '\\': '\\\\',
};

/** In double quotes; of bytes (given as characters below 256) also all beyond ASCII is escaped. */
function quote(text: string, bytes = false): string {
  const special = bytes ? /[\u0000-\u001f"\\\u007f-\u00ff]/g : /[\u0000-\u001f"\\\u007f-\u009f]/g;
  const escaped = text.replaceAll(special, (char) => {
    return ESCAPES[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return `"${escaped}"`;
}
