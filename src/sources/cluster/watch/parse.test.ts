import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readJson } from '../../manifests/json.ts';
import { hasPlainNumbers, parseNumbers } from './parse.ts';

const asFile = (text: string) => readJson(text, 0, 500).value;

test('numbers are what the reader of files makes of them', () => {
  const text =
    '{"a":1,"b":1.0,"c":9007199254740993,"d":1e3,"e":-0,"f":0.5,"g":[true,false,null],"h":"1.5","i":9223372036854775808}';
  assert.deepEqual(parseNumbers(text), asFile(text));
});

test('text whose numbers are plain is not looked at twice', () => {
  assert.equal(hasPlainNumbers('{"a":"1.5 \\" 1e3","b":[1,-20,true,false],"c\\\\":"x"}'), true);
  for (const number of ['1.0', '1e3', '1E3', '-0', '9007199254740993'])
    assert.equal(hasPlainNumbers(`{"a":"\\\\","b":${number}}`), false, number);
});

test('what is no JSON is refused, whatever it looks like', () => {
  for (const text of ['', '{"a', '{"a":', '{"a":1', '{"a":1e999}', '{"a":"\\'])
    assert.throws(() => parseNumbers(text), SyntaxError, text);
});

test('any JSON reads as a file does', () => {
  const number = fc.oneof(
    fc.integer().map(String),
    fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
    fc.constantFrom('-0', '0.0', '1E5', '1e-7', '-0.0', '100000000000000000000.0'),
  );
  const text = fc.letrec<{ value: string; leaf: string }>((tie) => ({
    leaf: fc.oneof(
      number,
      fc.string({ unit: 'binary' }).map((value) => JSON.stringify(value)),
      fc.constantFrom('true', 'null'),
    ),
    value: fc.oneof(
      { maxDepth: 4 },
      tie('leaf'),
      fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(' , ')}]`),
      fc
        .dictionary(fc.string(), tie('value'), { maxKeys: 4 })
        .map((map) => `{${Object.entries(map).map(([key, value]) => `${JSON.stringify(key)}: ${value}`)}}`),
    ),
  })).value;
  fc.assert(
    fc.property(text, (json) => assert.deepEqual(parseNumbers(json), asFile(json))),
    { numRuns: 500 },
  );
});
