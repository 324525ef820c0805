/**
 * The exact engine: walks the plan with errors as values and counts every step as the API server does. It runs a
 * program's first evaluations, and again whatever generated code gave up on: errors (absorbed ones too, since they
 * change what the evaluation costs) and exceeded limits.
 */
import { add, divide, modulo, multiply, negate, subtract } from '../arithmetic.ts';
import { compare } from '../compare.ts';
import { equalCost, LIST_COST, MAP_COST, notEqualCost, STRUCT_COST } from '../cost.ts';
import { compareEqual, listContains } from '../equality.ts';
import { CelError } from '../errors.ts';
import type { Overload } from '../library.ts';
import { NONE, Optional } from '../optional.ts';
import { UNGUARDED } from '../plan/functions.ts';
import type {
  Attribute,
  CallNode,
  FoldNode,
  ListNode,
  LogicNode,
  MapNode,
  Node,
  OperatorNode,
  Qualifier,
  StructNode,
  StructTypes,
} from '../plan/nodes.ts';
import { costExceeded, deadlineExceeded } from '../runtime/limits.ts';
import { inSet, isJsonObject, isMap, type MapKey, mapFind, mapKey, mapKeys } from '../runtime/maps.ts';
import { goTypeName, isAssignable, isReceiver, typeName } from '../runtime/names.ts';
import { find, select } from '../runtime/select.ts';
import { INT } from '../types.ts';
import { CelMap, type Value } from '../values.ts';

/** A value, or the error its computation ended with. */
export type Result = Value | CelError;

/** Variables bound by folds around a node, innermost first. */
export interface Binding {
  readonly fold: FoldNode;
  readonly name: string;
  value: Result | undefined;
  /** Computes the value when it is first read (accumulators). */
  init: (() => Result) | undefined;
  readonly outer: Binding | undefined;
}

export interface Machine {
  readonly vars: Record<string, Value | undefined>;
  readonly structs: StructTypes | undefined;
  cost: number;
  readonly limit: number;
  /** Undefined: none. Asked every so often; true ends the evaluation. */
  readonly expired: (() => boolean) | undefined;
  /** Cost at which the clock is looked at next. */
  checkAt: number;
}

/** Cost between two looks at the clock. */
export const CLOCK_INTERVAL = 5_000;

export function createMachine(
  vars: object,
  limit: number,
  structs: StructTypes | undefined,
  expired?: () => boolean,
): Machine {
  return {
    vars: vars as Machine['vars'],
    structs,
    cost: 0,
    limit,
    expired,
    checkAt: expired === undefined ? Number.POSITIVE_INFINITY : 0,
  };
}

function charge(machine: Machine, cost: number): void {
  // A cost function that was given an error may have no answer.
  machine.cost += Number.isNaN(cost) ? 1 : cost;
  // Below zero: cel-go's counter is unsigned, and the free ident of `has((true ? a : b).?c.d)` wraps it around.
  if (machine.cost > machine.limit || machine.cost < 0) {
    throw costExceeded();
  }
  if (machine.cost >= machine.checkAt) {
    machine.checkAt = machine.cost + CLOCK_INTERVAL;
    if (machine.expired?.()) throw deadlineExceeded();
  }
}

export function evaluateNode(node: Node, scope: Binding | undefined, machine: Machine): Result {
  switch (node.kind) {
    case 'const':
      return node.value;
    case 'attribute':
    case 'test':
      return evaluateAttribute(node.attribute, node.kind === 'test', scope, machine, node.id);
    case 'and':
    case 'or':
      return evaluateLogic(node, scope, machine);
    case 'equal':
    case 'not-equal':
      return evaluateEquality(node.left, node.right, node.kind === 'equal', scope, machine, node.id);
    case 'operator':
      return labelled(node.id, evaluateOperator(node, scope, machine));
    case 'call':
      return labelled(node.id, evaluateCall(node, scope, machine));
    case 'optional-or': {
      const left = evaluateNode(node.left, scope, machine);
      if (left instanceof CelError) return left;
      if (!(left instanceof Optional)) return new CelError('no-such-overload', 'no such overload', node.id);
      if (left.$value === undefined) return evaluateNode(node.right, scope, machine);
      return node.unwraps ? left.$value : left;
    }
    case 'in-set': {
      const operand = evaluateNode(node.operand, scope, machine);
      if (operand instanceof CelError) return operand;
      return inSet(operand, node.members, node.rounded);
    }
    case 'list':
      return labelled(node.id, evaluateList(node, scope, machine));
    case 'map':
      return labelled(node.id, evaluateMap(node, scope, machine));
    case 'struct':
      return labelled(node.id, evaluateStruct(node, scope, machine));
    case 'fold':
      return labelled(node.id, evaluateFold(node, scope, machine));
  }
}

/** Notes on an error where it arose, unless that is known. */
function labelled(id: number, result: Result): Result {
  if (result instanceof CelError) result.$expr ??= id;
  return result;
}

function evaluateAttribute(
  attribute: Attribute,
  test: boolean,
  scope: Binding | undefined,
  machine: Machine,
  id: number,
): Result {
  let value = resolve(attribute, scope, machine);
  // An attribute costs one, a conditional nothing; a presence test takes one off.
  const cost = (attribute.root === 'conditional' ? 0 : 1) - (test ? 1 : 0);
  if (test && value instanceof Optional) value = value.$value !== undefined;
  charge(machine, cost);
  return labelled(id, value);
}

/** The value of an attribute without the cost of the attribute itself. */
export function resolve(attribute: Attribute, scope: Binding | undefined, machine: Machine): Result {
  if (attribute.root === 'conditional') {
    const condition = evaluateNode(attribute.condition, scope, machine);
    if (condition === true) return resolve(attribute.truthy, scope, machine);
    if (condition === false) return resolve(attribute.falsy, scope, machine);
    return condition instanceof CelError ? condition : new CelError('no-such-overload', 'no such overload');
  }
  const root =
    attribute.root === 'variable'
      ? readVariable(attribute.name, attribute.local, scope, machine)
      : evaluateNode(attribute.operand, scope, machine);
  return root instanceof CelError ? root : qualifyAll(root, attribute.qualifiers, scope, machine);
}

export function readVariable(
  name: string,
  local: FoldNode | undefined,
  scope: Binding | undefined,
  machine: Machine,
): Result {
  if (local === undefined) {
    const value = guarded(() => (name in machine.vars ? machine.vars[name] : undefined));
    return value === undefined ? new CelError('no-such-attribute', `no such attribute(s): ${name}`) : value;
  }
  let binding = scope;
  while (binding !== undefined && (binding.fold !== local || binding.name !== name)) binding = binding.outer;
  if (binding === undefined) return new CelError('no-such-attribute', `no such attribute(s): ${name}`);
  if (binding.init !== undefined) {
    const { init } = binding;
    binding.init = undefined;
    binding.value = init();
  }
  return binding.value!;
}

/** Runs code of libraries and getters: CelErrors become values, anything else is a defect and goes up. */
function guarded<T extends Value | undefined>(run: () => T): T | CelError {
  try {
    return run();
  } catch (error) {
    if (error instanceof CelError) return error;
    throw error;
  }
}

function qualifyAll(
  root: Value,
  qualifiers: readonly Qualifier[],
  scope: Binding | undefined,
  machine: Machine,
): Result {
  let value: Value = root;
  let optional = false;
  if (value instanceof Optional) {
    if (value.$value === undefined) return value;
    optional = true;
    value = value.$value;
  }
  for (const qualifier of qualifiers) {
    optional ||= qualifier.optional;
    const next = optional
      ? qualifyIfPresent(value, qualifier, scope, machine)
      : qualify(value, qualifier, scope, machine);
    if (next instanceof CelError) return next;
    if (next === undefined) return NONE;
    value = next;
  }
  return optional ? new Optional(value) : value;
}

/** One step, charged whether it succeeds or not. */
function qualify(value: Value, qualifier: Qualifier, scope: Binding | undefined, machine: Machine): Result {
  const key = qualifierKey(qualifier, scope, machine);
  const result =
    key instanceof CelError
      ? key
      : guarded(() => {
          if (!qualifier.test) return select(value, key) as Value;
          const found = find(value, key);
          return found instanceof CelError ? (found as unknown as Value) : found !== undefined;
        });
  charge(machine, 1);
  return labelled(qualifier.id, result);
}

/** One step of an optional chain, charged only when something is there. */
function qualifyIfPresent(
  value: Value,
  qualifier: Qualifier,
  scope: Binding | undefined,
  machine: Machine,
): Result | undefined {
  const key = qualifierKey(qualifier, scope, machine);
  const found = key instanceof CelError ? key : guarded(() => find(value, key) as Value | undefined);
  if (found === undefined) return undefined;
  if (found instanceof CelError) return labelled(qualifier.id, found);
  charge(machine, 1);
  return found;
}

function qualifierKey(qualifier: Qualifier, scope: Binding | undefined, machine: Machine): Result {
  if ('value' in qualifier.key) return qualifier.key.value;
  return 'attribute' in qualifier.key
    ? resolve(qualifier.key.attribute, scope, machine)
    : evaluateNode(qualifier.key.node, scope, machine);
}

function evaluateLogic(node: LogicNode, scope: Binding | undefined, machine: Machine): Result {
  const decisive = node.kind === 'or';
  const left = evaluateNode(node.left, scope, machine);
  if (left === decisive) return decisive;
  const right = evaluateNode(node.right, scope, machine);
  if (right === decisive) return decisive;
  for (const side of [left, right]) {
    if (side instanceof CelError) return side;
    if (typeof side !== 'boolean') return new CelError('no-such-overload', 'no such overload', node.id);
  }
  return !decisive;
}

function evaluateEquality(
  leftNode: Node,
  rightNode: Node,
  wanted: boolean,
  scope: Binding | undefined,
  machine: Machine,
  id: number,
): Result {
  const left = evaluateNode(leftNode, scope, machine);
  const right = evaluateNode(rightNode, scope, machine);
  charge(machine, wanted ? equalCost(left, right) : notEqualCost(left, right));
  if (left instanceof CelError) return left;
  if (right instanceof CelError) return right;
  const equal = compareEqual(left, right);
  if (equal === undefined && wanted) return new CelError('no-such-overload', 'no such overload', id);
  return (equal === true) === wanted;
}

function evaluateOperator(node: OperatorNode, scope: Binding | undefined, machine: Machine): Result {
  const args = node.args.map((arg) => evaluateNode(arg, scope, machine));
  const result =
    node.operator === '@not_strictly_false'
      ? args[0] !== false
      : (args.find((arg) => arg instanceof CelError) ??
        guarded(() => (node.appends ? append(args as Value[]) : operate(node.operator, args as Value[]))));
  charge(machine, node.cost === undefined ? 1 : node.cost(args as Value[], result as Value));
  return result;
}

/** Lists under construction: made by a fold, seen by nothing else. */
const growing = new WeakSet<object>();

function append([list, more]: Value[]): Value {
  if (!growing.has(list as object) || !Array.isArray(more)) return add(list!, more!);
  for (const element of more) (list as Value[]).push(element);
  return list!;
}

export function operate(operator: OperatorNode['operator'], args: readonly Value[]): Value {
  const [a, b] = args as [Value, Value];
  switch (operator) {
    case '_+_':
      return add(a, b);
    case '_-_':
      return subtract(a, b);
    case '_*_':
      return multiply(a, b);
    case '_/_':
      return divide(a, b);
    case '_%_':
      return modulo(a, b);
    case '-_':
      return negate(a);
    case '!_':
      if (typeof a !== 'boolean') throw new CelError('no-such-overload', 'no such overload');
      return !a;
    case '_<_':
      return compare(a, b, operator) < 0;
    case '_<=_':
      return compare(a, b, operator) <= 0;
    case '_>_':
      return compare(a, b, operator) > 0;
    case '_>=_':
      return compare(a, b, operator) >= 0;
    case '@in':
      return contains(b, a);
    case '@not_strictly_false':
      return a !== false;
  }
}

/** `value in container`. */
export function contains(container: Value, value: Value): boolean {
  if (Array.isArray(container)) return listContains(container, value);
  if (isMap(container)) return mapFind(container, value) !== undefined;
  throw new CelError('no-such-overload', 'no such overload');
}

function evaluateCall(node: CallNode, scope: Binding | undefined, machine: Machine): Result {
  const args: Result[] = [];
  let error: CelError | undefined;
  for (const arg of node.args) {
    const value = evaluateNode(arg, scope, machine);
    if (value instanceof CelError) {
      error ??= value;
      // The call is then not even counted.
      if (node.stopsAtError && args.length < node.args.length - 1) return value;
    }
    args.push(value);
  }
  const result = error ?? guarded(() => invoke(node, args as Value[]));
  charge(machine, node.cost === undefined ? 1 : node.cost(args as Value[], result as Value));
  return result;
}

/** Calls the overload that fits. */
export function invoke(node: CallNode, args: readonly Value[]): Value {
  if (node.inserts && growing.has(args[0] as object)) return insert(args);
  const overload = chooseOverload(node, args);
  if (overload !== undefined) return (overload.impl as (...values: Value[]) => Value)(...args);
  throw refusal(node, args);
}

function chooseOverload(node: CallNode, args: readonly Value[]): Overload | undefined {
  if (UNGUARDED.has(node.name)) {
    const overload = node.overload ?? node.candidates[0];
    const takesDepth = node.name !== 'flatten' || args.length < 2 || isAssignable(INT, args[1]!);
    return Array.isArray(args[0]) && takesDepth ? overload : undefined;
  }
  if (node.overload !== undefined && !node.singleton) {
    return fits(node.overload, args) ? node.overload : undefined;
  }
  return node.candidates.find((candidate) => fits(candidate, args));
}

/** Functions that check the types of their arguments themselves, and refuse them in fewer words. */
const TERSE: ReadonlySet<string> = new Set(['contains', 'startsWith', 'endsWith', 'find', 'findAll']);

/** Functions that cel-go finds by a trait of the operand's type. */
const BY_TRAIT: ReadonlySet<string> = new Set(['size', 'sort', '@sortByAssociatedKeys', 'matches']);

/** Worded as cel-go does, which depends on how the function is bound. */
function refusal(node: CallNode, args: readonly Value[]): CelError {
  const constantPattern = node.name === 'matches' && node.stopsAtError;
  if (TERSE.has(node.name) || constantPattern) return new CelError('no-such-overload', 'no such overload');
  const types = args.map(typeName);
  if (node.name === 'flatten') {
    const rest = types.slice(1).join(', ');
    return new CelError('no-such-overload', `no such overload: ${types[0]}.flatten(${rest})`);
  }
  const what = BY_TRAIT.has(node.name)
    ? isReceiver(args[0]!)
      ? ''
      : `: ${node.name}`
    : `: ${node.name}(${types.join(', ')})`;
  return new CelError('no-such-overload', `no such overload${what}`);
}

function fits(overload: Overload, args: readonly Value[]): boolean {
  for (let i = 0; i < args.length; i++) {
    if (!isAssignable(overload.args[i]!, args[i]!)) return false;
  }
  return true;
}

/** `cel.@mapInsert` into a map under construction: one entry, or all of another map. */
export function insert(args: readonly Value[]): Value {
  const map = args[0] as CelMap;
  const target = map.$entries as Map<MapKey, readonly [Value, Value]>;
  const put = (key: Value, value: Value): void => {
    const canonical = mapKey(key);
    if (canonical === undefined) throw new CelError('invalid-argument', 'unsupported key type');
    if (target.has(canonical)) {
      throw new CelError('duplicate-key', `insert failed: key ${String(key)} already exists`);
    }
    target.set(canonical, [key, value]);
  };
  if (args.length === 3) {
    put(args[1]!, args[2]!);
  } else {
    const more = args[1] as CelMap;
    if (!isMap(more)) throw new CelError('no-such-overload', 'no such overload');
    for (const key of mapKeys(more)) put(key, mapFind(more, key)!);
  }
  return map;
}

function evaluateList(node: ListNode, scope: Binding | undefined, machine: Machine): Result {
  const elements: Value[] = [];
  let result: Result = elements;
  for (const [index, element] of node.elements.entries()) {
    const value = evaluateNode(element, scope, machine);
    if (value instanceof CelError) {
      result = value;
      break;
    }
    if (!node.optional[index]) {
      elements.push(value);
    } else if (value instanceof Optional) {
      if (value.$value !== undefined) elements.push(value.$value);
    } else {
      result = notOptional('list element', value);
      break;
    }
  }
  charge(machine, LIST_COST);
  return result;
}

export function notOptional(what: string, value: Value): CelError {
  return new CelError(
    'no-such-overload',
    `cannot initialize optional ${what} from non-optional value ${typeName(value)}`,
  );
}

function evaluateMap(node: MapNode, scope: Binding | undefined, machine: Machine): Result {
  const map = new Map<MapKey, readonly [Value, Value]>();
  const result = fillMap(node, map, scope, machine);
  charge(machine, MAP_COST);
  return result ?? new CelMap(map);
}

function fillMap(
  node: MapNode,
  map: Map<MapKey, readonly [Value, Value]>,
  scope: Binding | undefined,
  machine: Machine,
): CelError | undefined {
  for (const entry of node.entries) {
    const key = evaluateNode(entry.key, scope, machine);
    if (key instanceof CelError) return key;
    const value = evaluateNode(entry.value, scope, machine);
    if (value instanceof CelError) return value;
    const fault = putEntry(map, key, value, entry.optional);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** One entry of a map literal; the last of equal keys wins, as in cel-go. */
export function putEntry(
  map: Map<MapKey, readonly [Value, Value]>,
  key: Value,
  value: Value,
  optional: boolean,
): CelError | undefined {
  const canonical = mapKey(key);
  if (canonical === undefined) return new CelError('invalid-argument', 'unsupported key type');
  if (!optional) {
    map.set(canonical, [key, value]);
  } else if (!(value instanceof Optional)) {
    return notOptional('entry', value);
  } else if (value.$value === undefined) {
    map.delete(canonical);
  } else {
    map.set(canonical, [key, value.$value]);
  }
  return undefined;
}

function evaluateStruct(node: StructNode, scope: Binding | undefined, machine: Machine): Result {
  const fields = new Map<string, Value>();
  let error: CelError | undefined;
  for (const field of node.fields) {
    const value = evaluateNode(field.value, scope, machine);
    error = value instanceof CelError ? value : putField(fields, field.name, value, field.optional);
    if (error !== undefined) break;
  }
  const result = error ?? guarded(() => createStruct(machine.structs, node.typeName, fields));
  charge(machine, STRUCT_COST);
  return result;
}

export function putField(
  fields: Map<string, Value>,
  name: string,
  value: Value,
  optional: boolean,
): CelError | undefined {
  if (!optional) fields.set(name, value);
  else if (!(value instanceof Optional)) return notOptional('entry', value);
  else if (value.$value === undefined) fields.delete(name);
  else fields.set(name, value.$value);
  return undefined;
}

export function createStruct(
  structs: StructTypes | undefined,
  typeName: string,
  fields: ReadonlyMap<string, Value>,
): Value {
  const value = structs?.create(typeName, fields);
  if (value === undefined) throw new CelError('no-such-overload', `unknown type: ${typeName}`);
  return value;
}

/** The values a fold goes through: elements or, of a map, keys. Undefined when it cannot be iterated. */
export function iterate(range: Value): readonly Value[] | undefined {
  if (Array.isArray(range)) return range;
  if (range instanceof CelMap || isJsonObject(range)) return mapKeys(range);
  return undefined;
}

/** An accumulator that starts empty is built in place: nothing but the fold sees it before it is complete. */
export function growable(init: Result): Result {
  const fresh =
    Array.isArray(init) && init.length === 0
      ? []
      : init instanceof CelMap && init.$entries.size === 0
        ? new CelMap(new Map())
        : undefined;
  if (fresh === undefined) return init;
  growing.add(fresh);
  return fresh;
}

function evaluateFold(node: FoldNode, scope: Binding | undefined, machine: Machine): Result {
  const range = evaluateNode(node.range, scope, machine);
  if (range instanceof CelError) return range;
  const items = iterate(range);
  if (items === undefined) {
    const type = goTypeName(range);
    return new CelError(
      'no-such-overload',
      node.iterVar2 === undefined
        ? `got '${type}', expected iterable type`
        : `unsupported comprehension range type: ${type}`,
    );
  }
  const accu: Binding = {
    fold: node,
    name: node.accuVar,
    value: undefined,
    init: () => growable(evaluateNode(node.init, scope, machine)),
    outer: scope,
  };
  const first: Binding = { fold: node, name: node.iterVar, value: undefined, init: undefined, outer: accu };
  const inner: Binding =
    node.iterVar2 === undefined
      ? first
      : { fold: node, name: node.iterVar2, value: undefined, init: undefined, outer: first };
  for (let i = 0; i < items.length; i++) {
    first.value = node.iterVar2 !== undefined && Array.isArray(range) ? i : items[i];
    if (inner !== first) inner.value = Array.isArray(range) ? items[i] : mapFind(range as CelMap, items[i]!);
    const condition = evaluateNode(node.condition, inner, machine);
    if (condition === false) break;
    accu.value = evaluateNode(node.step, inner, machine);
    accu.init = undefined;
  }
  const result = evaluateNode(node.result, accu, machine);
  growing.delete(result as object);
  return result;
}
