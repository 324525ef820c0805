import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remedyOf } from './remedy.ts';

const CODE = '    spec:\n      hostUsers: false';

for (const [what, text, expected] of [
  ['nothing but YAML', 'spec:\n  hostUsers: false\n', CODE],
  ['YAML of one level', 'kind: Pod\nmetadata: {name: a}', '    kind: Pod\n    metadata: {name: a}'],
  ['a sentence, then YAML', 'Set it:\n\nspec:\n  hostUsers: false', `Set it:\n\n${CODE}`],
  ['code already', `Set it:\n\n${CODE}\n`, `Set it:\n\n${CODE}`],
  [
    'sentences',
    'Set what is asked\nfor here: it helps.\n\nOr leave it.',
    'Set what is asked\nfor here: it helps.\n\nOr leave it.',
  ],
  ['a line with a colon', 'runAsUser: 10001', 'runAsUser: 10001'],
  ['a list', '- one\n- two', '- one\n- two'],
] as const)
  test(what, () => assert.equal(remedyOf(text), expected));
