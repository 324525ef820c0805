/**
 * Expressions made ready to be compared: variables and parameters put in their place, bound names made unique, and what
 * is then constant worked out. A subtree that is an error stays what it is.
 */
import type { Expr, MapExpr } from '../../cel/ast.ts';
import { copyExpr } from '../../cel/tree.ts';
import { isMap } from '../json.ts';
import type { Constant } from './formula.ts';
import { constantOf, foldOf, isCall, literal } from './terms.ts';

/** What names stand for. */
export interface Surroundings {
  /** `variables.NAME`, already reduced. */
  readonly variables: ReadonlyMap<string, Expr>;
  /** Other names: `params`, `pod`, `containers`. */
  readonly names: ReadonlyMap<string, Expr>;
  /** Of the request; empty: not known. */
  readonly operation: string;
  /** Of the object; empty: not known. */
  readonly kind: string;
}

/** Deeper or larger trees than this are left alone by whoever gets them. */
const MAX_NODES = 20_000;

export class TooLarge extends Error {}

export function createReducer(): (expr: Expr, surroundings: Surroundings) => Expr {
  let unique = 0;
  return (expr, surroundings) => {
    let nodes = 0;
    const reduce = (e: Expr, names: ReadonlyMap<string, Expr>): Expr => {
      if (++nodes > MAX_NODES) throw new TooLarge();
      switch (e.kind) {
        case 'const':
          return e;
        case 'ident':
          return names.get(e.name) ?? e;
        case 'select': {
          const { operand } = e;
          if (operand.kind === 'ident' && operand.name === 'variables' && !e.testOnly) {
            const variable = surroundings.variables.get(e.field);
            nodes += variable === undefined ? 0 : sizeOf(variable);
            if (variable !== undefined) return variable;
          }
          return select({ ...e, operand: reduce(operand, names) }, surroundings);
        }
        case 'call': {
          const args = e.args.map((arg) => reduce(arg, names));
          const call =
            e.target === undefined ? { ...e, args } : { ...e, args, target: reduce(e.target, names) };
          return foldCall(call, surroundings.operation);
        }
        case 'list':
          return { ...e, elements: e.elements.map((element) => reduce(element, names)) };
        case 'map':
          return {
            ...e,
            entries: e.entries.map((entry) => ({
              ...entry,
              key: reduce(entry.key, names),
              value: reduce(entry.value, names),
            })),
          };
        case 'struct':
          return {
            ...e,
            fields: e.fields.map((field) => ({ ...field, value: reduce(field.value, names) })),
          };
        case 'comprehension': {
          const fold = foldOf(e);
          if (fold?.macro === 'bind')
            return reduce(fold.body, new Map(names).set(fold.variable, reduce(fold.value, names)));
          const own = new Map(names);
          const rename = (name: string): string => {
            const fresh = `${name}#${++unique}`;
            own.set(name, { kind: 'ident', id: 0, name: fresh });
            return fresh;
          };
          const iterVar = rename(e.iterVar);
          const iterVar2 = e.iterVar2 === undefined ? {} : { iterVar2: rename(e.iterVar2) };
          const accuVar = rename(e.accuVar);
          return {
            ...e,
            ...iterVar2,
            iterVar,
            accuVar,
            iterRange: reduce(e.iterRange, names),
            accuInit: reduce(e.accuInit, names),
            loopCondition: reduce(e.loopCondition, own),
            loopStep: reduce(e.loopStep, own),
            result: reduce(e.result, own),
          };
        }
      }
    };
    return reduce(expr, surroundings.names);
  };
}

function sizeOf(expr: Expr): number {
  let count = 0;
  copyExpr(expr, (id) => {
    count++;
    return id;
  });
  return count;
}

/** One name replaced by an expression; bound names are unique, so none is captured. */
export function replaceName(expr: Expr, name: string, by: Expr): Expr {
  return createReducer()(expr, {
    variables: new Map(),
    names: new Map([[name, by]]),
    operation: '',
    kind: '',
  });
}

function select(expr: Extract<Expr, { kind: 'select' }>, { operation, kind }: Surroundings): Expr {
  const { operand, field, testOnly } = expr;
  if (operand.kind === 'ident' && operand.name === 'request' && field === 'operation' && operation !== '')
    return literal(testOnly ? true : operation);
  const isObject = operand.kind === 'ident' && (operand.name === 'object' || operand.name === 'oldObject');
  if (isObject && field === 'kind' && kind !== '') return literal(testOnly ? true : kind);
  if (operand.kind !== 'map' || !isPlainMap(operand)) return expr;
  const value = entryOf(operand, field);
  if (testOnly) return literal(value !== undefined);
  return value ?? expr;
}

function isPlainMap(map: MapExpr): boolean {
  return map.entries.every(({ key, optional }) => !optional && constantOf(key) !== undefined);
}

function entryOf(map: MapExpr, key: string): Expr | undefined {
  return map.entries.find((entry) => constantOf(entry.key) === key)?.value;
}

function foldCall(call: Extract<Expr, { kind: 'call' }>, operation: string): Expr {
  const [a, b, c] = call.args as [Expr, Expr, Expr];
  const left = a === undefined ? undefined : constantOf(a);
  const right = b === undefined ? undefined : constantOf(b);
  switch (call.function) {
    case '_&&_':
    case '_||_': {
      const decides = call.function === '_||_';
      if (left === decides || right === decides) return literal(decides);
      if (left === !decides) return b;
      return right === !decides ? a : call;
    }
    case '!_':
      return typeof left === 'boolean' ? literal(!left) : call;
    case '_?_:_':
      return typeof left === 'boolean' ? (left ? b : c) : call;
    case '_==_':
    case '_!=_': {
      const equal = sameValue(a, b, operation);
      return equal === undefined ? call : literal(equal === (call.function === '_==_'));
    }
    case '_+_':
      if (typeof left === 'string' && typeof right === 'string') return literal(left + right);
      if (a.kind === 'list' && b.kind === 'list' && a.optionalIndices.length + b.optionalIndices.length === 0)
        return { ...a, elements: [...a.elements, ...b.elements] };
      return call;
    case '_[_]':
      if (a.kind === 'map' && isPlainMap(a) && typeof right === 'string') return entryOf(a, right) ?? call;
      if (a.kind === 'list' && typeof right === 'number') return a.elements[right] ?? call;
      return call;
    case '@in':
      return b.kind === 'list' && left !== undefined ? foldMembership(call, left) : call;
    case 'size': {
      const of = call.target ?? a;
      return of?.kind === 'list' && of.optionalIndices.length === 0 ? literal(of.elements.length) : call;
    }
    case 'orValue':
      return call.target === undefined ? call : (orValueOf(call.target, a) ?? call);
    default:
      return call;
  }
}

/** `{…}.?a.?b.orValue(d)` on a literal map: parameters that may be left out. */
function orValueOf(target: Expr, preset: Expr): Expr | undefined {
  const steps: string[] = [];
  let at = target;
  while (isCall(at, '_?._')) {
    const step = constantOf(at.args[1]!);
    if (typeof step !== 'string') return undefined;
    steps.unshift(step);
    at = at.args[0]!;
  }
  if (steps.length === 0) return undefined;
  for (const step of steps) {
    if (at.kind !== 'map' || !isPlainMap(at)) return undefined;
    const value = entryOf(at, step);
    if (value === undefined) return preset;
    at = value;
  }
  return at;
}

function foldMembership(call: Extract<Expr, { kind: 'call' }>, value: Constant): Expr {
  const list = call.args[1] as Extract<Expr, { kind: 'list' }>;
  const values = list.elements.map(constantOf);
  if (values.some((element) => element === undefined) || list.optionalIndices.length > 0) return call;
  return literal(values.includes(value));
}

/** Undefined when only an evaluation can tell. */
function sameValue(a: Expr, b: Expr, operation: string): boolean | undefined {
  const left = constantOf(a);
  const right = constantOf(b);
  if (left !== undefined && right !== undefined) return left === right;
  const other = left === null ? b : right === null ? a : undefined;
  if (other === undefined) return undefined;
  // Which of the two objects a request carries is known by its operation.
  if (other.kind === 'ident' && other.name === 'object') return operation === 'DELETE';
  if (other.kind === 'ident' && other.name === 'oldObject') return operation === 'CREATE';
  return other.kind === 'map' || other.kind === 'list' ? false : undefined;
}

/** JSON as an expression. */
export function expressionOf(value: unknown): Expr {
  if (Array.isArray(value))
    return { kind: 'list', id: 0, elements: value.map(expressionOf), optionalIndices: [] };
  if (isMap(value))
    return {
      kind: 'map',
      id: 0,
      entries: Object.entries(value).map(([key, inner]) => ({
        id: 0,
        key: literal(key),
        value: expressionOf(inner),
        optional: false,
      })),
    };
  if (value instanceof Number)
    return { kind: 'const', id: 0, value: { type: 'double', value: Number(value) } };
  if (typeof value === 'bigint') return { kind: 'const', id: 0, value: { type: 'int', value } };
  return literal(value as Constant);
}
