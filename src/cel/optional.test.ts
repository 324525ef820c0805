import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { CelError } from './errors.ts';
import { isZeroValue, NONE, Optional, optional, optionalLibrary, unwrap } from './optional.ts';
import { parse } from './parser.ts';
import { CelMap, double, Uint, type Value } from './values.ts';

describe('optional values', () => {
  it('are equal when both are empty or both hold equal values', () => {
    assert.ok(NONE.$equals(new Optional(undefined)));
    assert.ok(new Optional(1).$equals(new Optional(double(1))));
    assert.ok(new Optional(null).$equals(optional(null)));
    assert.ok(!new Optional(1).$equals(NONE));
    assert.ok(!NONE.$equals(new Optional(1)));
    assert.ok(!new Optional(1).$equals(1));
  });
  it('give their value or say that there is none', () => {
    assert.equal(unwrap(optional('x')), 'x');
    assert.throws(
      () => unwrap(NONE),
      (error) => error instanceof CelError && error.$message === 'optional.none() dereference',
    );
  });
});

describe('what ofNonZeroValue takes for nothing', () => {
  const timeless = { $type: { kind: 'duration' }, $equals: () => false, $isZero: () => true } as Value;
  const zeros: readonly Value[] = [null, false, 0, '', double(0), double(-0), new Uint(0n), [], {}, timeless];
  for (const value of [...zeros, new Uint8Array(), new CelMap(new Map())]) {
    it(`zero: ${inspect(value)}`, () => assert.ok(isZeroValue(value)));
  }
  for (const value of [true, 1, -1, ' ', double(0.5), [null], { a: 0 }, NONE, 2n ** 60n] as Value[]) {
    it(`not zero: ${inspect(value)}`, () => assert.ok(!isZeroValue(value)));
  }
});

describe('macros', () => {
  const expand = (text: string) => parse(text, { macros: optionalLibrary.macros! });
  it('optMap binds the value once it is there', () => {
    const parsed = expand('a.?b.optMap(v, v + 1)');
    assert.ok('ast' in parsed && parsed.ast.expr.kind === 'call');
    assert.equal(parsed.ast.expr.function, '_?_:_');
  });
  it('refuse a variable that is no simple name', () => {
    const parsed = expand('a.optFlatMap(v.w, v)');
    assert.ok('issues' in parsed);
    assert.equal(parsed.issues[0]?.message, 'optFlatMap() variable name must be a simple identifier');
  });
});
