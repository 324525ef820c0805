/** Random objects for expressions to look at: JSON as the API server decodes it. */
import { double, type Value } from '../../../src/cel/values.ts';
import type { Random } from './random.ts';

const INTS: readonly Value[] = [0, 1, 2, -1, 42, 9007199254740991, 9007199254740993n, -9223372036854775808n];
const DOUBLES = [0, 1, 1.5, -2.25, 1e21, 9007199254740992, 0.1, 1e-7];
const STRINGS = [
  '',
  'a',
  'b',
  'abc',
  'k',
  'hello world',
  '日本語',
  '😀',
  'true',
  '7',
  '__proto__',
  '1Gi',
  '10.0.0.1',
];

export function generateObject(random: Random): Record<string, Value> {
  const scalar = (): Value =>
    random.pick<() => Value>([
      () => random.pick(INTS),
      () => double(random.pick(DOUBLES)),
      () => random.pick(STRINGS),
      () => random.chance(0.5),
      () => null,
    ])();
  const list = (make: () => Value): Value => Array.from({ length: random.below(4) }, make);
  // One entry at most: Go walks maps in no particular order, so a comprehension over more has no one answer.
  const map = (): Value =>
    random.chance(0.8) ? { [random.pick(['k', 'a', 'toString', 'é'])]: scalar() } : {};
  return {
    i: random.pick(INTS),
    d: double(random.pick(DOUBLES)),
    s: random.pick(STRINGS),
    b: random.chance(0.5),
    n: null,
    u: random.pick<Value>([1, 'x', null, true, [], {}]),
    big: random.pick<Value>([9007199254740993n, 9223372036854775807n, double(1.8446744073709552e19)]),
    l: list(() => random.pick<() => Value>([scalar, map, () => list(scalar)])()),
    strings: list(() => random.pick(STRINGS)),
    numbers: list(() => random.pick<Value>([...INTS, ...DOUBLES.map(double)])),
    m: map(),
    one: map(),
    a: random.pick<Value>([1, 'a', { b: { c: 1 } }, null]),
    deep: { a: { b: { c: scalar() } } },
    'x-y': scalar(),
  };
}
