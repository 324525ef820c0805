import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SuppressionFile } from './suppression.ts';
import { readTrivyComment, readTrivyIgnore, readTrivyIgnoreYaml } from './trivy.ts';

const ignore = (
  check: string,
  { comment = '', until = undefined as string | undefined, form = 'id' } = {},
) => ({
  tool: 'trivy',
  form,
  check,
  comment,
  until,
});

test('a comment names a check, its end is the day before', () => {
  assert.deepEqual(readTrivyComment('AVD-KSV-0017'), [ignore('AVD-KSV-0017')]);
  assert.deepEqual(readTrivyComment('ksv017:exp:2027-03-01 until it moves'), [
    ignore('ksv017', { until: '2027-02-28', comment: 'until it moves' }),
  ]);
  assert.deepEqual(readTrivyComment('KSV-0017[name=a]:ws:prod'), [ignore('KSV-0017')]);
});

test('several comments of one line, and patterns', () => {
  assert.deepEqual(readTrivyComment('KSV-0017 #trivy:ignore:* tfsec:ignore:KSV-00* why'), [
    ignore('KSV-0017', { comment: 'why' }),
    ignore('*', { comment: 'why', form: 'all' }),
    ignore('KSV-00*', { comment: 'why', form: 'glob' }),
  ]);
});

test('a comment without a check or with no day is a fault', () => {
  for (const text of ['', ':exp:2027-01-01', 'KSV-0017:exp:soon', 'KSV-0017:exp:2027-02-30', 'KSV-0017:exp'])
    assert.ok('fault' in readTrivyComment(text)[0]!, text);
});

function places({ entries }: SuppressionFile) {
  return entries.map(({ line, column, said }) => [line, column, 'fault' in said ? 'fault' : said]);
}

test('.trivyignore: ids of Kubernetes, ends, the comment above', () => {
  const text = `# Not ours
# to decide
KSV-0017
CVE-2019-14697 exp:2030-01-01

# of nothing

  AVD-KSV-0009 exp:2027-01-01
AVD-DS-0002
KSV001 exp:never
*
`;
  const file = readTrivyIgnore(text.replaceAll('\n', '\r\n'));
  assert.deepEqual(places(file), [
    [3, 1, ignore('KSV-0017', { comment: 'Not ours to decide' })],
    [8, 3, ignore('AVD-KSV-0009', { until: '2026-12-31' })],
    [10, 1, 'fault'],
  ]);
  assert.equal(file.others, 3);
});

test('.trivyignore.yaml: misconfigurations of Kubernetes alone, with paths', () => {
  const file = readTrivyIgnoreYaml(`vulnerabilities: [{id: CVE-1}, {id: CVE-2}]
misconfigurations:
  - id: KSV-0009
    paths: ["deploy/**/*.yaml", 'a?.yaml']
    expired_at: 2027-01-01
    statement: it runs there
  - id: AVD-DS-0001
  - id: KSV-0010
    expired_at: 2027-01-01T10:00:00Z
`);
  assert.equal(file.others, 3);
  assert.deepEqual(file.entries, [
    {
      line: 3,
      column: 5,
      said: ignore('KSV-0009', { until: '2026-12-31', comment: 'it runs there' }),
      scope: { by: 'path', paths: ['deploy/(?:[^/]*/)*[^/]*\\.yaml', 'a[^/]\\.yaml'] },
    },
    { line: 8, column: 5, said: ignore('KSV-0010', { until: '2026-12-31' }) },
  ]);
});

test('what is wrong in .trivyignore.yaml has a place', () => {
  const faults = (text: string) => places(readTrivyIgnoreYaml(text));
  assert.deepEqual(faults(''), []);
  assert.deepEqual(faults('- a'), [[1, 1, 'fault']]);
  assert.deepEqual(faults('misconfigurations: 3'), [[1, 1, 'fault']]);
  assert.deepEqual(faults('misconfigurations:\n  - {paths: [a]}'), [[2, 5, 'fault']]);
  assert.deepEqual(faults('misconfigurations:\n  - {id: KSV-0001, paths: ["[a"]}'), [[2, 28, 'fault']]);
  assert.deepEqual(faults('misconfigurations:\n  - {id: KSV-0001, expired_at: 3}'), [[2, 20, 'fault']]);
  assert.deepEqual(faults('a: [\nb: 1'), [[2, 4, 'fault']]);
  assert.deepEqual(faults('a: 1\n---\nb: 1'), [[3, 1, 'fault']]);
});
