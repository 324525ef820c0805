import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseExact } from './exact-json.ts';

test('numbers are written again as they were read', () => {
  const text = '{"a":1.0,"b":9007199254740993,"c":[1e3,-0,12,0.5],"__proto__":{"d":1.50}}';
  assert.equal(JSON.stringify(parseExact(text)), text);
});

test('what is no JSON is undefined', () => {
  for (const text of ['', '<html>', '{"a":', '{a: 1}']) assert.equal(parseExact(text), undefined);
});
