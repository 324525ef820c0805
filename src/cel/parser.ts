/**
 * Text → syntax tree: a recursive-descent parser, one function per rule of cel-go's grammar (parser/gen/CEL.g4) in
 * the order of the grammar. It builds the very tree that cel-go v0.29 builds, ids in the same order, because cost and
 * the order of errors hang on the shape.
 */
import type { Ast, Constant, Expr, MapEntry, SourceInfo, StructField } from './ast.ts';
import { createLexer, type Lexer, nextToken, type Token, type TokenKind } from './lexer.ts';
import type { Macro } from './library.ts';
import {
  type BadLiteral,
  bytesLiteral,
  doubleLiteral,
  intLiteral,
  stringLiteral,
  uintLiteral,
} from './literals.ts';
import { createMacroContext, findMacro, MacroError, type MacroTable, macroTable } from './macros.ts';
import { codePointCount, createIssue, type Issue, type IssueCode, sortIssues } from './source.ts';

export interface ParseLimits {
  /** Longest expression, in code points. */
  readonly size: number;
  /** Deepest nesting; operators, selections and calls in a row count too, as in cel-go. */
  readonly depth: number;
}

export interface ParseOptions {
  /** In addition to the standard ones, which they replace where name, form and arity are the same. */
  readonly macros?: readonly Macro[];
  /** Shown in messages. Default `<input>`. */
  readonly description?: string;
  /** Whether `a.?b`, `a[?b]`, `[?a]` and `{?k: v}` are read (Kubernetes: from 1.28 on). Default true. */
  readonly optionalSyntax?: boolean;
  /** Default: what cel-go and the API server allow. */
  readonly limits?: Partial<ParseLimits>;
}

const DEFAULT_LIMITS: ParseLimits = { size: 100_000, depth: 250 };

/** A text with hundreds of faults is not better explained by all of them. */
const MAX_ISSUES = 20;

/** Parses one expression. A syntax error ends the parse; other errors are collected. Never throws. */
export function parse(text: string, options: ParseOptions = {}): { ast: Ast } | { issues: Issue[] } {
  const state = start(text.toWellFormed(), options);
  const expr = expressionOrStop(state);
  if (state.issues.length > 0 || !expr) return { issues: sortIssues(state.issues) };
  return { ast: { expr, source: state.source } };
}

interface State {
  readonly source: SourceInfo & { positions: Map<number, number>; macroCalls: Map<number, Expr> };
  readonly lexer: Lexer;
  /** Those read so far; `next` is the index of the current one, which may not be read yet. */
  readonly tokens: Token[];
  next: number;
  readonly macros: MacroTable;
  readonly optionalSyntax: boolean;
  readonly limits: ParseLimits;
  readonly issues: Issue[];
  nextId: number;
  /** How deep the parse is inside each rule that can nest in itself. */
  readonly open: { expression: number; relation: number; calculation: number };
  /**
   * Nesting of the operand parsed last: conditionals, binary operators, selections, calls and indexes on its longest
   * path, however it was nested. cel-go limits this too, and it bounds the depth of the tree.
   */
  height: number;
}

/** Thrown to leave the parse; the issue is already recorded. */
class Stop extends Error {}

function start(text: string, options: ParseOptions): State {
  const source = {
    text,
    description: options.description ?? '<input>',
    positions: new Map<number, number>(),
    macroCalls: new Map<number, Expr>(),
  };
  const state: State = {
    source,
    lexer: createLexer(text, (offset, unread) => {
      stop(state, offset, 'syntax', `Syntax error: token recognition error at: '${shown(unread)}'`);
    }),
    tokens: [],
    next: 0,
    macros: macroTable(options.macros ?? []),
    optionalSyntax: options.optionalSyntax ?? true,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    issues: [],
    nextId: 1,
    open: { expression: 0, relation: 0, calculation: 0 },
    height: 0,
  };
  return state;
}

function expressionOrStop(p: State): Expr | undefined {
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
function expression(p: State): Expr {
  return nested(p, 'expression', () => {
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
  });
}

/** conditionalOr: conditionalAnd ('||' conditionalAnd)* */
function conditionalOr(p: State): Expr {
  return logicalChain(p, '||', '_||_', conditionalAnd);
}

/** conditionalAnd: relation ('&&' relation)* */
function conditionalAnd(p: State): Expr {
  return logicalChain(p, '&&', '_&&_', relation);
}

function logicalChain(p: State, operator: '||' | '&&', name: string, operand: (p: State) => Expr): Expr {
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
function relation(p: State): Expr {
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
function calculation(p: State, level: 'sum' | 'product' | 'operand'): Expr {
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

function binary(p: State, name: string, left: Expr, operand: () => Expr): Expr {
  const height = p.height;
  const id = newId(p, take(p).offset);
  const right = operand();
  raise(p, height, p.height);
  return { kind: 'call', id, function: name, args: [left, right] };
}

/** unary: member | '!'+ member | '-'+ member; an even number of signs is none, and `-1` is a literal. */
function unary(p: State): Expr {
  const sign = current(p).kind;
  if (sign !== '!' && sign !== '-') return member(p);
  if (sign === '-' && isSignedNumber(peek(p, 1).kind)) return member(p);
  const { offset } = current(p);
  let count = 0;
  for (; current(p).kind === sign; count++) take(p);
  if (count % 2 === 0) return member(p);
  const id = newId(p, offset);
  return { kind: 'call', id, function: sign === '!' ? '!_' : '-_', args: [member(p)] };
}

function isSignedNumber(kind: TokenKind): boolean {
  return kind === 'int' || kind === 'double';
}

/** member: primary | member '.' '?'? field | member '.' name '(' args ')' | member '[' '?'? expr ']' */
function member(p: State): Expr {
  let operand = primary(p);
  for (;;) {
    const { kind } = current(p);
    if (kind === '.') operand = selectionOrCall(p, operand);
    else if (kind === '[') operand = index(p, operand);
    else return operand;
  }
}

function selectionOrCall(p: State, operand: Expr): Expr {
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

function index(p: State, operand: Expr): Expr {
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
function fieldName(p: State): string {
  const { kind, text } = current(p);
  if (kind === 'identifier') return take(p).text;
  if (kind === 'escaped-identifier') {
    take(p);
    return text.slice(1, -1);
  }
  return unexpected(p, 'IDENTIFIER');
}

/** primary: name, call, '(' expr ')', list, map, message or literal */
function primary(p: State): Expr {
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
function nameCallOrMessage(p: State): Expr {
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
function lengthOfMessageName(p: State): number {
  let length = 1;
  while (peek(p, length).kind === '.' && peek(p, length + 1).kind === 'identifier') length += 2;
  return peek(p, length).kind === '{' ? length : 0;
}

/** A call from behind its `(`, expanded when it is a macro. A global call has no target. */
function call(p: State, name: string, target: Expr | undefined, offset: number): Expr {
  const id = newId(p, offset);
  const heightTarget = p.height;
  let height = 0;
  const args = list0(p, ')', false, () => {
    const arg = expression(p);
    height = Math.max(height, p.height);
    return arg;
  });
  if (target) raise(p, heightTarget, height);
  else p.height = height;
  const expanded = expandMacro(p, id, name, target, args);
  if (expanded) return expanded;
  return target
    ? { kind: 'call', id, target, function: name, args }
    : { kind: 'call', id, function: name, args };
}

function expandMacro(
  p: State,
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
function list(p: State): Expr {
  const id = newId(p, take(p).offset);
  const optionalIndices: number[] = [];
  let height = 0;
  const elements = list0(p, ']', true, (position) => {
    if (takeOptionalMark(p, current(p), '?')) optionalIndices.push(position);
    const element = expression(p);
    height = Math.max(height, p.height);
    return element;
  });
  p.height = height;
  return { kind: 'list', id, elements, optionalIndices };
}

/** '{' ('?'? expr ':' expr),* ','? '}' */
function map(p: State): Expr {
  const id = newId(p, take(p).offset);
  let height = 0;
  const entries = list0(p, '}', true, (): MapEntry => {
    const entryId = p.nextId++;
    const optional = takeOptionalMark(p, current(p), '?');
    const key = expression(p);
    height = Math.max(height, p.height);
    p.source.positions.set(entryId, expect(p, ':').offset);
    const value = expression(p);
    height = Math.max(height, p.height);
    return { id: entryId, key, value, optional };
  });
  p.height = height;
  return { kind: 'map', id, entries };
}

/** '{' ('?'? field ':' expr),* ','? '}' behind a type's name of `length` tokens */
function message(p: State, dot: string, length: number): Expr {
  let typeName = dot;
  for (let i = 0; i < length; i++) typeName += take(p).text;
  const id = newId(p, take(p).offset);
  let height = 0;
  const fields = list0(p, '}', true, (): StructField => {
    const optional = takeOptionalMark(p, current(p), '?');
    const name = fieldName(p);
    const fieldId = newId(p, expect(p, ':').offset);
    const value = expression(p);
    height = Math.max(height, p.height);
    return { id: fieldId, name, value, optional };
  });
  p.height = height;
  return { kind: 'struct', id, typeName, fields };
}

/** Elements and commas up to and with `close`; the opening bracket is taken already. */
function list0<T>(p: State, close: TokenKind, trailingComma: boolean, element: (index: number) => T): T[] {
  const elements: T[] = [];
  if (trailingComma && current(p).kind === ',') {
    take(p);
    expect(p, close);
    return elements;
  }
  while (current(p).kind !== close) {
    elements.push(element(elements.length));
    if (current(p).kind !== ',') break;
    take(p);
    if (!trailingComma && current(p).kind === close) unexpected(p, 'an expression');
  }
  expect(p, close);
  return elements;
}

/** literal: '-'? int | uint | '-'? double | string | bytes | 'true' | 'false' | 'null' */
function literal(p: State): Expr {
  const { offset } = current(p);
  const sign = current(p).kind === '-' ? take(p).text : '';
  const value = literalValue(current(p), sign);
  if (!value) return unexpected(p, 'an expression');
  take(p);
  if (value.type !== 'bad') return constant(p, offset, value);
  report(p, offset, 'syntax', value.message);
  return placeholder(p, offset);
}

function literalValue({ kind, text }: Token, sign: string): Constant | BadLiteral | undefined {
  switch (kind) {
    case 'int':
      return intLiteral(text, sign);
    case 'uint':
      return uintLiteral(text);
    case 'double':
      return doubleLiteral(text, sign);
    case 'string':
      return stringLiteral(text);
    case 'bytes':
      return bytesLiteral(text);
    case 'true':
    case 'false':
      return { type: 'bool', value: kind === 'true' };
    case 'null':
      return { type: 'null' };
    default:
      return undefined;
  }
}

// --- tokens --------------------------------------------------------------------------------------------------------

function current(p: State): Token {
  return peek(p, 0);
}

function peek(p: State, ahead: number): Token {
  const index = p.next + ahead;
  while (p.tokens.length <= index) p.tokens.push(nextToken(p.lexer));
  return p.tokens[index]!;
}

function take(p: State): Token {
  const token = current(p);
  p.next++;
  return token;
}

function expect(p: State, kind: TokenKind): Token {
  return current(p).kind === kind ? take(p) : unexpected(p, `'${kind}'`);
}

/** Takes a `?` that marks something optional, if there is one; `syntax` is how it is called, `at` where it began. */
function takeOptionalMark(p: State, at: Token, syntax: string): boolean {
  if (current(p).kind !== '?') return false;
  take(p);
  if (!p.optionalSyntax) report(p, at.offset, 'syntax', `unsupported syntax '${syntax}'`);
  return true;
}

// --- nodes ---------------------------------------------------------------------------------------------------------

function newId(p: State, offset: number): number {
  p.source.positions.set(p.nextId, offset);
  return p.nextId++;
}

function constant(p: State, offset: number, value: Constant): Expr {
  return { kind: 'const', id: newId(p, offset), value };
}

/** Stands where an operand was wrong, so that the rest can be read; the tree is never handed out. */
function placeholder(p: State, offset: number): Expr {
  return constant(p, offset, { type: 'null' });
}

// --- limits and errors ---------------------------------------------------------------------------------------------

/** Runs a rule that may contain itself, so that the stack is never used up. */
function nested(p: State, rule: keyof State['open'], parseRule: () => Expr): Expr {
  if (++p.open[rule] > p.limits.depth) {
    stop(p, current(p).offset, 'limit', `expression recursion limit exceeded: ${p.limits.depth}`);
  }
  const expr = parseRule();
  p.open[rule]--;
  return expr;
}

/** One level above the highest of the operands. */
function raise(p: State, ...operands: number[]): void {
  p.height = Math.max(...operands) + 1;
  if (p.height > p.limits.depth) stop(p, current(p).offset, 'limit', 'max recursion depth exceeded');
}

function unexpected(p: State, expected: string): never {
  const { kind, text, offset } = current(p);
  const found = kind === 'end' ? '<EOF>' : shown(text);
  return stop(p, offset, 'syntax', `Syntax error: mismatched input '${found}' expecting ${expected}`);
}

function stop(p: State, offset: number, code: IssueCode, message: string): never {
  p.issues.push(createIssue(p.source, offset, code, message));
  throw new Stop();
}

function report(p: State, offset: number, code: IssueCode, message: string): void {
  p.issues.push(createIssue(p.source, offset, code, message));
  if (p.issues.length >= MAX_ISSUES) throw new Stop();
}

/** Text quoted in a message: on one line, and not too long. */
function shown(text: string): string {
  const escaped = text.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
  return escaped.length <= 60 ? escaped : `${escaped.slice(0, 60).toWellFormed()}…`;
}
