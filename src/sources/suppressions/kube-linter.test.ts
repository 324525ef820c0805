import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readKubeLinterAnnotation } from './kube-linter.ts';

test('one check, or all of them', () => {
  const of = { tool: 'kube-linter', comment: 'legacy', until: undefined } as const;
  assert.deepEqual(readKubeLinterAnnotation('ignore-check.kube-linter.io/host-pid', ' legacy '), {
    ...of,
    form: 'id',
    check: 'host-pid',
  });
  assert.deepEqual(readKubeLinterAnnotation('kube-linter.io/ignore-all', 'legacy'), {
    ...of,
    form: 'all',
    check: 'ignore-all',
  });
  assert.ok('fault' in readKubeLinterAnnotation('ignore-check.kube-linter.io/', 'legacy')!);
  assert.equal(readKubeLinterAnnotation('kube-linter.io/other', 'legacy'), undefined);
});
