/** The operators of CEL on values, as cel-go's types implement them (common/types). */
import { CelError } from '../../../src/cel/errors.ts';
import { double, int, Uint, type Value } from '../../../src/cel/values.ts';
import {
  asBigInt,
  asDouble,
  compareNumeric,
  compareText,
  equal,
  isNumeric,
  lookUp,
  type Result,
  tag,
} from './values.ts';

const INT_MIN = -(2n ** 63n);
const INT_MAX = 2n ** 63n - 1n;
const UINT_MAX = 2n ** 64n - 1n;

export function noOverload(name: string): CelError {
  return new CelError('no-such-overload', `no such overload: ${name}`);
}

/** Applies an operator to values that are no errors. */
export function applyOperator(name: string, args: readonly Value[]): Result {
  const [a, b] = args as [Value, Value];
  switch (name) {
    case '!_':
      return typeof a === 'boolean' ? !a : noOverload(name);
    case '-_':
      return negate(a);
    case '_+_':
    case '_-_':
    case '_*_':
    case '_/_':
    case '_%_':
      return arithmetic(name, a, b);
    case '_<_':
    case '_<=_':
    case '_>_':
    case '_>=_':
      return relation(name, a, b);
    case '@in':
      return contains(a, b);
    default:
      throw new Error(`no operator ${name}`);
  }
}

export const OPERATORS: ReadonlySet<string> = new Set(
  '!_ -_ _+_ _-_ _*_ _/_ _%_ _<_ _<=_ _>_ _>=_ @in'.split(' '),
);

/** Durations and timestamps bring their arithmetic along. */
interface Time {
  $add?(other: Value): Value | undefined;
  $subtract?(other: Value): Value | undefined;
  $negate?(): Value;
  $compare?(other: Value): number | undefined;
}

function negate(a: Value): Result {
  switch (tag(a)) {
    case 'int':
      return toInt(-asBigInt(a));
    case 'double':
      return double(-asDouble(a));
    case 'opaque':
      return caught(() => (a as Time).$negate?.()) ?? noOverload('-_');
    default:
      return noOverload('-_');
  }
}

function arithmetic(name: string, a: Value, b: Value): Result {
  if (tag(a) === 'opaque') {
    if (name === '_+_') return caught(() => (a as Time).$add?.(b)) ?? noOverload(name);
    if (name === '_-_') return caught(() => (a as Time).$subtract?.(b)) ?? noOverload(name);
    return noOverload(name);
  }
  if (tag(a) !== tag(b)) return noOverload(name);
  switch (tag(a)) {
    case 'int':
      return integer(name, asBigInt(a), asBigInt(b), toInt);
    case 'uint':
      return integer(name, asBigInt(a), asBigInt(b), toUint);
    case 'double':
      return floating(name, asDouble(a), asDouble(b));
    case 'string':
      return name === '_+_' ? `${a}${b}` : noOverload(name);
    case 'bytes':
      return name === '_+_' ? new Uint8Array([...(a as Uint8Array), ...(b as Uint8Array)]) : noOverload(name);
    case 'list':
      return name === '_+_' ? [...(a as Value[]), ...(b as Value[])] : noOverload(name);
    default:
      return noOverload(name);
  }
}

function integer(name: string, a: bigint, b: bigint, wrap: (value: bigint) => Result): Result {
  switch (name) {
    case '_+_':
      return wrap(a + b);
    case '_-_':
      return wrap(a - b);
    case '_*_':
      return wrap(a * b);
    case '_/_':
      return b === 0n ? new CelError('division-by-zero', 'division by zero') : wrap(a / b);
    default:
      if (b === 0n) return new CelError('modulus-by-zero', 'modulus by zero');
      // The one remainder whose quotient does not fit.
      return a === INT_MIN && b === -1n ? overflow('integer') : wrap(a % b);
  }
}

function floating(name: string, a: number, b: number): Result {
  switch (name) {
    case '_+_':
      return double(a + b);
    case '_-_':
      return double(a - b);
    case '_*_':
      return double(a * b);
    case '_/_':
      return double(a / b);
    default:
      return noOverload(name);
  }
}

function toInt(value: bigint): Result {
  return value < INT_MIN || value > INT_MAX ? overflow('integer') : int(value);
}

function toUint(value: bigint): Result {
  return value < 0n || value > UINT_MAX ? overflow('unsigned integer') : new Uint(value);
}

function overflow(what: string): CelError {
  return new CelError('overflow', `${what} overflow`);
}

function relation(name: string, a: Value, b: Value): Result {
  const order = compare(a, b);
  if (order === undefined) return noOverload(name);
  if (Number.isNaN(order)) return new CelError('invalid-argument', 'NaN values cannot be ordered');
  if (name === '_<_') return order < 0;
  if (name === '_<=_') return order <= 0;
  return name === '_>_' ? order > 0 : order >= 0;
}

function compare(a: Value, b: Value): number | undefined {
  if (isNumeric(a) && isNumeric(b)) return compareNumeric(a, b);
  if (tag(a) !== tag(b)) return undefined;
  switch (tag(a)) {
    case 'bool':
      return Number(a) - Number(b);
    case 'string':
      return compareText(a as string, b as string);
    case 'bytes':
      return Buffer.compare(a as Uint8Array, b as Uint8Array);
    case 'opaque':
      return (a as Time).$compare?.(b);
    default:
      return undefined;
  }
}

function contains(element: Value, container: Value): Result {
  switch (tag(container)) {
    case 'list':
      return (container as Value[]).some((candidate) => equal(candidate, element));
    case 'map':
      return lookUp(container, element) !== undefined;
    default:
      return noOverload('@in');
  }
}

/** Runs library code: a CelError it throws is its result. */
export function caught<T>(work: () => T): T | CelError {
  try {
    return work();
  } catch (error) {
    if (error instanceof CelError) return error;
    throw error;
  }
}
