/**
 * The exact engine: walks the plan with errors as values and counts every step as the API server does. It runs a
 * program's first evaluations, and again whatever generated code gave up on: errors (absorbed ones too, since they
 * change what the evaluation costs) and exceeded limits.
 */
import { CelError } from '../errors.ts';
import { Optional } from '../optional.ts';
import type { Node, StructTypes } from '../plan/nodes.ts';
import { inSet } from '../runtime/maps.ts';
import { evaluateAttribute } from './attributes.ts';
import { evaluateFold } from './folds.ts';
import { evaluateList, evaluateMap, evaluateStruct } from './literals.ts';
import { type Binding, createMachine, labelled, type Machine, type Result } from './machine.ts';
import { evaluateCall, evaluateEquality, evaluateLogic, evaluateOperator } from './operators.ts';

/**
 * A machine for one evaluation.
 *
 * @param expired asked every so often; true ends the evaluation
 */
export function startMachine(
  vars: object,
  limit: number,
  structs: StructTypes | undefined,
  expired?: () => boolean,
): Machine {
  return createMachine(vars, limit, structs, evaluateNode, expired);
}

function evaluateNode(node: Node, scope: Binding | undefined, machine: Machine): Result {
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
      const left = machine.evaluate(node.left, scope);
      if (left instanceof CelError) return left;
      if (!(left instanceof Optional)) return new CelError('no-such-overload', 'no such overload', node.id);
      if (left.$value === undefined) return machine.evaluate(node.right, scope);
      return node.unwraps ? left.$value : left;
    }
    case 'in-set': {
      const operand = machine.evaluate(node.operand, scope);
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
