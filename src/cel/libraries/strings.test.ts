import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { stringsV0 } from './strings.ts';
import { costs, evaluate, fails, holds } from './testing.ts';

describe('positions count code points', () => {
  holds([
    '"a😀c".charAt(1) == "😀"',
    '"a😀c".charAt(3) == ""',
    '"a😀c😀".indexOf("😀", 2) == 3',
    '"a😀c😀".lastIndexOf("😀") == 3',
    '"a😀c".substring(1, 2) == "😀"',
    '"a😀".replace("", "_") == "_a_😀_"',
    '"a😀c".split("", 2) == ["a", "😀c"]',
  ]);
});

describe('searching', () => {
  holds([
    '"tacocat".indexOf("") == 0',
    '"tacocat".indexOf("", 99) == 7',
    '"tacocat".indexOf("t", 99) == -1',
    '"tacocat".lastIndexOf("") == 7',
    '"tacocat".lastIndexOf("a", 3) == 1',
    '"tacocat".lastIndexOf("cat", 6) == 4',
    '"ab".lastIndexOf("abc") == -1',
  ]);
  fails({
    '"a".indexOf("a", -1)': 'index out of range: -1',
    '"a".lastIndexOf("a", -1)': 'index out of range: -1',
    '"abc".charAt(4)': 'index out of range: 4',
    '"abc".substring(4)': 'index out of range: 4',
    '"abc".substring(2, 1)': 'invalid substring range. start: 2, end: 1',
  });
});

describe('building', () => {
  holds([
    '"aaa".replace("a", "b", 2) == "bba"',
    '"aaa".replace("a", "b", -1) == "bbb"',
    '"aaa".replace("aa", "b") == "ba"',
    '"abc".replace("", "-", 2) == "-a-bc"',
    '"a,b,c".split(",", 2) == ["a", "b,c"]',
    '"a,b".split(",", 0) == []',
    '"".split(",") == [""]',
    '"".split("") == []',
    '["a", "b"].join("/") == "a/b"',
    '[].join() == ""',
    '"ÀbC".lowerAscii() == "Àbc"',
    '"àbC".upperAscii() == "àBC"',
    '"\\u0085\\u3000x\\ufeff ".trim() == "x\\ufeff"',
    'strings.quote("a\\n\\"é\\\\") == "\\"a\\\\n\\\\\\"é\\\\\\\\\\""',
  ]);
  fails({ '[dyn("a"), dyn(1)].join()': 'join: invalid input: 1' });
});

describe('what would not fit into memory', () => {
  const variables = { s: [{ kind: 'string' }, 'a'.repeat(100_000)] } as const;
  fails({ 's.replace("a", s)': 'string too long', 's.replace("", s)': 'string too long' }, { variables });
  fails(
    { 's.split("").map(x, s).join()': 'string too long' },
    { variables: { s: [{ kind: 'string' }, 'a'.repeat(9_000)] } },
  );
});

describe('costs', () => {
  costs({
    '"aaaaaaaaaaa".trim()': 2,
    '"aaaaaaaaaaa".replace("a", "b")': 3,
    '"aaaaaaaaaaa".charAt(0)': 1,
    '"ééééé".indexOf("é")': 1,
    '["aaaaa", "bbbbb"].join("-")': 3,
  });
});

it('version 0 has neither format() nor strings.quote()', () => {
  for (const expression of ['"%s".format([1])', 'strings.quote("a")']) {
    assert.ok('issues' in evaluate(expression, { libraries: [stringsV0] }));
  }
});

it('split and join are inverse', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', ',', '😀', ''), { maxLength: 8 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, fc.constantFrom(',', 'a', '😀', 'ab', ''), (whole, separator) => {
      const [a, b] = [JSON.stringify(whole), JSON.stringify(separator)];
      const outcome = evaluate(`${a}.split(${b}).join(${b}) == ${a}`);
      assert.ok('ok' in outcome && outcome.ok && outcome.value === true, JSON.stringify(outcome));
    }),
    { numRuns: 60 },
  );
});
