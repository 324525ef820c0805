/** What the parts of the generator share. */
import type { FoldNode, Node, Plan } from '../plan/nodes.ts';
import type { Type } from '../types.ts';
import type { Value } from '../values.ts';
import { type Block, hold } from './block.ts';
import { constantName, helper } from './linking.ts';
import { literal } from './names.ts';

/** An expression and what its values are known to be; dyn: anything. */
export interface Code {
  readonly js: string;
  readonly type: CodeType;
  /** Declared result of the function that made the value. */
  readonly of?: Type | undefined;
  /** The value, where it is known beforehand. */
  readonly constant?: Value | undefined;
}

export type CodeType = 'dyn' | 'bool' | 'string' | 'int' | 'list';

/** What the parts of the generator need of each other. */
export interface Generator {
  readonly plan: Plan;
  readonly locals: Locals;
  /** Code for a node; its statements go to the block. */
  node(node: Node, block: Block): Code;
  /** Code that is certainly true or false: gives up where the value is no boolean. */
  boolean(node: Node, block: Block): string;
  local(fold: FoldNode, name: string, block: Block): Code;
}

/** How the variables of one fold are called in the code. */
export interface Local {
  readonly accu: { readonly code: Code } | { readonly lazy: string };
  readonly iter: Code | undefined;
  readonly iter2: Code | undefined;
  /** The accumulator is an array (or map) of the code's own. */
  readonly grows: boolean;
  /** Writes what becomes of each element that is appended, where there is no array at all. */
  readonly consume?: ((element: Code, block: Block) => void) | undefined;
}

/** How the variables of the folds around are called in the code. */
export type Locals = Map<FoldNode, Local>;

export function constantCode(value: Value, block: Block): Code {
  const constant = value;
  if (value === null) return { js: 'null', type: 'dyn', constant };
  switch (typeof value) {
    case 'boolean':
      return { js: String(value), type: 'bool', constant };
    case 'string':
      return { js: literal(value), type: 'string', constant };
    case 'number':
      // In parentheses, so that a point may follow.
      return { js: `(${value})`, type: 'int', constant };
    default:
      return { js: constantName(block, value), type: Array.isArray(value) ? 'list' : 'dyn', constant };
  }
}

/** As {@link hold}: constants need no variable. */
export function holdCode(block: Block, { js, constant }: Code): string {
  return constant === undefined ? hold(block, js) : js;
}

/** Statement that gives up when the budget or the time is used up. */
export function checkCost(block: Block): string {
  // Written so that a cost that is no number stops too.
  return `if (!(cost <= stop) && (stop = nextStop(cost, limit, deadline)) < 0) ${block.bail}`;
}

/** Leaves a nested function: there the evaluation is given up by throwing. */
export function throwing(block: Block): string {
  return `throw ${helper(block, 'BAIL')};`;
}
