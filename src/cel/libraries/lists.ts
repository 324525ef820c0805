/**
 * Kubernetes' list functions (k8s.io/apiserver pkg/cel/library/lists.go). Where the element type is unknown when
 * compiling, the first element decides which overload runs, so that their order counts.
 */
import { add } from '../arithmetic.ts';
import { CelError } from '../errors.ts';
import type { Library, Overload } from '../library.ts';
import { typeName } from '../runtime/names.ts';
import { Duration } from '../stdlib/time.ts';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  param,
  STRING,
  TIMESTAMP,
  type Type,
  UINT,
} from '../types.ts';
import { double, Uint, type Value } from '../values.ts';
import { visit } from './costs.ts';
import { declare, member } from './declare.ts';
import { isSame, order } from './order.ts';

type List = readonly Value[];

const COMPARABLE: readonly (readonly [name: string, type: Type])[] = [
  ['int', INT],
  ['uint', UINT],
  ['double', DOUBLE],
  ['bool', BOOL],
  ['duration', DURATION],
  ['timestamp', TIMESTAMP],
  ['string', STRING],
  ['bytes', BYTES],
];

const SUMMABLE: readonly (readonly [name: string, type: Type, zero: () => Value])[] = [
  ['int', INT, () => 0],
  ['uint', UINT, () => new Uint(0n)],
  ['double', DOUBLE, () => double(0)],
  ['duration', DURATION, () => new Duration(0n)],
];

const COMPARABLE_TYPES: ReadonlySet<string> = new Set([
  'int',
  'uint',
  'double',
  'bool',
  'google.protobuf.Duration',
  'google.protobuf.Timestamp',
  'string',
  'bytes',
]);

function requireComparable(value: Value): void {
  if (!COMPARABLE_TYPES.has(typeName(value))) throw new CelError('no-such-overload', 'no such overload');
}

/** What cannot be compared (NaN, mixed types in a list of dyn) is passed over, as upstream does. */
function isSorted(list: List): boolean {
  for (let i = 0; i < list.length; i++) {
    const element = list[i]!;
    if (typeof element !== 'string') requireComparable(element);
    if (i > 0 && (order(list[i - 1]!, element) ?? 0) > 0) return false;
  }
  return true;
}

function sum(zero: () => Value): (list: List) => Value {
  return (list) => list.reduce<Value>((total, element) => add(total, element), zero());
}

function extreme(name: 'min' | 'max', sign: 1 | -1): (list: List) => Value {
  return (list) => {
    let best: Value | undefined;
    for (const element of list) {
      requireComparable(element);
      if (best === undefined || (order(element, best) ?? 0) * sign > 0) best = element;
    }
    if (best === undefined) throw new CelError('invalid-argument', `${name} called on empty list`);
    return best;
  };
}

function indexOf(list: List, item: Value): number {
  // Nothing but the same text equals a text.
  if (typeof item === 'string') return list.indexOf(item);
  for (let i = 0; i < list.length; i++) if (isSame(list[i]!, item)) return i;
  return -1;
}

function lastIndexOf(list: List, item: Value): number {
  if (typeof item === 'string') return list.lastIndexOf(item);
  for (let i = list.length - 1; i >= 0; i--) if (isSame(list[i]!, item)) return i;
  return -1;
}

function includes(target: Value, item: Value): boolean {
  if (Array.isArray(target)) return target.some((element: Value) => isSame(element, item));
  return isSame(target, item);
}

const A = param('A');

const BASE: Readonly<Record<string, readonly Overload[]>> = {
  isSorted: COMPARABLE.map(([name, type]) =>
    member(`list_${name}_is_sorted_bool`, [listOf(type)], BOOL, isSorted, visit),
  ),
  sum: SUMMABLE.map(([name, type, zero]) =>
    member(`list_${name}_sum_${name}`, [listOf(type)], type, sum(zero), visit),
  ),
  max: COMPARABLE.map(([name, type]) =>
    member(`list_${name}_max_${name}`, [listOf(type)], type, extreme('max', 1), visit),
  ),
  min: COMPARABLE.map(([name, type]) =>
    member(`list_${name}_min_${name}`, [listOf(type)], type, extreme('min', -1), visit),
  ),
  indexOf: [member('list_a_index_of_int', [listOf(A), A], INT, indexOf, visit)],
  lastIndexOf: [member('list_a_last_index_of_int', [listOf(A), A], INT, lastIndexOf, visit)],
};

/** isSorted, sum, min, max, indexOf, lastIndexOf. */
export const listsV0: Library = Object.freeze({ name: 'kubernetes.lists', functions: declare(BASE) });

/** With `includes`. */
export const listsV1: Library = Object.freeze({
  name: 'kubernetes.lists',
  since: 37,
  functions: declare({
    ...BASE,
    includes: [member('list_includes_dyn_dyn', [DYN, DYN], BOOL, includes, visit)],
  }),
});
