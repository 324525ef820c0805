import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalUrl } from './repository.ts';

test('one repository, by whatever URL', () => {
  for (const url of [
    'https://Git.example/shop/deploy.git',
    'https://token@git.example/shop/deploy/',
    'ssh://git@git.example:2222/shop/deploy.git',
    'git@git.example:shop/deploy.git',
    'git.example:shop/deploy',
  ])
    assert.equal(canonicalUrl(url), 'git.example/shop/deploy', url);
  assert.notEqual(canonicalUrl('https://git.example/shop/deploy2'), 'git.example/shop/deploy');
  assert.notEqual(canonicalUrl('https://git.example.evil/shop/deploy'), 'git.example/shop/deploy');
});
