/**
 * The second opinion: a tree-walking interpreter of the checked syntax tree, written for plainness. It shares with the
 * evaluator under test the classes of values and the functions of libraries, and nothing that decides: operators,
 * equality, dispatch, absorption, comprehensions, optionals and costs are its own, after cel-go v0.29 (interpreter/).
 */
import type { CallExpr, ComprehensionExpr, Constant, Expr } from '../../../src/cel/ast.ts';
import { callCost } from '../../../src/cel/cost.ts';
import { CelError } from '../../../src/cel/errors.ts';
import type { FunctionDeclaration, Overload } from '../../../src/cel/library.ts';
import { Optional } from '../../../src/cel/optional.ts';
import { children } from '../../../src/cel/tree.ts';
import { double, int, Uint, type Value } from '../../../src/cel/values.ts';
import { type Attributes, createAttributes } from './attributes.ts';
import { CostExceeded, CostTracker, LIST_COST, MAP_COST, operatorCost } from './cost.ts';
import { applyOperator, caught, noOverload, OPERATORS } from './operators.ts';
import { accepts, asDouble, entriesOf, equal, isError, makeMap, type Result, tag } from './values.ts';

/** What the checker found out about an expression. */
export interface Checked {
  readonly expr: Expr;
  /** Ids of the overloads a call may mean. */
  readonly overloads: (id: number) => readonly string[];
  /** The declared variable a node names, when it names one. */
  readonly variable: (expr: Expr) => string | undefined;
  /** The constant or type a node names, when it names one. */
  readonly constant: (expr: Expr) => { readonly value: Value } | undefined;
  readonly functions: ReadonlyMap<string, FunctionDeclaration>;
}

export type Outcome =
  | { readonly ok: true; readonly value: Value; readonly cost: number }
  | { readonly ok: false; readonly error: CelError; readonly cost: number };

/** The expression can only fail, which cel-go finds when it plans: `int('x')`. */
export class NotPlannable extends Error {}

/** Names bound by comprehensions, innermost first. */
export interface Scope {
  readonly find: (name: string) => { readonly result: Result } | undefined;
}

/** @throws NotPlannable */
export function interpret(program: Checked, variables: object, limit = 1_000_000): Outcome {
  const costs = new CostTracker(limit);
  const walker = createWalker(program, variables, costs);
  plan(walker, program.expr);
  try {
    const result = walker.evaluate(program.expr, { find: () => undefined });
    return isError(result)
      ? { ok: false, error: result, cost: costs.cost }
      : { ok: true, value: result, cost: costs.cost };
  } catch (error) {
    if (!(error instanceof CostExceeded)) throw error;
    const exceeded = new CelError('cost-exceeded', 'operation cancelled: actual cost limit exceeded');
    return { ok: false, error: exceeded, cost: costs.cost };
  }
}

/** Finds what can only fail in any part of the expression, evaluated or not. */
function plan(walker: Walker, expr: Expr): void {
  walker.prepare(expr);
  for (const child of children(expr)) plan(walker, child);
}

export interface Walker {
  prepare(expr: Expr): void;
  evaluate(expr: Expr, scope: Scope): Result;
  folded(expr: Expr): { readonly value: Value } | undefined;
  lookup(name: string, scope: Scope): Result;
}

function createWalker(program: Checked, variables: object, costs: CostTracker): Walker {
  const walker: Walker = {
    prepare: (expr) => {
      if (fold(program, expr) === undefined) attributes.chainOf(expr);
    },
    evaluate: (expr, scope) => evaluate({ program, walker, costs, attributes }, expr, scope),
    folded: (expr) => fold(program, expr),
    lookup: (name, scope) => lookup(variables, name, scope),
  };
  const attributes = createAttributes(program, walker, costs);
  return walker;
}

interface State {
  readonly program: Checked;
  readonly walker: Walker;
  readonly costs: CostTracker;
  readonly attributes: Attributes;
}

function lookup(variables: object, name: string, scope: Scope): Result {
  if (!name.startsWith('.')) {
    const local = scope.find(name);
    if (local !== undefined) return local.result;
  }
  const plain = name.replace(/^\./, '');
  const value = caught(() => (variables as Record<string, Value | undefined>)[plain]);
  return (
    value ?? (value === null ? null : new CelError('no-such-attribute', `no such attribute(s): ${plain}`))
  );
}

function evaluate(state: State, expr: Expr, scope: Scope): Result {
  const { walker, costs, attributes } = state;
  const constant = walker.folded(expr);
  if (constant !== undefined) {
    costs.observe(expr.id, constant.value, 0);
    return constant.value;
  }
  const chain = attributes.chainOf(expr);
  if (chain !== undefined) return attributes.evaluate(expr, chain, scope);
  switch (expr.kind) {
    case 'call':
      return evaluateCall(state, expr, scope);
    case 'list':
      return evaluateList(state, expr, scope);
    case 'map':
      return evaluateMap(state, expr, scope);
    case 'comprehension': {
      const result = evaluateFold(state, expr, scope);
      costs.drop(state.attributes.idOf(expr.iterRange));
      costs.observe(expr.id, result, 0);
      return result;
    }
    default:
      throw new Error(`the reference interpreter does not know ${expr.kind}`);
  }
}

function evaluateCall(state: State, expr: CallExpr, scope: Scope): Result {
  const { name, operands } = calledFunction(state.program, expr);
  const overloads = state.program.overloads(expr.id);
  const overload = overloads.length === 1 ? overloads[0]! : '';
  switch (name) {
    case '_&&_':
      return evaluateLogic(state, expr, false, scope);
    case '_||_':
      return evaluateLogic(state, expr, true, scope);
    case '@in':
      if (overload === 'in_list') {
        const members = constantMembers(state, operands[1]!);
        if (members !== undefined) return evaluateMembership(state, expr, operands[0]!, members, scope);
      }
      break;
    case 'or':
    case 'orValue':
      if (overload === '' || overload.startsWith('optional_or')) {
        return evaluateOr(state, expr, operands as [Expr, Expr], name === 'orValue', scope);
      }
  }
  const results: Result[] = [];
  const stops = stopsAtError(state, name, overload, operands);
  for (const operand of operands) {
    const result = state.walker.evaluate(operand, scope);
    results.push(result);
    if (stops && isError(result)) break;
  }
  const result = applyFunction(state.program, name, overload, results);
  const args = state.costs.takeArguments(operands.map((operand) => state.attributes.idOf(operand)));
  state.costs.observe(
    expr.id,
    result,
    args === undefined ? 0 : costOf(state.program, name, overload, args, result),
  );
  return result;
}

/** `a.b.f(x)` is a call of `a.b.f` where such a function is declared and `a` is no variable. */
function calledFunction(program: Checked, expr: CallExpr): { name: string; operands: readonly Expr[] } {
  const plain = expr.function.replace(/^\./, '');
  if (expr.target === undefined) return { name: plain, operands: expr.args };
  const path = pathOf(program, expr.target);
  if (path !== undefined && program.functions.has(`${path}.${plain}`)) {
    return { name: `${path}.${plain}`, operands: expr.args };
  }
  return { name: plain, operands: [expr.target, ...expr.args] };
}

function pathOf(program: Checked, expr: Expr): string | undefined {
  if (program.variable(expr) !== undefined || program.constant(expr) !== undefined) return undefined;
  if (expr.kind === 'ident') return expr.name.replace(/^\./, '');
  if (expr.kind !== 'select' || expr.testOnly) return undefined;
  const path = pathOf(program, expr.operand);
  return path === undefined ? undefined : `${path}.${expr.field}`;
}

const SINGLE_IMPLEMENTATION: ReadonlySet<string> = new Set([
  ...OPERATORS,
  '@not_strictly_false',
  '_==_',
  '_!=_',
  'size',
  'type',
  'dyn',
  'matches',
  'sort',
  '@sortByAssociatedKeys',
]);

/** Whether cel-go evaluates arguments only up to the first error; otherwise it evaluates them all. */
function stopsAtError(state: State, name: string, overload: string, operands: readonly Expr[]): boolean {
  if (operands.length > 2 || overload === 'string_format') return true;
  const pattern = ['matches', 'find', 'findAll'].includes(name) ? operands[1] : undefined;
  if (pattern !== undefined && typeof state.walker.folded(pattern)?.value === 'string') return true;
  return (
    overload === '' &&
    !SINGLE_IMPLEMENTATION.has(name) &&
    (state.program.functions.get(name)?.overloads.length ?? 0) > 1
  );
}

function applyFunction(program: Checked, name: string, overload: string, results: readonly Result[]): Result {
  if (name === '@not_strictly_false') return results[0] !== false;
  const failed = results.find(isError);
  if (failed !== undefined) return failed;
  const args = results as readonly Value[];
  if (name === '_==_') return caught(() => equal(args[0]!, args[1]!));
  if (name === '_!=_') return caught(() => equal(args[0]!, args[1]!)) !== true;
  return OPERATORS.has(name)
    ? caught(() => applyOperator(name, args))
    : applyLibrary(program, name, overload, args);
}

function applyLibrary(program: Checked, name: string, overload: string, args: readonly Value[]): Result {
  const declared = program.functions.get(name)?.overloads ?? [];
  const candidates = declared.filter(
    ({ id }) => overload === '' || SINGLE_IMPLEMENTATION.has(name) || id === overload,
  );
  const chosen = candidates.find((candidate) =>
    UNGUARDED.has(name) && tag(args[0]!) === 'list'
      ? candidate.args.length === args.length
      : takes(candidate, args),
  );
  if (chosen === undefined) return noOverload(name);
  return caught(() => (chosen.impl as (...args: readonly Value[]) => Value)(...args));
}

/** Functions whose implementation looks at the elements of its list itself. */
const UNGUARDED: ReadonlySet<string> = new Set(['sort', '@sortByAssociatedKeys', 'flatten']);

function takes(overload: Overload, args: readonly Value[]): boolean {
  return overload.args.length === args.length && overload.args.every((type, i) => accepts(type, args[i]!));
}

function costOf(
  program: Checked,
  name: string,
  overload: string,
  args: readonly Result[],
  result: Result,
): number {
  if (OPERATORS.has(name) || name === '_==_' || name === '_!=_' || name === '@not_strictly_false') {
    return operatorCost(name, overload, args);
  }
  const declared = program.functions.get(name)?.overloads ?? [];
  const resolved = declared.find(({ id }) => id === overload);
  // What a library's function costs is the library's to say; the comparison with Go checks it.
  return callCost(name, resolved, declared, args.length)?.(args as Value[], result as Value) ?? 1;
}

/** `&&` and `||`: whichever operand decides, decides, whatever the other one did. */
function evaluateLogic(state: State, expr: CallExpr, decisive: boolean, scope: Scope): Result {
  let result: Result = !decisive;
  let failure: CelError | undefined;
  for (const operand of expr.args) {
    const value = state.walker.evaluate(operand, scope);
    if (value === decisive) {
      result = decisive;
      failure = undefined;
      break;
    }
    if (value !== !decisive) failure ??= isError(value) ? value : noOverload(expr.function);
  }
  state.costs.drop(...expr.args.map((operand) => state.attributes.idOf(operand)));
  state.costs.observe(expr.id, failure ?? result, 0);
  return failure ?? result;
}

/** Elements of a constant list of plain values: `in` such a list is a look-up that costs nothing. */
function constantMembers(state: State, list: Expr): readonly Value[] | undefined {
  const elements = state.walker.folded(list)?.value as readonly Value[] | undefined;
  return elements?.every((element) => ['bool', 'int', 'uint', 'double', 'string'].includes(tag(element)))
    ? elements
    : undefined;
}

function evaluateMembership(
  state: State,
  expr: CallExpr,
  operand: Expr,
  members: readonly Value[],
  scope: Scope,
): Result {
  // Of nothing at all even the operand is not evaluated.
  const value = members.length === 0 ? null : state.walker.evaluate(operand, scope);
  const result = isError(value) ? value : members.some((member) => isMember(member, value));
  state.costs.observe(expr.id, result, 0);
  return result;
}

/** An integer member stands for the double nearest to it, too. */
function isMember(member: Value, value: Value): boolean {
  if (value === null) return false;
  if (tag(value) === 'double' && (tag(member) === 'int' || tag(member) === 'uint')) {
    return asDouble(member) === asDouble(value);
  }
  return equal(member, value);
}

function evaluateOr(
  state: State,
  expr: Expr,
  operands: [Expr, Expr],
  unwraps: boolean,
  scope: Scope,
): Result {
  const left = state.walker.evaluate(operands[0], scope);
  let result: Result;
  if (isError(left)) result = left;
  else if (!(left instanceof Optional)) result = noOverload(unwraps ? 'orValue' : 'or');
  else if (left.$value === undefined) result = state.walker.evaluate(operands[1], scope);
  else result = unwraps ? left.$value : left;
  state.costs.observe(expr.id, result, 0);
  return result;
}

function evaluateList(state: State, expr: Extract<Expr, { kind: 'list' }>, scope: Scope): Result {
  const values: Value[] = [];
  let failure: CelError | undefined;
  for (const [index, element] of expr.elements.entries()) {
    const value = state.walker.evaluate(element, scope);
    if (isError(value)) failure = value;
    else if (!expr.optionalIndices.includes(index)) values.push(value);
    else if (!(value instanceof Optional)) failure = notOptional();
    else if (value.$value !== undefined) values.push(value.$value);
    if (failure !== undefined) break;
  }
  return construct(state, expr, expr.elements, failure ?? values, LIST_COST);
}

function evaluateMap(state: State, expr: Extract<Expr, { kind: 'map' }>, scope: Scope): Result {
  const entries: [Value, Value][] = [];
  let failure: CelError | undefined;
  for (const entry of expr.entries) {
    const key = state.walker.evaluate(entry.key, scope);
    const value = isError(key) ? key : state.walker.evaluate(entry.value, scope);
    if (isError(key)) failure = key;
    else if (isError(value)) failure = value;
    else if (!entry.optional) entries.push([key, value]);
    else if (!(value instanceof Optional)) failure = notOptional();
    else {
      const at = entries.findIndex(([other]) => tag(other) === tag(key) && equal(other, key));
      if (at >= 0) entries.splice(at, 1);
      if (value.$value !== undefined) entries.push([key, value.$value]);
    }
    if (failure !== undefined) break;
  }
  const parts = expr.entries.flatMap(({ key, value }) => [key, value]);
  return construct(state, expr, parts, failure ?? caught(() => makeMap(entries)), MAP_COST);
}

function construct(state: State, expr: Expr, parts: readonly Expr[], result: Result, cost: number): Result {
  state.costs.takeArguments(parts.map((part) => state.attributes.idOf(part)));
  state.costs.observe(expr.id, result, cost);
  return result;
}

function notOptional(): CelError {
  return new CelError('no-such-overload', 'cannot initialize optional entry from non-optional value');
}

function evaluateFold(state: State, expr: ComprehensionExpr, scope: Scope): Result {
  const range = state.walker.evaluate(expr.iterRange, scope);
  if (isError(range)) return range;
  const steps = stepsOf(range, expr.iterVar2 !== undefined && expr.iterVar2 !== '');
  if (steps === undefined) return new CelError('no-such-overload', 'expected iterable type');

  // The accumulator starts when it is first looked at, which for `cel.bind` may be never.
  let accumulator: Result | undefined;
  const withAccumulator: Scope = {
    find: (name) => {
      if (name !== expr.accuVar) return scope.find(name);
      accumulator ??= state.walker.evaluate(expr.accuInit, scope);
      return { result: accumulator };
    },
  };
  for (const [first, second] of steps) {
    const inside: Scope = {
      find: (name) => {
        if (name === expr.accuVar) return withAccumulator.find(name);
        if (name === expr.iterVar) return { result: first };
        return name === expr.iterVar2 ? { result: second } : withAccumulator.find(name);
      },
    };
    const goesOn = state.walker.evaluate(expr.loopCondition, inside);
    if (goesOn === false) break;
    accumulator = state.walker.evaluate(expr.loopStep, inside);
  }
  return state.walker.evaluate(expr.result, withAccumulator);
}

function stepsOf(range: Value, pairs: boolean): [Value, Value][] | undefined {
  switch (tag(range)) {
    case 'list':
      return (range as Value[]).map((element, index) => (pairs ? [index, element] : [element, null]));
    case 'map':
      return entriesOf(range);
    default:
      return undefined;
  }
}

const CONVERSIONS = 'bool bytes double duration dyn int string timestamp type uint'.split(' ');

/** The value of a node that is constant to cel-go's planner: literals of constants, and conversions of them. */
function fold(program: Checked, expr: Expr): { readonly value: Value } | undefined {
  switch (expr.kind) {
    case 'const':
      return { value: literal(expr.value) };
    case 'ident':
      return program.constant(expr);
    case 'select':
      return expr.testOnly ? undefined : program.constant(expr);
    case 'list': {
      if (expr.optionalIndices.length > 0) return undefined;
      const elements = expr.elements.map((element) => fold(program, element));
      return elements.every((e) => e !== undefined) ? { value: elements.map((e) => e.value) } : undefined;
    }
    case 'map': {
      if (expr.entries.some((entry) => entry.optional)) return undefined;
      const entries = expr.entries.map(({ key, value }) => [fold(program, key), fold(program, value)]);
      if (entries.some((pair) => pair.includes(undefined))) return undefined;
      const map = caught(() => makeMap(entries.map(([key, value]) => [key!.value, value!.value])));
      return isError(map) ? undefined : { value: map };
    }
    case 'call':
      return foldCall(program, expr);
    default:
      return undefined;
  }
}

function foldCall(program: Checked, expr: CallExpr): { readonly value: Value } | undefined {
  const { name, operands } = calledFunction(program, expr);
  const overloads = program.overloads(expr.id);
  if (name === '@in' && overloads.length === 1 && overloads[0] === 'in_list') {
    const list = fold(program, operands[1]!)?.value as Value[] | undefined;
    return list?.length === 0 ? { value: false } : undefined;
  }
  if (!CONVERSIONS.includes(name) || operands.length !== 1) return undefined;
  const operand = fold(program, operands[0]!);
  if (operand === undefined) return undefined;
  const value = applyLibrary(program, name, overloads.length === 1 ? overloads[0]! : '', [operand.value]);
  if (isError(value)) throw new NotPlannable(value.$message);
  return { value };
}

function literal(constant: Constant): Value {
  switch (constant.type) {
    case 'null':
      return null;
    case 'int':
      return int(constant.value);
    case 'uint':
      return new Uint(constant.value);
    case 'double':
      return double(constant.value);
    default:
      return constant.value;
  }
}
