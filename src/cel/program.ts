/** A compiled expression, ready to be evaluated. */
import type { Ast } from './ast.ts';
import { generate } from './compile/generate.ts';
import { type Linkable, linkCode, type Surroundings } from './compile/links.ts';
import { PER_CALL_LIMIT } from './cost.ts';
import { CelError } from './errors.ts';
import { startMachine } from './interpret/interpret.ts';
import type { Deadline, Evaluate, Outcome } from './outcome.ts';
import type { Plan } from './plan/nodes.ts';
import { Exhausted } from './runtime/limits.ts';
import type { Issue } from './source.ts';
import type { Type } from './types.ts';

export type { Deadline, Outcome } from './outcome.ts';

export interface Program {
  readonly ast: Ast;
  readonly outputType: Type;
  /** Warnings. */
  readonly issues: readonly Issue[];
  readonly plan: Plan;
  /** The parsed and checked expression as text (packed.ts), to be kept. */
  readonly packed: () => string;
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
  readonly packed: () => string;
}

/** Evaluations before code is generated: fewer are cheaper to interpret, as in a scan of one small repository. */
const WARM_UP = 16;

export function createProgram(parts: ProgramParts, engine: Engine = 'auto'): Program {
  const { plan } = parts;
  let evaluations = engine === 'generate' ? WARM_UP : 0;
  let generated: Evaluate | undefined;

  const exact: Evaluate = (vars, limit = PER_CALL_LIMIT, deadline) => interpret(plan, vars, limit, deadline);

  const warmUp: Evaluate = (vars, limit, deadline) => {
    if (generated === undefined && ++evaluations > WARM_UP) {
      // A plan without code stays interpreted.
      generated = generate(plan, exact) ?? exact;
      program.evaluate = generated;
    }
    return (generated ?? exact)(vars, limit, deadline);
  };

  const program = { ...parts, evaluate: engine === 'interpret' ? exact : warmUp };
  return program;
}

/**
 * A program whose code was generated in an earlier run. What else there is to know of the expression is looked up when
 * somebody asks: the engine itself only where the code gives up.
 */
export function createLinkedProgram(
  code: Linkable,
  surroundings: Surroundings,
  parts: () => ProgramParts,
): Program {
  const exact: Evaluate = (vars, limit = PER_CALL_LIMIT, deadline) =>
    interpret(parts().plan, vars, limit, deadline);
  const program = {
    get ast() {
      return parts().ast;
    },
    get outputType() {
      return parts().outputType;
    },
    get issues() {
      return parts().issues;
    },
    get plan() {
      return parts().plan;
    },
    packed: () => parts().packed(),
    evaluate: ((vars, limit, deadline) => {
      program.evaluate = linkCode(code, surroundings, exact);
      return program.evaluate(vars, limit, deadline);
    }) as Evaluate,
  };
  return program;
}

/** Evaluates with the exact engine. */
function interpret(plan: Plan, vars: object, limit: number, deadline: Deadline | undefined): Outcome {
  const expired = deadline === undefined ? undefined : () => deadline.now() >= deadline.at;
  const machine = startMachine(vars, limit, plan.structs, expired);
  try {
    const result = machine.evaluate(plan.root, undefined);
    return result instanceof CelError
      ? { ok: false, error: result, cost: machine.cost }
      : { ok: true, value: result, cost: machine.cost };
  } catch (error) {
    // cel-go's counter is unsigned (see `charge`).
    const cost = machine.cost < 0 ? 2 ** 64 + machine.cost : machine.cost;
    return { ok: false, error: asCelError(error), cost };
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
