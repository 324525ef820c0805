import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseNumbers } from './parse.ts';
import { createSharing } from './share.ts';

test('nothing is changed by being shared, whatever its keys are called', () => {
  const share = createSharing();
  const text =
    '{"__proto__":{"a":"a text that is long enough"},"n":1.0,"l":["a text that is long enough",null,9007199254740993]}';
  const value = parseNumbers(text) as object;
  share(value);
  assert.deepEqual(value, parseNumbers(text));
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      const made = parseNumbers(JSON.stringify({ json })) as object;
      share(made);
      assert.deepEqual(made, parseNumbers(JSON.stringify({ json })));
    }),
  );
});
