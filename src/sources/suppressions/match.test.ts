import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asks, isAbout, type Matches } from './match.ts';
import type { Scope, Suppression } from './suppression.ts';

const matches: Matches = (pattern, text) =>
  new RegExp(`^(?:${pattern.replace('(?i)', '')})$`, pattern.startsWith('(?i)') ? 'i' : '').test(text);

function isMeant(
  tool: Suppression['tool'],
  check: string,
  equivalent: string,
  form: Suppression['form'] = 'id',
): boolean {
  return asks({ tool, form, check, comment: '', until: undefined }, [equivalent], matches);
}

test('Trivy spells one check in several ways', () => {
  for (const id of ['KSV017', 'KSV-0017', 'AVD-KSV-0017', 'ksv-0017', 'avd-ksv-0017'])
    assert.equal(isMeant('trivy', id, 'KSV-0017'), true, id);
  assert.equal(isMeant('trivy', 'KSV-0018', 'KSV-0017'), false);
  assert.equal(isMeant('trivy', 'KSV0111', 'KSV-01011'), false);
  for (const glob of ['KSV01*', 'avd-*', '*0017', 'KSV-*'])
    assert.equal(isMeant('trivy', glob, 'KSV-0017', 'glob'), true, glob);
  assert.equal(isMeant('trivy', 'KSV-1*', 'KSV-0017', 'glob'), false);
});

test('an id is one of its own tool', () => {
  assert.equal(isMeant('checkov', 'CKV_K8S_16', 'CKV_K8S_16'), true);
  assert.equal(isMeant('checkov', 'ckv_k8s_16', 'CKV_K8S_16'), false);
  assert.equal(isMeant('kube-linter', 'host-pid', 'kube-linter/host-pid'), true);
  assert.equal(isMeant('kube-linter', 'kube-linter/host-pid', 'kube-linter/host-pid'), false);
  assert.equal(isMeant('kubescape', 'c-0057', 'C-0057'), true);
  assert.equal(isMeant('kubescape', 'c-005.', 'C-0057', 'regex'), true);
  assert.equal(isMeant('kubescape', 'KSV-0017', 'KSV-0017'), false);
  for (const tool of ['checkov', 'trivy', 'kube-linter', 'kubescape'] as const)
    assert.deepEqual(
      ['CKV_K8S_16', 'KSV-0017', 'kube-linter/host-pid', 'C-0057'].filter((id) =>
        isMeant(tool, '', id, 'all'),
      ).length,
      1,
      tool,
    );
});

function about(
  scope: Scope | undefined,
  { kind = 'Pod', name = 'web', namespace = 'shop', metadata = {} } = {},
) {
  const ref = { apiVersion: 'v1', kind, name, namespace };
  return isAbout(scope, { ref, object: { kind, metadata }, files: ['deploy/a.yaml', 'a.yaml'] }, matches);
}

test('entries are about paths, resources or described objects', () => {
  assert.equal(about(undefined), true);
  assert.equal(about({ by: 'path', paths: ['b', 'a\\.yaml'] }), true);
  assert.equal(about({ by: 'path', paths: ['a'] }), false);
  assert.equal(
    about({ by: 'resource', id: 'Pod.shop.web' }, { metadata: { name: 'web', namespace: 'shop' } }),
    true,
  );
  assert.equal(about({ by: 'resource', id: 'Pod.shop.web' }, { metadata: { name: 'web' } }), false);
});

test('a designator matches whole texts, and labels or annotations', () => {
  const of = (designator: object): Scope => ({
    by: 'designator',
    designators: [{ labels: [], ...designator }],
  });
  assert.equal(about(of({ kind: 'P.*', name: 'web|db', namespace: 'sh.p' })), true);
  assert.equal(about(of({ name: 'web|db' }), { name: 'web-2' }), false);
  assert.equal(about(of({ name: 'we' })), false);
  assert.equal(about(of({ namespace: 'prod' }), { kind: 'Namespace', name: 'prod', namespace: '' }), true);
  const labels = { labels: [['app', 'w.*'] as const] };
  assert.equal(about(of(labels), { metadata: { labels: { app: 'web' } } }), true);
  assert.equal(about(of(labels), { metadata: { annotations: { app: 'web' } } }), true);
  assert.equal(about(of(labels), { metadata: { labels: { app: 'db' } } }), false);
  assert.equal(about(of({ labels: [['toString', '.*']] }), { metadata: { labels: {} } }), false);
  assert.equal(about(of(labels)), false);
});
