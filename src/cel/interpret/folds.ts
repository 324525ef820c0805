/** Folds: what `all`, `exists`, `map`, … expand to. */
import { CelError } from '../errors.ts';
import { OpenList } from '../open-list.ts';
import type { FoldNode } from '../plan/nodes.ts';
import { growable, grown } from '../runtime/build.ts';
import { iterate, mapFind } from '../runtime/maps.ts';
import { goTypeName } from '../runtime/names.ts';
import type { CelMap, Value } from '../values.ts';
import type { Binding, Machine, Result } from './machine.ts';

export function evaluateFold(node: FoldNode, scope: Binding | undefined, machine: Machine): Result {
  const range = machine.evaluate(node.range, scope);
  if (range instanceof CelError) return range;
  if (range instanceof OpenList) return evaluateOpen(node, range, scope, machine);
  return foldOver(node, range, scope, machine);
}

/** What the known elements decide whatever the others are; else nobody can tell. */
function evaluateOpen(
  node: FoldNode,
  { $known, $error }: OpenList,
  scope: Binding | undefined,
  machine: Machine,
): Result {
  const result = foldOver(node, $known, scope, machine);
  const { init, step } = node;
  const quantifies = init.kind === 'const' && typeof init.value === 'boolean';
  if (quantifies && step.kind === (init.value ? 'and' : 'or') && result === !init.value) return result;
  return result instanceof CelError ? result : $error;
}

function foldOver(node: FoldNode, range: Value, scope: Binding | undefined, machine: Machine): Result {
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
    init: () => start(machine.evaluate(node.init, scope)),
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
    const condition = machine.evaluate(node.condition, inner);
    if (condition === false) break;
    accu.value = machine.evaluate(node.step, inner);
    accu.init = undefined;
  }
  const result = machine.evaluate(node.result, accu);
  if (!(result instanceof CelError)) grown(result);
  return result;
}

function start(init: Result): Result {
  return init instanceof CelError ? init : growable(init);
}
