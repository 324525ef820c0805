/**
 * The math extension (cel-go ext/math.go, version 2). The API server does not offer it to admission policies; Kyverno
 * does.
 */
import type { Expr } from '../ast.ts';
import { compare } from '../compare.ts';
import { CelError } from '../errors.ts';
import type { Library, Macro, Overload } from '../library.ts';
import { macroNodes } from '../macros.ts';
import { BOOL, DOUBLE, DYN, INT, listOf, type Type, UINT } from '../types.ts';
import { double, int, Uint, type Value } from '../values.ts';
import { declare, global } from './declare.ts';

type Int = number | bigint;
type Double = { valueOf(): number };

const NUMBERS: readonly (readonly [string, Type])[] = [
  ['double', DOUBLE],
  ['int', INT],
  ['uint', UINT],
];

/** `math.least(…)` and `math.greatest(…)`: one number, two, or a list of them. */
function extreme(name: string, better: (order: number) => boolean): Overload[] {
  const pair = (a: Value, b: Value): Value => (better(order(a, b, name)) ? b : a);
  const ofList = (list: readonly Value[]): Value => {
    if (list.length === 0) throw new CelError('invalid-argument', `${name}(list) argument must not be empty`);
    try {
      return list.reduce(pair);
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      // Whatever keeps two elements from being compared.
      throw new CelError('no-such-overload', `no such overload: ${name}`);
    }
  };
  const id = name.replace('.', '_');
  return [
    ...NUMBERS.map(([type, t]) => global(`${id}_${type}`, [t], t, (value: Value) => value)),
    ...NUMBERS.flatMap(([left, a]) =>
      NUMBERS.map(([right, b]) => global(`${id}_${left}_${right}`, [a, b], a === b ? a : DYN, pair)),
    ),
    ...NUMBERS.map(([type, t]) => global(`${id}_list_${type}`, [listOf(t)], t, ofList)),
  ];
}

function order(a: Value, b: Value, name: string): number {
  try {
    return compare(a, b, name);
  } catch (error) {
    if (!(error instanceof CelError) || error.$message.includes(name)) throw error;
    throw new CelError(error.$code, `${error.$message}: ${name}`);
  }
}

const rounding = (name: string, round: (value: number) => number): Overload[] => [
  global(`math_${name}_double`, [DOUBLE], DOUBLE, (value: Double) => double(round(value.valueOf()))),
];

const test = (name: string, holds: (value: number) => boolean): Overload[] => [
  global(`math_${name}_double`, [DOUBLE], BOOL, (value: Double) => holds(value.valueOf())),
];

/** To the nearest whole number, halves away from zero. */
function roundAway(value: number): number {
  const whole = Math.trunc(value);
  return Math.abs(value - whole) < 0.5 ? whole : whole + Math.sign(value);
}

function absolute(value: Int): Int {
  if (value === -9_223_372_036_854_775_808n) throw new CelError('overflow', 'integer overflow');
  return value < 0 ? -value : value;
}

const abs: Overload[] = [
  global('math_abs_double', [DOUBLE], DOUBLE, (value: Double) => double(Math.abs(value.valueOf()))),
  global('math_abs_int', [INT], INT, absolute),
  global('math_abs_uint', [UINT], UINT, (value: Uint) => value),
];

const signOf = (value: number) => (value > 0 ? 1 : value < 0 ? -1 : Number.isNaN(value) ? value : 0);

const sign: Overload[] = [
  global('math_sign_double', [DOUBLE], DOUBLE, (value: Double) => double(signOf(value.valueOf()))),
  global('math_sign_int', [INT], INT, (value: Int) => (value > 0 ? 1 : value < 0 ? -1 : 0)),
  global('math_sign_uint', [UINT], UINT, (value: Uint) => new Uint(value.$value === 0n ? 0n : 1n)),
];

const sqrt: Overload[] = [
  global('math_sqrt_double', [DOUBLE], DOUBLE, (value: Double) => double(Math.sqrt(value.valueOf()))),
  global('math_sqrt_int', [INT], DOUBLE, (value: Int) => double(Math.sqrt(Number(value)))),
  global('math_sqrt_uint', [UINT], DOUBLE, (value: Uint) => double(Math.sqrt(Number(value.$value)))),
];

const signed = (value: bigint): Int => int(BigInt.asIntN(64, value));
const unsigned = (value: bigint): Uint => new Uint(BigInt.asUintN(64, value));

const bitwise = (name: string, apply: (a: bigint, b: bigint) => bigint): Overload[] => [
  global(`math_${name}_int_int`, [INT, INT], INT, (a: Int, b: Int) => signed(apply(BigInt(a), BigInt(b)))),
  global(`math_${name}_uint_uint`, [UINT, UINT], UINT, (a: Uint, b: Uint) =>
    unsigned(apply(a.$value, b.$value)),
  ),
];

const bitNot: Overload[] = [
  global('math_bitNot_int_int', [INT], INT, (value: Int) => signed(~BigInt(value))),
  global('math_bitNot_uint_uint', [UINT], UINT, (value: Uint) => unsigned(~value.$value)),
];

/** Shifts move the 64 bits of a number; an int's sign is one of them. */
const shift = (name: string, apply: (bits: bigint, by: bigint) => bigint): Overload[] => {
  const shifted = (bits: bigint, by: Int): bigint => {
    if (by < 0) throw new CelError('invalid-argument', `math.${name}() negative offset: ${by}`);
    return by >= 64 ? 0n : apply(BigInt.asUintN(64, bits), BigInt(by));
  };
  return [
    global(`math_${name}_int_int`, [INT, INT], INT, (a: Int, by: Int) => signed(shifted(BigInt(a), by))),
    global(`math_${name}_uint_int`, [UINT, INT], UINT, (a: Uint, by: Int) => unsigned(shifted(a.$value, by))),
  ];
};

/** Rewrites `math.least(a, b, c)` to a call of `math.@min` on one number, two, or a list. */
const extremeMacro =
  (name: string, target: string): Macro['expand'] =>
  (context, namespace, args) => {
    if (namespace?.kind !== 'ident' || namespace.name.replace(/^\./, '') !== 'math') return undefined;
    const make = macroNodes(context);
    const [first] = args;
    if (first === undefined) return context.fail(namespace, `math.${name}() requires at least one argument`);
    if (args.length === 1) {
      if (!mayBeNumber(first) && !isListOfNumbers(first)) {
        return context.fail(first, `math.${name}() invalid single argument value`);
      }
      return make.call(target, first);
    }
    const wrong = args.find((arg) => !mayBeNumber(arg));
    if (wrong !== undefined) {
      return context.fail(wrong, `math.${name}() simple literal arguments must be numeric`);
    }
    return args.length === 2 ? make.call(target, ...args) : make.call(target, make.list(...args));
  };

/** False for literals of other types; what is no literal is left to the checker. */
function mayBeNumber(expr: Expr): boolean {
  if (expr.kind === 'const') return ['int', 'uint', 'double'].includes(expr.value.type);
  return expr.kind !== 'list' && expr.kind !== 'map' && expr.kind !== 'struct';
}

function isListOfNumbers(expr: Expr): boolean {
  return expr.kind === 'list' && expr.elements.length > 0 && expr.elements.every(mayBeNumber);
}

export const math: Library = Object.freeze({
  name: 'cel.math',
  functions: declare({
    'math.@min': extreme('math.@min', (found) => found > 0),
    'math.@max': extreme('math.@max', (found) => found < 0),
    'math.ceil': rounding('ceil', Math.ceil),
    'math.floor': rounding('floor', Math.floor),
    'math.round': rounding('round', roundAway),
    'math.trunc': rounding('trunc', Math.trunc),
    'math.isInf': test('isInf', (value) => Math.abs(value) === Number.POSITIVE_INFINITY),
    'math.isNaN': test('isNaN', Number.isNaN),
    'math.isFinite': test('isFinite', Number.isFinite),
    'math.abs': abs,
    'math.sign': sign,
    'math.sqrt': sqrt,
    'math.bitAnd': bitwise('bitAnd', (a, b) => a & b),
    'math.bitOr': bitwise('bitOr', (a, b) => a | b),
    'math.bitXor': bitwise('bitXor', (a, b) => a ^ b),
    'math.bitNot': bitNot,
    'math.bitShiftLeft': shift('bitShiftLeft', (bits, by) => bits << by),
    'math.bitShiftRight': shift('bitShiftRight', (bits, by) => bits >> by),
  }),
  macros: [
    { name: 'least', member: true, arity: 'any' as const, expand: extremeMacro('least', 'math.@min') },
    { name: 'greatest', member: true, arity: 'any' as const, expand: extremeMacro('greatest', 'math.@max') },
  ],
});
