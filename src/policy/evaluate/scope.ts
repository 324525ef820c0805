import { CelError } from '../../cel/errors.ts';
import type { Value } from '../../cel/values.ts';
import type { Variable } from '../form.ts';
import type { Program } from '../program.ts';
import type { RelatedScope } from './related.ts';
import type { Slot } from './slot.ts';
import type { Vars } from './vars.ts';

/**
 * The `variables` of one policy, and what it looks up: evaluated when first read, at most once per evaluation, each within a budget of its
 * own; what they cost is charged to the expressions that read them. One scope serves all evaluations of its policy,
 * one after the other.
 *
 * Source: k8s.io/apiserver pkg/admission/plugin/cel/composition.go, pkg/cel/lazy.
 */
export interface Scope {
  /** Starts an evaluation over `vars`: forgets values and cost, and shows the expressions what they may read. */
  reset(vars: Vars): void;
  /** Cost of the variables evaluated, and the lookups made, since the last call. */
  takeCost(): number;
}

export function createScope(
  variables: readonly Variable[],
  programs: readonly Program[],
  limit: number,
  related: RelatedScope | null = null,
): Scope {
  const slots: Slot[] = variables.map(() => undefined);
  let vars: Vars;
  let cost = 0;

  function read(index: number): Value {
    let slot = slots[index];
    if (slot === undefined) {
      const outcome = programs[index]!.evaluate(vars, limit, vars.$deadline);
      cost += outcome.cost;
      slot = outcome.ok ? { value: outcome.value } : { error: wrap(variables[index]!.name, outcome.error) };
      slots[index] = slot;
    }
    if ('error' in slot) throw slot.error;
    return slot.value;
  }

  // What expressions see as `variables`: own properties of a map without prototype: that is what parsed JSON looks like to compiled expressions, and no name
  // can meet one of Object.prototype.
  const object: object = Object.create(null);
  variables.forEach(({ name }, index) => {
    Object.defineProperty(object, name, { enumerable: true, get: () => read(index) });
  });
  return {
    reset: (next) => {
      vars = next;
      cost = 0;
      slots.fill(undefined);
      next.variables = object;
      if (related === null) return;
      related.reset(next);
      next.related = related.related;
    },
    takeCost: () => {
      const taken = related === null ? cost : cost + related.takeCost();
      cost = 0;
      return taken;
    },
  };
}

/**
 * An error of a variable is an ordinary value to the expression that reads it: `||` and `&&` absorb it, even when the
 * variable ran out of its own budget.
 */
function wrap(name: string, error: CelError): CelError {
  // It is not the variable's fault.
  if (error.$code === 'needs-related') return error;
  const code = error.$code === 'cost-exceeded' ? 'variable-cost-exceeded' : error.$code;
  return new CelError(code, `composited variable "${name}" fails to evaluate: ${error.$message}`);
}
