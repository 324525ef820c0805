/**
 * What evaluation costs, as the API server counts it (cel-go v0.29 interpreter/runtimecost.go, k8s.io/apiserver v0.37
 * pkg/cel/library/cost.go). Costs are whole numbers.
 */
import type { Overload } from './library.ts';
import { Optional } from './optional.ts';
import { isJsonObject, mapSize } from './runtime/maps.ts';
import { expectTime } from './runtime/pace.ts';
import { CelMap, type Value } from './values.ts';

export const LIST_COST = 10;
export const MAP_COST = 30;
export const STRUCT_COST = 40;
export const REGEX_FACTOR = 0.25;

/** The budget of one expression in the API server (k8s.io/apiserver pkg/apis/cel `PerCallLimit`). */
export const PER_CALL_LIMIT = 1_000_000;

/** V8 knows of a string in Latin-1 that this cannot match, without looking at it. */
const HIGH_SURROGATE = /[\ud800-\udbff]/;

/** Asking that costs as much as looking at this many characters. */
const FEW_CHARACTERS = 6;

/** Nanoseconds a character, of a text that is no Latin-1. */
const WALK_TIME = 8;

/** Number of code points. */
export function stringSize(text: string): number {
  let size = text.length;
  if (size > FEW_CHARACTERS && !HIGH_SURROGATE.test(text)) return size;
  expectTime(size * WALK_TIME);
  for (let i = 0; i < text.length - 1; i++) {
    if ((text.charCodeAt(i) & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      size--;
      i++;
    }
  }
  return size;
}

/** A value that has a size of its own besides the core types: an IP address, a CIDR. */
interface Sized {
  readonly $size: number;
}

/**
 * The size that costs are computed from (cel-go `actualSize`): code points, bytes, elements, entries; 1 for everything
 * that has no size, errors included.
 */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string') return stringSize(value);
  if (typeof value !== 'object' || value === null) return 1;
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length;
  if (value instanceof CelMap || isJsonObject(value)) return mapSize(value as CelMap);
  if (value instanceof Optional) return value.$value === undefined ? 1 : sizeOf(value.$value);
  const size = (value as Partial<Sized>).$size;
  return size === undefined ? 1 : size;
}

/**
 * Cost of walking over a string or byte sequence of this size: upstream's `ceil(size * 0.1)`. In whole numbers, which
 * comes to the same (for no size does the error of 0.1 reach the next whole number) and keeps costs whole for V8 too.
 */
export function traversal(size: number): number {
  return ((size + 9) / 10) | 0;
}

/**
 * Kubernetes types that compare at unit cost with `==` when they stand on the left.
 * `!=` has no such rule.
 */
const UNIT_EQUALITY = new Set([
  'kubernetes.Quantity',
  'net.IP',
  'net.CIDR',
  'kubernetes.NamedFormat',
  'kubernetes.URL',
  'kubernetes.Semver',
  'kubernetes.authorization.Authorizer',
  'kubernetes.authorization.PathCheck',
  'kubernetes.authorization.GroupCheck',
  'kubernetes.authorization.ResourceCheck',
  'kubernetes.authorization.Decision',
]);

export function notEqualCost(left: unknown, right: unknown): number {
  return traversal(Math.min(sizeOf(left), sizeOf(right)));
}

export function equalCost(left: unknown, right: unknown): number {
  if (typeof left === 'object' && left !== null) {
    const type = (left as { $type?: { name?: string } }).$type;
    if (type?.name !== undefined && UNIT_EQUALITY.has(type.name)) return 1;
  }
  return notEqualCost(left, right);
}

/** Cost of comparing with a string constant of `size` code points. */
export function stringEqualCost(left: unknown, size: number): number {
  if (typeof left !== 'string') return traversal(Math.min(sizeOf(left), size));
  return textTraversal(left, 0, size);
}

/**
 * `traversal(min(more + code points, limit))`. Code points are counted only where their number matters: every ten cost
 * the same.
 */
export function textTraversal(text: string, more: number, limit: number): number {
  const { length } = text;
  const units = more + length;
  const most = traversal(units < limit ? units : limit);
  // This many cost as much as `most`, and n UTF-16 units with p outside of pairs are at least (n + p) / 2 code points.
  const enough = (most - 1) * 10 + 1 - more;
  const outside = 2 * enough - 1 - length;
  if (outside <= FEW_CHARACTERS ? startsPlain(text, outside) : !HIGH_SURROGATE.test(text)) return most;
  return traversal(Math.min(more + stringSize(text), limit));
}

/** Whether the first units of a text are no surrogates. */
function startsPlain(text: string, count: number): boolean {
  for (let i = 0; i < count; i++) if ((text.charCodeAt(i) & 0xf800) === 0xd800) return false;
  return true;
}

/** Functions whose cost the API server computes by name, whether or not their overload is known at compile time. */
const COSTED_BY_NAME = new Set(
  (
    'check serviceAccount path group resource subresource namespace name allowed reason error errored ' +
    'fieldSelector labelSelector isSorted sum max min indexOf lastIndexOf includes url lowerAscii upperAscii ' +
    'substring trim jsonpatch.escapeKey replace split join find findAll cidr isIP isCIDR ip ip.isCanonical masked ' +
    'prefixLength family isUnspecified isLoopback isLinkLocalMulticast isLinkLocalUnicast isGlobalUnicast ' +
    'containsIP containsCIDR quantity isQuantity semver isSemver validate format.named sign asInteger isInteger ' +
    'asApproximateFloat isGreaterThan isLessThan compareTo add sub major minor patch getScheme getHostname getHost ' +
    'getPort getEscapedPath getQuery'
  ).split(' '),
);

/** Where the cost by name asks for the overload, an unknown one counts as the plain variant. */
const PLAIN_VARIANT: Readonly<Record<string, string>> = {
  containsIP: 'cidr_contains_ip_ip',
  containsCIDR: 'cidr_contains_cidr',
};

export type CallCost = (args: readonly Value[], result: Value) => number;

/** Whether the cost of a call is known before it is made. */
export function isToldByArguments(cost: CallCost | undefined): cost is CallCost {
  return cost !== undefined && cost.length < 2;
}

/**
 * The cost function of a call, undefined for the constant 1.
 *
 * @param resolved the overload, when the checker found exactly one
 * @param declared all overloads of the function
 */
export function callCost(
  name: string,
  resolved: Overload | undefined,
  declared: readonly Overload[],
  argumentCount: number,
): CallCost | undefined {
  if (resolved !== undefined) return resolved.cost;
  if (!COSTED_BY_NAME.has(name)) return undefined;
  const plain = PLAIN_VARIANT[name];
  const candidates = declared.filter((overload) => overload.args.length === argumentCount);
  return (candidates.find((overload) => overload.id === plain) ?? candidates[0])?.cost;
}
