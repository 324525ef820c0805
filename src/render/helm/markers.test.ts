import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markLines, readMark } from './markers.ts';

const marked = (text: string, definitions = true): number[] =>
  markLines(text, 0, 'n', definitions)
    .split('\n')
    .flatMap((line, index) => (readMark(line, 'n') === undefined ? [] : [index + 1]));

test('lines with a key or an item bear a mark with their number', () => {
  const text = 'spec:\n  replicas: {{ .Values.replicas }}\n  args:\n    - "a"\n    - b\n\n# comment\n---\n';
  assert.deepEqual(marked(text), [1, 2, 3, 4, 5]);
  assert.deepEqual(readMark(markLines('a: b\r', 3, 'n', true), 'n'), { file: 3, line: 1 });
});

for (const [name, text, lines] of [
  ['block scalars', 'a: |\n  b: c\n  d: e\nf: g\n', [1, 4]],
  ['block scalars in lists', '- |\n  b: c\n- d\n', [1, 3]],
  ['actions over several lines', 'a: {{ include "x"\n  (dict "b" .) }}\nc: d\n', [3]],
  ['lines whose end is trimmed', 'a: {{ .Values.a -}}\n\nb: c\n', [3]],
  ['plain scalars over several lines', 'a: one\n  two\nb: c\n', [3]],
  ['flow collections over several lines', 'a: [b,\n  c]\nd: [e]\n', [3]],
  ['double quotes over several lines', 'a: "one\n  two"\nb: "c"\n', [3]],
] as const)
  test(`no mark inside ${name}`, () => {
    assert.deepEqual(marked(text), lines);
  });

test('definitions can be left out', () => {
  const text = '{{- define "x" -}}\na: b\n{{- if .c }}\nd: e\n{{- end }}\n{{- end }}\nf: g\n';
  assert.deepEqual(marked(text), [2, 4, 7]);
  assert.deepEqual(marked(text, false), [7]);
});

test('only the mark of this rendering is one', () => {
  assert.equal(readMark('a: b #other:0:1', 'n'), undefined);
  assert.equal(readMark('a: b #n:x', 'n'), undefined);
});
