import assert from 'node:assert/strict';
import { test } from 'node:test';
import { globMatches } from './glob.ts';

test('asterisks stand for any characters, question marks for one', () => {
  for (const [pattern, name, matches] of [
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['a*', 'a', true],
    ['*-system', 'kube-system', true],
    ['k*s*m', 'kube-system', true],
    ['k*s*x', 'kube-system', false],
    ['?', '', false],
    ['?', 'é', true],
    ['a?c*', 'abcd', true],
    ['a**b', 'ab', true],
    ['a.c', 'abc', false],
  ] as const)
    assert.equal(globMatches(pattern, name), matches, `${pattern} on ${name}`);
});

test('many asterisks cost no time', () => {
  assert.equal(globMatches('*a'.repeat(200), `${'a'.repeat(20_000)}b`), false);
});
