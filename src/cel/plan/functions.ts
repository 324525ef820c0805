/** What planning knows about functions by name. */
import { type CallCost, sizeOf, traversal } from '../cost.ts';
import type { Operator } from './nodes.ts';

const OPERATORS: ReadonlySet<string> = new Set<Operator>([
  '_+_',
  '_-_',
  '_*_',
  '_/_',
  '_%_',
  '-_',
  '!_',
  '_<_',
  '_<=_',
  '_>_',
  '_>=_',
  '@in',
  '@not_strictly_false',
]);

export function isOperator(name: string): name is Operator {
  return OPERATORS.has(name);
}

const CONVERSIONS: ReadonlySet<string> = new Set(
  'bool bytes double duration dyn int string timestamp type uint'.split(' '),
);

/** Conversions of constants are computed once (cel-go `IsTypeConversionFunction`). */
export function isConversion(name: string): boolean {
  return CONVERSIONS.has(name);
}

/** Functions with one implementation for all overloads (cel-go common/stdlib, ext: singleton bindings). */
export const SINGLETONS: ReadonlySet<string> = new Set([
  'size',
  'type',
  'dyn',
  'matches',
  'sort',
  '@sortByAssociatedKeys',
]);

/** Functions on lists that look at the types of the elements themselves. */
export const UNGUARDED: ReadonlySet<string> = new Set(['sort', '@sortByAssociatedKeys', 'flatten']);

/** Functions whose pattern is compiled beforehand when it is constant → which argument it is. */
export const REGEX_FUNCTIONS: ReadonlyMap<string, number> = new Map([
  ['matches', 1],
  ['find', 1],
  ['findAll', 1],
]);

const addSizes: CallCost = ([a, b]) => traversal(sizeOf(a) + sizeOf(b));
const compareSizes: CallCost = ([a, b]) => traversal(Math.min(sizeOf(a), sizeOf(b)));

const OVERLOAD_COSTS: Readonly<Record<string, CallCost>> = {
  add_string: addSizes,
  add_bytes: addSizes,
  in_list: ([, list]) => sizeOf(list),
  less_string: compareSizes,
  less_bytes: compareSizes,
  less_equals_string: compareSizes,
  less_equals_bytes: compareSizes,
  greater_string: compareSizes,
  greater_bytes: compareSizes,
  greater_equals_string: compareSizes,
  greater_equals_bytes: compareSizes,
};

/** Cost of an operator, undefined for the constant 1: also when the overload is not known before evaluation. */
export function operatorCost(overload: string | undefined): CallCost | undefined {
  return overload === undefined ? undefined : OVERLOAD_COSTS[overload];
}
