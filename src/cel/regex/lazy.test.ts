import assert from 'node:assert/strict';
import { it } from 'node:test';
import { compileRegex } from './index.ts';
import { isEngineLoaded } from './re2.ts';

it('re2js is loaded for the first pattern that needs it', () => {
  const fast = compileRegex('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$');
  assert.ok('test' in fast && fast.test('my-name'));
  assert.equal(isEngineLoaded(), false);
  compileRegex('\\p{Greek}');
  assert.equal(isEngineLoaded(), true);
});
