/** What the reports say; that an API server takes them is tested in test/cluster/reports.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GATED_REPORT, REPORT } from '../../test/fakes/report.ts';
import type { Report } from '../model/index.ts';
import { openreports, policyreport } from './openreports.ts';

// biome-ignore lint/suspicious/noExplicitAny: the tests look into parsed output
const itemsOf = (report: Report, format = openreports): any[] =>
  JSON.parse([...format(report)].join('')).items;

test('a report for each namespace, and one of the cluster for the rest', () => {
  const heads = (format: typeof openreports) =>
    itemsOf(REPORT, format).map(({ apiVersion, kind, metadata, summary }) => [
      `${apiVersion} ${kind} ${metadata.namespace ?? '-'}/${metadata.name}`,
      summary,
    ]);
  const counts = { pass: 0, fail: 0, warn: 0, error: 0, skip: 0 };
  assert.deepEqual(heads(openreports), [
    ['openreports.io/v1alpha1 ClusterReport -/rampart-scan', { ...counts, error: 1 }],
    ['openreports.io/v1alpha1 Report default/rampart-scan', { ...counts, fail: 2, error: 2 }],
  ]);
  assert.deepEqual(heads(policyreport), [
    ['wgpolicyk8s.io/v1alpha2 ClusterPolicyReport -/rampart-scan', { ...counts, error: 1 }],
    ['wgpolicyk8s.io/v1alpha2 PolicyReport default/rampart-scan', { ...counts, fail: 2, error: 2 }],
  ]);
});

test('a result says policy, outcome, object and place', () => {
  const [, { results }] = itemsOf(REPORT);
  assert.deepEqual(results[1], {
    source: 'rampart',
    policy: 'pss-privileged',
    rule: 'privileged',
    category: 'kubernetes',
    severity: 'high',
    result: 'fail',
    scored: true,
    resources: [{ apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'web' }],
    message: 'container "app" must not set securityContext.privileged to true',
    properties: {
      file: 'shop/web.yaml',
      line: '9',
      column: '25',
      path: '/spec/containers/0/securityContext/privileged',
      standing: 'failing',
      reason: 'validation-failed',
      action: 'deny',
      fingerprint: '02',
    },
  });
});

test('what does not fail the run is not scored, and is told apart by its standing', () => {
  const [{ summary, results }] = itemsOf(GATED_REPORT);
  assert.deepEqual(summary, { pass: 0, fail: 1, warn: 4, error: 0, skip: 1 });
  assert.deepEqual(
    // biome-ignore lint/suspicious/noExplicitAny: parsed output
    results.map(({ result, scored, properties }: any) => `${result} ${scored} ${properties.standing}`),
    [
      'warn false warn',
      'warn false audit',
      'warn false below',
      'fail true failing',
      'warn false known',
      'skip false exempted',
    ],
  );
});

test('a namespace that cannot be one is no place for a report', () => {
  const [item, ...more] = itemsOf({
    ...REPORT,
    results: REPORT.results.slice(1).map((result) => ({
      ...result,
      resource: { ...result.resource!, namespace: '../kube-system' },
    })),
  });
  assert.deepEqual([item.kind, more.length], ['ClusterReport', 0]);
});
