/** A compiled expression, ready to be evaluated. */
import type { Ast } from './ast.ts';
import { type Compiled, generate } from './compile/generate.ts';
import { PER_CALL_LIMIT } from './cost.ts';
import { CelError } from './errors.ts';
import { CLOCK_INTERVAL, createMachine, evaluateNode } from './interpret/interpret.ts';
import type { Plan } from './plan/nodes.ts';
import { Exhausted } from './runtime/limits.ts';
import type { Issue } from './source.ts';
import type { Type } from './types.ts';
import type { Value } from './values.ts';

/** `cost` is what the API server would have counted, also for an error. */
export type Outcome =
  | { readonly ok: true; readonly value: Value; readonly cost: number }
  | { readonly ok: false; readonly error: CelError; readonly cost: number };

/** When an evaluation has to be over, whatever its cost: milliseconds of the clock that `now` reads. */
export interface Deadline {
  readonly at: number;
  readonly now: () => number;
}

export interface Program {
  readonly ast: Ast;
  readonly outputType: Type;
  /** Warnings. */
  readonly issues: readonly Issue[];
  readonly plan: Plan;
  /**
   * Never throws. Reads variables as properties of `vars`; a getter computes one only when it is needed, and may throw
   * CelError. The value of a variable must not change during an evaluation (it may be read twice).
   *
   * @param limit cost budget of this evaluation; default 1,000,000 as in the API server
   */
  evaluate(vars: object, limit?: number, deadline?: Deadline): Outcome;
}

/** How a program is executed; only tests and measurements ask for one engine. */
export type Engine = 'auto' | 'interpret' | 'generate';

export interface ProgramParts {
  readonly ast: Ast;
  readonly outputType: Type;
  readonly issues: readonly Issue[];
  readonly plan: Plan;
}

/** Evaluations before code is generated: fewer are cheaper to interpret, as in a scan of one file. */
const WARM_UP = 3;

export function createProgram(parts: ProgramParts, engine: Engine = 'auto'): Program {
  const { plan } = parts;
  let evaluations = engine === 'generate' ? WARM_UP : 0;
  let compiled: Compiled | undefined;

  const slow = (vars: object, limit: number, deadline: Deadline | undefined): Outcome => {
    if (engine !== 'interpret' && compiled === undefined && ++evaluations > WARM_UP) {
      // Once: a plan without code stays interpreted.
      evaluations = Number.NEGATIVE_INFINITY;
      compiled = generate(plan);
      if (compiled !== undefined) return evaluate(vars, limit, deadline);
    }
    return interpret(plan, vars, limit, deadline);
  };

  const evaluate = (vars: object, limit = PER_CALL_LIMIT, deadline?: Deadline): Outcome => {
    if (compiled === undefined) return slow(vars, limit, deadline);
    try {
      const outcome =
        deadline === undefined
          ? compiled(vars, limit, stopAtLimit)
          : compiled(vars, Math.min(limit, CLOCK_INTERVAL), clockOf(limit, deadline));
      if (outcome !== undefined) return outcome;
    } catch {
      // An error of the expression or a defect: the exact engine tells which.
    }
    return interpret(plan, vars, limit, deadline);
  };

  return { ...parts, evaluate };
}

const stopAtLimit = (): number => -1;

function clockOf(limit: number, deadline: Deadline): (cost: number) => number {
  return (cost) =>
    !(cost <= limit) || deadline.now() >= deadline.at ? -1 : Math.min(limit, cost + CLOCK_INTERVAL);
}

/** Evaluates with the exact engine. */
function interpret(plan: Plan, vars: object, limit: number, deadline: Deadline | undefined): Outcome {
  const expired = deadline === undefined ? undefined : () => deadline.now() >= deadline.at;
  const machine = createMachine(vars, limit, plan.structs, expired);
  try {
    const result = evaluateNode(plan.root, undefined, machine);
    return result instanceof CelError
      ? { ok: false, error: result, cost: machine.cost }
      : { ok: true, value: result, cost: machine.cost };
  } catch (error) {
    return { ok: false, error: asCelError(error), cost: machine.cost };
  }
}

function asCelError(error: unknown): CelError {
  if (error instanceof Exhausted) return error.error;
  if (error instanceof CelError) return error;
  return new CelError(
    'internal',
    `internal error: ${error instanceof Error ? error.message : String(error)}`,
  );
}
