/** Operators and calls. */
import { equalCost, isToldByArguments, notEqualCost } from '../cost.ts';
import { compareEqual } from '../equality.ts';
import { CelError } from '../errors.ts';
import type { CallNode, LogicNode, Node, OperatorNode } from '../plan/nodes.ts';
import { append } from '../runtime/build.ts';
import { invoke } from '../runtime/call.ts';
import { operate } from '../runtime/operate.ts';
import type { Value } from '../values.ts';
import { type Binding, charge, guarded, type Machine, type Result, requireBudget } from './machine.ts';

export function evaluateLogic(node: LogicNode, scope: Binding | undefined, machine: Machine): Result {
  const decisive = node.kind === 'or';
  const left = machine.evaluate(node.left, scope);
  if (left === decisive) return decisive;
  const right = machine.evaluate(node.right, scope);
  if (right === decisive) return decisive;
  for (const side of [left, right]) {
    if (side instanceof CelError) return side;
    if (typeof side !== 'boolean') return new CelError('no-such-overload', 'no such overload', node.id);
  }
  return !decisive;
}

export function evaluateEquality(
  leftNode: Node,
  rightNode: Node,
  wanted: boolean,
  scope: Binding | undefined,
  machine: Machine,
  id: number,
): Result {
  const left = machine.evaluate(leftNode, scope);
  const right = machine.evaluate(rightNode, scope);
  charge(machine, wanted ? equalCost(left, right) : notEqualCost(left, right));
  if (left instanceof CelError) return left;
  if (right instanceof CelError) return right;
  const equal = compareEqual(left, right);
  if (equal === undefined && wanted) return new CelError('no-such-overload', 'no such overload', id);
  return (equal === true) === wanted;
}

export function evaluateOperator(node: OperatorNode, scope: Binding | undefined, machine: Machine): Result {
  const args = node.args.map((arg) => machine.evaluate(arg, scope));
  const result =
    node.operator === '@not_strictly_false'
      ? args[0] !== false
      : (args.find((arg) => arg instanceof CelError) ??
        guarded(() => (node.appends ? append(args as Value[]) : operate(node.operator, args as Value[]))));
  charge(machine, node.cost === undefined ? 1 : node.cost(args as Value[], result as Value));
  return result;
}

export function evaluateCall(node: CallNode, scope: Binding | undefined, machine: Machine): Result {
  const args: Result[] = [];
  let error: CelError | undefined;
  for (const arg of node.args) {
    const value = machine.evaluate(arg, scope);
    if (value instanceof CelError) {
      error ??= value;
      // The call is then not even counted.
      if (node.stopsAtError && args.length < node.args.length - 1) return value;
    }
    args.push(value);
  }
  if (error === undefined && isToldByArguments(node.cost))
    requireBudget(machine, node.cost(args as Value[], null));
  const result = error ?? guarded(() => invoke(node, args as Value[]));
  charge(machine, node.cost === undefined ? 1 : node.cost(args as Value[], result as Value));
  return result;
}
