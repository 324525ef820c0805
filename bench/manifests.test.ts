import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateManifests } from './manifests.ts';

test('the same options give the same files', () => {
  assert.deepEqual([...generateManifests({ count: 50 })], [...generateManifests({ count: 50 })]);
  assert.notDeepEqual([...generateManifests({ count: 50 })], [...generateManifests({ count: 50, seed: 2 })]);
});

test('sizes, kinds and findings are as promised', () => {
  const files = [...generateManifests({ count: 2_000, findings: 0.05 })];
  const share = (pattern: RegExp) => files.filter(({ text }) => pattern.test(text)).length / files.length;
  const sizes = files.map(({ text }) => text.length).sort((a, b) => a - b);
  assert.ok(sizes[100]! > 800 && sizes[1_900]! < 4_500, `${sizes[100]} to ${sizes[1_900]}`);
  const workloads = share(/^kind: (?:Deployment|StatefulSet|DaemonSet|CronJob|Job|Pod)$/m);
  assert.ok(workloads > 0.54 && workloads < 0.66, String(workloads));
  const bad = share(/privileged: true|allowPrivilegeEscalation: true|SYS_ADMIN/);
  assert.ok(bad > 0.03 && bad < 0.07, String(bad));
  assert.equal(new Set(files.map(({ name }) => name)).size, files.length);
  for (const { text } of generateManifests({ count: 20, findings: 1 })) {
    assert.match(text, /privileged: true|allowPrivilegeEscalation: true|SYS_ADMIN/);
  }
});
