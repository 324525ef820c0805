import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JSON_SCHEMA, load } from 'js-yaml';
import { mapScalar, type Position } from './scalar.ts';

/** Finds `mark` in the value and says which text stands at its place in the file. */
function at(text: string, mark: string, line = 1, column = 1): string | undefined {
  const { e: value } = load(text, { schema: JSON_SCHEMA }) as { e: string };
  const map = mapScalar(text, { line, column }, value);
  const position = map?.(value.indexOf(mark));
  if (position === undefined) return undefined;
  return text.split('\n')[position.line - 1]!.slice(position.column - 1, position.column - 1 + mark.length);
}

test('plain, quoted, literal and folded scalars', () => {
  for (const text of [
    'e: a == MARK',
    'e: a ==\n  MARK && b',
    'e: "a == MARK"',
    "e: 'a == MARK'",
    "e: 'it''s MARK'",
    'e: "tab\\t \\u00fc MARK"',
    'e: "a \\\n   MARK"',
    'e: "a\n\n   MARK"',
    'e: |\n  a ==\n  MARK',
    'e: |-\n  a ==\n    MARK\n\n  && b',
    'e: >-\n  a ==\n  MARK && b',
    'e: >\n  a\n\n  b\n    MARK\n  c',
    'e: |2\n    a\n   MARK',
    'e: !!str |\n  a\n  MARK',
    'e: &x |\n  MARK',
    'e: |\r\n  a\r\n  MARK\r\n',
    '{"e": "a \\" MARK"}',
  ]) {
    assert.equal(at(text, 'MARK', 1, text.startsWith('{') ? 2 : 1), 'MARK', JSON.stringify(text));
  }
});

test('the end of the value has a place', () => {
  const map = mapScalar('e: abc', { line: 1, column: 1 }, 'abc')!;
  assert.deepEqual(map(3), { line: 1, column: 7 });
});

test('a text that does not hold the value has no places', () => {
  assert.equal(mapScalar('e: abc', { line: 1, column: 1 }, 'abd'), undefined);
  assert.equal(mapScalar('e: |\n  abc', { line: 1, column: 1 }, 'abcd'), undefined);
  assert.equal(mapScalar('', { line: 9, column: 9 }, 'x'), undefined);
});

test('every character of a block or quoted scalar is found where it stands', () => {
  const line = fc.stringMatching(/^[a-z=&.()' ]{0,12}$/).map((s) => s.trim());
  const style = fc.constantFrom('|', '|-', '>-', '"', "'");
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), style, (lines, form) => {
      const first = `x${lines[0]}`;
      const body = [first, ...lines.slice(1)];
      const quoted = form === '"' || form === "'";
      const inner = quoted ? body.map((l) => l.replaceAll("'", form === "'" ? "''" : "'")).join('\n  ') : '';
      const text = quoted
        ? `e: ${form}${inner}${form}\n`
        : `e: ${form}\n${body.map((l) => `  ${l}\n`).join('')}`;
      const { e: value } = load(text, { schema: JSON_SCHEMA }) as { e: string };
      const map = mapScalar(text, { line: 1, column: 1 }, value);
      assert.ok(map !== undefined, JSON.stringify(text));
      for (let i = 0; i < value.length; i++) {
        if (value[i] === '\n' || value[i] === ' ') continue;
        const place: Position = map(i);
        assert.equal(
          text.split('\n')[place.line - 1]![place.column - 1],
          value[i],
          `${JSON.stringify(text)} at ${i}`,
        );
      }
    }),
  );
});
