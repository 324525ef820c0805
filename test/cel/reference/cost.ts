/**
 * Costs for the reference interpreter, kept as cel-go keeps them (interpreter/runtimecost.go): observed values lie on
 * a stack under the id of their node, and a call is charged only if all its arguments are found there.
 */
import type { Type } from '../../../src/cel/types.ts';
import type { Opaque, Value } from '../../../src/cel/values.ts';
import { entriesOf, isError, type Result, tag, typeNameOf } from './values.ts';

export class CostExceeded extends Error {}

export class CostTracker {
  cost = 0;
  readonly limit: number;
  readonly #stack: { id: number; value: Result }[] = [];

  constructor(limit: number) {
    this.limit = limit;
  }

  /** The value of a node is known; it cost this much to get there. */
  observe(id: number, value: Result, cost: number): void {
    this.cost += cost;
    this.#stack.push({ id, value });
    if (this.cost > this.limit) throw new CostExceeded();
  }

  /** Forgets each of these values and all that lies above them. */
  drop(...ids: number[]): void {
    for (const id of ids) {
      const at = this.#find(id);
      if (at >= 0) this.#stack.length = at;
    }
  }

  /** Takes the arguments of a call from the stack, or nothing when one is not there. */
  takeArguments(ids: readonly number[]): Result[] | undefined {
    const values: Result[] = [];
    for (const id of ids.toReversed()) {
      const at = this.#find(id);
      if (at < 0) return undefined;
      values.unshift(this.#stack[at]!.value);
      this.#stack.length = at;
    }
    return values;
  }

  #find(id: number): number {
    return this.#stack.findLastIndex((entry) => entry.id === id);
  }
}

/** Elements, entries, code points, bytes; 1 for what has no size. */
export function sizeOf(result: Result): number {
  if (isError(result)) return 1;
  switch (tag(result)) {
    case 'string':
      return [...(result as string)].length;
    case 'bytes':
    case 'list':
      return (result as Uint8Array | Value[]).length;
    case 'map':
      return entriesOf(result).length;
    case 'opaque':
      return opaqueSize(result as Opaque);
    default:
      return 1;
  }
}

function opaqueSize(value: Opaque): number {
  const { $size, $value } = value as { $size?: number; $value?: Value };
  if (typeNameOf(value.$type) === 'optional_type') return $value === undefined ? 1 : sizeOf($value);
  return $size ?? 1;
}

const tenth = (size: number) => Math.ceil(size * 0.1);

/** Types whose `==` costs 1, whatever their size. */
const UNIT_EQUALITY = /^(kubernetes\.(Quantity|URL|Semver|NamedFormat|authorization\..*)|net\.(IP|CIDR))$/;

/** Cost of an operator: `overload` is '' when the checker could not tell which one is meant. */
export function operatorCost(name: string, overload: string, args: readonly Result[]): number {
  const [a, b] = args.map(sizeOf) as [number, number];
  switch (name) {
    case '_==_':
      return hasUnitEquality(args[0] as Result) ? 1 : tenth(Math.min(a, b));
    case '_!=_':
      return tenth(Math.min(a, b));
    case '_+_':
      return overload === 'add_string' || overload === 'add_bytes' ? tenth(a + b) : 1;
    case '_<_':
    case '_<=_':
    case '_>_':
    case '_>=_':
      return /_(string|bytes)$/.test(overload) ? tenth(Math.min(a, b)) : 1;
    case '@in':
      return overload === 'in_list' ? b : 1;
    default:
      return 1;
  }
}

function hasUnitEquality(left: Result): boolean {
  if (isError(left) || tag(left) !== 'opaque') return false;
  const type: Type = (left as Opaque).$type;
  return UNIT_EQUALITY.test(typeNameOf(type));
}

export const LIST_COST = 10;
export const MAP_COST = 30;
export const STRUCT_COST = 40;
