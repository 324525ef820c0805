/**
 * What calls of library functions cost: k8s.io/apiserver pkg/cel/library/cost.go `CallCost`, cel-go ext/costs.go.
 * Factors and sizes are those of ../cost.ts.
 */
import { LIST_COST, REGEX_FACTOR, sizeOf, stringSize, traversal } from '../cost.ts';
import { isMap, mapEntries } from '../runtime/maps.ts';
import { expectTime } from '../runtime/pace.ts';
import type { Value } from '../values.ts';

type Args = readonly Value[];

/** One walk over the first argument. */
export function scan(args: Args): number {
  return traversal(sizeOf(args[0]));
}

/** One walk over the first argument, and building as much again. */
export function scanAndBuild(args: Args): number {
  return traversal(sizeOf(args[0]) * 2);
}

/** Building the result twice over. */
export function buildResult(_args: Args, result: Value): number {
  return traversal(sizeOf(result) * 2);
}

/** A regular expression of `pattern` characters run over `text` characters. */
export function regexRun(text: number, pattern: number): number {
  return traversal(1 + text) * Math.ceil(pattern * REGEX_FACTOR);
}

/** find, findAll. */
export function regexSearch(args: Args): number {
  return regexRun(sizeOf(args[0]), sizeOf(args[1]));
}

/** A visit of every leaf of the first argument; strings and bytes count by their length in bytes, rounded down. */
export function visit(args: Args): number {
  return leaves(args[0] as Value);
}

const BEYOND_ASCII = /[^\0-\x7f]/;

/** Asking a pattern costs as much as looking at this many characters. */
const FEW_CHARACTERS = 12;

/** Tenths of the length in UTF-8, rounded down; short texts are looked at only as far as it takes to tell. */
function utf8Tens(text: string): number {
  const { length } = text;
  if (length <= 64) {
    // When these are ASCII, what is left, at three bytes each, does not reach the next ten.
    const telling = length - ((9 - (length % 10)) >> 1);
    if (telling <= FEW_CHARACTERS ? startsAscii(text, telling) : !BEYOND_ASCII.test(text)) {
      return (length / 10) | 0;
    }
  }
  return Math.floor(Buffer.byteLength(text) / 10);
}

function startsAscii(text: string, count: number): boolean {
  for (let i = 0; i < count; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

/** Nanoseconds. */
const ELEMENT_TIME = 20;

function leaves(value: Value): number {
  if (typeof value === 'string') return utf8Tens(value);
  if (typeof value !== 'object' || value === null) return 1;
  if (value instanceof Uint8Array) return Math.floor(value.length / 10);
  let sum = 0;
  if (Array.isArray(value)) {
    expectTime(value.length * ELEMENT_TIME);
    for (let i = 0; i < value.length; i++) {
      const element = value[i] as Value;
      sum += typeof element === 'string' ? utf8Tens(element) : leaves(element);
    }
    return sum;
  }
  if (!isMap(value)) return 1;
  for (const [key, entry] of mapEntries(value)) sum += leaves(key) + leaves(entry);
  return sum;
}

/** Parsing a selector of an authorization check into requirements. */
export function selector(args: Args): number {
  const size = typeof args[1] === 'string' ? stringSize(args[1]) : sizeOf(args[1]);
  const requirements = Math.ceil(size * 0.5);
  return LIST_COST + traversal(size) + Math.ceil(requirements * (LIST_COST + 40));
}

/** A call that builds a list, at `factor` for each of `size` steps. */
export function listCall(factor: number, size: number): number {
  return Math.trunc(size * (factor < 0 ? 1 : factor)) + 1 + LIST_COST;
}
