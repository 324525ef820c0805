/**
 * What the rules of the parser share: tokens, ids and positions of nodes, limits, issues.
 */
import type { Constant, Expr, SourceInfo } from './ast.ts';
import { createLexer, type Lexer, nextToken, type Token, type TokenKind } from './lexer.ts';
import type { Macro } from './library.ts';
import { type MacroTable, macroTable } from './macros.ts';
import { createIssue, type Issue, type IssueCode } from './source.ts';

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

const NO_MACROS: readonly Macro[] = [];

const DEFAULT_LIMITS: ParseLimits = { size: 100_000, depth: 250 };

/** A text with hundreds of faults is not better explained by all of them. */
const MAX_ISSUES = 20;

export interface ParseState {
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
  /** The greatest height of the expressions parsed since somebody set it to 0. */
  peak: number;
}

/** Thrown to leave the parse; the issue is already recorded. */
export class Stop extends Error {}

export function startParse(text: string, options: ParseOptions): ParseState {
  const source = {
    text,
    description: options.description ?? '<input>',
    positions: new Map<number, number>(),
    macroCalls: new Map<number, Expr>(),
  };
  const state: ParseState = {
    source,
    lexer: createLexer(text, (offset, unread) => {
      stop(state, offset, 'syntax', `Syntax error: token recognition error at: '${shown(unread)}'`);
    }),
    tokens: [],
    next: 0,
    macros: macroTable(options.macros ?? NO_MACROS),
    optionalSyntax: options.optionalSyntax ?? true,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    issues: [],
    nextId: 1,
    open: { expression: 0, relation: 0, calculation: 0 },
    height: 0,
    peak: 0,
  };
  return state;
}

// --- tokens --------------------------------------------------------------------------------------------------------

export function current(p: ParseState): Token {
  return peek(p, 0);
}

export function peek(p: ParseState, ahead: number): Token {
  const index = p.next + ahead;
  while (p.tokens.length <= index) p.tokens.push(nextToken(p.lexer));
  return p.tokens[index]!;
}

export function take(p: ParseState): Token {
  const token = current(p);
  p.next++;
  return token;
}

export function expect(p: ParseState, kind: TokenKind): Token {
  return current(p).kind === kind ? take(p) : unexpected(p, `'${kind}'`);
}

/** Takes a `?` that marks something optional, if there is one; `syntax` is how it is called, `at` where it began. */
export function takeOptionalMark(p: ParseState, at: Token, syntax: string): boolean {
  if (current(p).kind !== '?') return false;
  take(p);
  if (!p.optionalSyntax) report(p, at.offset, 'syntax', `unsupported syntax '${syntax}'`);
  return true;
}

// --- nodes ---------------------------------------------------------------------------------------------------------

export function newId(p: ParseState, offset: number): number {
  p.source.positions.set(p.nextId, offset);
  return p.nextId++;
}

export function constant(p: ParseState, offset: number, value: Constant): Expr {
  return { kind: 'const', id: newId(p, offset), value };
}

/** Stands where an operand was wrong, so that the rest can be read; the tree is never handed out. */
export function placeholder(p: ParseState, offset: number): Expr {
  return constant(p, offset, { type: 'null' });
}

// --- limits and errors ---------------------------------------------------------------------------------------------

/** Runs a rule that may contain itself, so that the stack is never used up. */
export function nested(p: ParseState, rule: keyof ParseState['open'], parseRule: () => Expr): Expr {
  if (++p.open[rule] > p.limits.depth) {
    stop(p, current(p).offset, 'limit', `expression recursion limit exceeded: ${p.limits.depth}`);
  }
  const expr = parseRule();
  p.open[rule]--;
  return expr;
}

/** One level above the highest of the operands. */
export function raise(p: ParseState, ...operands: number[]): void {
  p.height = Math.max(...operands) + 1;
  if (p.height > p.limits.depth) stop(p, current(p).offset, 'limit', 'max recursion depth exceeded');
}

export function unexpected(p: ParseState, expected: string): never {
  const { kind, text, offset } = current(p);
  const found = kind === 'end' ? '<EOF>' : shown(text);
  return stop(p, offset, 'syntax', `Syntax error: mismatched input '${found}' expecting ${expected}`);
}

export function stop(p: ParseState, offset: number, code: IssueCode, message: string): never {
  p.issues.push(createIssue(p.source, offset, code, message));
  throw new Stop();
}

export function report(p: ParseState, offset: number, code: IssueCode, message: string): void {
  p.issues.push(createIssue(p.source, offset, code, message));
  if (p.issues.length >= MAX_ISSUES) throw new Stop();
}

/** Text quoted in a message: on one line, and not too long. */
function shown(text: string): string {
  const escaped = text.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
  return escaped.length <= 60 ? escaped : `${escaped.slice(0, 60).toWellFormed()}…`;
}
