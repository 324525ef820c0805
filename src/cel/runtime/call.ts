/** Calls of library functions: which overload, or how the call is refused. */
import { CelError } from '../errors.ts';
import type { Overload } from '../library.ts';
import { UNGUARDED } from '../plan/functions.ts';
import type { CallNode } from '../plan/nodes.ts';
import { INT } from '../types.ts';
import type { Value } from '../values.ts';
import { insert, isGrowing } from './build.ts';
import { isAssignable, isReceiver, typeName } from './names.ts';

/** What calling a function hangs on. */
export type Callee = Pick<
  CallNode,
  'name' | 'overload' | 'candidates' | 'singleton' | 'inserts' | 'stopsAtError'
>;

/** Calls the overload that fits. */
export function invoke(node: Callee, args: readonly Value[]): Value {
  if (node.inserts && isGrowing(args[0]!)) return insert(args);
  const overload = chooseOverload(node, args);
  if (overload !== undefined) return (overload.impl as (...values: Value[]) => Value)(...args);
  throw refusal(node, args);
}

/** The overload that fits; undefined when none does. */
export function chooseOverload(node: Callee, args: readonly Value[]): Overload | undefined {
  if (UNGUARDED.has(node.name)) {
    const overload = node.overload ?? node.candidates[0];
    const takesDepth = node.name !== 'flatten' || args.length < 2 || isAssignable(INT, args[1]!);
    return Array.isArray(args[0]) && takesDepth ? overload : undefined;
  }
  if (node.overload !== undefined && !node.singleton) {
    return fits(node.overload, args) ? node.overload : undefined;
  }
  for (const candidate of node.candidates) if (fits(candidate, args)) return candidate;
  return undefined;
}

/** Functions that check the types of their arguments themselves, and refuse them in fewer words. */
const TERSE: ReadonlySet<string> = new Set(['contains', 'startsWith', 'endsWith', 'find', 'findAll']);

/** Functions that cel-go finds by a trait of the operand's type. */
const BY_TRAIT: ReadonlySet<string> = new Set(['size', 'sort', '@sortByAssociatedKeys', 'matches']);

/** Worded as cel-go does, which depends on how the function is bound. */
function refusal(node: Callee, args: readonly Value[]): CelError {
  const constantPattern = node.name === 'matches' && node.stopsAtError;
  if (TERSE.has(node.name) || constantPattern) return new CelError('no-such-overload', 'no such overload');
  const types = args.map(typeName);
  if (node.name === 'flatten') {
    const rest = types.slice(1).join(', ');
    return new CelError('no-such-overload', `no such overload: ${types[0]}.flatten(${rest})`);
  }
  const what = BY_TRAIT.has(node.name)
    ? isReceiver(args[0]!)
      ? ''
      : `: ${node.name}`
    : `: ${node.name}(${types.join(', ')})`;
  return new CelError('no-such-overload', `no such overload${what}`);
}

function fits(overload: Overload, args: readonly Value[]): boolean {
  for (let i = 0; i < args.length; i++) {
    if (!isAssignable(overload.args[i]!, args[i]!)) return false;
  }
  return true;
}
