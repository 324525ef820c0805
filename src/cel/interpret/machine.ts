/** The state of one evaluation by the exact engine, and what its parts share. */
import { CelError } from '../errors.ts';
import { CLOCK_INTERVAL } from '../outcome.ts';
import type { FoldNode, Node, StructTypes } from '../plan/nodes.ts';
import { costExceeded, deadlineExceeded } from '../runtime/limits.ts';
import type { Value } from '../values.ts';

/** A value, or the error its computation ended with. */
export type Result = Value | CelError;

/** Variables bound by folds around a node, innermost first. */
export interface Binding {
  readonly fold: FoldNode;
  readonly name: string;
  value: Result | undefined;
  /** Computes the value when it is first read (accumulators). */
  init: (() => Result) | undefined;
  readonly outer: Binding | undefined;
}

export interface Machine {
  readonly vars: Record<string, Value | undefined>;
  readonly structs: StructTypes | undefined;
  cost: number;
  readonly limit: number;
  /** Undefined: none. Asked every so often; true ends the evaluation. */
  readonly expired: (() => boolean) | undefined;
  /** Cost at which the clock is looked at next. */
  checkAt: number;
  /** Evaluates any node: how the parts of the engine call each other. */
  readonly evaluate: (node: Node, scope: Binding | undefined) => Result;
}

export function createMachine(
  vars: object,
  limit: number,
  structs: StructTypes | undefined,
  evaluate: (node: Node, scope: Binding | undefined, machine: Machine) => Result,
  expired?: () => boolean,
): Machine {
  const machine: Machine = {
    evaluate: (node, scope) => evaluate(node, scope, machine),
    vars: vars as Machine['vars'],
    structs,
    cost: 0,
    limit,
    expired,
    checkAt: expired === undefined ? Number.POSITIVE_INFINITY : 0,
  };
  return machine;
}

/** Counts a step; ends the evaluation when the budget or the time is used up. */
export function charge(machine: Machine, cost: number): void {
  // A cost function that was given an error may have no answer.
  machine.cost += Number.isNaN(cost) ? 1 : cost;
  // Below zero: cel-go's counter is unsigned, and the free ident of `has((true ? a : b).?c.d)` wraps it around.
  if (machine.cost > machine.limit || machine.cost < 0) {
    throw costExceeded();
  }
  if (machine.cost >= machine.checkAt) {
    machine.checkAt = machine.cost + CLOCK_INTERVAL;
    if (machine.expired?.()) throw deadlineExceeded();
  }
}

/** A step that costs more than is left need not be taken: it ends the evaluation either way. */
export function requireBudget(machine: Machine, cost: number): void {
  if (machine.cost + cost > machine.limit) charge(machine, cost);
}

/** Notes on an error where it arose, unless that is known. */
export function labelled(id: number, result: Result): Result {
  if (result instanceof CelError) result.$expr ??= id;
  return result;
}

/** Runs code of libraries and getters: CelErrors become values, anything else is a defect and goes up. */
export function guarded<T extends Value | undefined>(run: () => T): T | CelError {
  try {
    return run();
  } catch (error) {
    if (error instanceof CelError) return error;
    throw error;
  }
}
