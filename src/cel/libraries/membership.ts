/** Looking elements up in lists without comparing each with each. */
import { CelError } from '../errors.ts';
import { expectTime } from '../runtime/pace.ts';
import { Uint, type Value } from '../values.ts';
import { isSame } from './order.ts';

/** Below this many comparisons a plain loop is quicker. */
const FEW = 256;
/**
 * More comparisons than the largest budget of the API server pays for: the call will fail on its cost, which is counted
 * when it is over, so that it need not be finished.
 */
const MANY = 10_000_000;
/** Nanoseconds. */
const COMPARISON_TIME = 100;

/**
 * A function that tells whether the list has an element equal to a value (errors of comparing count as unequal).
 *
 * @param lookups how often it will be called, about
 */
export function membership(list: readonly Value[], lookups: number): (wanted: Value) => boolean {
  if (list.length * lookups <= FEW) return (wanted) => isAmong(list, wanted);
  const index = createIndex();
  for (const element of list) index.add(element);
  return (wanted) => index.has(wanted);
}

/** Whether each value is equal to an element of the list. */
export function hasEach(list: readonly Value[], values: readonly Value[]): boolean {
  if (list.length * values.length > FEW) return values.every(membership(list, values.length));
  for (const value of values) if (!isAmong(list, value)) return false;
  return true;
}

/** Whether any value is equal to an element of the list. */
export function hasAny(list: readonly Value[], values: readonly Value[]): boolean {
  if (list.length * values.length > FEW) return values.some(membership(list, values.length));
  for (const value of values) if (isAmong(list, value)) return true;
  return false;
}

/** Whether the list has an element equal to a value, by comparing it with each. */
function isAmong(list: readonly Value[], wanted: Value): boolean {
  if (typeof wanted === 'string') {
    // An equal text is the same text, and most lists hold texts.
    for (const element of list) if (element === wanted) return true;
    return false;
  }
  for (const element of list) if (isSame(wanted, element)) return true;
  return false;
}

/**
 * A function that takes one value after the other and tells whether it is a new one.
 *
 * @param size how many there will be
 */
export function growingSet(size: number): (value: Value) => boolean {
  const kept: Value[] = [];
  const index = size * size <= FEW ? undefined : createIndex();
  return (value) => {
    if (index?.has(value) ?? isAmong(kept, value)) return false;
    if (index === undefined) kept.push(value);
    else index.add(value);
    return true;
  };
}

interface Index {
  has(wanted: Value): boolean;
  add(value: Value): void;
}

function createIndex(): Index {
  const all: Value[] = [];
  const others: Value[] = [];
  const keys = new Set<Key>();
  let comparisons = 0;
  return {
    add: (value) => {
      const key = keyOf(value);
      all.push(value);
      if (key === undefined) others.push(value);
      else keys.add(key);
    },
    has: (wanted) => {
      const key = keyOf(wanted);
      if (key !== undefined && keys.has(key)) return true;
      // What has a key equals only what has the same, except for numbers, which may equal one that is no exact double.
      if (key !== undefined && typeof key !== 'number') return false;
      const candidates = key === undefined ? all : others;
      comparisons += candidates.length;
      expectTime(candidates.length * COMPARISON_TIME);
      if (comparisons > MANY) throw new CelError('cost-exceeded', 'too many comparisons');
      return candidates.some((element) => isSame(wanted, element));
    },
  };
}

type Key = string | number | boolean | null;

/** One key for all values that equal each other; undefined where equality is not that simple. */
function keyOf(value: Value): Key | undefined {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return value;
    case 'bigint':
      return undefined;
    default:
      if (value === null) return null;
      if (value instanceof Uint) return exact(Number(value.$value));
      return value instanceof Number ? exact(value.valueOf()) : undefined;
  }
}

/** Beyond 2^53 an int equals a double that it is not. NaN equals nothing. */
function exact(value: number): number | undefined {
  return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value + 0 : undefined;
}
