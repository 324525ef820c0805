/** Lists, maps and messages that an expression builds. */
import { LIST_COST, MAP_COST, STRUCT_COST } from '../cost.ts';
import { CelError } from '../errors.ts';
import { Optional } from '../optional.ts';
import type { ListNode, MapNode, StructNode } from '../plan/nodes.ts';
import { createStruct, notOptional, putEntry, putField } from '../runtime/build.ts';
import type { MapKey } from '../runtime/maps.ts';
import { CelMap, type Value } from '../values.ts';
import { type Binding, charge, guarded, type Machine, type Result } from './machine.ts';

export function evaluateList(node: ListNode, scope: Binding | undefined, machine: Machine): Result {
  const elements: Value[] = [];
  let result: Result = elements;
  for (const [index, element] of node.elements.entries()) {
    const value = machine.evaluate(element, scope);
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

export function evaluateMap(node: MapNode, scope: Binding | undefined, machine: Machine): Result {
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
    const key = machine.evaluate(entry.key, scope);
    if (key instanceof CelError) return key;
    const value = machine.evaluate(entry.value, scope);
    if (value instanceof CelError) return value;
    const fault = putEntry(map, key, value, entry.optional);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

export function evaluateStruct(node: StructNode, scope: Binding | undefined, machine: Machine): Result {
  const fields = new Map<string, Value>();
  let error: CelError | undefined;
  for (const field of node.fields) {
    const value = machine.evaluate(field.value, scope);
    error = value instanceof CelError ? value : putField(fields, field.name, value, field.optional);
    if (error !== undefined) break;
  }
  const result = error ?? guarded(() => createStruct(machine.structs, node.typeName, fields));
  charge(machine, STRUCT_COST);
  return result;
}
