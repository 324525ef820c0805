import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withEntry } from './append.ts';

const ENTRY = '  - repo: local\n    hooks: [{id: rampart}]\n';

test('an entry is added, and nothing else changes', () => {
  const text = '# ours\nrepos:\n  - repo: a # first\n    hooks:\n      - id: x\n';
  assert.equal(withEntry(text, 'repos', ENTRY), `${text}${ENTRY}`);
  assert.equal(
    withEntry('repos:\n- repo: a\n  hooks: []\nci: {skip: [x]}\n', 'repos', ENTRY),
    'repos:\n- repo: a\n  hooks: []\n- repo: local\n  hooks: [{id: rampart}]\nci: {skip: [x]}\n',
  );
});

test('what only a person can tell is left', () => {
  for (const text of [
    'repos: [{repo: a, hooks: []}]\n',
    'repos: []\n',
    'other: 1\n',
    'repos: {}\n',
    '- a\n',
    'a: [\n',
  ])
    assert.equal(withEntry(text, 'repos', ENTRY), undefined, text);
});
