/**
 * Text → syntax tree: a recursive-descent parser, one function per rule of cel-go's grammar (parser/gen/CEL.g4) in
 * the order of the grammar. It builds the very tree that cel-go v0.29 builds, ids in the same order, because cost and
 * the order of errors hang on the shape.
 */
import type { Ast, Expr, MapEntry, StructField } from './ast.ts';
import type { TokenKind } from './lexer.ts';
import { literalValue } from './literals.ts';
import { createMacroContext, findMacro, MacroError } from './macros.ts';
import {
  constant,
  current,
  expect,
  nested,
  newId,
  type ParseOptions,
  type ParseState,
  peek,
  placeholder,
  raise,
  report,
  Stop,
  startParse,
  stop,
  take,
  takeOptionalMark,
  unexpected,
} from './parse-state.ts';
import { codePointCount, type Issue, sortIssues } from './source.ts';

export type { ParseLimits, ParseOptions } from './parse-state.ts';

/** Parses one expression. A syntax error ends the parse; other errors are collected. Never throws. */
export function parse(text: string, options: ParseOptions = {}): { ast: Ast } | { issues: Issue[] } {
  const state = startParse(text.toWellFormed(), options);
  const expr = expressionOrStop(state);
  if (state.issues.length > 0 || !expr) return { issues: sortIssues(state.issues) };
  return { ast: { expr, source: state.source } };
}

function expressionOrStop(p: ParseState): Expr | undefined {
  try {
    const size = codePointCount(p.source.text);
    if (size > p.limits.size) {
      stop(p, 0, 'limit', `expression code point size exceeds limit: size: ${size}, limit ${p.limits.size}`);
    }
    const expr = expression(p);
    if (current(p).kind !== 'end') unexpected(p, '<EOF>');
    return expr;
  } catch (error) {
    if (error instanceof Stop) return undefined;
    throw error;
  }
}

// --- rules of the grammar ------------------------------------------------------------------------------------------

/** expr: conditionalOr ('?' conditionalOr ':' expr)? */
function expression(p: ParseState): Expr {
  const expr = nested(p, 'expression', () => conditional(p));
  p.peak = Math.max(p.peak, p.height);
  return expr;
}

function conditional(p: ParseState): Expr {
  const condition = conditionalOr(p);
  if (current(p).kind !== '?') return condition;
  const height = p.height;
  const id = newId(p, take(p).offset);
  const whenTrue = conditionalOr(p);
  const heightTrue = p.height;
  expect(p, ':');
  const whenFalse = expression(p);
  raise(p, height, heightTrue, p.height);
  return { kind: 'call', id, function: '_?_:_', args: [condition, whenTrue, whenFalse] };
}

/** conditionalOr: conditionalAnd ('||' conditionalAnd)* */
function conditionalOr(p: ParseState): Expr {
  return logicalChain(p, '||', '_||_', conditionalAnd);
}

/** conditionalAnd: relation ('&&' relation)* */
function conditionalAnd(p: ParseState): Expr {
  return logicalChain(p, '&&', '_&&_', relation);
}

function logicalChain(
  p: ParseState,
  operator: '||' | '&&',
  name: string,
  operand: (p: ParseState) => Expr,
): Expr {
  const terms = [operand(p)];
  const ids: number[] = [];
  let height = p.height;
  while (current(p).kind === operator) {
    const { offset } = take(p);
    terms.push(operand(p));
    ids.push(newId(p, offset));
    height = Math.max(height, p.height);
  }
  p.height = height;
  return ids.length === 0 ? terms[0]! : balanced(name, terms, ids, 0, ids.length - 1);
}

/** cel-go makes a chain of `&&` or `||` a balanced tree: short for the stack, and what its costs are counted on. */
function balanced(name: string, terms: Expr[], ids: number[], low: number, high: number): Expr {
  const middle = (low + high + 1) >> 1;
  const left = middle === low ? terms[middle]! : balanced(name, terms, ids, low, middle - 1);
  const right = middle === high ? terms[middle + 1]! : balanced(name, terms, ids, middle + 1, high);
  return { kind: 'call', id: ids[middle]!, function: name, args: [left, right] };
}

const RELATIONS: ReadonlyMap<TokenKind, string> = new Map([
  ['<', '_<_'],
  ['<=', '_<=_'],
  ['>=', '_>=_'],
  ['>', '_>_'],
  ['==', '_==_'],
  ['!=', '_!=_'],
  ['in', '@in'],
]);

/** relation: calc | relation ('<' | '<=' | '>=' | '>' | '==' | '!=' | 'in') relation */
function relation(p: ParseState): Expr {
  return nested(p, 'relation', () => {
    let left = calculation(p, 'sum');
    for (;;) {
      const name = RELATIONS.get(current(p).kind);
      if (!name) return left;
      left = binary(p, name, left, () => nested(p, 'relation', () => calculation(p, 'sum')));
    }
  });
}

const SUMS: ReadonlyMap<TokenKind, string> = new Map([
  ['+', '_+_'],
  ['-', '_-_'],
]);
const PRODUCTS: ReadonlyMap<TokenKind, string> = new Map([
  ['*', '_*_'],
  ['/', '_/_'],
  ['%', '_%_'],
]);

/** calc: unary | calc ('*' | '/' | '%') calc | calc ('+' | '-') calc; `level` is how loosely it may bind. */
function calculation(p: ParseState, level: 'sum' | 'product' | 'operand'): Expr {
  return nested(p, 'calculation', () => {
    let left = unary(p);
    for (;;) {
      const { kind } = current(p);
      const product = level === 'operand' ? undefined : PRODUCTS.get(kind);
      const sum = level === 'sum' ? SUMS.get(kind) : undefined;
      if (product) left = binary(p, product, left, () => calculation(p, 'operand'));
      else if (sum) left = binary(p, sum, left, () => calculation(p, 'product'));
      else return left;
    }
  });
}

function binary(p: ParseState, name: string, left: Expr, operand: () => Expr): Expr {
  const height = p.height;
  const id = newId(p, take(p).offset);
  const right = operand();
  raise(p, height, p.height);
  return { kind: 'call', id, function: name, args: [left, right] };
}

/** unary: member | '!'+ member | '-'+ member; an even number of signs is none, and `-1` is a literal. */
function unary(p: ParseState): Expr {
  const sign = current(p).kind;
  if (sign !== '!' && sign !== '-') return member(p);
  if (isSignedNumber(p)) return member(p);
  const { offset } = current(p);
  let count = 0;
  for (; current(p).kind === sign; count++) take(p);
  if (count % 2 === 0) return member(p);
  const id = newId(p, offset);
  return { kind: 'call', id, function: sign === '!' ? '!_' : '-_', args: [member(p)] };
}

/** Whether a `-` that belongs to a literal is next: before int and double, not before uint. */
function isSignedNumber(p: ParseState): boolean {
  return current(p).kind === '-' && ['int', 'double'].includes(peek(p, 1).kind);
}

/** member: primary | member '.' '?'? field | member '.' name '(' args ')' | member '[' '?'? expr ']' */
function member(p: ParseState): Expr {
  let operand = primary(p);
  for (;;) {
    const { kind } = current(p);
    if (kind === '.') operand = selectionOrCall(p, operand);
    else if (kind === '[') operand = index(p, operand);
    else return operand;
  }
}

function selectionOrCall(p: ParseState, operand: Expr): Expr {
  const dot = take(p);
  const optional = takeOptionalMark(p, dot, '.?');
  const name = current(p);
  if (!optional && name.kind === 'identifier' && peek(p, 1).kind === '(') {
    take(p);
    return call(p, name.text, operand, take(p).offset);
  }
  const field = fieldName(p);
  raise(p, p.height);
  if (optional) {
    const literal: Expr = constant(p, name.offset, { type: 'string', value: field });
    return { kind: 'call', id: newId(p, dot.offset), function: '_?._', args: [operand, literal] };
  }
  return { kind: 'select', id: newId(p, dot.offset), operand, field, testOnly: false };
}

function index(p: ParseState, operand: Expr): Expr {
  const bracket = take(p);
  const height = p.height;
  const id = newId(p, bracket.offset);
  const name = takeOptionalMark(p, bracket, '[?') ? '_[?_]' : '_[_]';
  const key = expression(p);
  expect(p, ']');
  raise(p, height, p.height);
  return { kind: 'call', id, function: name, args: [operand, key] };
}

/** A field after a dot or in a message: a name, or one in backticks. */
function fieldName(p: ParseState): string {
  const { kind, text } = current(p);
  if (kind === 'identifier') return take(p).text;
  if (kind === 'escaped-identifier') {
    take(p);
    return text.slice(1, -1);
  }
  return unexpected(p, 'IDENTIFIER');
}

/** primary: name, call, '(' expr ')', list, map, message or literal */
function primary(p: ParseState): Expr {
  p.height = 0;
  const { kind } = current(p);
  switch (kind) {
    case '.':
    case 'identifier':
      return nameCallOrMessage(p);
    case '(': {
      take(p);
      const expr = expression(p);
      expect(p, ')');
      return expr;
    }
    case '[':
      return list(p);
    case '{':
      return map(p);
    default:
      return literal(p);
  }
}

/** '.'? name | '.'? name '(' args ')' | '.'? name ('.' name)* '{' fields '}' */
function nameCallOrMessage(p: ParseState): Expr {
  const { offset } = current(p);
  const dot = current(p).kind === '.' ? take(p).text : '';
  if (current(p).kind !== 'identifier') unexpected(p, 'IDENTIFIER');
  const messageTokens = lengthOfMessageName(p);
  if (messageTokens > 0) return message(p, dot, messageTokens);

  const name = take(p);
  if (RESERVED.has(name.text)) report(p, offset, 'syntax', `reserved identifier: ${name.text}`);
  if (current(p).kind === '(') return call(p, dot + name.text, undefined, take(p).offset);
  if (RESERVED.has(name.text)) return placeholder(p, offset);
  return { kind: 'ident', id: newId(p, name.offset), name: dot + name.text };
}

/** Words that are no names of variables or functions (they may be fields). */
const RESERVED = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

/** Number of tokens before the `{` when the name at hand is a message's; else 0. */
function lengthOfMessageName(p: ParseState): number {
  let length = 1;
  while (peek(p, length).kind === '.' && peek(p, length + 1).kind === 'identifier') length += 2;
  return peek(p, length).kind === '{' ? length : 0;
}

/** A call from behind its `(`, expanded when it is a macro. A global call has no target. */
function call(p: ParseState, name: string, target: Expr | undefined, offset: number): Expr {
  const id = newId(p, offset);
  const height = p.height;
  const args = separated(p, ')', () => expression(p));
  if (target) raise(p, height, p.height);
  const expanded = expandMacro(p, id, name, target, args);
  if (expanded) return expanded;
  return target
    ? { kind: 'call', id, target, function: name, args }
    : { kind: 'call', id, function: name, args };
}

function expandMacro(
  p: ParseState,
  id: number,
  name: string,
  target: Expr | undefined,
  args: readonly Expr[],
): Expr | undefined {
  const macro = findMacro(p.macros, name, target !== undefined, args.length);
  if (!macro) return undefined;
  const { positions, macroCalls } = p.source;
  const offset = positions.get(id) ?? 0;
  try {
    const expanded = macro.expand(
      createMacroContext(positions, offset, () => p.nextId++),
      target,
      args,
    );
    if (!expanded) return undefined;
    positions.delete(id);
    const written = { kind: 'call', id: 0, function: name, args } as const;
    macroCalls.set(expanded.id, target ? { ...written, target } : written);
    return expanded;
  } catch (error) {
    if (!(error instanceof MacroError)) throw error;
    const at = positions.get(error.at.id) ?? offset;
    report(p, at, 'syntax', error.message);
    return placeholder(p, at);
  }
}

/** '[' ('?'? expr),* ','? ']' */
function list(p: ParseState): Expr {
  const id = newId(p, take(p).offset);
  const optionalIndices: number[] = [];
  const elements = separated(p, ']', (position) => {
    if (takeOptionalMark(p, current(p), '?')) optionalIndices.push(position);
    return expression(p);
  });
  return { kind: 'list', id, elements, optionalIndices };
}

/** '{' ('?'? expr ':' expr),* ','? '}' */
function map(p: ParseState): Expr {
  const id = newId(p, take(p).offset);
  const entries = separated(p, '}', (): MapEntry => {
    const entryId = newId(p, 0);
    const optional = takeOptionalMark(p, current(p), '?');
    const key = expression(p);
    p.source.positions.set(entryId, expect(p, ':').offset);
    return { id: entryId, key, value: expression(p), optional };
  });
  return { kind: 'map', id, entries };
}

/** '{' ('?'? field ':' expr),* ','? '}' behind a type's name of `length` tokens */
function message(p: ParseState, dot: string, length: number): Expr {
  let typeName = dot;
  for (let i = 0; i < length; i++) typeName += take(p).text;
  const id = newId(p, take(p).offset);
  const fields = separated(p, '}', (): StructField => {
    const optional = takeOptionalMark(p, current(p), '?');
    const name = fieldName(p);
    const fieldId = newId(p, expect(p, ':').offset);
    return { id: fieldId, name, value: expression(p), optional };
  });
  return { kind: 'struct', id, typeName, fields };
}

/**
 * Items and commas up to and with `close`; the opening bracket is taken already. A comma may stand before the end,
 * even alone, but not among the arguments of a call. The height is that of the highest expression inside.
 */
function separated<T>(p: ParseState, close: ')' | ']' | '}', item: (index: number) => T): T[] {
  const outerPeak = p.peak;
  p.peak = 0;
  const items: T[] = [];
  const lone = current(p).kind === ',' && close !== ')';
  while (!lone && current(p).kind !== close) {
    items.push(item(items.length));
    if (current(p).kind !== ',' || (peek(p, 1).kind === close && close !== ')')) break;
    take(p);
    if (current(p).kind === close) unexpected(p, 'an expression');
  }
  if (current(p).kind === ',' && close !== ')') take(p);
  expect(p, close);
  p.height = p.peak;
  p.peak = outerPeak;
  return items;
}

/** literal: '-'? int | uint | '-'? double | string | bytes | 'true' | 'false' | 'null' */
function literal(p: ParseState): Expr {
  const { offset } = current(p);
  const sign = isSignedNumber(p) ? take(p).text : '';
  const value = literalValue(current(p), sign);
  if (!value) return unexpected(p, 'an expression');
  take(p);
  if (value.type !== 'bad') return constant(p, offset, value);
  report(p, offset, 'syntax', value.message);
  return placeholder(p, offset);
}
