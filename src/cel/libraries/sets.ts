/** The sets extension (cel-go ext/sets.go): lists taken as sets. */
import { sizeOf } from '../cost.ts';
import type { Library, Overload } from '../library.ts';
import { BOOL, listOf, param } from '../types.ts';
import type { Value } from '../values.ts';
import { declare, global } from './declare.ts';
import { hasAny, hasEach } from './membership.ts';

type List = readonly Value[];

const contains = (list: List, part: List): boolean => hasEach(list, part);
const intersects = (a: List, b: List): boolean => hasAny(b, a);
const equivalent = (a: List, b: List): boolean => contains(a, b) && contains(b, a);

const cost =
  (factor: number): NonNullable<Overload['cost']> =>
  (args) =>
    1 + sizeOf(args[0]) * sizeOf(args[1]) * factor;

const LISTS = [listOf(param('T')), listOf(param('T'))];

export const sets: Library = Object.freeze({
  name: 'cel.sets',
  since: 29,
  functions: declare({
    'sets.contains': [global('list_sets_contains_list', LISTS, BOOL, contains, cost(1))],
    'sets.equivalent': [global('list_sets_equivalent_list', LISTS, BOOL, equivalent, cost(2))],
    'sets.intersects': [global('list_sets_intersects_list', LISTS, BOOL, intersects, cost(1))],
  }),
});
