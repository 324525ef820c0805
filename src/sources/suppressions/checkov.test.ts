import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkovNames, readCheckovAnnotation, readCheckovBaseline, readCheckovComment } from './checkov.ts';

const skip = (check: string, comment = '') => ({
  tool: 'checkov' as const,
  form: 'id' as const,
  check,
  comment,
  until: undefined,
});

test('comments name one check or several, and perhaps why', () => {
  assert.deepEqual(readCheckovComment('CKV_K8S_16:the vendor: again'), [
    skip('CKV_K8S_16', 'the vendor: again'),
  ]);
  assert.deepEqual(readCheckovComment(' CKV_K8S_16,CKV2_K8S_6'), [skip('CKV_K8S_16'), skip('CKV2_K8S_6')]);
  assert.deepEqual(readCheckovComment('CKV_K8S_16 see the wiki'), [skip('CKV_K8S_16')]);
  assert.ok('fault' in readCheckovComment('')[0]!);
  assert.ok('fault' in readCheckovComment(':why')[0]!);
});

test('annotations of three names hold ID=comment', () => {
  for (const prefix of ['checkov.io/skip1', 'bridgecrew.io/skip', 'cortex.io/skip9'])
    assert.deepEqual(readCheckovAnnotation(prefix, 'CKV_K8S_16=a=b'), skip('CKV_K8S_16', 'a=b'));
  assert.deepEqual(readCheckovAnnotation('checkov.io/skip1', 'CKV_K8S_16'), skip('CKV_K8S_16'));
  assert.equal(readCheckovAnnotation('checkov.io/other', 'CKV_K8S_16'), undefined);
  for (const wrong of ['', '=why', 'two words=why', 3])
    assert.ok('fault' in readCheckovAnnotation('checkov.io/skip1', wrong)!, String(wrong));
});

test('a baseline names checks by resource, whatever the file', () => {
  const text = `{"failed_checks": [{"file": "/a.yaml", "findings": [
    {"resource": "Pod.shop.web", "check_ids": ["CKV_K8S_16", "CKV_K8S_17"]}]}]}`;
  assert.deepEqual(readCheckovBaseline(text), {
    entries: [
      {
        line: 2,
        column: 48,
        said: skip('CKV_K8S_16', 'known in its baseline'),
        scope: { by: 'resource', id: 'Pod.shop.web' },
      },
      {
        line: 2,
        column: 62,
        said: skip('CKV_K8S_17', 'known in its baseline'),
        scope: { by: 'resource', id: 'Pod.shop.web' },
      },
    ],
    others: 0,
  });
});

test('what is no baseline is said with its place', () => {
  const faults = (text: string) =>
    readCheckovBaseline(text).entries.map(({ line, column, said }) => [line, column, 'fault' in said]);
  assert.deepEqual(faults('{"failed_checks": 3}'), [[1, 1, true]]);
  assert.deepEqual(faults('{"failed_checks": [{"file": "a"}]}'), [[1, 20, true]]);
  assert.deepEqual(faults('{"failed_checks": [\n{"findings": [{"resource": 1}]}]}'), [[2, 15, true]]);
  assert.deepEqual(faults('{"failed_checks": [\n'), [[1, 19, true]]);
});

test('checkov calls the Pod of a workload by its labels', () => {
  const template = { metadata: { labels: { app: 'web', tier: 'a' } } };
  const named = { kind: 'Deployment', metadata: { name: 'web' }, spec: { template } };
  assert.deepEqual(checkovNames(named), ['Deployment.default.web', 'Pod.default.web.app-web.tier-a']);
  const placed = { ...named, metadata: { name: 'web', namespace: 'shop' } };
  assert.deepEqual(checkovNames(placed), ['Deployment.shop.web', 'Pod.shop.web.app-web.tier-a']);
  assert.deepEqual(checkovNames({ kind: 'Pod', metadata: { labels: { app: 'x' } } }), ['Pod.default.app-x']);
  assert.deepEqual(checkovNames({ kind: 'CronJob', metadata: { name: 'n' }, spec: { template } }), [
    'CronJob.default.n',
  ]);
  assert.deepEqual(checkovNames({ kind: 'Pod', metadata: 3 }), []);
});
