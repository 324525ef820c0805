import assert from 'node:assert/strict';
import { test } from 'node:test';
import { templateComments } from './comments.ts';

const found = (text: string) =>
  templateComments(text, 'allow').map(({ line, column, text: said, about }) => [line, column, said, about]);

test('a comment is about its line, or the next that prints something', () => {
  const text = '# allow a\n{{- if .x }}\n# other\n  b: {{ .c }} # allow d\n';
  assert.deepEqual(found(text), [
    [1, 1, 'a', 4],
    [4, 15, 'd', 4],
  ]);
  assert.deepEqual(found('a: b\n# allow nothing\n'), [[2, 1, 'nothing', 0]]);
});

for (const [name, text] of [
  ['a block scalar', 'a: |\n  # allow b\n'],
  ['a quoted text', 'a: "b # allow c"\n'],
  ['an action', '{{ include "a # allow b" . }}\n'],
  ['a word', 'a: b#allow c\n'],
  ['the middle of a comment', 'a: b # see # rampart\n# not allow\n'],
] as const)
  test(`in ${name} it is none`, () => {
    assert.deepEqual(found(text), []);
  });
