/** Hostile input: a clear outcome, no stack trace (see rampart.ts), bounded time, and no privileged container hidden. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FORMAT_NAMES } from '../../src/report/index.ts';
import { folderWith, lines, ONLY_PRIVILEGED, PRIVILEGED, rampart, type Scanned, scan } from './rampart.ts';

/** Scans the file beside and together with a privileged pod, which must be found whatever else is there. */
function hostile(content: string | Uint8Array, name = 'hostile.yaml'): Scanned {
  const scanned = scan({ [name]: content, 'pod.yaml': PRIVILEGED }, ONLY_PRIVILEGED);
  assert.ok(lines(scanned.results).includes('violation pss-privileged Pod/bad pod.yaml:8'), scanned.out);
  return scanned;
}

function others({ results }: Scanned): string[] {
  return lines(results.filter(({ origin }) => origin.file !== 'pod.yaml'));
}

function config(body: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n${body}\n`;
}

test('an alias bomb is refused, and the pod behind it is found', () => {
  const levels = [...'abcdefghi'].map((name, index, all) =>
    index === 0
      ? `${name}: &${name} [x, x, x, x, x, x, x, x, x]`
      : `${name}: &${name} [${`*${all[index - 1]}, `.repeat(8)}*${all[index - 1]}]`,
  );
  const scanned = hostile(`${config(levels.join('\n'))}---\n${PRIVILEGED}`);
  assert.equal(scanned.code, 3);
  const [bomb, pod] = others(scanned);
  assert.match(bomb!, /^error (too-large|unreadable-document|ambiguous-document) - hostile\.yaml:\d+$/);
  assert.match(pod!, /^violation pss-privileged Pod\/bad hostile\.yaml:\d+$/);
});

test('a merge bomb is refused', () => {
  const keys = (prefix: string) =>
    Array.from({ length: 50 }, (_, index) => `${prefix}${index}: 1`).join(', ');
  const levels = Array.from({ length: 40 }, (_, index) =>
    index === 0
      ? `l0: &l0 {${keys('a')}}`
      : `l${index}: &l${index} {<<: [${`*l${index - 1}, `.repeat(19)}*l${index - 1}], ${keys(`k${index}_`)}}`,
  );
  const scanned = hostile(`${config(levels.join('\n'))}---\n${PRIVILEGED}`);
  assert.ok(others(scanned).some((line) => line.startsWith('violation pss-privileged')));
  assert.notEqual(scanned.code, 0);
});

test('nesting 10,000 deep is refused in YAML and JSON', () => {
  const deep = [
    config(`data: ${'['.repeat(10_000)}${']'.repeat(10_000)}`),
    config(`data: ${'{a: '.repeat(10_000)}1${'}'.repeat(10_000)}`),
    config(`data:\n${Array.from({ length: 10_000 }, (_, index) => `${' '.repeat(index + 1)}a:`).join('\n')}`),
    `{"apiVersion": "v1", "kind": "ConfigMap", "data": ${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
  ];
  for (const content of deep) {
    const scanned = hostile(content);
    assert.equal(scanned.code, 3);
    assert.match(others(scanned)[0]!, /^error too-large - hostile\.yaml:\d+$/);
  }
});

test('a duplicate key is ambiguous, in every notation', () => {
  const securities = [
    '{privileged: false, privileged: true}',
    '{privileged: true, privileged: false}',
    '{privileged: true, "privileged": false}',
    '\n        privileged: true\n        privileged: false',
  ];
  for (const security of securities) {
    const scanned = hostile(PRIVILEGED.replace('{privileged: true}', security));
    assert.equal(scanned.code, 3);
    assert.match(others(scanned)[0]!, /^error ambiguous-document - hostile\.yaml:\d+$/);
  }
  const json = hostile(
    '{"apiVersion":"v1","kind":"Pod","kind":"ConfigMap","metadata":{"name":"x"},"spec":{}}',
    'hostile.json',
  );
  assert.match(others(json)[0]!, /^error ambiguous-document - hostile\.json:1$/);
});

test('__proto__ and constructor are keys like others', () => {
  const labels = '{name: bad, labels: {__proto__: x, constructor: y, toString: z, hasOwnProperty: w}}';
  const named = hostile(PRIVILEGED.replace('{name: bad}', labels));
  assert.equal(named.code, 1);
  assert.deepEqual(others(named), ['violation pss-privileged Pod/bad hostile.yaml:8']);

  // A prototype must lend nothing: neither the privileged true, nor a harmless false over a real true.
  const lent = PRIVILEGED.replace('{privileged: true}', '{__proto__: {privileged: true}}');
  assert.deepEqual(others(hostile(lent)), []);
  const merged = PRIVILEGED.replace(
    '{privileged: true}',
    '{<<: {__proto__: {privileged: false}, privileged: true}}',
  );
  assert.deepEqual(others(hostile(merged)), ['violation pss-privileged Pod/bad hostile.yaml:8']);
  const json = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'bad' },
    spec: { containers: [{ name: 'a', securityContext: { privileged: true } }] },
  }).replace('"metadata"', '"__proto__": {"spec": null}, "metadata"');
  assert.deepEqual(others(hostile(json, 'hostile.json')), [
    'violation pss-privileged Pod/bad hostile.json:1',
  ]);
});

test('merge keys and anchors are read as the API server reads them', () => {
  const merged = PRIVILEGED.replace('{privileged: true}', '{<<: {privileged: true}}');
  assert.deepEqual(others(hostile(merged)), ['violation pss-privileged Pod/bad hostile.yaml:8']);
  const overridden = PRIVILEGED.replace('{privileged: true}', '{<<: {privileged: true}, privileged: false}');
  assert.deepEqual(others(hostile(overridden)), []);
});

test('integers beyond 2^53 stay what they are', () => {
  const scanned = hostile(
    PRIVILEGED.replace(
      'spec:',
      'spec:\n  activeDeadlineSeconds: 9007199254740993\n  priority: 18446744073709551615',
    ),
  );
  assert.deepEqual(others(scanned), ['violation pss-privileged Pod/bad hostile.yaml:10']);
});

test('YAML 1.1 booleans are booleans: privileged: yes', () => {
  for (const word of ['yes', 'Yes', 'on', 'ON', 'True', 'y', 'Y']) {
    const scanned = hostile(PRIVILEGED.replace('privileged: true', `privileged: ${word}`));
    assert.deepEqual(others(scanned), ['violation pss-privileged Pod/bad hostile.yaml:8'], word);
  }
});

test('text in the place of a boolean is never a pass', () => {
  for (const value of ['"true"', '1', '[true]', '{a: b}']) {
    const scanned = hostile(PRIVILEGED.replace('privileged: true', `privileged: ${value}`));
    assert.equal(others(scanned).length, 1, value);
    assert.match(others(scanned)[0]!, /^(error|violation) pss-privileged Pod\/bad/, value);
  }
});

test('empty files, comments and bare separators are nothing', () => {
  for (const content of ['', '\n\n', '# only a comment\n', '---\n---\n...\n', '\ufeff']) {
    const scanned = hostile(content);
    assert.deepEqual(others(scanned), [], JSON.stringify(content));
    assert.equal(scanned.code, 1);
  }
});

test('a binary named .yaml is not Kubernetes; named on the command line it is an error', () => {
  const bytes = Uint8Array.from({ length: 4096 }, (_, index) => (index * 7919) % 256);
  const walked = hostile(bytes);
  assert.deepEqual(others(walked), []);
  assert.equal(walked.summary.notKubernetes, 1);
  const named = rampart(['scan', 'b.yaml', 'pod.yaml', '--format', 'json', ...ONLY_PRIVILEGED], {
    cwd: folderWith({ 'b.yaml': bytes, 'pod.yaml': PRIVILEGED }),
  });
  assert.equal(named.code, 3);
  assert.match(named.out, /unreadable/);
});

test('a byte order mark, CRLF and UTF-16 columns do not hide or shift anything', () => {
  assert.deepEqual(others(hostile(`\ufeff${PRIVILEGED}`)), [
    'violation pss-privileged Pod/bad hostile.yaml:8',
  ]);
  assert.deepEqual(others(hostile(PRIVILEGED.replaceAll('\n', '\r\n'))), [
    'violation pss-privileged Pod/bad hostile.yaml:8',
  ]);
  const { results } = hostile(PRIVILEGED.replace('{privileged: true}', '{"\u{1f600}": 1, privileged: true}'));
  const [wide] = results.filter(({ origin }) => origin.file === 'hostile.yaml');
  assert.equal(wide?.origin.column, '      securityContext: {"\u{1f600}": 1, '.length + 1);
});

test('UTF-16 text is refused, not passed over', () => {
  const scanned = hostile(Buffer.from(`\ufeff${PRIVILEGED}`, 'utf16le'));
  assert.equal(scanned.code, 3);
  assert.match(others(scanned)[0]!, /^error unreadable/);
});

test('tabs where YAML forbids them are an error with a line', () => {
  const scanned = hostile(PRIVILEGED.replace('      securityContext', '\tsecurityContext'));
  assert.equal(scanned.code, 3);
  assert.match(others(scanned)[0]!, /^error unreadable-document - hostile\.yaml:[78]$/);
});

test('a broken second document: the first is reported, the second is an error with its line', () => {
  const scanned = hostile(`${PRIVILEGED}---\napiVersion: v1\nkind: Pod\nmetadata: {name: [unclosed\n`);
  assert.equal(scanned.code, 3);
  const [first, second] = others(scanned);
  assert.equal(first, 'violation pss-privileged Pod/bad hostile.yaml:8');
  assert.match(second!, /^error unreadable-document - hostile\.yaml:1[0-4]$/);
});

test('the document after a broken one is still read', () => {
  const scanned = hostile(`apiVersion: v1\nkind: Pod\nmetadata: {name: [unclosed\n---\n${PRIVILEGED}`);
  assert.equal(scanned.code, 3);
  assert.ok(
    others(scanned).includes('violation pss-privileged Pod/bad hostile.yaml:12'),
    others(scanned).join(),
  );
});

test('a 50 MB file is read to its end', () => {
  const filler = `${config(`data:\n${`  # ${'x'.repeat(1000)}\n`.repeat(500)}  key: value`)}---\n`;
  const count = Math.ceil((50 << 20) / filler.length);
  const scanned = hostile(filler.repeat(count) + PRIVILEGED);
  assert.equal(scanned.code, 1);
  assert.equal(others(scanned).length, 1);
  assert.equal(scanned.summary.resources, count + 2);
});

test('one document of 50 MB is read or refused, never passed over', () => {
  const body = `data:\n${Array.from({ length: 50 }, (_, index) => `  k${index}: "${'y'.repeat(1 << 20)}"`).join('\n')}`;
  const scanned = hostile(`${config(body)}---\n${PRIVILEGED}`);
  assert.ok(others(scanned).some((line) => line.startsWith('violation pss-privileged Pod/bad')));
});

test('a file beyond the limit is an error', () => {
  const scanned = hostile(`# ${'x'.repeat(70 << 20)}\n${PRIVILEGED}`);
  assert.equal(scanned.code, 3);
  assert.deepEqual(others(scanned), ['error too-large - hostile.yaml:1']);
});

test('containers: null is an empty list, spec: [] is malformed, neither is a crash', () => {
  const none = hostile('apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: null}\n');
  assert.equal(none.code, 1);
  assert.deepEqual(others(none), []);
  for (const spec of [
    '[]',
    '"text"',
    '7',
    '{containers: {}}',
    '{containers: [7]}',
    '{containers: [null]}',
    '{containers: [[]]}',
  ]) {
    const scanned = hostile(`apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: ${spec}\n`);
    assert.equal(scanned.code, 3, spec);
    assert.match(others(scanned)[0]!, /^error pss-privileged Pod\/x/, spec);
  }
});

test('metadata that is no mapping, a kind that is no text', () => {
  const listed = hostile(
    'apiVersion: v1\nkind: Pod\nmetadata: []\nspec: {containers: [{name: a, securityContext: {privileged: true}}]}\n',
  );
  assert.notEqual(others(listed).length, 0);
  const numbered = hostile('apiVersion: v1\nkind: 7\n');
  assert.match(others(numbered)[0]!, /^error unreadable-document/);
});

test('names full of control characters come out harmless', () => {
  const name = '\u001b[31mred\u0007\u202e\u009b2J';
  const escaped = JSON.stringify({ name }).replace(
    /[^ -~]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const pod = PRIVILEGED.replace('{name: bad}', () => escaped);
  const cwd = folderWith({ 'a\u001b[2Jb.yaml': pod });
  for (const format of FORMAT_NAMES) {
    const { out } = rampart(['scan', '.', '--format', format, ...ONLY_PRIVILEGED], { cwd });
    assert.match(out, /pss-privileged/);
    assert.doesNotMatch(out.replaceAll('\n', ''), /[\p{Cc}\u202e]/u, format);
  }
});

test('a chart that is not rendered is one error, not a pass', () => {
  const scanned = scan(
    {
      'chart/Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0\n',
      'chart/templates/a.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: {{ .Values.name }}}\n',
      'chart/templates/b.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: {{ .Values.name }}}\n',
      'pod.yaml': PRIVILEGED,
    },
    ONLY_PRIVILEGED,
  );
  assert.equal(scanned.code, 3);
  assert.equal(scanned.results.filter(({ reason }) => reason === 'not-rendered').length, 1);
});

test('a misspelt kind does not hide a privileged container behind a pass', () => {
  const ran = scan({ 'pod.yaml': PRIVILEGED.replace('kind: Pod', 'kind: pod') });
  assert.equal(ran.code, 3);
  assert.deepEqual(lines(ran.results), ['error unknown-kind - pod.yaml:2']);
  const swapped = scan({ 'pod.yaml': PRIVILEGED.replace('apiVersion: v1', 'apiVersion: apps/v1') });
  assert.deepEqual(lines(swapped.results), ['error unknown-kind - pod.yaml:2']);
  assert.match(swapped.results[0]!.detail, /no apps\/v1 Pod/);
});
