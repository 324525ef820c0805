import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CEL_ERROR_CODES } from '../errors.ts';
import { KUBERNETES_LIBRARIES } from './index.ts';
import { celReferencePages } from './reference.ts';

const pages = celReferencePages();

it('every function a policy can write has a row', () => {
  for (const { library } of KUBERNETES_LIBRARIES) {
    for (const { name } of library.functions) {
      if (/^[A-Za-z]/.test(name) && !name.includes('@')) {
        assert.ok(pages['cel-functions.md']!.includes(`| \`${name}\` |`), name);
      }
    }
  }
});

it('every error code has a row', () => {
  for (const code of Object.keys(CEL_ERROR_CODES)) {
    assert.ok(pages['cel-errors.md']!.includes(`| \`${code}\` |`), code);
  }
});
