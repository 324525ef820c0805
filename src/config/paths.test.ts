import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GLOB } from './forms.ts';
import { matcherOf } from './paths.ts';

test('a glob holds for files and for all below a folder it matches', () => {
  const table: [string, string[], string[]][] = [
    ['legacy', ['legacy/a.yaml', 'x/legacy/b/c.yaml', 'legacy'], ['legacyx/a.yaml', 'a.yaml']],
    ['legacy/', ['legacy/a.yaml'], ['x.yaml']],
    ['./legacy/*', ['legacy/a.yaml', 'legacy/b/c.yaml'], ['x/legacy/a.yaml']],
    ['legacy/**', ['legacy/a.yaml', 'legacy/.hidden/c.yaml'], ['x/legacy/a.yaml']],
    ['*.yaml', ['a.yaml', 'b/c.yaml'], ['a.json']],
    ['{a,b}/*.yaml', ['a/x.yaml', 'b/x.yaml'], ['c/x.yaml', 'a/b/x.yaml']],
    ['**', ['a.yaml', 'b/c'], []],
  ];
  for (const [glob, inside, outside] of table) {
    const match = matcherOf([glob]);
    for (const file of inside) assert.deepEqual(match(file), [0], `${glob} ${file}`);
    for (const file of outside) assert.deepEqual(match(file), [], `${glob} ${file}`);
  }
});

test('the globs that match come in their order, whatever was asked before', () => {
  const match = matcherOf(['**/b.yaml', 'a', 'a/b/**', 'c']);
  assert.deepEqual(match('a/b/b.yaml'), [0, 1, 2]);
  assert.deepEqual(match('a/x.yaml'), [1]);
  assert.deepEqual(match('b.yaml'), [0]);
  assert.deepEqual(match('a/b/b.yaml'), [0, 1, 2]);
});

test('the worst globs that a configuration may hold are matched at once', () => {
  const globs = ['*a*a*a*b', '**/a/**/a/**/a/**/b', 'a*/*a*a*b'];
  for (const glob of globs) assert.match(glob, GLOB.pattern);
  const match = matcherOf(globs);
  assert.deepEqual(match(`${'a/'.repeat(2000)}${'a'.repeat(255)}`), []);
});
