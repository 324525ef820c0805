/** Checked syntax tree → {@link Node}s, as cel-go plans with the API server's options (planner.go, decorators.go). */
import type { CallExpr, ComprehensionExpr, Constant, Expr, SelectExpr } from '../ast.ts';
import { callCost } from '../cost.ts';
import { CelError } from '../errors.ts';
import type { Constants, FunctionDeclaration } from '../library.ts';
import { compileRegex } from '../regex/index.ts';
import { invoke } from '../runtime/call.ts';
import { mapKey, mapOfEntries } from '../runtime/maps.ts';
import { goTypeName } from '../runtime/names.ts';
import type { Type } from '../types.ts';
import { double, int, Uint, type Value } from '../values.ts';
import { isConversion, isOperator, operatorCost, REGEX_FUNCTIONS, SINGLETONS } from './functions.ts';
import type {
  Attribute,
  CallNode,
  ConstNode,
  FoldNode,
  MapNode,
  Node,
  OperatorNode,
  Qualifier,
} from './nodes.ts';

/** Per node: the overloads a call may mean, or the variable, constant or type an identifier names. */
export type References = ReadonlyMap<number, readonly string[] | { readonly name: string }>;

export interface PlanContext {
  readonly references: References;
  readonly types: ReadonlyMap<number, Type>;
  readonly functions: ReadonlyMap<string, FunctionDeclaration>;
  readonly constants: Constants;
  /** The value of a name that is a type (`int`, `google.protobuf.Timestamp`), undefined for others. */
  readonly typeValue: (name: string) => Value | undefined;
  /** It was planned before, without an error: constant patterns need not be compiled to see whether they do. */
  readonly plannedBefore?: boolean;
}

/** Thrown while planning: the expression can only fail (`int('x')`, a pattern that does not compile). */
export class PlanError extends Error {
  readonly id: number;
  constructor(id: number, message: string) {
    super(message);
    this.id = id;
  }
}

interface Scope {
  readonly name: string;
  readonly fold: FoldNode;
  readonly outer: Scope | undefined;
}

export function planExpr(expr: Expr, context: PlanContext): Node {
  return plan(expr, undefined, context);
}

function plan(expr: Expr, scope: Scope | undefined, context: PlanContext): Node {
  switch (expr.kind) {
    case 'const':
      return constant(expr.id, constantValue(expr.value));
    case 'ident':
      return planIdent(expr.id, expr.name, scope, context);
    case 'select':
      return planSelect(expr, scope, context);
    case 'call':
      return planCall(expr, scope, context);
    case 'list':
      return foldList({
        kind: 'list',
        id: expr.id,
        elements: expr.elements.map((element) => plan(element, scope, context)),
        optional: expr.elements.map((_, index) => expr.optionalIndices.includes(index)),
      });
    case 'map':
      return foldMap({
        kind: 'map',
        id: expr.id,
        entries: expr.entries.map((entry) => ({
          key: plan(entry.key, scope, context),
          value: plan(entry.value, scope, context),
          optional: entry.optional,
        })),
      });
    case 'struct':
      return {
        kind: 'struct',
        id: expr.id,
        typeName: referenceName(expr.id, context) ?? expr.typeName,
        fields: expr.fields.map((field) => ({
          name: field.name,
          value: plan(field.value, scope, context),
          optional: field.optional,
        })),
      };
    case 'comprehension':
      return planFold(expr, scope, context);
  }
}

function constant(id: number, value: Value): ConstNode {
  return { kind: 'const', id, value };
}

function constantValue(value: Constant): Value {
  switch (value.type) {
    case 'null':
      return null;
    case 'int':
      return int(value.value);
    case 'uint':
      return new Uint(value.value);
    case 'double':
      return double(value.value);
    default:
      return value.value;
  }
}

function referenceName(id: number, context: PlanContext): string | undefined {
  const reference = context.references.get(id);
  return reference !== undefined && 'name' in reference ? reference.name : undefined;
}

function planIdent(id: number, written: string, scope: Scope | undefined, context: PlanContext): Node {
  const name = referenceName(id, context) ?? written;
  const local = name.startsWith('.') ? undefined : findLocal(name, scope);
  if (local === undefined) {
    const plain = name.replace(/^\./, '');
    if (Object.hasOwn(context.constants, plain)) return constant(id, context.constants[plain]!.value);
    const declared = context.types.get(id);
    if (declared?.kind === 'type') {
      const type = context.typeValue(plain);
      if (type !== undefined) return constant(id, type);
      // Values can be made of it, but it is none itself: `Object` alone.
      if (declared.of?.kind === 'object') throw new PlanError(id, `reference to undefined type: ${plain}`);
    }
    return {
      kind: 'attribute',
      id,
      attribute: { root: 'variable', name: plain, local: undefined, qualifiers: [] },
    };
  }
  return { kind: 'attribute', id, attribute: { root: 'variable', name, local, qualifiers: [] } };
}

function findLocal(name: string, scope: Scope | undefined): FoldNode | undefined {
  for (let at = scope; at !== undefined; at = at.outer) if (at.name === name) return at.fold;
  return undefined;
}

function planSelect(expr: SelectExpr, scope: Scope | undefined, context: PlanContext): Node {
  const name = referenceName(expr.id, context);
  if (name !== undefined && !expr.testOnly) return planIdent(expr.id, name, undefined, context);
  const attribute = asAttribute(plan(expr.operand, scope, context));
  addQualifier(attribute, {
    id: expr.id,
    key: { value: expr.field },
    optional: false,
    test: expr.testOnly,
  });
  return { kind: expr.testOnly ? 'test' : 'attribute', id: expr.id, attribute };
}

/** The attribute of a node, or one that starts at the node's value. */
function asAttribute(node: Node): Attribute {
  if (node.kind === 'attribute' || node.kind === 'test') return node.attribute;
  return { root: 'expression', operand: node, qualifiers: [] };
}

function addQualifier(attribute: Attribute, qualifier: Qualifier): void {
  if (attribute.root === 'conditional') {
    addQualifier(attribute.truthy, qualifier);
    addQualifier(attribute.falsy, qualifier);
  } else {
    attribute.qualifiers.push(qualifier);
  }
}

function planCall(expr: CallExpr, scope: Scope | undefined, context: PlanContext): Node {
  const { name, operands } = resolveCall(expr, context);
  const args = operands.map((operand) => plan(operand, scope, context));
  const [first, second, third] = args as [Node, Node, Node];
  switch (name) {
    case '_&&_':
      return { kind: 'and', id: expr.id, left: first, right: second };
    case '_||_':
      return { kind: 'or', id: expr.id, left: first, right: second };
    case '_==_':
      return { kind: 'equal', id: expr.id, left: first, right: second };
    case '_!=_':
      return { kind: 'not-equal', id: expr.id, left: first, right: second };
    case '_?_:_':
      return {
        kind: 'attribute',
        id: expr.id,
        attribute: {
          root: 'conditional',
          condition: first,
          truthy: asAttribute(second),
          falsy: asAttribute(third),
        },
      };
    case '_[_]':
      return planIndex(expr.id, first, second, false);
    case '_[?_]':
    case '_?._':
      return planIndex(expr.id, first, second, true);
    case 'or':
    case 'orValue':
      if (isOptionalOr(expr.id, name, context)) {
        return { kind: 'optional-or', id: expr.id, left: first, right: second, unwraps: name === 'orValue' };
      }
  }
  return isOperator(name)
    ? planOperator(expr.id, name, args, scope, context)
    : planFunction(expr.id, name, args, scope, context);
}

function overloadIds(id: number, context: PlanContext): readonly string[] {
  const reference = context.references.get(id);
  return reference !== undefined && !('name' in reference) ? reference : [];
}

function isOptionalOr(id: number, name: string, context: PlanContext): boolean {
  const ids = overloadIds(id, context);
  return ids.length !== 1 || ids[0] === (name === 'or' ? 'optional_or_optional' : 'optional_orValue_value');
}

/** `ip.isCanonical(x)` is a call of a function with a dot in its name when one is declared. */
function resolveCall(expr: CallExpr, context: PlanContext): { name: string; operands: readonly Expr[] } {
  const written = expr.function.replace(/^\./, '');
  if (expr.target === undefined) return { name: written, operands: expr.args };
  const prefix = context.references.has(expr.target.id) ? undefined : qualifiedName(expr.target);
  if (prefix !== undefined && context.functions.has(`${prefix}.${written}`)) {
    return { name: `${prefix}.${written}`, operands: expr.args };
  }
  return { name: written, operands: [expr.target, ...expr.args] };
}

function qualifiedName(expr: Expr): string | undefined {
  if (expr.kind === 'ident') return expr.name.replace(/^\./, '');
  if (expr.kind !== 'select' || expr.testOnly) return undefined;
  const prefix = qualifiedName(expr.operand);
  return prefix === undefined ? undefined : `${prefix}.${expr.field}`;
}

function planIndex(id: number, operand: Node, index: Node, optional: boolean): Node {
  if (index.kind === 'const' && mapKey(index.value) === undefined) {
    throw new PlanError(id, `invalid qualifier type: ${goTypeName(index.value)}`);
  }
  const attribute = asAttribute(operand);
  const key =
    index.kind === 'const'
      ? { value: index.value }
      : index.kind === 'attribute' || index.kind === 'test'
        ? { attribute: index.attribute }
        : { node: index };
  addQualifier(attribute, { id, key, optional, test: false });
  // A further selection on what `has()` tested is planned as part of the test, as in cel-go.
  return { kind: operand.kind === 'test' ? 'test' : 'attribute', id, attribute };
}

function planOperator(
  id: number,
  operator: OperatorNode['operator'],
  args: readonly Node[],
  scope: Scope | undefined,
  context: PlanContext,
): Node {
  const ids = overloadIds(id, context);
  const overload = ids.length === 1 ? ids[0] : undefined;
  if (operator === '@in' && overload === 'in_list') {
    const optimised = inConstantList(id, args[0]!, args[1]!);
    if (optimised !== undefined) return optimised;
  }
  return {
    kind: 'operator',
    id,
    operator,
    args,
    overload,
    cost: operatorCost(overload),
    appends: operator === '_+_' && buildsAccumulator(args[0], scope),
  };
}

/** cel-go's `maybeOptimizeSetMembership`: neither the look-up nor, for an empty list, the operand costs anything. */
function inConstantList(id: number, operand: Node, list: Node): Node | undefined {
  if (list.kind !== 'const' || !Array.isArray(list.value)) return undefined;
  const elements = list.value as readonly Value[];
  if (elements.length === 0) return constant(id, false);
  const members = new Set<NonNullable<ReturnType<typeof mapKey>>>();
  const rounded = new Set<number>();
  for (const element of elements) {
    const key = mapKey(element);
    if (key === undefined) return undefined;
    // NaN is equal to nothing.
    if (!Number.isNaN(key)) members.add(key);
    if (typeof key === 'bigint') rounded.add(Number(key));
  }
  return { kind: 'in-set', id, operand, members, ...(rounded.size > 0 && { rounded }) };
}

/** Whether a node is the accumulator of the fold whose step (not result) is being planned. */
function buildsAccumulator(node: Node | undefined, scope: Scope | undefined): boolean {
  return (
    scope !== undefined &&
    scope.name !== scope.fold.accuVar &&
    node?.kind === 'attribute' &&
    node.attribute.root === 'variable' &&
    node.attribute.local === scope.fold &&
    node.attribute.name === scope.fold.accuVar &&
    node.attribute.qualifiers.length === 0
  );
}

function planFunction(
  id: number,
  name: string,
  args: readonly Node[],
  scope: Scope | undefined,
  context: PlanContext,
): Node {
  const declared = context.functions.get(name)?.overloads ?? [];
  const ids = overloadIds(id, context);
  const overload = ids.length === 1 ? declared.find((candidate) => candidate.id === ids[0]) : undefined;
  const singleton = SINGLETONS.has(name);
  const call: CallNode = {
    kind: 'call',
    id,
    name,
    args,
    overload,
    candidates: declared.filter((candidate) => candidate.args.length === args.length),
    cost: callCost(name, overload, declared, args.length),
    stopsAtError:
      args.length > 2 || name === 'format' || (overload === undefined && !singleton && declared.length > 1),
    singleton,
    inserts: name === 'cel.@mapInsert' && buildsAccumulator(args[0], scope),
  };
  if (args.length === 1 && args[0]!.kind === 'const' && isConversion(name)) {
    return convertConstant(call, args[0]!.value);
  }
  return constantPattern(call, context.plannedBefore === true);
}

function convertConstant(call: CallNode, value: Value): Node {
  try {
    return constant(call.id, invoke(call, [value]));
  } catch (error) {
    if (error instanceof CelError) throw new PlanError(call.id, error.$message);
    throw error;
  }
}

/** A constant pattern is compiled when the expression is; the call then stops at the first error of its arguments. */
function constantPattern(call: CallNode, compiles: boolean): Node {
  const index = REGEX_FUNCTIONS.get(call.name);
  const pattern = index === undefined ? undefined : call.args[index];
  if (pattern?.kind !== 'const' || typeof pattern.value !== 'string') return call;
  const compiled = compiles ? undefined : compileRegex(pattern.value);
  if (compiled !== undefined && 'error' in compiled) throw new PlanError(call.id, compiled.error);
  return { ...call, stopsAtError: true };
}

function foldList(node: Extract<Node, { kind: 'list' }>): Node {
  const values: Value[] = [];
  for (const [index, element] of node.elements.entries()) {
    if (element.kind !== 'const' || node.optional[index]) return node;
    values.push(element.value);
  }
  // Not frozen, though shared: V8 searches frozen lists ten times as slowly.
  return constant(node.id, values);
}

function foldMap(node: MapNode): Node {
  const entries: [Value, Value][] = [];
  for (const { key, value, optional } of node.entries) {
    if (key.kind !== 'const' || value.kind !== 'const' || optional || mapKey(key.value) === undefined)
      return node;
    entries.push([key.value, value.value]);
  }
  return constant(node.id, mapOfEntries(entries));
}

function planFold(expr: ComprehensionExpr, scope: Scope | undefined, context: PlanContext): Node {
  const fold = {
    kind: 'fold',
    id: expr.id,
    accuVar: expr.accuVar,
    iterVar: expr.iterVar,
    iterVar2: expr.iterVar2 || undefined,
  } as FoldNode;
  fold.init = plan(expr.accuInit, scope, context);
  fold.range = plan(expr.iterRange, scope, context);
  const withAccu: Scope = { name: expr.accuVar, fold, outer: scope };
  let inner: Scope = { name: expr.iterVar, fold, outer: withAccu };
  if (fold.iterVar2 !== undefined) inner = { name: fold.iterVar2, fold, outer: inner };
  fold.condition = plan(expr.loopCondition, inner, context);
  fold.step = plan(expr.loopStep, inner, context);
  fold.result = plan(expr.result, withAccu, context);
  return fold;
}
