/** Variables and selections. */
import { CelError } from '../errors.ts';
import { NONE, Optional } from '../optional.ts';
import type { Attribute, FoldNode, Qualifier } from '../plan/nodes.ts';
import { find, select } from '../runtime/select.ts';
import type { Value } from '../values.ts';
import { type Binding, charge, guarded, labelled, type Machine, type Result } from './machine.ts';

export function evaluateAttribute(
  attribute: Attribute,
  test: boolean,
  scope: Binding | undefined,
  machine: Machine,
  id: number,
): Result {
  let value = resolve(attribute, scope, machine);
  // An attribute costs one, a conditional nothing; a presence test takes one off.
  const cost = (attribute.root === 'conditional' ? 0 : 1) - (test ? 1 : 0);
  if (test && value instanceof Optional) value = value.$value !== undefined;
  charge(machine, cost);
  return labelled(id, value);
}

/** The value of an attribute without the cost of the attribute itself. */
export function resolve(attribute: Attribute, scope: Binding | undefined, machine: Machine): Result {
  if (attribute.root === 'conditional') {
    const condition = machine.evaluate(attribute.condition, scope);
    if (condition === true) return resolve(attribute.truthy, scope, machine);
    if (condition === false) return resolve(attribute.falsy, scope, machine);
    return condition instanceof CelError ? condition : new CelError('no-such-overload', 'no such overload');
  }
  const root =
    attribute.root === 'variable'
      ? readVariable(attribute.name, attribute.local, scope, machine)
      : machine.evaluate(attribute.operand, scope);
  return root instanceof CelError ? root : qualifyAll(root, attribute.qualifiers, scope, machine);
}

export function readVariable(
  name: string,
  local: FoldNode | undefined,
  scope: Binding | undefined,
  machine: Machine,
): Result {
  if (local === undefined) {
    const value = guarded(() => (name in machine.vars ? machine.vars[name] : undefined));
    return value === undefined ? new CelError('no-such-attribute', `no such attribute(s): ${name}`) : value;
  }
  let binding = scope;
  while (binding !== undefined && (binding.fold !== local || binding.name !== name)) binding = binding.outer;
  if (binding === undefined) return new CelError('no-such-attribute', `no such attribute(s): ${name}`);
  if (binding.init !== undefined) {
    const { init } = binding;
    binding.init = undefined;
    binding.value = init();
  }
  return binding.value!;
}

function qualifyAll(
  root: Value,
  qualifiers: readonly Qualifier[],
  scope: Binding | undefined,
  machine: Machine,
): Result {
  let value: Value = root;
  let optional = false;
  if (value instanceof Optional) {
    if (value.$value === undefined) return value;
    optional = true;
    value = value.$value;
  }
  for (const qualifier of qualifiers) {
    optional ||= qualifier.optional;
    const next = optional
      ? qualifyIfPresent(value, qualifier, scope, machine)
      : qualify(value, qualifier, scope, machine);
    if (next instanceof CelError) return next;
    if (next === undefined) return NONE;
    value = next;
  }
  return optional ? new Optional(value) : value;
}

/** One step, charged whether it succeeds or not. */
function qualify(value: Value, qualifier: Qualifier, scope: Binding | undefined, machine: Machine): Result {
  const key = qualifierKey(qualifier, scope, machine);
  const result =
    key instanceof CelError
      ? key
      : guarded(() => {
          if (!qualifier.test) return select(value, key) as Value;
          const found = find(value, key);
          return found instanceof CelError ? (found as unknown as Value) : found !== undefined;
        });
  charge(machine, 1);
  return labelled(qualifier.id, result);
}

/** One step of an optional chain, charged only when something is there. */
function qualifyIfPresent(
  value: Value,
  qualifier: Qualifier,
  scope: Binding | undefined,
  machine: Machine,
): Result | undefined {
  const key = qualifierKey(qualifier, scope, machine);
  const found = key instanceof CelError ? key : guarded(() => find(value, key) as Value | undefined);
  if (found === undefined) return undefined;
  if (found instanceof CelError) return labelled(qualifier.id, found);
  charge(machine, 1);
  return found;
}

function qualifierKey(qualifier: Qualifier, scope: Binding | undefined, machine: Machine): Result {
  if ('value' in qualifier.key) return qualifier.key.value;
  return 'attribute' in qualifier.key
    ? resolve(qualifier.key.attribute, scope, machine)
    : machine.evaluate(qualifier.key.node, scope);
}
