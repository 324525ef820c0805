/** Expanded and substituted trees as text. They have no macro calls any more, so `cel/print.ts` cannot print them. */
import type { Expr } from '../../cel/ast.ts';
import { foldOf } from './terms.ts';

const BINARY: Readonly<Record<string, string>> = {
  '_||_': '||',
  '_&&_': '&&',
  '_<_': '<',
  '_<=_': '<=',
  '_>_': '>',
  '_>=_': '>=',
  '_==_': '==',
  '_!=_': '!=',
  '@in': 'in',
  '_+_': '+',
  '_-_': '-',
  '_*_': '*',
  '_/_': '/',
  '_%_': '%',
};

/** Operands of these may change places without changing the result. */
const COMMUTATIVE = new Set(['_||_', '_&&_', '_==_', '_!=_']);

/** The same text for trees that differ in the names of their variables or the order of `&&`, `||` and `==` alone. */
export function canonicalText(expr: Expr, names: ReadonlyMap<string, string> = new Map()): string {
  return write(expr, names);
}

function write(expr: Expr, names: ReadonlyMap<string, string>): string {
  const inner = (e: Expr) => write(e, names);
  switch (expr.kind) {
    case 'const': {
      const { value } = expr;
      if (value.type === 'null') return 'null';
      if (value.type === 'bytes') return `b"${Buffer.from(value.value).toString('hex')}"`;
      if (value.type === 'string') return JSON.stringify(value.value);
      return `${value.value}${value.type === 'uint' ? 'u' : ''}`;
    }
    case 'ident':
      return names.get(expr.name) ?? expr.name.replace(/#\d+$/, '');
    case 'select': {
      const text = `${operand(expr.operand, names)}.${expr.field}`;
      return expr.testOnly ? `has(${text})` : text;
    }
    case 'call':
      return writeCall(expr.function, expr.target, expr.args, names);
    case 'list':
      return `[${expr.elements.map((e, i) => (expr.optionalIndices.includes(i) ? '?' : '') + inner(e)).join(', ')}]`;
    case 'map':
      return `{${expr.entries.map((e) => `${e.optional ? '?' : ''}${inner(e.key)}: ${inner(e.value)}`).join(', ')}}`;
    case 'struct':
      return `${expr.typeName}{${expr.fields.map((f) => `${f.name}: ${inner(f.value)}`).join(', ')}}`;
    case 'comprehension': {
      const fold = foldOf(expr);
      const named = (name: string) => new Map(names).set(name, `x${names.size === 0 ? '' : names.size}`);
      if (fold === undefined) {
        const own = new Map(names).set(expr.iterVar, `x${names.size}`).set(expr.accuVar, 'result');
        if (expr.iterVar2 !== undefined) own.set(expr.iterVar2, `y${names.size}`);
        return `fold(${inner(expr.iterRange)}, ${inner(expr.accuInit)}, ${write(expr.loopCondition, own)}, ${write(expr.loopStep, own)}, ${write(expr.result, own)})`;
      }
      const own = named(fold.variable);
      const body = write(fold.body, own);
      const variable = own.get(fold.variable)!;
      if (fold.macro === 'bind') return `cel.bind(${variable}, ${inner(fold.value)}, ${body})`;
      const when = fold.macro === 'map' && fold.when !== undefined ? `${write(fold.when, own)}, ` : '';
      return `${operand(fold.range, names)}.${fold.macro}(${variable}, ${when}${body})`;
    }
  }
}

function writeCall(
  name: string,
  target: Expr | undefined,
  args: readonly Expr[],
  names: ReadonlyMap<string, string>,
): string {
  const at = (e: Expr) => operand(e, names);
  const symbol = BINARY[name];
  if (symbol !== undefined) {
    const parts = COMMUTATIVE.has(name) ? chain(name, args).map(at).sort() : args.map(at);
    return parts.join(` ${symbol} `);
  }
  const [a, b, c] = args as [Expr, Expr, Expr];
  switch (name) {
    case '_?_:_':
      return `${at(a)} ? ${at(b)} : ${at(c)}`;
    case '!_':
      return `!${at(a)}`;
    case '-_':
      return `-${at(a)}`;
    case '_[_]':
      return `${at(a)}[${write(b, names)}]`;
    case '_[?_]':
      return `${at(a)}[?${write(b, names)}]`;
    case '_?._':
      return `${at(a)}.?${b.kind === 'const' && b.value.type === 'string' ? b.value.value : write(b, names)}`;
    default: {
      const list = args.map((arg) => write(arg, names)).join(', ');
      return `${target === undefined ? '' : `${at(target)}.`}${name}(${list})`;
    }
  }
}

/** `&&` and `||` in a row; the others take two operands. */
function chain(name: string, args: readonly Expr[]): readonly Expr[] {
  if (name !== '_&&_' && name !== '_||_') return args;
  return args.flatMap((arg) =>
    arg.kind === 'call' && arg.function === name ? chain(name, arg.args) : [arg],
  );
}

function operand(expr: Expr, names: ReadonlyMap<string, string>): string {
  const text = write(expr, names);
  const joins = expr.kind === 'call' && (BINARY[expr.function] !== undefined || expr.function === '_?_:_');
  return joins ? `(${text})` : text;
}
