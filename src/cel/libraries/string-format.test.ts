import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatFixed, formatScientific } from './number-format.ts';
import { evaluate, fails, holds } from './testing.ts';

describe('clauses', () => {
  holds([
    '"%s %d %b %x %X %o%%".format(["a", 1, 5, 255, "Hi", 8u]) == "a 1 101 ff 4869 10%"',
    '"%b %x".format([-5, -255]) == "-101 -ff"',
    '"%f %.2f".format([1234567.5, 0.125]) == "1,234,567.500000 0.12"',
    '"%e".format([1052.5]) == "1.052500×10⁰³"',
    '"%f %e".format(["NaN", "-Infinity"]) == "NaN     -∞"',
    '"%s".format([[1.5, "é\\n", b"x", true, null]]) == "[1.500000, \\"é\\\\n\\", b\\"x\\", true, null]"',
    '"%s".format([{"b": 1, "a": [duration("60s")]}]) == "{\\"a\\":[duration(\\"60s\\")], \\"b\\":1}"',
    '"%s %s".format([duration("90s"), type(1)]) == "90s int"',
    'dyn("%s").format(["used", "left over"]) == "used"',
  ]);
  fails({
    '"%d".format([dyn("s")])':
      'error during formatting: decimal clause can only be used on integers, was given string',
    '"%s".format([dyn({1.5: 1})])':
      'error during formatting: no formatting function for map key of type double',
    'dyn("%s").format([])': 'index 0 out of range',
    'dyn("%").format([1])': 'unexpected end of string',
    'dyn("%z").format([1])': 'could not parse formatting clause: unrecognized formatting clause "z"',
    'dyn("%.f").format([1.0])':
      'could not parse formatting clause: error while parsing precision: error while converting precision ' +
      'to integer: strconv.Atoi: parsing "": invalid syntax',
  });
});

describe('calls that are written out are checked when compiled', () => {
  const cases: Record<string, string> = {
    '"%s %s".format(["x"])': 'index 1 out of range',
    '"%s".format(["x", "y"])': 'too many arguments supplied to string.format (expected 1, got 2)',
    '"%d".format([1.5])':
      'error during formatting: decimal clause can only be used on integers, was given double',
    '"%s".format([[optional.of(1)]])':
      'error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, ' +
      'lists, types, durations, and timestamps, was given optional_type',
  };
  for (const [expression, message] of Object.entries(cases)) {
    it(expression, () => assert.deepEqual(evaluate(expression), { issues: [message] }));
  }
});

describe('numbers as golang.org/x/text prints them', () => {
  it('rounds ties to even', () => {
    assert.deepEqual(
      [0.5, 1.5, 2.5].map((value) => formatFixed(value, 0)),
      ['0', '2', '2'],
    );
    assert.equal(formatScientific(9.9999995, 6), '9.999999×10⁰⁰');
  });
  it('takes the least decimals modulo 256 and the most as int16', () => {
    assert.equal(formatFixed(1.25, 257), '1.25');
    assert.equal(formatFixed(1.25, 32768), '1.25');
    assert.equal(formatFixed(1.25, 65536), '1');
  });
  it('takes the precision of %e for a width', () => {
    assert.equal(formatScientific(1.5, 20), '1.500000×10⁰⁰'.padStart(20));
  });
  it('agrees with toFixed where that is exact', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -1e15, max: 1e15 }), fc.nat(20), (value, precision) => {
        // toFixed breaks ties upwards; those are the business of the first test.
        const tie = /5$/.test(Math.abs(value).toFixed(Math.min(100, precision + 1))) && precision < 17;
        fc.pre(!tie && !Object.is(value, -0));
        assert.equal(formatFixed(value, precision, ''), value.toFixed(precision));
      }),
    );
  });
});
