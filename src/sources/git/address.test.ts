import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseGitAddress } from './address.ts';

test('an address names a repository, a path and a ref', () => {
  assert.deepEqual(parseGitAddress('git::.//policies/?ref=main'), {
    repository: '.',
    url: '.',
    path: 'policies',
    ref: 'main',
  });
  assert.deepEqual(parseGitAddress('git::https://bot:token@git.example/a/b.git//x/y?ref=v1.2'), {
    repository: 'https://git.example/a/b.git',
    url: 'https://bot:token@git.example/a/b.git',
    path: 'x/y',
    ref: 'v1.2',
  });
  assert.deepEqual(parseGitAddress('git::ssh://git@git.example/a'), {
    repository: 'ssh://git.example/a',
    url: 'ssh://git@git.example/a',
    path: '',
    ref: undefined,
  });
});

test('what is no address is said', () => {
  for (const [text, fault] of [
    ['git::http://git.example/a', /begins with https/],
    ['git::ext::sh -c id', /begins with https/],
    ['git::--upload-pack=id', /begins with https/],
    ['git::.//../x', /without \.\./],
    ['git::.//x?depth=1', /ref=REF/],
    ['git::.//x?ref=', /ref=REF/],
  ] as const) {
    const parsed = parseGitAddress(text);
    assert.match('fault' in parsed ? parsed.fault : 'none', fault, text);
  }
});
