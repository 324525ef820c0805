import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Outcome } from '../model/index.ts';
import { denialMessage } from './wording.ts';

const outcome = {
  policy: 'p',
  verdict: 'violation',
  effect: 'deny',
  stage: 'enforce',
  detail: 'no user',
  resource: null,
} as unknown as Outcome;
const remedy = (remediation: string) =>
  denialMessage([outcome], () => ({ remediation }))
    .split('\n')
    .slice(1, -1);

test('a remedy is a sentence, a sentence with the example it leads to, or an example alone', () => {
  const example = '    spec:\n      hostUsers: false';
  const shown = ['      spec:', '        hostUsers: false'];
  assert.deepEqual(remedy('Do it.\n\nOr else.'), ['  To put it right: Do it.']);
  assert.deepEqual(remedy(`Set it:\n\n${example}\n`), ['  To put it right: Set it:', ...shown]);
  assert.deepEqual(remedy(`${example}\n`), ['  To put it right:', ...shown]);
});
