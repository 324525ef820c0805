/**
 * The arithmetic operators on run-time values. Each throws CelError: `overflow`, `division-by-zero`,
 * `modulus-by-zero`, or `no-such-overload` for operands of other types.
 */
import { CelError } from './errors.ts';
import { costExceeded, MAX_LIST, MAX_STRING } from './runtime/limits.ts';
import { isReceiver, typeName } from './runtime/names.ts';
import { expectTime } from './runtime/pace.ts';
import { addTimes, negateTime, subtractTimes } from './runtime/times.ts';
import { double, int, Uint, type Value } from './values.ts';

const MIN_INT = -(2n ** 63n);
const MAX_INT = 2n ** 63n - 1n;
const MAX_UINT = 2n ** 64n - 1n;

/** Nanoseconds: of an element of a list, of a unit of a text. */
const ELEMENT_TIME = 20;
const UNIT_TIME = 1;
const LONG = 1_024;

type Int = number | bigint;

function isInt(value: Value): value is Int {
  return typeof value === 'number' || typeof value === 'bigint';
}

function isDouble(value: Value): value is { valueOf(): number } {
  return value instanceof Number;
}

function checkedInt(value: bigint): Int {
  if (value < MIN_INT || value > MAX_INT) throw new CelError('overflow', 'integer overflow');
  return int(value);
}

function checkedUint(value: bigint): Uint {
  if (value < 0n || value > MAX_UINT) throw new CelError('overflow', 'unsigned integer overflow');
  return new Uint(value);
}

export function add(a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    return Number.isSafeInteger(sum) ? sum : checkedInt(BigInt(a) + BigInt(b));
  }
  if (typeof a === 'string' && typeof b === 'string') {
    if (a.length + b.length > MAX_STRING) throw costExceeded();
    // Whoever looks at it first has it written out.
    if (a.length + b.length > LONG) expectTime((a.length + b.length) * UNIT_TIME);
    return a + b;
  }
  if (Array.isArray(a) && Array.isArray(b)) return concatenate(a, b);
  if (isInt(a) && isInt(b)) return checkedInt(BigInt(a) + BigInt(b));
  if (isDouble(a) && isDouble(b)) return double(a.valueOf() + b.valueOf());
  if (a instanceof Uint && b instanceof Uint) return checkedUint(a.$value + b.$value);
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    expectTime((a.length + b.length) * UNIT_TIME);
    return new Uint8Array(Buffer.concat([a, b]));
  }
  return addTimes(a, b) ?? noOverload('_+_', a, ADDERS);
}

function concatenate(a: readonly Value[], b: readonly Value[]): readonly Value[] {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  if (a.length + b.length > MAX_LIST) throw costExceeded();
  expectTime((a.length + b.length) * ELEMENT_TIME);
  // Four times as fast as `concat` for the short lists of manifests.
  const joined: Value[] = [];
  for (let i = 0; i < a.length; i++) joined.push(a[i] as Value);
  for (let i = 0; i < b.length; i++) joined.push(b[i] as Value);
  return joined;
}

export function subtract(a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b;
    return Number.isSafeInteger(difference) ? difference : checkedInt(BigInt(a) - BigInt(b));
  }
  if (isInt(a) && isInt(b)) return checkedInt(BigInt(a) - BigInt(b));
  if (isDouble(a) && isDouble(b)) return double(a.valueOf() - b.valueOf());
  if (a instanceof Uint && b instanceof Uint) return checkedUint(a.$value - b.$value);
  return subtractTimes(a, b) ?? noOverload('_-_', a, SUBTRACTORS);
}

export function multiply(a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    // `+ 0` turns the -0 of 0 * -1 into the int 0.
    return Number.isSafeInteger(product) ? product + 0 : checkedInt(BigInt(a) * BigInt(b));
  }
  if (isInt(a) && isInt(b)) return checkedInt(BigInt(a) * BigInt(b));
  if (isDouble(a) && isDouble(b)) return double(a.valueOf() * b.valueOf());
  if (a instanceof Uint && b instanceof Uint) return checkedUint(a.$value * b.$value);
  return noOverload('_*_', a, NUMBERS);
}

export function divide(a: Value, b: Value): Value {
  if (isInt(a) && isInt(b)) {
    if (Number(b) === 0) throw new CelError('division-by-zero', 'division by zero');
    // Exact for safe integers: a quotient is never closer to the next integer than half a unit in the last place.
    if (typeof a === 'number' && typeof b === 'number') return Math.trunc(a / b) + 0;
    return checkedInt(BigInt(a) / BigInt(b));
  }
  if (isDouble(a) && isDouble(b)) return double(a.valueOf() / b.valueOf());
  if (a instanceof Uint && b instanceof Uint) {
    if (b.$value === 0n) throw new CelError('division-by-zero', 'division by zero');
    return new Uint(a.$value / b.$value);
  }
  return noOverload('_/_', a, NUMBERS);
}

export function modulo(a: Value, b: Value): Value {
  if (isInt(a) && isInt(b)) {
    if (Number(b) === 0) throw new CelError('modulus-by-zero', 'modulus by zero');
    if (typeof a === 'number' && typeof b === 'number') return (a % b) + 0;
    if (a === MIN_INT && b === -1) throw new CelError('overflow', 'integer overflow');
    return int(BigInt(a) % BigInt(b));
  }
  if (a instanceof Uint && b instanceof Uint) {
    if (b.$value === 0n) throw new CelError('modulus-by-zero', 'modulus by zero');
    return new Uint(a.$value % b.$value);
  }
  return noOverload('_%_', a, INTEGERS);
}

export function negate(a: Value): Value {
  if (typeof a === 'number') return 0 - a;
  if (typeof a === 'bigint') return checkedInt(-a);
  if (isDouble(a)) return double(-a.valueOf());
  return negateTime(a) ?? noOverload('-_', a, NEGATORS);
}

const NUMBERS = new Set(['int', 'uint', 'double']);
const NEGATORS = new Set(['int', 'double', 'bool']);
const INTEGERS = new Set(['int', 'uint']);
const SUBTRACTORS = new Set([...NUMBERS, 'google.protobuf.Duration', 'google.protobuf.Timestamp']);
const ADDERS = new Set([...SUBTRACTORS, 'string', 'bytes', 'list']);

/** Worded as cel-go does: it names the operator only when the left operand's type knows no such operator at all. */
export function noOverload(operator: string, left: Value, known: ReadonlySet<string>): never {
  const plain = known.has(typeName(left)) || isReceiver(left);
  throw new CelError('no-such-overload', plain ? 'no such overload' : `no such overload: ${operator}`);
}
