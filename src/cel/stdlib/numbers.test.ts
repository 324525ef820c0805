import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fixedNotation, formatDouble, parseDouble, parseInt64, parseUint64 } from './numbers.ts';

// Expected texts and values come from Go's fmt and strconv.

test('doubles print as Go prints %g', () => {
  const texts: readonly (readonly [number, string])[] = [
    [0, '0'],
    [-0, '-0'],
    [1, '1'],
    [100000, '100000'],
    [1e6, '1e+06'],
    [1234567, '1.234567e+06'],
    [123456789.125, '1.23456789125e+08'],
    [0.0001, '0.0001'],
    [1e-5, '1e-05'],
    [1e100, '1e+100'],
    [5e-324, '5e-324'],
    [Infinity, '+Inf'],
    [-Infinity, '-Inf'],
    [NaN, 'NaN'],
  ];
  for (const [value, text] of texts) assert.equal(formatDouble(value), text);
});

test('fixed notation never has an exponent', () => {
  assert.equal(fixedNotation(1e-9), '0.000000001');
  assert.equal(fixedNotation(9223372036.854776), '9223372036.854776');
  assert.equal(fixedNotation(-1.5e21), '-1500000000000000000000');
});

test('doubles parse as Go parses them', () => {
  const values: readonly (readonly [string, number | undefined])[] = [
    ['.5', 0.5],
    ['5.', 5],
    ['1_000.5', 1000.5],
    ['0x1p-2', 0.25],
    ['0x1_0p1', 32],
    ['-0X1.8P1', -3],
    ['0x1p-1074', 5e-324],
    ['-Inf', -Infinity],
    ['+infinity', Infinity],
    ['nan', NaN],
    ['+nan', undefined],
    ['infi', undefined],
    ['1_', undefined],
    ['1__0', undefined],
    ['1e400', undefined],
    ['0x1', undefined],
    ['0xp1', undefined],
    ['1e', undefined],
    [' 1', undefined],
    ['', undefined],
    ['0b1', undefined],
  ];
  for (const [text, value] of values) assert.deepEqual(parseDouble(text), value, text);
});

test('what a double prints parses to the same double', () => {
  fc.assert(fc.property(fc.double(), (value) => Object.is(parseDouble(formatDouble(value)), value)));
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) =>
      Object.is(Number(fixedNotation(value)), value),
    ),
  );
});

test('integers parse in their range only', () => {
  assert.equal(parseInt64('-9223372036854775808'), -(2n ** 63n));
  assert.equal(parseInt64('+9223372036854775807'), 2n ** 63n - 1n);
  assert.equal(parseUint64('18446744073709551615'), 2n ** 64n - 1n);
  for (const bad of ['9223372036854775808', '', '-', '1.0', '0x1', '1_0', ' 1', '9'.repeat(100_000)]) {
    assert.equal(parseInt64(bad), undefined);
  }
  for (const bad of ['18446744073709551616', '+1', '-1', '']) assert.equal(parseUint64(bad), undefined);
});
