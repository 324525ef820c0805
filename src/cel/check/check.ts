/**
 * The type checker: a type for every node, and for every name and call what it refers to. It follows cel-go's checker
 * (checker/checker.go) rule by rule, since which overloads a call resolves to decides what is evaluated and counted.
 */
import type {
  Ast,
  CallExpr,
  ComprehensionExpr,
  Expr,
  ListExpr,
  MapExpr,
  SelectExpr,
  StructExpr,
} from '../ast.ts';
import type { FunctionDeclaration, Overload } from '../library.ts';
import { type Issue, sortIssues } from '../source.ts';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DYN,
  ERROR,
  INT,
  listOf,
  mapOf,
  NULL,
  optionalOf,
  STRING,
  type Type,
  UINT,
} from '../types.ts';
import {
  type CheckEnvironment,
  lookupFunction,
  resolveName,
  resolveQualified,
  type Scope,
} from './environment.ts';
import {
  assertType,
  type CheckState,
  freeVariable,
  type Reference,
  report,
  setType,
  startCheck,
  typeMismatch,
  typeOf,
  undeclared,
  undefinedField,
} from './state.ts';
import { formatType, isDynOrError, mapParameters, sameType, unwrapOptional } from './types.ts';
import { areAssignable, isAssignable, mostGeneral, substitute, TooComplex } from './unify.ts';

export type { Reference } from './state.ts';

export interface CheckResult {
  readonly types: ReadonlyMap<number, Type>;
  readonly references: ReadonlyMap<number, Reference>;
  readonly outputType: Type;
  /** By place. With an error among them the other results are worth little. */
  readonly issues: readonly Issue[];
}

/** Checks a parsed expression. Never throws. */
export function check(ast: Ast, env: CheckEnvironment): CheckResult {
  const state = startCheck(ast, env);
  try {
    checkExpr(state, ast.expr);
    for (const [id, type] of state.types) state.types.set(id, substitute(state.bindings, type, true));
    if (state.issues.length === 0) validate(state);
  } catch (error) {
    if (!(error instanceof TooComplex)) throw error;
    report(state, ast.expr.id, 'limit', 'the types of this expression are too complex to check');
  }
  const { types, references } = state;
  return { types, references, outputType: typeOf(state, ast.expr), issues: sortIssues(state.issues) };
}

function validate(c: CheckState): void {
  for (const validator of c.env.validators ?? []) {
    validator.validate(c.ast, c.types, (at, message) => report(c, at.id, 'literal', message));
  }
}

function checkExpr(c: CheckState, expr: Expr): void {
  switch (expr.kind) {
    case 'const':
      setType(c, expr, CONSTANT_TYPES[expr.value.type]);
      break;
    case 'ident':
      checkIdent(c, expr.id, expr, expr.name);
      break;
    case 'select':
      checkSelect(c, expr);
      break;
    case 'call':
      if (expr.function === '_?._') checkOptionalSelect(c, expr);
      else checkCall(c, expr);
      break;
    case 'list':
      checkList(c, expr);
      break;
    case 'map':
      checkMap(c, expr);
      break;
    case 'struct':
      checkStruct(c, expr);
      break;
    case 'comprehension':
      checkComprehension(c, expr);
      break;
  }
}

const CONSTANT_TYPES = {
  null: NULL,
  bool: BOOL,
  int: INT,
  uint: UINT,
  double: DOUBLE,
  string: STRING,
  bytes: BYTES,
} as const;

// --- names ---------------------------------------------------------------------------------------------------------

function checkIdent(c: CheckState, id: number, expr: Expr, name: string): void {
  const resolved = resolveName(c.env, c.scope, name);
  if (!resolved) {
    setType(c, expr, ERROR);
    undeclared(c, id, name, Object.keys(c.env.variables));
    return;
  }
  setType(c, expr, resolved.type);
  c.references.set(id, { name: resolved.name });
}

function checkSelect(c: CheckState, expr: SelectExpr): void {
  const name = expr.testOnly ? undefined : qualifiedName(expr);
  const resolved = name === undefined ? undefined : resolveQualified(c.env, c.scope, name);
  if (resolved) {
    setType(c, expr, resolved.type);
    c.references.set(expr.id, { name: resolved.name });
    return;
  }
  const type = checkField(c, expr.id, expr.operand, expr.field, false);
  setType(c, expr, expr.testOnly ? BOOL : substitute(c.bindings, type, false));
}

/** `a.b.c` of plain selections from a name, as text. */
function qualifiedName(expr: Expr): string | undefined {
  const fields: string[] = [];
  let at = expr;
  for (; at.kind === 'select' && !at.testOnly; at = at.operand) fields.push(at.field);
  return at.kind === 'ident' ? [at.name, ...fields.reverse()].join('.') : undefined;
}

/** `operand.?field`; its reference is that of cel-go. */
function checkOptionalSelect(c: CheckState, expr: CallExpr): void {
  const [operand, field] = expr.args;
  if (expr.target || expr.args.length !== 2 || field?.kind !== 'const' || field.value.type !== 'string') {
    setType(c, expr, ERROR);
    report(c, expr.id, 'syntax', 'unsupported optional field selection');
    return;
  }
  const type = checkField(c, expr.id, operand!, field.value.value, true);
  setType(c, field, STRING);
  setType(c, expr, substitute(c.bindings, type, false));
  c.references.set(expr.id, ['select_optional_field']);
}

function checkField(c: CheckState, id: number, operand: Expr, field: string, optional: boolean): Type {
  checkExpr(c, operand);
  const operandType = substitute(c.bindings, typeOf(c, operand), false);
  const target = unwrapOptional(operandType);
  const type = fieldType(c, id, target.type, field);
  return target.optional || optional ? optionalOf(type) : type;
}

function fieldType(c: CheckState, id: number, target: Type, field: string): Type {
  switch (target.kind) {
    case 'map':
      return target.value;
    case 'object':
      return c.env.fields?.(target.name, field) ?? undefinedField(c, id, target.name, field);
    case 'param':
      isAssignable(c.bindings, DYN, target);
      return DYN;
    default:
      if (!isDynOrError(target)) {
        report(c, id, 'type', `type '${formatType(target)}' does not support field selection`);
      }
      return DYN;
  }
}

// --- calls ---------------------------------------------------------------------------------------------------------

function checkCall(c: CheckState, call: CallExpr): void {
  for (const arg of call.args) checkExpr(c, arg);
  if (!call.target) {
    const declaration = lookupFunction(c.env, call.function);
    if (declaration) resolveOverloads(c, call, declaration, call.args, false);
    else unknownFunction(c, call);
    return;
  }
  const namespace = qualifiedName(call.target);
  const namespaced =
    namespace === undefined ? undefined : lookupFunction(c.env, `${namespace}.${call.function}`);
  if (namespaced) {
    resolveOverloads(c, call, namespaced, call.args, false);
    return;
  }

  checkExpr(c, call.target);
  const declaration = lookupFunction(c.env, call.function);
  if (declaration) resolveOverloads(c, call, declaration, [call.target, ...call.args], true);
  else unknownFunction(c, call);
}

function unknownFunction(c: CheckState, call: CallExpr): void {
  setType(c, call, ERROR);
  undeclared(c, call.id, call.function, c.env.functions.keys());
}

function resolveOverloads(
  c: CheckState,
  call: CallExpr,
  { name, overloads }: FunctionDeclaration,
  args: readonly Expr[],
  member: boolean,
): void {
  if (name === '_&&_' || name === '_||_') {
    checkLogical(c, call, overloads[0]!);
    return;
  }
  const argTypes = args.map((arg) => typeOf(c, arg));
  const ids: string[] = [];
  let result: Type | undefined;
  for (const overload of overloads) {
    if (overload.member !== member || (c.refusesCrossType && isCrossType(overload))) continue;
    const candidate = instantiate(c, overload);
    if (!areAssignable(c.bindings, argTypes, candidate.args)) continue;
    ids.push(overload.id);
    const type = substitute(c.bindings, candidate.result, false);
    if (!result) result = type;
    else if (result.kind !== 'dyn' && !sameType(type, result)) result = DYN;
  }
  if (!result) {
    setType(c, call, ERROR);
    const applied = argTypes.map((type) => formatType(substitute(c.bindings, type, true)));
    const receiver = member ? `${applied.shift()}.` : '';
    const message = `found no matching overload for '${name}' applied to '${receiver}(${applied.join(', ')})'`;
    report(c, call.id, 'no-overload', message);
    return;
  }
  setType(c, call, result);
  c.references.set(call.id, ids);
}

/** `&&` and `||` say which operand is no bool. */
function checkLogical(c: CheckState, call: CallExpr, overload: Overload): void {
  let valid = true;
  for (const arg of call.args) {
    const type = typeOf(c, arg);
    if (isAssignable(c.bindings, type, BOOL)) continue;
    typeMismatch(c, arg, BOOL, type);
    valid = false;
  }
  setType(c, call, valid ? BOOL : ERROR);
  if (valid) c.references.set(call.id, [overload.id]);
}

/** The overload with fresh type variables in place of its own. */
function instantiate(c: CheckState, overload: Overload): { args: readonly Type[]; result: Type } {
  const fresh = new Map<string, Type>();
  const rename = (type: Type): Type => {
    if (type.kind !== 'param') return mapParameters(type, rename);
    const known = fresh.get(type.name) ?? freeVariable(c);
    fresh.set(type.name, known);
    return known;
  };
  return { args: overload.args.map(rename), result: rename(overload.result) };
}

const COMPARISON = /^(?:less|greater)(?:_equals)?_/;
const NUMERIC = new Set(['int', 'uint', 'double']);

/** `1 < 1.0`: comparison of numbers of different types. */
function isCrossType({ id, args: [a, b] }: Overload): boolean {
  return COMPARISON.test(id) && NUMERIC.has(a!.kind) && NUMERIC.has(b!.kind) && a!.kind !== b!.kind;
}

// --- literals ------------------------------------------------------------------------------------------------------

function checkList(c: CheckState, list: ListExpr): void {
  const optionals = new Set(list.optionalIndices);
  let joined: Type | undefined;
  for (const [i, element] of list.elements.entries()) {
    checkExpr(c, element);
    const type = optionals.has(i) ? optionalElement(c, element) : typeOf(c, element);
    joined = join(c, joined, type);
  }
  setType(c, list, listOf(joined ?? freeVariable(c)));
}

function checkMap(c: CheckState, map: MapExpr): void {
  let keys: Type | undefined;
  let values: Type | undefined;
  for (const { key, value, optional } of map.entries) {
    checkExpr(c, key);
    keys = join(c, keys, typeOf(c, key));
    checkExpr(c, value);
    values = join(c, values, optional ? optionalElement(c, value) : typeOf(c, value));
  }
  setType(c, map, mapOf(keys ?? freeVariable(c), values ?? freeVariable(c)));
}

/** Literals of mixed types are of dyn; where they are forbidden, a validator says so. */
function join(c: CheckState, previous: Type | undefined, type: Type): Type {
  if (!previous) return type;
  return isAssignable(c.bindings, previous, type) ? mostGeneral(previous, type) : DYN;
}

/** What stands behind a `?` must be optional. */
function optionalElement(c: CheckState, value: Expr): Type {
  const written = typeOf(c, value);
  const { type, optional } = unwrapOptional(written);
  if (!optional && written.kind !== 'dyn') typeMismatch(c, value, optionalOf(type), type);
  return type;
}

function checkStruct(c: CheckState, struct: StructExpr): void {
  const name = struct.typeName.startsWith('.') ? struct.typeName.slice(1) : struct.typeName;
  if (!c.env.isObject?.(name)) {
    setType(c, struct, ERROR);
    undeclared(c, struct.id, struct.typeName, []);
    return;
  }
  setType(c, struct, { kind: 'object', name });
  c.references.set(struct.id, { name });
  for (const field of struct.fields) {
    checkExpr(c, field.value);
    const type = field.optional ? optionalElement(c, field.value) : typeOf(c, field.value);
    const declared = c.env.fields?.(name, field.name) ?? undefinedField(c, field.id, name, field.name);
    if (isAssignable(c.bindings, declared, type)) continue;
    const types = `is '${formatType(declared)}' but provided type is '${formatType(type)}'`;
    report(c, field.id, 'type', `expected type of field '${field.name}' ${types}`);
  }
}

// --- comprehensions ------------------------------------------------------------------------------------------------

function checkComprehension(c: CheckState, fold: ComprehensionExpr): void {
  checkExpr(c, fold.iterRange);
  checkExpr(c, fold.accuInit);
  const range = substitute(c.bindings, typeOf(c, fold.iterRange), false);
  const accumulator = typeOf(c, fold.accuInit);
  const { first, second } = iterationTypes(c, fold, range);

  // cel-go forgets which comparisons are refused as soon as it enters a comprehension, and for good.
  c.refusesCrossType = false;
  const outer = c.scope;
  const withAccumulator: Scope = { variables: new Map([[fold.accuVar, accumulator]]), outer };
  const variables = new Map([[fold.iterVar, first]]);
  if (fold.iterVar2 !== undefined) variables.set(fold.iterVar2, second);
  c.scope = { variables, outer: withAccumulator };
  checkExpr(c, fold.loopCondition);
  assertType(c, fold.loopCondition, BOOL);
  checkExpr(c, fold.loopStep);
  assertType(c, fold.loopStep, accumulator);
  c.scope = withAccumulator;
  checkExpr(c, fold.result);
  c.scope = outer;
  setType(c, fold, substitute(c.bindings, typeOf(c, fold.result), false));
}

/** With one variable: elements of a list, keys of a map. With two: index and element, key and value. */
function iterationTypes(c: CheckState, fold: ComprehensionExpr, range: Type): { first: Type; second: Type } {
  switch (range.kind) {
    case 'list':
      return { first: fold.iterVar2 === undefined ? range.element : INT, second: range.element };
    case 'map':
      return { first: range.key, second: range.value };
    case 'dyn':
    case 'error':
    case 'param':
      isAssignable(c.bindings, DYN, range);
      return { first: DYN, second: DYN };
    default: {
      const message = `expression of type '${formatType(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`;
      report(c, fold.iterRange.id, 'type', message);
      return { first: ERROR, second: ERROR };
    }
  }
}
