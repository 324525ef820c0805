/**
 * Expressions in logic. `holds` is implied by an expression that is true, `fails` by one that is false; a part that is
 * not understood becomes an opaque condition of its own, so that what follows from the formula follows from the policy.
 * Errors are neither: `&&`, `||`, `all` and `exists` absorb them as CEL says, which these rules keep.
 */
import type { CallExpr, Expr } from '../../cel/ast.ts';
import { pointerStep } from '../json.ts';
import {
  absent,
  and,
  cell,
  elements,
  FALSE,
  type Formula,
  is,
  isNot,
  type NumberOperation,
  opaque,
  or,
  present,
  sized,
  type TextOperation,
  TRUE,
  truth,
} from './formula.ts';
import { replaceName, TooLarge } from './reduce.ts';
import { constantOf, foldOf, freeNames, isCall } from './terms.ts';
import { canonicalText } from './text.ts';

/** What is known of an object's shape beforehand. */
export interface Shape {
  /** JSON types of the field; undefined: nothing is known. Elements of a list are its field `*`. */
  typesOf(path: string): readonly ValueType[] | undefined;
  /** Whether every object that a policy is asked about has the field. */
  isGiven(path: string): boolean;
}

export type ValueType = 'null' | 'boolean' | 'number' | 'string' | 'list' | 'map';

/** Where in an expression the translation is. */
export interface Scope {
  readonly shape: Shape;
  /** Inside a quantifier: the name of its element, and the path of its list with `*`. */
  readonly element: { readonly name: string; readonly path: string } | undefined;
  /** How elements are called in what is not understood. */
  readonly names: ReadonlyMap<string, string>;
  /** The policy whose expression it is: names that only it knows mean nothing elsewhere. */
  readonly owner: string;
  /** Counted down, since alternatives inside alternatives multiply. */
  readonly steps: { left: number };
}

const ROOTS: ReadonlySet<string> = new Set(['object', 'oldObject', 'request', 'namespaceObject']);

export interface Translator {
  holds(expr: Expr): Formula;
  fails(expr: Expr): Formula;
}

const MAX_STEPS = 20_000;

/** @param owner id of the policy */
export function createTranslator(shape: Shape, owner: string): Translator {
  const translate = (expr: Expr, holds: boolean): Formula =>
    bounded(shape, owner, (scope) => meaning(expr, holds, scope));
  return {
    holds: (expr) => translate(expr, true),
    fails: (expr) => translate(expr, false),
  };
}

/** A translation of a whole expression, opaque when it would be too large. */
export function bounded(shape: Shape, owner: string, of: (scope: Scope) => Formula): Formula {
  const scope: Scope = { shape, element: undefined, names: new Map(), owner, steps: { left: MAX_STEPS } };
  try {
    return of(scope);
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
    return opaque(`an expression of ${owner} with too many alternatives`, true);
  }
}

/** Names that mean the same to every policy that is asked about an object. */
const SHARED = new Set([...ROOTS, 'authorizer']);

function unknown(expr: Expr, holds: boolean, scope: Scope): Formula {
  const text = canonicalText(expr, scope.names);
  const own = freeNames(expr).some((name) => !SHARED.has(name) && !scope.names.has(name));
  return opaque(own ? `${text} of ${scope.owner}` : text, holds);
}

/** What follows when the expression is `holds`. */
export function meaning(expr: Expr, holds: boolean, scope: Scope): Formula {
  if (--scope.steps.left < 0) throw new TooLarge();
  switch (expr.kind) {
    case 'const': {
      const value = constantOf(expr);
      return typeof value === 'boolean' ? truth(value === holds) : FALSE;
    }
    case 'select':
      if (expr.testOnly) return presence(expr, holds, scope);
      return ofAlternatives(expr, holds, scope);
    case 'call':
      return ofCall(expr, holds, scope);
    case 'comprehension': {
      const fold = foldOf(expr);
      if (fold?.macro !== 'all' && fold?.macro !== 'exists') return unknown(expr, holds, scope);
      const of: OfElement = (element, inner) =>
        meaning(replaceName(fold.body, fold.variable, element), holds, inner);
      return (
        quantified(fold.range, (fold.macro === 'all') === holds ? 'every' : 'some', of, scope) ??
        unknown(expr, holds, scope)
      );
    }
    default:
      return ofAlternatives(expr, holds, scope);
  }
}

function ofCall(expr: CallExpr, holds: boolean, scope: Scope): Formula {
  const [a, b, c] = expr.args as [Expr, Expr, Expr];
  switch (expr.function) {
    case '!_':
      return meaning(a, !holds, scope);
    case '_&&_':
    case '_||_': {
      const join = (expr.function === '_&&_') === holds ? and : or;
      return join(meaning(a, holds, scope), meaning(b, holds, scope));
    }
    case '_?_:_':
      return or(
        and(meaning(a, true, scope), meaning(b, holds, scope)),
        and(meaning(a, false, scope), meaning(c, holds, scope)),
      );
    case '_==_':
    case '_!=_':
      return equality(expr, a, b, (expr.function === '_==_') === holds, holds, scope);
    case '_<_':
    case '_<=_':
    case '_>_':
    case '_>=_':
      return comparison(expr, holds, scope);
    case '@in':
      return membership(expr, a, b, holds, scope);
    case 'startsWith':
    case 'endsWith':
    case 'contains':
    case 'matches':
      return textTest(expr, expr.function, holds, scope);
    case 'hasValue': {
      const chain = expr.target === undefined ? undefined : optionalChain(expr.target, scope);
      if (chain === undefined) return unknown(expr, holds, scope);
      return holds ? there(chain.path, scope) : missing(chain, scope);
    }
    default:
      return ofAlternatives(expr, holds, scope);
  }
}

// --- fields --------------------------------------------------------------------------------------------------------

/** The field that an expression reads. */
export function pathOf(expr: Expr, scope: Scope): string | undefined {
  if (expr.kind === 'ident') {
    if (scope.element !== undefined) return expr.name === scope.element.name ? '@' : undefined;
    return ROOTS.has(expr.name) ? expr.name : undefined;
  }
  if (expr.kind === 'select' && !expr.testOnly) return stepFrom(expr.operand, expr.field, scope);
  if (isCall(expr, '_[_]')) {
    const key = constantOf(expr.args[1]!);
    return typeof key === 'string' ? stepFrom(expr.args[0]!, key, scope) : undefined;
  }
  if (isCall(expr, 'dyn')) return pathOf(expr.args[0]!, scope);
  if (isCall(expr, 'orValue') && expr.target !== undefined) {
    // What stands in for a field that is always there is never needed.
    const chain = optionalChain(expr.target, scope);
    return chain !== undefined && scope.shape.isGiven(fullPath(chain.path, scope)) ? chain.path : undefined;
  }
  return isCall(expr, '_?_:_') ? samePath(expr, (branch) => pathOf(branch, scope)) : undefined;
}

/** Where both branches read one field, the condition makes no difference but to errors. */
function samePath(expr: CallExpr, of: (branch: Expr) => string | undefined): string | undefined {
  const yes = of(expr.args[1]!);
  return yes !== undefined && yes === of(expr.args[2]!) ? yes : undefined;
}

function stepFrom(operand: Expr, field: string, scope: Scope): string | undefined {
  if (isCall(operand, 'dyn')) return stepFrom(operand.args[0]!, field, scope);
  if (isCall(operand, '_?_:_')) return samePath(operand, (branch) => stepFrom(branch, field, scope));
  if (operand.kind === 'map') {
    const entry = operand.entries.find(({ key }) => constantOf(key) === field);
    return entry === undefined || entry.optional ? undefined : pathOf(entry.value, scope);
  }
  const path = pathOf(operand, scope);
  return path === undefined ? undefined : path + pointerStep(field);
}

interface Chain {
  readonly path: string;
  /** The part of it that must be there, or the expression is an error. */
  readonly strict: string;
}

/** `a.?b.?c`, `a.?b.c`, `a[?'b']`. */
export function optionalChain(expr: Expr, scope: Scope): Chain | undefined {
  if (isCall(expr, '_?._') || isCall(expr, '_[?_]')) {
    const step = constantOf(expr.args[1]!);
    if (typeof step !== 'string') return undefined;
    const above = optionalChain(expr.args[0]!, scope);
    if (above !== undefined) return { path: above.path + pointerStep(step), strict: above.strict };
    const strict = pathOf(expr.args[0]!, scope);
    return strict === undefined ? undefined : { path: strict + pointerStep(step), strict };
  }
  const isStep = expr.kind === 'select' && !expr.testOnly;
  const operand = isStep ? expr.operand : isCall(expr, '_[_]') ? expr.args[0]! : undefined;
  const field = isStep ? expr.field : isCall(expr, '_[_]') ? constantOf(expr.args[1]!) : undefined;
  if (operand === undefined || typeof field !== 'string') return undefined;
  const above = optionalChain(operand, scope);
  return above === undefined ? undefined : { path: above.path + pointerStep(field), strict: above.strict };
}

function fullPath(path: string, { element }: Scope): string {
  return element === undefined ? path : element.path + path.slice(1);
}

function there(path: string, scope: Scope): Formula {
  return scope.shape.isGiven(fullPath(path, scope)) ? TRUE : present(path);
}

export function notThere(path: string, scope: Scope): Formula {
  return scope.shape.isGiven(fullPath(path, scope)) ? FALSE : absent(path);
}

function missing({ path, strict }: Chain, scope: Scope): Formula {
  return and(there(strict, scope), notThere(path, scope));
}

function presence(expr: Extract<Expr, { kind: 'select' }>, holds: boolean, scope: Scope): Formula {
  const strict = pathOf(expr.operand, scope);
  const chain =
    strict === undefined
      ? optionalChain({ ...expr, testOnly: false }, scope)
      : { path: strict + pointerStep(expr.field), strict };
  if (chain === undefined) return unknown(expr, holds, scope);
  return holds ? there(chain.path, scope) : missing(chain, scope);
}

export function typesAt(path: string, scope: Scope): readonly ValueType[] | undefined {
  return scope.shape.typesOf(fullPath(path, scope));
}

function isOnly(type: ValueType, path: string, scope: Scope): boolean {
  const types = typesAt(path, scope);
  return types?.length === 1 && types[0] === type;
}

// --- values --------------------------------------------------------------------------------------------------------

/** One of the values that an expression may have, and when. */
interface Alternative {
  readonly guard: Formula;
  readonly path: string | undefined;
  readonly expr: Expr;
}

function alternativesOf(expr: Expr, scope: Scope): readonly Alternative[] {
  const path = pathOf(expr, scope);
  if (path !== undefined) return [{ guard: TRUE, path, expr }];
  if (isCall(expr, '_?_:_')) {
    const [condition, yes, no] = expr.args as [Expr, Expr, Expr];
    return [
      ...guarded(meaning(condition, true, scope), yes, scope),
      ...guarded(meaning(condition, false, scope), no, scope),
    ];
  }
  const chain =
    expr.kind === 'call' && expr.target !== undefined ? optionalChain(expr.target, scope) : undefined;
  if (chain !== undefined && isCall(expr, 'orValue'))
    return [
      { guard: there(chain.path, scope), path: chain.path, expr },
      ...guarded(missing(chain, scope), expr.args[0]!, scope),
    ];
  if (chain !== undefined && isCall(expr, 'value'))
    return [{ guard: there(chain.path, scope), path: chain.path, expr }];
  if (isCall(expr, 'string') && expr.args.length === 1) {
    const of = pathOf(expr.args[0]!, scope);
    if (of !== undefined && isOnly('string', of, scope)) return [{ guard: TRUE, path: of, expr }];
  }
  return [{ guard: TRUE, path: undefined, expr }];
}

function guarded(guard: Formula, expr: Expr, scope: Scope): readonly Alternative[] {
  if (guard.kind === 'false') return [];
  return alternativesOf(expr, scope).map((inner) => ({ ...inner, guard: and(guard, inner.guard) }));
}

/** A field, or what stands for it, read as a condition. */
function ofAlternatives(expr: Expr, holds: boolean, scope: Scope): Formula {
  return or(
    ...alternativesOf(expr, scope).map(({ guard, path, expr: value }) => {
      if (path !== undefined) return and(guard, is(path, holds));
      if (value === expr) return unknown(expr, holds, scope);
      return and(guard, meaning(value, holds, scope));
    }),
  );
}

function equality(whole: Expr, a: Expr, b: Expr, equal: boolean, holds: boolean, scope: Scope): Formula {
  const size = sizeComparison(whole, scope, equal ? '==' : '!=');
  if (size !== undefined) return size;
  const one = (left: Alternative, right: Alternative): Formula => {
    const [first, second] = left.path === undefined ? [right, left] : [left, right];
    const value = constantOf(second.expr);
    if (first.path !== undefined && second.path !== undefined && first.path === second.path)
      return equal ? there(first.path, scope) : FALSE;
    if (first.path !== undefined && second.path === undefined && value !== undefined)
      return equal ? is(first.path, value) : isNot(first.path, value);
    if (first.path !== undefined && second.path === undefined && isEmpty(second.expr))
      return emptiness(first.path, equal, scope);
    // `(a && b) == true`.
    if (first.path === undefined && typeof value === 'boolean' && isCondition(first.expr))
      return meaning(first.expr, value === equal, scope);
    if (second.path === undefined && typeof constantOf(first.expr) === 'boolean' && isCondition(second.expr))
      return meaning(second.expr, constantOf(first.expr) === equal, scope);
    const known = constantOf(first.expr);
    if (first.path === undefined && known !== undefined && value !== undefined)
      return truth((known === value) === equal);
    return unknown(whole, holds, scope);
  };
  return or(
    ...alternativesOf(a, scope).flatMap((left) =>
      alternativesOf(b, scope).map((right) => and(left.guard, right.guard, one(left, right))),
    ),
  );
}

const CONDITIONS = new Set([
  '!_',
  '_&&_',
  '_||_',
  '_==_',
  '_!=_',
  '_<_',
  '_<=_',
  '_>_',
  '_>=_',
  '@in',
  'hasValue',
]);

/** Whether an expression is true, false or an error, and never anything else. */
function isCondition(expr: Expr): boolean {
  if (expr.kind === 'comprehension') {
    const macro = foldOf(expr)?.macro;
    return macro === 'all' || macro === 'exists';
  }
  return expr.kind === 'call' ? CONDITIONS.has(expr.function) : expr.kind === 'select' && expr.testOnly;
}

function isEmpty(expr: Expr): boolean {
  return (
    (expr.kind === 'list' && expr.elements.length === 0) || (expr.kind === 'map' && expr.entries.length === 0)
  );
}

function emptiness(path: string, empty: boolean, scope: Scope): Formula {
  if (empty) return sized(path, 0, 0);
  const collection = isOnly('list', path, scope) || isOnly('map', path, scope);
  return collection ? sized(path, 1, Number.POSITIVE_INFINITY) : there(path, scope);
}

const OPERATIONS: Readonly<Record<string, NumberOperation>> = {
  '_<_': '<',
  '_<=_': '<=',
  '_>_': '>',
  '_>=_': '>=',
};
const OPPOSITE: Readonly<Record<NumberOperation, NumberOperation>> = {
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
};
const MIRRORED: Readonly<Record<NumberOperation, NumberOperation>> = {
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

function comparison(expr: CallExpr, holds: boolean, scope: Scope): Formula {
  const written = OPERATIONS[expr.function]!;
  const operation = holds ? written : OPPOSITE[written];
  const size = sizeComparison(expr, scope, operation);
  if (size !== undefined) return size;
  const [a, b] = expr.args as [Expr, Expr];
  const one = (left: Alternative, right: Alternative): Formula => {
    const [x, y] = [constantOf(left.expr), constantOf(right.expr)];
    if (left.path !== undefined && typeof y === 'number')
      return cell(left.path, { test: 'number', operation, value: y });
    if (right.path !== undefined && typeof x === 'number')
      return cell(right.path, { test: 'number', operation: MIRRORED[operation], value: x });
    if (typeof x === 'number' && typeof y === 'number') return truth(compares(x, operation, y));
    return unknown(expr, holds, scope);
  };
  return or(
    ...alternativesOf(a, scope).flatMap((left) =>
      alternativesOf(b, scope).map((right) => and(left.guard, right.guard, one(left, right))),
    ),
  );
}

export function compares(a: number, operation: NumberOperation, b: number): boolean {
  switch (operation) {
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
  }
}

function sizedExpression(expr: Expr): Expr | undefined {
  return isCall(expr, 'size') ? (expr.target ?? expr.args[0]) : undefined;
}

/** `size(x) > 0` and its like; undefined when it is none. */
function sizeComparison(
  expr: Expr,
  scope: Scope,
  operation: NumberOperation | '==' | '!=',
): Formula | undefined {
  if (expr.kind !== 'call') return undefined;
  const [a, b] = expr.args as [Expr, Expr];
  const left = sizedExpression(a);
  const right = sizedExpression(b);
  const of = left ?? right;
  const bound = constantOf(left === undefined ? a : b);
  if (of === undefined || typeof bound !== 'number') return undefined;
  const mirrored = left === undefined && operation !== '==' && operation !== '!=';
  const parts = sizeRanges(mirrored ? MIRRORED[operation] : operation, bound).map(([least, most]) =>
    ofSize(of, least, most, scope),
  );
  return parts.every((part) => part !== undefined) ? or(...parts) : undefined;
}

function sizeRanges(
  operation: NumberOperation | '==' | '!=',
  bound: number,
): readonly (readonly [number, number])[] {
  const end = Number.POSITIVE_INFINITY;
  const ranges: Record<typeof operation, (readonly [number, number])[]> = {
    '==': Number.isInteger(bound) ? [[bound, bound]] : [],
    '!=': Number.isInteger(bound)
      ? [
          [0, bound - 1],
          [bound + 1, end],
        ]
      : [[0, end]],
    '<': [[0, Math.ceil(bound) - 1]],
    '<=': [[0, Math.floor(bound)]],
    '>': [[Math.floor(bound) + 1, end]],
    '>=': [[Math.ceil(bound), end]],
  };
  return ranges[operation].filter(([least, most]) => most >= Math.max(0, least));
}

function ofSize(of: Expr, least: number, most: number, scope: Scope): Formula | undefined {
  const lower = Math.max(0, least);
  const direct = alternativesOf(of, scope);
  if (direct.every(({ path, expr }) => path !== undefined || knownSize(expr) !== undefined))
    return or(
      ...direct.map(({ guard, path, expr }) => {
        if (path !== undefined) return and(guard, sized(path, lower, most));
        const size = knownSize(expr)!;
        return and(guard, truth(size >= lower && size <= most));
      }),
    );
  // Of lists made of others only this can be said without counting: there is an element, or there is none.
  if (lower === 0 && most === 0) return quantified(of, 'every', () => FALSE, scope);
  if (lower === 1 && most === Number.POSITIVE_INFINITY) return quantified(of, 'some', () => TRUE, scope);
  return lower === 0 && most === Number.POSITIVE_INFINITY ? TRUE : undefined;
}

function knownSize(expr: Expr): number | undefined {
  if (expr.kind === 'list' && expr.optionalIndices.length === 0) return expr.elements.length;
  if (expr.kind === 'map')
    return expr.entries.some(({ optional }) => optional) ? undefined : expr.entries.length;
  const value = constantOf(expr);
  return typeof value === 'string' ? [...value].length : undefined;
}

function membership(whole: CallExpr, item: Expr, list: Expr, holds: boolean, scope: Scope): Formula {
  if (list.kind === 'list' && list.optionalIndices.length === 0) {
    const join = holds ? or : and;
    return join(
      ...list.elements.map((element) => equality(equal(item, element), item, element, holds, holds, scope)),
    );
  }
  const value = constantOf(item);
  if (value === undefined && pathOf(item, scope) === undefined) return unknown(whole, holds, scope);
  const parts = alternativesOf(list, scope).map(({ guard, path, expr }) => {
    const keys =
      path === undefined && expr.kind === 'map' ? expr.entries.map(({ key }) => constantOf(key)) : undefined;
    if (keys?.every((key) => key !== undefined) === true && value !== undefined)
      return and(guard, truth(keys.includes(value) === holds));
    if (path === undefined || isOnly('list', path, scope)) {
      const of: OfElement = (element, inner) =>
        equality(equal(element, item), element, item, holds, holds, inner);
      const found = quantified(expr, holds ? 'some' : 'every', of, scope);
      return found === undefined ? undefined : and(guard, found);
    }
    if (typeof value !== 'string') return undefined;
    const entry = path + pointerStep(value);
    const inMap = holds ? present(entry) : and(there(path, scope), absent(entry));
    if (isOnly('map', path, scope)) return and(guard, inMap);
    const inList = elements(holds ? 'some' : 'every', path, (holds ? is : isNot)('@', value));
    return and(guard, or(inMap, inList));
  });
  return parts.every((part) => part !== undefined) ? or(...parts) : unknown(whole, holds, scope);
}

function equal(a: Expr, b: Expr): CallExpr {
  return { kind: 'call', id: 0, function: '_==_', args: [a, b] };
}

function textTest(expr: CallExpr, operation: TextOperation, holds: boolean, scope: Scope): Formula {
  const [of, argument] = expr.target === undefined ? expr.args : [expr.target, expr.args[0]];
  const text = argument === undefined ? undefined : constantOf(argument);
  if (of === undefined || typeof text !== 'string') return unknown(expr, holds, scope);
  return or(
    ...alternativesOf(of, scope).map(({ guard, path, expr: value }) => {
      if (path !== undefined) return and(guard, cell(path, { test: 'text', operation, text, holds }));
      const known = constantOf(value);
      const answer = typeof known === 'string' ? textHolds(operation, known, text) : undefined;
      return and(guard, answer === undefined ? unknown(expr, holds, scope) : truth(answer === holds));
    }),
  );
}

/** Regular expressions are for whoever has an engine. */
function textHolds(operation: TextOperation, value: string, text: string): boolean | undefined {
  switch (operation) {
    case 'startsWith':
      return value.startsWith(text);
    case 'endsWith':
      return value.endsWith(text);
    case 'contains':
      return value.includes(text);
    case 'matches':
      return undefined;
  }
}

// --- lists ---------------------------------------------------------------------------------------------------------

/** What is asked of an element that is written so in that scope. */
type OfElement = (element: Expr, scope: Scope) => Formula;

/** A condition on the elements of a list expression; undefined when the list is not understood. */
function quantified(list: Expr, kind: 'every' | 'some', of: OfElement, scope: Scope): Formula | undefined {
  const join = kind === 'every' ? and : or;
  const all = (parts: readonly (Formula | undefined)[], joiner: typeof join): Formula | undefined =>
    parts.every((part) => part !== undefined) ? joiner(...parts) : undefined;
  if (list.kind === 'list')
    return list.optionalIndices.length > 0
      ? undefined
      : join(...list.elements.map((element) => of(element, scope)));
  if (isCall(list, '_+_'))
    return all(
      list.args.map((part) => quantified(part, kind, of, scope)),
      join,
    );
  if (list.kind === 'comprehension') return quantifiedFold(list, kind, of, scope);
  const alternatives = alternativesOf(list, scope);
  return all(
    alternatives.map(({ guard, path, expr }) => {
      if (path !== undefined) return and(guard, elements(kind, path, ofElements(path, of, scope)));
      if (expr === list) return undefined;
      const part = quantified(expr, kind, of, scope);
      return part === undefined ? undefined : and(guard, part);
    }),
    or,
  );
}

function quantifiedFold(
  list: Extract<Expr, { kind: 'comprehension' }>,
  kind: 'every' | 'some',
  of: OfElement,
  scope: Scope,
): Formula | undefined {
  const fold = foldOf(list);
  if (fold?.macro !== 'filter' && fold?.macro !== 'map') return undefined;
  const when = fold.macro === 'filter' ? fold.body : fold.when;
  const value: Expr = fold.macro === 'filter' ? { kind: 'ident', id: 0, name: fold.variable } : fold.body;
  const picked: OfElement = (element, inner) => {
    const asked = of(replaceName(value, fold.variable, element), inner);
    if (when === undefined) return asked;
    const condition = replaceName(when, fold.variable, element);
    const chosen = and(meaning(condition, true, inner), asked);
    return kind === 'some' ? chosen : or(meaning(condition, false, inner), chosen);
  };
  return quantified(fold.range, kind, picked, scope);
}

let elementNames = 0;

function ofElements(path: string, of: OfElement, scope: Scope): Formula {
  const name = `item#${++elementNames}`;
  const inner: Scope = {
    ...scope,
    element: { name, path: `${fullPath(path, scope)}/*` },
    names: new Map(scope.names).set(name, `item${scope.names.size === 0 ? '' : scope.names.size + 1}`),
  };
  return of({ kind: 'ident', id: 0, name }, inner);
}
