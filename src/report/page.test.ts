import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wrapped } from './page.ts';

const lines = (text: string) => [...wrapped(40, '   = ', text, 'remedy: ')].join('');

test('a lead stands before the first sentence, and above code', () => {
  assert.equal(
    lines('Set it:\n\n    spec:\n      hostUsers: false\n'),
    '   = remedy: Set it:\n         spec:\n           hostUsers: false\n',
  );
  assert.equal(
    lines('    spec:\n      hostUsers: false\n'),
    '   = remedy:\n         spec:\n           hostUsers: false\n',
  );
});
