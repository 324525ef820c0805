import assert from 'node:assert/strict';
import { test } from 'node:test';
import { globPattern } from './glob.ts';

function matches(glob: string, path: string): boolean {
  const pattern = globPattern(glob);
  assert.ok(pattern !== undefined, glob);
  return new RegExp(`^(?:${pattern})$`).test(path);
}

test('globs match paths as doublestar does', () => {
  const table: readonly [string, string, boolean][] = [
    ['a/b.yaml', 'a/b.yaml', true],
    ['a/*.yaml', 'a/b/c.yaml', false],
    ['**/c.yaml', 'c.yaml', true],
    ['**/c.yaml', 'a/b/c.yaml', true],
    ['a/**/c.yaml', 'a/c.yaml', true],
    ['a/**', 'a/b/c', true],
    ['a/**', 'a', true],
    ['**', 'a/b', true],
    ['a**', 'a/b', false],
    ['a?c', 'abc', true],
    ['a?c', 'a/c', false],
    ['[a-c]x', 'bx', true],
    ['[!a]x', 'ax', false],
    ['[^a]x', 'bx', true],
    ['{a,b/*}.yaml', 'b/c.yaml', true],
    ['{a,b}.yaml', 'c.yaml', false],
    ['a\\*', 'a*', true],
    ['a\\*', 'ab', false],
    ['a+(b)', 'a+(b)', true],
    ['a,b', 'a,b', true],
    ['a.yaml', 'a-yaml', false],
  ];
  for (const [glob, path, expected] of table) assert.equal(matches(glob, path), expected, `${glob} ${path}`);
});

test('what is no glob, or endless, is refused', () => {
  for (const glob of ['[a', 'a\\', '{a,b', 'x'.repeat(1001)])
    assert.equal(globPattern(glob), undefined, glob);
});
