/**
 * Attributes for the reference interpreter: a name or value and what is selected from it (`a.b[c].?d`), which cel-go
 * evaluates as one thing (interpreter/attributes.go). That shows in costs, in optionals and in `has()`.
 */
import type { Expr } from '../../../src/cel/ast.ts';
import { CelError } from '../../../src/cel/errors.ts';
import { NONE, Optional } from '../../../src/cel/optional.ts';
import { Uint, type Value } from '../../../src/cel/values.ts';
import type { CostTracker } from './cost.ts';
import { type Checked, NotPlannable, type Scope, type Walker } from './interpreter.ts';
import { isError, lookUp, type Result, tag } from './values.ts';

export type Chain =
  | {
      readonly root: 'name';
      readonly id: number;
      readonly name: string;
      readonly selections: readonly Selection[];
    }
  | {
      readonly root: 'value';
      readonly id: number;
      readonly expr: Expr;
      readonly selections: readonly Selection[];
    }
  | {
      readonly root: 'choice';
      readonly id: number;
      readonly condition: Expr;
      readonly yes: Chain;
      readonly no: Chain;
    };

export interface Selection {
  readonly id: number;
  readonly key: { readonly constant: Value } | { readonly expr: Expr };
  readonly optional: boolean;
  /** The last one of `has(…)`. */
  readonly test: boolean;
}

export interface Attributes {
  /** Undefined for what is no attribute. */
  chainOf(expr: Expr): Chain | undefined;
  evaluate(expr: Expr, chain: Chain, scope: Scope): Result;
  /** The id under which the value of any node is observed. */
  idOf(expr: Expr): number;
}

/** The id under which the value of an attribute is observed: that of its last selection. */
function attributeId(chain: Chain): number {
  if (chain.root !== 'choice') return chain.selections.at(-1)?.id ?? chain.id;
  const [yes, no] = [attributeId(chain.yes), attributeId(chain.no)];
  return yes === no ? yes : chain.id;
}

export function createAttributes(program: Checked, walker: Walker, costs: CostTracker): Attributes {
  const chainOf = (expr: Expr): Chain | undefined => {
    switch (expr.kind) {
      case 'ident':
        return { root: 'name', id: expr.id, name: program.variable(expr) ?? expr.name, selections: [] };
      case 'select': {
        const name = expr.testOnly ? undefined : program.variable(expr);
        if (name !== undefined) return { root: 'name', id: expr.id, name, selections: [] };
        const key = { constant: expr.field };
        return extend(startAt(expr.operand), { id: expr.id, key, optional: false, test: expr.testOnly });
      }
      case 'call':
        return callChain(expr);
      default:
        return undefined;
    }
  };

  const callChain = (expr: Extract<Expr, { kind: 'call' }>): Chain | undefined => {
    const [first, second, third] = expr.args as [Expr, Expr, Expr];
    switch (expr.function) {
      case '_[_]':
      case '_[?_]':
      case '_?._': {
        const constant = walker.folded(second);
        if (constant !== undefined && !isKey(constant.value))
          throw new NotPlannable('invalid qualifier type');
        const key = constant === undefined ? { expr: second } : { constant: constant.value };
        return extend(startAt(first), { id: expr.id, key, optional: expr.function !== '_[_]', test: false });
      }
      case '_?_:_':
        return { root: 'choice', id: expr.id, condition: first, yes: startAt(second), no: startAt(third) };
      default:
        return undefined;
    }
  };

  /** The attribute an expression is, or one that starts at its value. */
  const startAt = (expr: Expr): Chain =>
    (walker.folded(expr) === undefined ? chainOf(expr) : undefined) ?? {
      root: 'value',
      id: expr.id,
      expr,
      selections: [],
    };

  const resolve = (chain: Chain, scope: Scope): Result => {
    if (chain.root === 'choice') {
      const condition = walker.evaluate(chain.condition, scope);
      if (typeof condition === 'boolean') return resolve(condition ? chain.yes : chain.no, scope);
      return isError(condition) ? condition : new CelError('no-such-overload', 'no such overload');
    }
    const start =
      chain.root === 'name' ? walker.lookup(chain.name, scope) : walker.evaluate(chain.expr, scope);
    return isError(start) ? start : select(start, chain.selections, scope);
  };

  const select = (start: Value, selections: readonly Selection[], scope: Scope): Result => {
    if (start instanceof Optional && start.$value === undefined) return start;
    let optional = start instanceof Optional;
    let current: Value = start instanceof Optional ? start.$value! : start;
    for (const selection of selections) {
      optional ||= selection.optional;
      const found = selectOne(current, selection, optional, scope);
      if (isError(found)) {
        if (!optional) costs.observe(selection.id, found, 1);
        return found;
      }
      if (selection.test) {
        if (!optional || found !== undefined) costs.observe(selection.id, found?.value ?? false, 1);
        if (!optional) return found !== undefined;
        return found === undefined ? NONE : new Optional(found.value);
      }
      if (found === undefined) return NONE;
      costs.observe(selection.id, found.value, 1);
      current = found.value;
    }
    return optional ? new Optional(current) : current;
  };

  /** Undefined when there is nothing and that is no error. */
  const selectOne = (
    operand: Value,
    selection: Selection,
    optional: boolean,
    scope: Scope,
  ): { readonly value: Value } | CelError | undefined => {
    const key = keyOf(selection, scope);
    if (isError(key)) return key;
    const found = pick(operand, key);
    if (found !== undefined) return found;
    if (optional || selection.test) return undefined;
    return tag(operand) === 'list'
      ? new CelError('index-out-of-bounds', 'index out of bounds')
      : new CelError('no-such-key', 'no such key');
  };

  const keyOf = (selection: Selection, scope: Scope): Result => {
    if ('constant' in selection.key) return selection.key.constant;
    const chain = walker.folded(selection.key.expr) ? undefined : chainOf(selection.key.expr);
    // A name or path used as an index is resolved without being charged for itself.
    const key = chain === undefined ? walker.evaluate(selection.key.expr, scope) : resolve(chain, scope);
    if (isError(key) || isKey(key)) return key;
    return new CelError('invalid-argument', 'invalid qualifier type');
  };

  const idOf = (expr: Expr): number => {
    const chain = walker.folded(expr) === undefined ? chainOf(expr) : undefined;
    const isTest = expr.kind === 'select' && expr.testOnly;
    return chain === undefined || isTest ? expr.id : attributeId(chain);
  };

  return {
    chainOf,
    idOf,
    evaluate: (expr, chain, scope) => {
      const isTest = expr.kind === 'select' && expr.testOnly;
      let result = resolve(chain, scope);
      if (isTest && result instanceof Optional) result = result.$value !== undefined;
      if (chain.root === 'choice') {
        costs.drop(attributeId(chain.no), attributeId(chain.yes), idOf(chain.condition));
      } else {
        costs.drop(attributeId(chain));
      }
      const cost = (chain.root === 'choice' ? 0 : 1) - (isTest ? 1 : 0);
      costs.observe(isTest ? expr.id : attributeId(chain), result, cost);
      return result;
    },
  };
}

function isKey(value: Value): boolean {
  return ['string', 'int', 'uint', 'bool', 'double'].includes(tag(value));
}

function extend(chain: Chain, selection: Selection): Chain {
  if (chain.root === 'choice') {
    return { ...chain, yes: extend(chain.yes, selection), no: extend(chain.no, selection) };
  }
  return { ...chain, selections: [...chain.selections, selection] };
}

function pick(operand: Value, key: Value): { readonly value: Value } | CelError | undefined {
  switch (tag(operand)) {
    case 'map':
      return lookUp(operand, key);
    case 'list': {
      const index = listIndex(key);
      if (index === undefined) return new CelError('no-such-overload', 'unsupported index type in list');
      const list = operand as readonly Value[];
      return index >= 0 && index < list.length ? { value: list[index]! } : undefined;
    }
    default:
      return undefined;
  }
}

/** Numbers of any type name a place in a list, if they are whole. */
function listIndex(key: Value): number | undefined {
  if (typeof key === 'number' || typeof key === 'bigint') return Number(key);
  if (key instanceof Uint) return key.$value < 2n ** 63n ? Number(key.$value) : undefined;
  if (key instanceof Number && Number.isInteger(key.valueOf()) && Math.abs(key.valueOf()) < 2 ** 63) {
    return key.valueOf();
  }
  return undefined;
}
