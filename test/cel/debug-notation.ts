/**
 * The notation in which cel-spec's test data describes syntax trees: cel-go's debug writer (common/debug/debug.go), with
 * `^#kind#` behind each node of a parsed tree, `~type^reference` behind each node of a checked one.
 */
import type { Constant, Expr } from '../../src/cel/ast.ts';
import { type CheckResult, formatType } from '../../src/cel/check/index.ts';
import { formatDouble } from '../../src/cel/stdlib/index.ts';

export function parsedNotation(expr: Expr): string {
  return write(expr, { name: () => undefined, adorn: (e) => `^#${kindName(e)}#`, entry: `^#${ENTRY}#` });
}

export function checkedNotation(expr: Expr, checked: CheckResult): string {
  const reference = (e: Expr) => checked.references.get(e.id);
  return write(expr, {
    name: (e) => {
      const found = reference(e);
      return e.kind !== 'struct' && found && 'name' in found ? found.name : undefined;
    },
    adorn: (e) => {
      const found = reference(e);
      const type = `~${formatType(checked.types.get(e.id) ?? { kind: 'error' })}`;
      if (!found) return type;
      return `${type}^${'name' in found ? found.name : found.toSorted().join('|')}`;
    },
    entry: '',
  });
}

interface Adorner {
  /** The name a checked node stands for, when it is a variable or constant. */
  readonly name: (expr: Expr) => string | undefined;
  readonly adorn: (expr: Expr) => string;
  readonly entry: string;
}

const ENTRY = '*expr.Expr_CreateStruct_Entry';

function write(expr: Expr, adorner: Adorner, indent = ''): string {
  const name = adorner.name(expr);
  return (name ?? body(expr, adorner, indent)) + adorner.adorn(expr);
}

function body(expr: Expr, adorner: Adorner, indent: string): string {
  const inner = `${indent}  `;
  const child = (e: Expr) => write(e, adorner, inner);
  const block = (open: string, items: string[], close: string) =>
    items.length === 0 ? open + close : `${open}\n${inner}${items.join(`,\n${inner}`)}\n${indent}${close}`;
  switch (expr.kind) {
    case 'const':
      return constant(expr.value);
    case 'ident':
      return expr.name;
    case 'select':
      return `${write(expr.operand, adorner, indent)}.${expr.field}${expr.testOnly ? '~test-only~' : ''}`;
    case 'call': {
      const target =
        expr.target && !isNamespace(expr.target, adorner) ? write(expr.target, adorner, indent) : undefined;
      const name =
        target === undefined && expr.target ? `${dotted(expr.target)}.${expr.function}` : expr.function;
      return block(`${target === undefined ? '' : `${target}.`}${name}(`, expr.args.map(child), ')');
    }
    case 'list':
      return block('[', expr.elements.map(child), ']');
    case 'map':
      return block(
        '{',
        expr.entries.map((e) => `${e.optional ? '?' : ''}${child(e.key)}:${child(e.value)}${adorner.entry}`),
        '}',
      );
    case 'struct':
      return block(
        `${expr.typeName}{`,
        expr.fields.map((f) => `${f.optional ? '?' : ''}${f.name}:${child(f.value)}${adorner.entry}`),
        '}',
      );
    case 'comprehension': {
      const variables = [expr.iterVar, ...(expr.iterVar2 === undefined ? [] : [expr.iterVar2])];
      const lines = [
        '// Variable',
        ...variables.map((v) => `${v},`),
        '// Target',
        `${child(expr.iterRange)},`,
        '// Accumulator',
        `${expr.accuVar},`,
        '// Init',
        `${child(expr.accuInit)},`,
        '// LoopCondition',
        `${child(expr.loopCondition)},`,
        '// LoopStep',
        `${child(expr.loopStep)},`,
        '// Result',
        `${child(expr.result)})`,
      ];
      return `__comprehension__(\n${lines.map((line) => inner + line).join('\n')}`;
    }
  }
}

/** In a checked tree, a target without a type is part of a function's name: `math.greatest(…)`. */
function isNamespace(target: Expr, adorner: Adorner): boolean {
  return adorner.entry === '' && adorner.adorn(target) === '~!error!' && dotted(target) !== '';
}

function dotted(expr: Expr): string {
  if (expr.kind === 'ident') return expr.name;
  return expr.kind === 'select' ? `${dotted(expr.operand)}.${expr.field}` : '';
}

function kindName(expr: Expr): string {
  if (expr.kind !== 'const') return `*expr.Expr_${EXPRESSION_KINDS[expr.kind]}Expr`;
  return `*expr.Constant_${CONSTANT_KINDS[expr.value.type]}Value`;
}

const EXPRESSION_KINDS = {
  ident: 'Ident',
  select: 'Select',
  call: 'Call',
  list: 'List',
  map: 'Struct',
  struct: 'Struct',
  comprehension: 'Comprehension',
};
const CONSTANT_KINDS = {
  null: 'Null',
  bool: 'Bool',
  int: 'Int64',
  uint: 'Uint64',
  double: 'Double',
  string: 'String',
  bytes: 'Bytes',
};

function constant(value: Constant): string {
  switch (value.type) {
    case 'null':
      return 'null';
    case 'bytes':
      return `b${quoteBytes(value.value)}`;
    case 'string':
      return quote(value.value);
    case 'double':
      return formatDouble(value.value);
    case 'uint':
      return `${value.value}u`;
    default:
      return String(value.value);
  }
}

const SPECIAL: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '"': '\\"',
  '\\': '\\\\',
};

/** Go's strconv.Quote. */
function quote(text: string): string {
  return `"${Array.from(text, quoteCharacter).join('')}"`;
}

function quoteCharacter(char: string): string {
  const special = SPECIAL[char];
  if (special) return special;
  if (/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(char)) return char;
  const code = char.codePointAt(0)!;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code < 0x10000
    ? `\\u${code.toString(16).padStart(4, '0')}`
    : `\\U${code.toString(16).padStart(8, '0')}`;
}

/** Go's strconv.Quote of bytes: what is no UTF-8 becomes `\xff`. */
function quoteBytes(bytes: Uint8Array): string {
  let out = '';
  for (let i = 0; i < bytes.length; ) {
    const width = [1, 2, 3, 4].find((n) => isOneCharacter(bytes.subarray(i, i + n)));
    out += width
      ? quoteCharacter(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(i, i + width)))
      : `\\x${bytes[i]!.toString(16).padStart(2, '0')}`;
    i += width ?? 1;
  }
  return `"${out}"`;
}

function isOneCharacter(bytes: Uint8Array): boolean {
  try {
    return Array.from(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)).length === 1;
  } catch {
    return false;
  }
}
