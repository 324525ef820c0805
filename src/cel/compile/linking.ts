/** Code for what code refers to (links.ts): each function gives the name it has in the code. */
import type { CallNode, OperatorNode } from '../plan/nodes.ts';
import type { Regex } from '../regex/index.ts';
import { CelMap, Uint, type Value } from '../values.ts';
import { type Block, capture, link } from './block.ts';
import type { HelperName } from './links.ts';
import { literal } from './names.ts';

export function helper(block: Block, name: HelperName): string {
  return link(block, `h.${name}`);
}

export function implCode(block: Block, name: string, overload: string): string {
  return link(block, `h.impl(${literal(name)}, ${literal(overload)})`);
}

export function calleeCode(block: Block, node: CallNode): string {
  return link(block, `h.callee(${callArguments(node)}, ${node.inserts})`);
}

/** A function of one value whose overload is found when it is called. */
export function dispatchCode(block: Block, node: CallNode): string {
  return link(block, `h.dispatch(${calleeCode(block, node)})`);
}

export function callCostCode(block: Block, node: CallNode): string {
  return link(block, `h.callCost(${callArguments(node)})`);
}

function callArguments({ name, overload, args }: CallNode): string {
  return `${literal(name)}, ${literal(overload?.id)}, ${args.length}`;
}

export function operatorCostCode(block: Block, { overload }: OperatorNode): string {
  return link(block, `h.operatorCost(${literal(overload)})`);
}

/** A pattern, with what was proven of it. */
export function regexCode(block: Block, pattern: string, { proof }: Regex): string {
  return link(block, `h.regex(${literal(pattern)}, ${literal(proof)})`);
}

export function setCode(block: Block, members: ReadonlySet<Value>): string {
  // Members are keys of maps: there is code for each.
  return link(block, `new Set(${listCode([...members])})`);
}

/** A constant that is no literal. */
export function constantName(block: Block, value: Value): string {
  const code = valueCode(value);
  return code === undefined ? capture(block, value) : link(block, code);
}

/** What a function of constants gives. */
export function callValue(block: Block, node: CallNode, args: readonly Value[], value: Value): string {
  const list = listCode(args);
  if (valueCode(value) !== undefined || list === undefined) return constantName(block, value);
  return link(block, `h.invoke(${calleeCode(block, node)}, ${list})`);
}

/** Code that makes a constant; undefined for values of types that only functions make. */
function valueCode(value: Value): string | undefined {
  switch (typeof value) {
    case 'boolean':
      return String(value);
    case 'string':
      return literal(value);
    case 'number':
      return numberCode(value);
    case 'bigint':
      return `${value}n`;
  }
  if (value === null) return 'null';
  if (Array.isArray(value)) return listCode(value);
  if (value instanceof Number) return `h.double(${numberCode(value.valueOf())})`;
  if (value instanceof Uint) return `new h.Uint(${value.$value}n)`;
  if (value instanceof Uint8Array) return `Uint8Array.of(${value.join(', ')})`;
  if (value instanceof CelMap) {
    const entries = listCode([...value.$entries.values()]);
    return entries === undefined ? undefined : `h.mapOfEntries(${entries})`;
  }
  return undefined;
}

function numberCode(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function listCode(values: readonly Value[]): string | undefined {
  const codes = values.map(valueCode);
  return codes.includes(undefined) ? undefined : `[${codes.join(', ')}]`;
}
