/** The lists extension, version 3 (cel-go ext/lists.go). */
import { sizeOf } from '../cost.ts';
import { CelError } from '../errors.ts';
import type { Library, Macro, Overload } from '../library.ts';
import { macroNodes, STANDARD_MACROS } from '../macros.ts';
import { costExceeded, MAX_LIST } from '../runtime/limits.ts';
import { typeName } from '../runtime/names.ts';
import { expectTime } from '../runtime/pace.ts';
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
import type { Value } from '../values.ts';
import { listCall } from './costs.ts';
import { declare, global, member } from './declare.ts';
import { growingSet } from './membership.ts';
import { order } from './order.ts';

type List = readonly Value[];
type Int = number | bigint;
type Cost = NonNullable<Overload['cost']>;

const MAX_RANGE = 1_000_000;

/** cel-go's names of the types that have an order. */
const COMPARABLE: readonly (readonly [name: string, type: Type])[] = [
  ['int', INT],
  ['uint', UINT],
  ['double', DOUBLE],
  ['bool', BOOL],
  ['google.protobuf.Duration', DURATION],
  ['google.protobuf.Timestamp', TIMESTAMP],
  ['string', STRING],
  ['bytes', BYTES],
];
const COMPARABLE_NAMES: ReadonlySet<string> = new Set(COMPARABLE.map(([name]) => name));

const fail = (message: string): never => {
  throw new CelError('invalid-argument', message);
};

function slice(list: List, start: Int, end: Int): List {
  const call = `cannot slice(${start}, ${end})`;
  if (start < 0 || end < 0) fail(`${call}, negative indexes not supported`);
  if (start > end) fail(`${call}, start index must be less than or equal to end index`);
  if (list.length < end) fail(`${call}, list is length ${list.length}`);
  return list.slice(Number(start), Number(end));
}

function flatten(list: List, depth: Int = 1): List {
  if (depth < 0) fail('level must be non-negative');
  const flat: Value[] = [];
  flattenInto(flat, list, Number(depth));
  return flat;
}

/** Costs grow with what is read, not with what is built: a list of many long ones could fill the memory. */
function flattenInto(flat: Value[], list: List, depth: number): void {
  expectTime(list.length * ELEMENT_TIME);
  if (flat.length + list.length > MAX_LIST) throw costExceeded();
  for (const element of list)
    if (depth > 0 && Array.isArray(element)) flattenInto(flat, element, depth - 1);
    else flat.push(element);
}

/** Nanoseconds. */
const ELEMENT_TIME = 50;

function range(size: Int): List {
  if (size < 0) fail(`lists.range: size must be non-negative, got ${size}`);
  if (size > MAX_RANGE) fail(`lists.range: size ${size} exceeds maximum allowed (${MAX_RANGE})`);
  expectTime(Number(size) * ELEMENT_TIME);
  return Array.from({ length: Number(size) }, (_, i) => i);
}

function distinct(list: List): List {
  const seen = growingSet(list.length);
  return list.filter((element) => seen(element));
}

function sortByKeys(list: List, keys: List): List {
  if (list.length !== keys.length) {
    fail(
      '@sortByAssociatedKeys() expected a list of the same size as the associated keys list, ' +
        `but got ${list.length} and ${keys.length} elements respectively`,
    );
  }
  if (list.length === 0) return list;
  const type = typeName(keys[0]!);
  if (!COMPARABLE_NAMES.has(type)) fail('list elements must be comparable');
  if (keys.some((key) => typeName(key) !== type)) fail('list elements must have the same type');
  const indices = keys.map((_, i) => i);
  if (indices.length <= INSERTION_LIMIT) insertionSort(indices, keys);
  else indices.sort((i, j) => order(keys[i]!, keys[j]!) ?? 0);
  return indices.map((i) => list[i]!);
}

/**
 * Go's sort.Slice sorts up to twelve elements by insertion. That shows only where the keys have no consistent order
 * (NaN). Above, equal keys keep their order here; Go's order of those is deterministic and arbitrary.
 */
const INSERTION_LIMIT = 12;

function insertionSort(indices: number[], keys: List): void {
  for (let i = 1; i < indices.length; i++) {
    for (let j = i; j > 0 && (order(keys[indices[j]!]!, keys[indices[j - 1]!]!) ?? 0) < 0; j--) {
      [indices[j - 1], indices[j]] = [indices[j]!, indices[j - 1]!];
    }
  }
}

/** Kinds of nodes `sortBy` is offered on. */
const SORTABLE = new Set(['list', 'select', 'ident', 'comprehension', 'call']);
const INPUT = '@__sortBy_input__';

/** `list.sortBy(e, key)`: binds the list, then `input.@sortByAssociatedKeys(input.map(e, key))`. */
const sortBy: Macro['expand'] = (context, target, args) => {
  if (!SORTABLE.has(target!.kind)) {
    return context.fail(
      target!,
      'sortBy can only be applied to a list, identifier, comprehension, call or select expression',
    );
  }
  const make = macroNodes(context);
  const map = STANDARD_MACROS.find((macro) => macro.name === 'map' && macro.arity === 2)!;
  const result = make.ident(INPUT);
  const keys = map.expand(context, make.ident(INPUT), args)!;
  const call = make.memberCall('@sortByAssociatedKeys', make.ident(INPUT), keys);
  return make.comprehension({
    range: make.list(),
    iterVar: '#unused',
    accuVar: INPUT,
    init: target!,
    condition: make.bool(false),
    step: result,
    result: call,
  });
};

const byResultSize: Cost = (_args, result) => listCall(1, sizeOf(result));
// Where an argument is an error cel-go's trackers panic and end the evaluation; here such a call costs nothing.
const byDepth: Cost = (args) => {
  const depth = args.length === 2 ? args[1] : 1;
  return typeof depth === 'object' ? 0 : listCall(Number(depth), sizeOf(args[0]));
};

/** Every element against every other. */
const pairwise =
  (index: 0 | 1): Cost =>
  (args) => {
    const list = args[index];
    if (!Array.isArray(list)) return 0;
    const first = list[0];
    const factor = typeof first === 'string' || first instanceof Uint8Array ? 2.1 : 2;
    return listCall(factor, list.length * list.length);
  };

const T = param('T');
const LIST_T = listOf(T);
const LIST_DYN = listOf(DYN);

export const listExtension: Library = Object.freeze({
  name: 'cel.lists',
  since: 34,
  functions: declare({
    slice: [member('list_slice', [LIST_T, INT, INT], LIST_T, slice, byResultSize)],
    flatten: [
      member('list_flatten', [listOf(LIST_T)], LIST_T, flatten, byDepth),
      member('list_flatten_int', [LIST_DYN, INT], LIST_DYN, flatten, byDepth),
    ],
    sort: COMPARABLE.map(([name, type]) =>
      member(
        `list_${name}_sort`,
        [listOf(type)],
        listOf(type),
        (list: List) => sortByKeys(list, list),
        pairwise(0),
      ),
    ),
    '@sortByAssociatedKeys': COMPARABLE.map(([name, type]) =>
      member(`list_${name}_sortByAssociatedKeys`, [LIST_T, listOf(type)], LIST_T, sortByKeys, pairwise(1)),
    ),
    'lists.range': [global('lists_range', [INT], listOf(INT), range, byResultSize)],
    reverse: [member('list_reverse', [LIST_T], LIST_T, (list: List) => list.toReversed(), byResultSize)],
    distinct: [member('list_distinct', [LIST_T], LIST_T, distinct, pairwise(0))],
  }),
  macros: [{ name: 'sortBy', member: true, arity: 2, expand: sortBy }],
});
