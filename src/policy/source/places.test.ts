import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policies, vap } from '../fixture.ts';
import type { PolicySource } from './places.ts';
import { fieldName } from './places.ts';

const TEXT = vap(`  validations:
    - message: m
      expression: |
        object.spec.replicas > 1 &&
        object.metadata.nme == foo`);

/** Finds the last key of a pointer in the text: enough for documents that use it once. */
const source: PolicySource = {
  text: () => TEXT,
  locate: (text, _document, pointer) => {
    const key = pointer.split('/').at(-1)!;
    const lines = text.split('\n');
    const line = lines.findIndex((l) => l.includes(`${key}:`));
    return { line: line + 1, column: lines[line]!.indexOf(key) + 1 };
  },
};

test('a fault of an expression is placed inside its scalar, with an excerpt', () => {
  const [problem] = policies(TEXT, { source }).problems;
  const line = TEXT.split('\n').findIndex((l) => l.includes('foo')) + 1;
  assert.deepEqual(problem!.origin, {
    file: 'policies.yaml',
    line,
    column: TEXT.split('\n')[line - 1]!.indexOf('foo') + 1,
  });
  assert.match(problem!.detail, /^spec\.validations\[0\]\.expression: undeclared reference to 'foo'/);
  assert.equal(problem!.excerpt, 'object.metadata.nme == foo\n                       ^');
  assert.equal(problem!.policy, 'p');
});

test('without a source a problem stands at the first line of its document', () => {
  assert.deepEqual(policies(TEXT).problems[0]!.origin, { file: 'policies.yaml', line: 1, column: 1 });
});

test('fields are named as the API server names them', () => {
  assert.equal(fieldName('/spec/validations/0/expression'), 'spec.validations[0].expression');
  assert.equal(fieldName('/metadata/annotations/a~1b'), 'metadata.annotations.a/b');
});
