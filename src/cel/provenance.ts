/**
 * Where values come from: which field of a resource an expression read. Works by evaluating parts of a program again
 * with the exact engine, so it costs nothing until there is a finding to explain.
 */
import { listContains } from './equality.ts';
import { CelError } from './errors.ts';
import { readVariable, resolve } from './interpret/attributes.ts';
import type { Binding, Machine, Result } from './interpret/machine.ts';
import { Optional } from './optional.ts';
import type { Attribute, FoldNode, Node, Qualifier } from './plan/nodes.ts';
import type { Program } from './program.ts';
import { isMap, iterate, listIndex, mapFind } from './runtime/maps.ts';
import { find } from './runtime/select.ts';
import type { Value } from './values.ts';

/** Where the value of a variable comes from. */
export type RootOrigin =
  /** It is the resource, or a part of it: `''` for the whole. */
  | { readonly pointer: string }
  /** A list put together from the resource: the pointer of each element. */
  | { readonly items: readonly string[] }
  /** A composed variable: the program that computes it. */
  | { readonly program: Program };

/** Origins by variable; those of composed variables are named `variables.<name>`. */
export type Origins = Readonly<Record<string, RootOrigin>>;

/** Where a value comes from: one place, or (for a list) one for each element. */
export interface Trace {
  readonly pointer?: string;
  readonly items?: readonly (string | undefined)[];
}

export interface Tracer {
  readonly machine: Machine;
  readonly origins: Origins;
  /** Which of several deciding items to show; absent: the first of the list. */
  readonly precedence?: ((a: Value, b: Value) => number) | undefined;
  /** Origins of variables that folds bind. */
  readonly bound: Map<Binding, Trace>;
}

const UNKNOWN: Trace = {};

/** One step of a JSON Pointer (RFC 6901). */
function step(pointer: string, key: Value): string {
  return `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

export function trace(node: Node, scope: Binding | undefined, tracer: Tracer): Trace {
  switch (node.kind) {
    case 'attribute':
    case 'test':
      return traceAttribute(node.attribute, scope, tracer);
    case 'operator':
      return node.operator === '_+_' ? traceConcatenation(node.args, scope, tracer) : UNKNOWN;
    case 'list':
      return { items: node.elements.map((element) => trace(element, scope, tracer).pointer) };
    case 'optional-or': {
      const left = trace(node.left, scope, tracer);
      return isPresent(tracer.machine.evaluate(node.left, scope))
        ? left
        : withFallback(trace(node.right, scope, tracer), left);
    }
    case 'call':
      return traceCall(node.args, node.name, scope, tracer);
    case 'fold':
      return traceFold(node, scope, tracer);
    default:
      return UNKNOWN;
  }
}

function isPresent(value: Result): boolean {
  return value instanceof Optional && value.$value !== undefined;
}

function withFallback(first: Trace, second: Trace): Trace {
  return first.pointer !== undefined || first.items !== undefined ? first : second;
}

function traceAttribute(attribute: Attribute, scope: Binding | undefined, tracer: Tracer): Trace {
  if (attribute.root === 'conditional') {
    const condition = tracer.machine.evaluate(attribute.condition, scope);
    if (typeof condition !== 'boolean') return UNKNOWN;
    return traceAttribute(condition ? attribute.truthy : attribute.falsy, scope, tracer);
  }
  if (attribute.root === 'expression') {
    const from = trace(attribute.operand, scope, tracer);
    const value = tracer.machine.evaluate(attribute.operand, scope);
    return follow(value, from, attribute.qualifiers, scope, tracer);
  }
  const { name, local, qualifiers } = attribute;
  const value = readVariable(name, local, scope, tracer.machine);
  if (local !== undefined) {
    const binding = findBinding(name, local, scope);
    const from = (binding && tracer.bound.get(binding)) ?? UNKNOWN;
    return follow(value, from, qualifiers, scope, tracer);
  }
  const [first, ...rest] = qualifiers;
  const composed = first !== undefined && 'value' in first.key ? `${name}.${String(first.key.value)}` : name;
  if (rest.length < qualifiers.length && Object.hasOwn(tracer.origins, composed) && composed !== name) {
    const inner = select(value, first as Qualifier, scope, tracer);
    return follow(inner, traceOrigin(tracer.origins[composed]!, tracer), rest, scope, tracer);
  }
  const origin = Object.hasOwn(tracer.origins, name) ? tracer.origins[name] : undefined;
  return follow(
    value,
    origin === undefined ? UNKNOWN : traceOrigin(origin, tracer),
    qualifiers,
    scope,
    tracer,
  );
}

function traceOrigin(origin: RootOrigin, tracer: Tracer): Trace {
  return 'program' in origin ? trace(origin.program.plan.root, undefined, tracer) : origin;
}

function findBinding(name: string, fold: FoldNode, scope: Binding | undefined): Binding | undefined {
  for (let at = scope; at !== undefined; at = at.outer) if (at.fold === fold && at.name === name) return at;
  return undefined;
}

/** Goes along selections as far as something is there; the first absent field is still named. */
function follow(
  start: Result,
  from: Trace,
  qualifiers: readonly Qualifier[],
  scope: Binding | undefined,
  tracer: Tracer,
): Trace {
  let value: Result | undefined = start;
  let at = from;
  for (const qualifier of qualifiers) {
    if (value instanceof Optional) value = value.$value;
    if (value === undefined || value instanceof CelError) return at;
    const key = qualifierKey(qualifier, scope, tracer);
    if (key instanceof CelError) return at;
    at = descend(at, value, key);
    const found: Value | CelError | undefined = find(value, key);
    if (found === undefined) return at;
    value = found;
  }
  return at;
}

function descend(at: Trace, value: Value, key: Value): Trace {
  if (at.items !== undefined && Array.isArray(value)) {
    const index = listIndex(key);
    const pointer = typeof index === 'number' ? at.items[index] : undefined;
    return pointer === undefined ? UNKNOWN : { pointer };
  }
  return at.pointer === undefined ? UNKNOWN : { pointer: step(at.pointer, key) };
}

function qualifierKey(qualifier: Qualifier, scope: Binding | undefined, tracer: Tracer): Result {
  if ('value' in qualifier.key) return qualifier.key.value;
  return 'attribute' in qualifier.key
    ? resolve(qualifier.key.attribute, scope, tracer.machine)
    : tracer.machine.evaluate(qualifier.key.node, scope);
}

function select(value: Result, qualifier: Qualifier, scope: Binding | undefined, tracer: Tracer): Result {
  const key = qualifierKey(qualifier, scope, tracer);
  if (value instanceof CelError || key instanceof CelError) return value;
  return find(value, key) ?? new CelError('no-such-key', `no such key: ${String(key)}`);
}

/** The places of a list's elements. */
export function itemsOf(value: Result, from: Trace): readonly (string | undefined)[] {
  const items = value instanceof CelError ? undefined : iterate(value);
  if (items === undefined) return [];
  if (from.items !== undefined) return from.items;
  const { pointer } = from;
  if (pointer === undefined) return items.map(() => undefined);
  return items.map((item, index) => step(pointer, Array.isArray(value) ? index : item));
}

function traceConcatenation(args: readonly Node[], scope: Binding | undefined, tracer: Tracer): Trace {
  const parts = args.map((arg) => {
    const value = tracer.machine.evaluate(arg, scope);
    return Array.isArray(value) ? itemsOf(value, trace(arg, scope, tracer)) : undefined;
  });
  if (parts.every((part) => part !== undefined)) return { items: parts.flat() };
  // Text put together: the first part that was read somewhere.
  return firstPointer(args, scope, tracer);
}

/** A value computed from others comes from the first of them that has a place. */
export function firstPointer(nodes: readonly Node[], scope: Binding | undefined, tracer: Tracer): Trace {
  for (const node of nodes) {
    const pointer = pointerOf(node, scope, tracer);
    if (pointer !== undefined) return { pointer };
  }
  return UNKNOWN;
}

/** The one place a value comes from; for a list built from several, that of its first element. */
export function pointerOf(node: Node, scope: Binding | undefined, tracer: Tracer): string | undefined {
  const { pointer, items } = trace(node, scope, tracer);
  return pointer ?? items?.find((item) => item !== undefined);
}

function traceCall(args: readonly Node[], name: string, scope: Binding | undefined, tracer: Tracer): Trace {
  const [operand] = args;
  if (operand === undefined) return UNKNOWN;
  const from = trace(operand, scope, tracer);
  if (name !== 'first' && name !== 'last') return withFallback(from, firstPointer(args, scope, tracer));
  const items = itemsOf(tracer.machine.evaluate(operand, scope), from);
  const pointer = name === 'first' ? items[0] : items[items.length - 1];
  return pointer === undefined ? from : { pointer };
}

/** The scope of one element of a fold, as the exact engine builds it. */
export function bindElement(
  node: FoldNode,
  range: Value,
  items: readonly Value[],
  places: readonly (string | undefined)[],
  index: number,
  scope: Binding | undefined,
  tracer: Tracer,
): Binding {
  const isList = Array.isArray(range);
  const init = () => tracer.machine.evaluate(node.init, scope);
  const accu: Binding = { fold: node, name: node.accuVar, value: undefined, init, outer: scope };
  const place = places[index];
  const origin: Trace = place === undefined ? UNKNOWN : { pointer: place };
  const two = node.iterVar2 !== undefined;
  const first: Binding = {
    fold: node,
    name: node.iterVar,
    value: two && isList ? index : items[index],
    init: undefined,
    outer: accu,
  };
  // Of a map, the key stands for the entry.
  if (!two || !isList) tracer.bound.set(first, origin);
  if (node.iterVar2 === undefined) return first;
  const value = isList ? items[index] : isMap(range) ? mapFind(range, items[index]!) : undefined;
  const second: Binding = { fold: node, name: node.iterVar2, value, init: undefined, outer: first };
  tracer.bound.set(second, origin);
  return second;
}

/** `map` and `filter`: element by element. `cel.bind` and `optMap`: the result, with the name bound. */
function traceFold(node: FoldNode, scope: Binding | undefined, tracer: Tracer): Trace {
  const range = tracer.machine.evaluate(node.range, scope);
  const items = range instanceof CelError ? undefined : iterate(range);
  if (items === undefined) return UNKNOWN;
  if (items.length === 0) return traceBinding(node, scope, tracer);
  const places = itemsOf(range, trace(node.range, scope, tracer));
  const { condition, added } = stepParts(node);
  if (added === undefined) return UNKNOWN;
  const result: (string | undefined)[] = [];
  for (let index = 0; index < items.length; index++) {
    const inner = bindElement(node, range as Value, items, places, index, scope, tracer);
    if (condition === undefined || tracer.machine.evaluate(condition, inner) === true) {
      result.push(trace(added, inner, tracer).pointer ?? places[index]);
    }
  }
  return { items: result };
}

function traceBinding(node: FoldNode, scope: Binding | undefined, tracer: Tracer): Trace {
  return trace(node.result, bindValue(node, scope, tracer), tracer);
}

/** The scope in which the result of a fold over nothing is computed. */
export function bindValue(node: FoldNode, scope: Binding | undefined, tracer: Tracer): Binding {
  const init = () => tracer.machine.evaluate(node.init, scope);
  const accu: Binding = { fold: node, name: node.accuVar, value: undefined, init, outer: scope };
  tracer.bound.set(accu, trace(node.init, scope, tracer));
  return accu;
}

/** `@result + [added]`, or `condition ? @result + [added] : @result`. */
function stepParts(node: FoldNode): { condition?: Node; added?: Node } {
  const { step: whole } = node;
  if (whole.kind === 'operator' && whole.appends) {
    const [, list] = whole.args;
    return list?.kind === 'list' && list.elements.length === 1 ? { added: list.elements[0]! } : {};
  }
  if (whole.kind !== 'attribute' || whole.attribute.root !== 'conditional') return {};
  const { condition, truthy } = whole.attribute;
  if (truthy.root !== 'expression' || truthy.operand.kind !== 'operator' || !truthy.operand.appends)
    return {};
  const [, list] = truthy.operand.args;
  return list?.kind === 'list' && list.elements.length === 1 ? { condition, added: list.elements[0]! } : {};
}

/** The place of the element that `value in list` found, or where the key of a map is or would be. */
export function traceMember(
  member: Node,
  container: Node,
  scope: Binding | undefined,
  tracer: Tracer,
): Trace {
  const from = trace(container, scope, tracer);
  const value = tracer.machine.evaluate(member, scope);
  const within = tracer.machine.evaluate(container, scope);
  if (value instanceof CelError || within instanceof CelError) return from;
  if (Array.isArray(within)) {
    const index = within.findIndex((element) => listContains([element as Value], value));
    const place = index < 0 ? undefined : itemsOf(within, from)[index];
    return place === undefined ? from : { pointer: place };
  }
  return from.pointer !== undefined && typeof value === 'string'
    ? { pointer: step(from.pointer, value) }
    : from;
}
