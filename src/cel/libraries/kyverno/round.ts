/** `math.round(value, precision)` (sdk extensions/cel/libs/math). */
import type { Library } from '../../library.ts';
import { DOUBLE, INT } from '../../types.ts';
import { type Double, double } from '../../values.ts';
import { declare, global } from '../declare.ts';

/** To the nearest whole number, halves away from zero: Go's math.Round. */
function roundAway(value: number): number {
  const whole = Math.trunc(value);
  return Math.abs(value - whole) < 0.5 ? whole : whole + Math.sign(value);
}

function round(value: Double, precision: number | bigint): Double {
  const shift = 10 ** Number(precision);
  return double(roundAway(value.valueOf() * shift) / shift);
}

export const rounding: Library = Object.freeze({
  name: 'kyverno.math',
  functions: declare({ 'math.round': [global('math_round_float_int', [DOUBLE, INT], DOUBLE, round)] }),
});
