import { CelError } from '../../cel/errors.ts';
import type { Outcome, Program } from '../program.ts';
import type { Scope } from './scope.ts';
import { OutOfTime } from './stopwatch.ts';
import type { Vars } from './vars.ts';

/** Thrown when a list of expressions ran out of its common budget; ends that list as a whole. */
export class OutOfBudget {
  readonly error = new CelError(
    'cost-exceeded',
    'validation failed due to running out of cost budget, no further validation rules will be run',
  );
}

/**
 * The common budget of a list of expressions. Charged after each: first the variables it evaluated, then itself.
 * Source: apiserver pkg/admission/plugin/cel/activation.go.
 */
export interface Meter {
  /** Throws {@link OutOfBudget}, and OutOfTime when the request's time is over. */
  evaluate(program: Program, vars: Vars): Outcome;
  readonly left: number;
}

export function createMeter(budget: number, perExpression: number, scope: Scope | null): Meter {
  let left = budget;
  const charge = (cost: number) => {
    if (cost > left) throw new OutOfBudget();
    left -= cost;
  };
  return {
    evaluate: (program, vars) => {
      const { $deadline } = vars;
      const outcome = program.evaluate(vars, perExpression, $deadline);
      if ($deadline?.over === true) throw new OutOfTime();
      if (scope !== null) charge(scope.takeCost());
      charge(outcome.cost);
      return outcome;
    },
    get left() {
      return left;
    },
  };
}
