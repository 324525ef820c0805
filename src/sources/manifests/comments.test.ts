import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findComments } from './comments.ts';

const found = (text: string) =>
  findComments(text, 'rampart:allow').map(
    ({ document, line, column, about, text: said }) =>
      `${document} ${line}:${column} about ${about}: ${said}`,
  );

test('beside a field, above a field, above a document, several for one', () => {
  const text = `# rampart:allow a
apiVersion: v1
spec:
  x: 1 # rampart:allow b
  # rampart:allow c
  ## rampart:allow d

  # anything
  y: 2
---
kind: Pod #rampart:allow e
`;
  assert.deepEqual(found(text), [
    '0 1:1 about 2: a',
    '0 4:8 about 4: b',
    '0 5:3 about 9: c',
    '0 6:3 about 9: d',
    '1 11:11 about 11: e',
  ]);
});

test('what is text, not a comment, says nothing', () => {
  const text = `a: "# rampart:allow x"
b: '# rampart:allow x'
c: |
  # rampart:allow x
  echo
d: it is # rampart:allow y
e: x#rampart:allow z
f: >-
  # rampart:allow x
`;
  assert.deepEqual(found(text), ['0 6:10 about 6: y']);
});

test('nothing follows, nothing can be read, JSON', () => {
  assert.deepEqual(found('a: 1\n# rampart:allow x\n---\nb: 1\n'), ['0 2:1 about 0: x']);
  assert.deepEqual(found('a: [1\n# rampart:allow x\n'), []);
  assert.deepEqual(found('{"a": "# rampart:allow x"}'), []);
  assert.deepEqual(found('\ufeff# rampart:allow x\r\na: 1\r\n'), ['0 1:1 about 2: x']);
});
