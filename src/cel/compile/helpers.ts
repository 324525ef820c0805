/** What generated code calls. */
import { equalCost, stringSize, textTraversal } from '../cost.ts';
import { compareEqual } from '../equality.ts';
import { CelError } from '../errors.ts';
import { OpenList } from '../open-list.ts';
import { Optional } from '../optional.ts';
import { type Callee, invoke } from '../runtime/call.ts';
import { iterate } from '../runtime/maps.ts';
import { contains } from '../runtime/operate.ts';
import { Fields, find } from '../runtime/select.ts';
import { CelMap, type Value } from '../values.ts';

/** Thrown by helpers to give an evaluation up: the exact engine takes over. */
export const BAIL = Object.freeze({ bail: true });

/** The value under a key, undefined when there is none; gives up where that is not the whole answer. */
export function pick(operand: Value, key: Value): Value | undefined {
  if (operand instanceof Optional) throw BAIL;
  const found = find(operand, key);
  if (found instanceof CelError) throw BAIL;
  return found;
}

/** As {@link pick}, after a direct read of a plain name gave undefined: parsed JSON then has no such field. */
export function pickField(operand: Value, name: string): Value | undefined {
  if (typeof operand !== 'object' || operand === null) return undefined;
  if (
    Array.isArray(operand) ||
    operand instanceof CelMap ||
    operand instanceof Optional ||
    operand instanceof Fields
  ) {
    return pick(operand, name);
  }
  return undefined;
}

/**
 * Whether a value is parsed JSON with nothing odd about it. Asks for `constructor`, which is faster than asking for the
 * prototype; an object with a key of that name is just not recognised.
 */
function isPlain(value: object): boolean {
  return value.constructor === Object;
}

/** As {@link pick} with a key known only at run time. */
export function pickIndex(operand: Value, key: Value): Value | undefined {
  if (typeof key === 'string' && typeof operand === 'object' && operand !== null && isPlain(operand)) {
    return Object.hasOwn(operand, key) ? (operand as Record<string, Value>)[key] : undefined;
  }
  if (typeof key === 'number' && Array.isArray(operand)) return key >= 0 ? operand[key] : undefined;
  return pick(operand, key);
}

/** What a quantifier goes through: of an open list, what is known of it. Undefined: nothing that has elements. */
export function known(range: Value): readonly Value[] | undefined {
  return range instanceof OpenList ? range.$known : iterate(range);
}

/** `value in container`. */
export function containsValue(container: Value, value: Value): boolean {
  if (typeof value === 'string' && typeof container === 'object' && container !== null) {
    if (Array.isArray(container)) return container.includes(value);
    if (isPlain(container)) return Object.hasOwn(container, value);
  }
  return contains(container, value);
}

/** `size(value)` of what is no list. */
export function sizeValue(value: Value, callee: Callee): Value {
  return typeof value === 'string' ? stringSize(value) : invoke(callee, [value]);
}

/** More than any text has code points. */
const LONGEST = 0x3fff_ffff;

/** Cost of a walk over a text and `more`, which is 0 or 1. */
export function walkCost(text: string, more: number): number {
  const { length } = text;
  // Up to ten at least one and at most ten code points: one step, the commonest case.
  if (length + more <= 10) return length + more === 0 ? 0 : 1;
  return textTraversal(text, more, LONGEST);
}

/** Equality; gives up where it is an error. */
export function equalOrBail(a: Value, b: Value): boolean {
  const equal = compareEqual(a, b);
  if (equal === undefined) throw BAIL;
  return equal;
}

/** Cost of `==` with a constant that is no object; gives up where the comparison is an error. */
export function equalCostOrBail(a: Value, b: Value): number {
  if (compareEqual(a, b) === undefined) throw BAIL;
  return equalCost(a, b);
}

/** Values remembered per function; then it starts afresh. */
const MEMORY = 1_024;
/** Longer texts are not worth the room. */
const LONGEST_REMEMBERED = 128;

const memories = new WeakMap<object, (text: string) => Value>();

/**
 * A function of one text that remembers what it made of the last texts: the same few quantities, versions and addresses
 * come again and again. What it returns is immutable; errors are not remembered.
 */
export function remembering(impl: (text: string) => Value): (text: string) => Value {
  let remembered = memories.get(impl);
  if (remembered === undefined) {
    const memory = new Map<string, Value>();
    remembered = (text) => {
      const known = memory.get(text);
      if (known !== undefined) return known;
      const made = impl(text);
      if (text.length <= LONGEST_REMEMBERED) {
        if (memory.size >= MEMORY) memory.clear();
        memory.set(text, made);
      }
      return made;
    };
    memories.set(impl, remembered);
  }
  return remembered;
}
