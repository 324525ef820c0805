import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillIn, TemplateError } from './template.ts';

test('parameters by name, in keys and values', () => {
  const parameters = { 'path.basename': 'web', n: 2 };
  assert.deepEqual(fillIn({ '{{path.basename}}': ['a-{{ n }}', 1] }, parameters, false), { web: ['a-2', 1] });
});

test('fields and indexes with goTemplate', () => {
  const parameters = { path: { basename: 'web', segments: ['apps', 'web'] } };
  assert.equal(fillIn('{{ .path.basename }}/{{index .path.segments 0}}', parameters, true), 'web/apps');
});

for (const [text, goTemplate] of [
  ['{{ none }}', false],
  ['{{constructor}}', false],
  ['{{ .none }}', true],
  ['{{ .path.constructor }}', true],
  ['{{ .path | upper }}', true],
  ['{{ if .a }}b{{ end }}', true],
] as const)
  test(`refused: ${text}`, () => {
    assert.throws(() => fillIn(text, { path: {} }, goTemplate), TemplateError);
  });
