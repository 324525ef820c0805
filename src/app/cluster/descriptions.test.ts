import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutDescriptions } from './descriptions.ts';

test('descriptions go, fields and values of that name stay', () => {
  const text = { type: 'string', description: 'a text' };
  assert.deepEqual(
    withoutDescriptions({
      description: 'a widget',
      type: 'object',
      required: ['description'],
      properties: { description: text, list: { type: 'array', items: text } },
      additionalProperties: { not: text, anyOf: [text] },
      default: { description: 'none yet' },
    }),
    {
      type: 'object',
      required: ['description'],
      properties: { description: { type: 'string' }, list: { type: 'array', items: { type: 'string' } } },
      additionalProperties: { not: { type: 'string' }, anyOf: [{ type: 'string' }] },
      default: { description: 'none yet' },
    },
  );
});
