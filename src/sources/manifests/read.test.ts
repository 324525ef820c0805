import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_LIMITS } from './limits.ts';
import { type Manifest, type ManifestOptions, readManifest } from './read.ts';

function read(input: string | Uint8Array, options: Partial<ManifestOptions> = {}): Manifest {
  return readManifest(input, { file: 'm.yaml', ...options });
}

/** Kind and name of what was read. */
function kinds({ resources }: Manifest): string[] {
  return resources.map(({ ref }) => `${ref.kind}/${ref.name}`);
}

/** Reason and place of what was not. */
function faults({ problems }: Manifest): string[] {
  return problems.map(({ reason, origin }) => `${reason} ${origin.line}:${origin.column}`);
}

function pod(name: string, spec = 'containers: []'): string {
  return `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\nspec:\n  ${spec}\n`;
}

const PRIVILEGED = 'containers: [{name: c, securityContext: {privileged: true}}]';

/** `spec.containers[0].securityContext.privileged` of the first object. */
function privileged(manifest: Manifest): unknown {
  const spec = manifest.resources[0]?.object['spec'] as {
    containers: { securityContext: { privileged: unknown } }[];
  };
  return spec.containers[0]?.securityContext.privileged;
}

test('every document becomes a resource with its place', () => {
  const manifest = read(`# first\n${pod('a')}---\n---\n# nothing\n---\n\n${pod('b')}`);
  assert.deepEqual(
    manifest.resources.map(({ ref, origin }) => [ref, origin]),
    [
      [
        { apiVersion: 'v1', kind: 'Pod', namespace: '', name: 'a' },
        { file: 'm.yaml', document: 0, line: 2, pointer: '' },
      ],
      [
        { apiVersion: 'v1', kind: 'Pod', namespace: '', name: 'b' },
        { file: 'm.yaml', document: 2, line: 13, pointer: '' },
      ],
    ],
  );
  assert.deepEqual([manifest.problems, manifest.notKubernetes], [[], []]);
});

test('lists of every kind are taken apart', () => {
  const list = (kind: string, items: string) => `apiVersion: v1\nkind: ${kind}\nitems:\n${items}`;
  const manifest = read(
    list(
      'List',
      '- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n- {apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod, metadata: {name: b}}]}\n',
    ),
  );
  assert.deepEqual(kinds(manifest), ['Pod/a', 'Pod/b']);
  assert.deepEqual(
    manifest.resources.map(({ origin }) => origin.pointer),
    ['/items/0', '/items/1/items/0'],
  );
  const typed = read(
    list('PodList', '- {metadata: {name: c}}\n- {apiVersion: v1, kind: Secret, metadata: {name: d}}\n'),
  );
  assert.deepEqual(kinds(typed), ['Pod/c', 'Secret/d']);
  assert.deepEqual(typed.resources[0]?.object['apiVersion'], 'v1');
  assert.deepEqual(kinds(read(list('List', '').replace('items:\n', 'items: null\n'))), []);
});

test('a template that is not rendered is called one', () => {
  for (const line of ['name: {{ .Values.name }}', '{{- if .x }}', 'name: {{ a }}-{{ b }}'])
    assert.match(
      read(`apiVersion: v1\nkind: Pod\nmetadata:\n  ${line}\n`).problems[0]!.detail,
      /render it first$/,
      line,
    );
});

test('what is no object in a List is refused, and the objects beside it are read', () => {
  const details = (items: string) => {
    const { problems, resources, notKubernetes } = read(`apiVersion: v1\nkind: List\nitems: ${items}\n`);
    assert.deepEqual(notKubernetes, []);
    return [resources.length, ...problems.map(({ detail }) => detail)];
  };
  assert.deepEqual(details('{a: {apiVersion: v1, kind: Pod}}'), [0, 'items of a List: expected a list']);
  assert.deepEqual(details('[{kind: Pod}, {apiVersion: v1, kind: Pod}, null]'), [
    1,
    'items of a List: item 0 has a kind but no apiVersion (and 1 more)',
  ]);
});

test('an object of another kind that carries objects hides none of them', () => {
  const manifest = read(
    'apiVersion: x/v1\nkind: Bundle\nmetadata: {name: a}\nitems: [{apiVersion: v1, kind: Pod, metadata: {name: b}}]\n',
  );
  assert.deepEqual(kinds(manifest), ['Bundle/a', 'Pod/b']);
});

test('a bare list of objects is a problem, of other things is not', () => {
  assert.deepEqual(faults(read(`- {apiVersion: v1, kind: Pod}\n`)), ['unreadable-document 1:1']);
  assert.deepEqual(read('- a\n- b\n').notKubernetes.length, 1);
  assert.deepEqual(faults(read('[{"apiVersion": "v1", "kind": "Pod"}]', { file: 'a.json' })), [
    'unreadable-document 1:1',
  ]);
});

test('what has no apiVersion and kind is not Kubernetes', () => {
  const { notKubernetes, problems } = read(
    'a: 1\n---\nkind: Pod\n---\napiVersion: v1\n---\n- x\n---\ntext\n---\nKind: Pod\napiversion: v1\n',
  );
  assert.deepEqual(
    notKubernetes.map(({ line, detail }) => `${line} ${detail}`),
    [
      '1 has no apiVersion and kind',
      '3 has a kind but no apiVersion',
      '5 has an apiVersion but no kind',
      '7 is a list',
      '9 is a single value',
      '11 has no apiVersion and kind',
    ],
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(faults(read('apiVersion: v1\nkind: true\n')), ['unreadable-document 1:1']);
  assert.deepEqual(faults(read('apiVersion: 1\nkind: Pod\n')), ['unreadable-document 1:1']);
});

test('names: generateName has a star, odd metadata has none', () => {
  const of = (metadata: string) =>
    read(`{apiVersion: v1, kind: Pod, metadata: ${metadata}}`).resources[0]?.ref;
  assert.deepEqual(of('{generateName: a-, namespace: shop}'), {
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: 'shop',
    name: 'a-*',
  });
  for (const odd of ['null', '[]', '5', '{name: 5, namespace: {}}', '{name: ""}'])
    assert.equal(of(odd)?.name, '');
});

test('the first document counts when the second is broken', () => {
  const manifest = read(`${pod('a')}---\napiVersion: v1\nkind: [\n  x\n---\n${pod('c')}`);
  assert.deepEqual(kinds(manifest), ['Pod/a', 'Pod/c']);
  assert.deepEqual(faults(manifest), ['unreadable-document 10:3']);
});

test('a broken file met in a walk is an error only if it looks like Kubernetes', () => {
  const broken = 'a: [\n';
  assert.deepEqual(read(broken).notKubernetes.length, 1);
  assert.deepEqual(faults(read(broken, { named: true })), ['unreadable-document 1:4']);
  for (const mention of [
    'kind: Pod',
    '"apiVersion": v1',
    '  - kind: Pod',
    '? kind',
    '{"a": 1, "kind": "Pod"',
  ]) {
    assert.deepEqual(faults(read(`${mention}\n${broken}`)).length, 1, mention);
  }
  for (const other of ['x: kind: y', 'mankind: 1', '# kinds'])
    assert.deepEqual(faults(read(`${other}\n${broken}`)), [], other);
});

test('keys given twice are refused, in every form', () => {
  const twice = [
    'privileged: false\nprivileged: true\n',
    '{privileged: false, privileged: true}',
    'true: a\nyes: b\n',
    '8: a\n010: b\n',
    '1: a\n"1": b\n',
    '"a": 1\n\'a\': 2\n',
    '__proto__: 1\n__proto__: 2\n',
    'constructor: 1\nconstructor: 2\n',
    '&k a: 1\n*k : 2\n',
    '<<: {a: 1, a: 2}\n',
    '{"a": 1, "\\u0061": 2}',
    '{"__proto__": 1, "__proto__": 2}',
    '{"a": {"toString": 1, "toString": 1}}',
  ];
  for (const text of twice)
    assert.deepEqual(
      read(text).problems.map(({ reason }) => reason),
      ['ambiguous-document'],
      text,
    );
});

test('keys that differ in case are different keys', () => {
  assert.equal(
    privileged(read(pod('a', PRIVILEGED.replace('{privileged', '{Privileged: false, privileged')))),
    true,
  );
});

test('names of Object.prototype are ordinary keys, by themselves and by merge', () => {
  const text = `apiVersion: v1
kind: Pod
metadata:
  labels: &l {__proto__: {privileged: false}, constructor: a, toString: b, hasOwnProperty: c}
  annotations: {<<: *l, valueOf: d}
`;
  const labels = read(text).resources[0]?.object['metadata'] as { labels: object; annotations: object };
  for (const map of [labels.labels, labels.annotations]) {
    assert.equal(Object.getPrototypeOf(map), Object.prototype);
    assert.deepEqual(Object.keys(map).slice(0, 4), [
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
    ]);
    assert.equal('privileged' in map, false);
  }
  const json = read('{"apiVersion":"v1","kind":"Pod","__proto__":{"polluted":1}}').resources[0]?.object;
  assert.deepEqual(
    [Object.keys(json ?? {}), (json as { polluted?: 1 }).polluted],
    [['apiVersion', 'kind', '__proto__'], undefined],
  );
  assert.equal(({} as { polluted?: 1 }).polluted, undefined);
});

test('YAML 1.1 booleans and numbers are what the API server sees', () => {
  for (const word of ['yes', 'y', 'on', 'True', 'TRUE', '!!bool "yes"', '&a yes']) {
    assert.equal(privileged(read(pod('a', PRIVILEGED.replace('true', word)))), true, word);
  }
  assert.equal(privileged(read(pod('a', PRIVILEGED.replace('true', '"true"')))), 'true');
  const numbers =
    '{apiVersion: v1, kind: Pod, v: [010, 0o10, 0x1F, 0b11, 1_000, 1:30, -0, 1.0, 1.5, 9007199254740993, 18446744073709551615, 2001-01-01, 1e3]}';
  assert.deepEqual(read(numbers).resources[0]?.object['v'], [
    8,
    8,
    31,
    3,
    1000,
    '1:30',
    0,
    1,
    Object(1.5),
    9007199254740993n,
    Object(2 ** 64),
    '2001-01-01',
    1000,
  ]);
});

test('JSON numbers keep int64 and float64 apart', () => {
  const json =
    '{"apiVersion":"v1","kind":"Pod","v":[1,1.0,-0,1e3,9007199254740993,9223372036854775808,-9223372036854775808]}';
  assert.deepEqual(read(json).resources[0]?.object['v'], [
    1,
    Object(1),
    0,
    Object(1000),
    9007199254740993n,
    Object(2 ** 63),
    -9223372036854775808n,
  ]);
  assert.equal(faults(read('{"apiVersion":"v1","kind":"Pod","v":1e400}')).length, 1);
});

test('JSON lines, one of them broken', () => {
  const line = (name: string) => `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"${name}"}}\n`;
  const manifest = read(`${line('a')}${line('b')}{"apiVersion":"v1","kind":\n${line('d')}`, {
    file: 'x.ndjson',
  });
  assert.deepEqual(kinds(manifest), ['Pod/a', 'Pod/b', 'Pod/d'].slice(0, kinds(manifest).length));
  assert.deepEqual(manifest.resources.map(({ origin }) => origin.line).slice(0, 2), [1, 2]);
  assert.equal(faults(manifest).length, 1);
});

test('byte order mark, CRLF, tabs, NEL and separators of Unicode hide nothing', () => {
  const text = pod('a', PRIVILEGED);
  for (const form of [
    `\ufeff${text}`,
    text.replaceAll('\n', '\r\n'),
    text.replaceAll('\n', '\r'),
    text.replaceAll(': ', ':\t'),
    text.replaceAll('\n', '\u2028'),
    text.replaceAll('\n', '\u0085'),
    `# comment\u2029${text}`,
    `---\n${text}`,
    `--- # x\r\n${text}...\n`,
    `%YAML 1.1\n---\n${text}`,
    `${text}---`,
  ]) {
    const manifest = read(Buffer.from(form));
    assert.equal(privileged(manifest), true, JSON.stringify(form));
  }
});

test('what stands behind the end of a document is a problem', () => {
  for (const rest of ['...\nprivileged: true\n', '\r---\r{a: 1}\n']) {
    const manifest = read(`{apiVersion: v1, kind: Pod}\n${rest}`);
    assert.deepEqual(
      [kinds(manifest).length, manifest.problems.map(({ reason }) => reason)],
      [1, ['ambiguous-document']],
    );
  }
  assert.deepEqual(faults(read('a: 1\n--- {apiVersion: v1, kind: Pod}\n')), ['unreadable-document 2:1']);
});

test('control characters and bytes that are no text', () => {
  assert.deepEqual(faults(read('apiVersion: v1\nkind: Pod\nx: "\0"\n')), ['unreadable-document 3:5']);
  assert.deepEqual(faults(read('apiVersion: v1\nkind: Pod\n# \x07\n')), ['unreadable-document 3:3']);
  assert.deepEqual(faults(read('apiVersion: v1\nkind: Pod\nx: "\ud800"\n')), ['unreadable-document 3:5']);
  const binary = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0xff, 0xfe, 0x00, 0x80]);
  assert.deepEqual([faults(read(binary)), read(binary).notKubernetes.length], [[], 1]);
  assert.deepEqual(faults(read(binary, { named: true })), ['unreadable-file 1:1']);
  const latin = Buffer.from(pod('\xe9'), 'latin1');
  assert.deepEqual(faults(read(latin)), ['unreadable-file 1:1']);
  const utf16 = Buffer.from(`\ufeff${pod('a')}`, 'utf16le');
  assert.deepEqual(faults(read(utf16)), ['unreadable-file 1:1']);
  assert.deepEqual(faults(read(Buffer.from('apiVersion: v1\nkind: Pod\nx: "\ufffd"\n'))), []);
});

test('empty files are nothing', () => {
  for (const text of ['', '\n', '---\n', '# only a comment\n', '\ufeff', '---\n---\n', 'null\n', '~']) {
    assert.deepEqual(
      { ...read(text), text: '' },
      { resources: [], problems: [], notKubernetes: [], text: '' },
      text,
    );
  }
});

test('null and empty collections stay as they are', () => {
  const { resources } = read(
    `${pod('a', 'containers: null')}---\n${pod('b', 'containers:')}---\napiVersion: v1\nkind: Pod\nspec: []\n`,
  );
  assert.deepEqual(
    resources.map(({ object }) => object['spec']),
    [{ containers: null }, { containers: null }, []],
  );
});

test('aliases are copies', () => {
  const { resources } = read('apiVersion: v1\nkind: Pod\na: &x {y: [1]}\nb: *x\n');
  const { a, b } = resources[0]!.object as { a: object; b: object };
  assert.deepEqual(a, b);
  assert.notEqual(a, b);
});

test('bombs of aliases and merges end with a problem', () => {
  const levels = Array.from({ length: 30 }, (_, index) => index + 1);
  const aliases = `a0: &a0 [x, x]\n${levels.map((level) => `a${level}: &a${level} [*a${level - 1}, *a${level - 1}]`).join('\n')}\n`;
  const merges = `m0: &m0 {k: 1}\n${levels.map((level) => `m${level}: &m${level} {<<: [*m${level - 1}, *m${level - 1}], k${level}: 1}`).join('\n')}\n`;
  for (const bomb of [aliases, merges]) {
    const manifest = read(`${pod('a', PRIVILEGED)}---\napiVersion: v1\nkind: Pod\n${bomb}`);
    assert.deepEqual(
      [privileged(manifest), manifest.problems.map(({ reason }) => reason)],
      [true, ['too-large']],
    );
  }
  assert.deepEqual(faults(read('apiVersion: v1\nkind: Pod\na: &a [*a]\n')), ['unreadable-document 3:8']);
  assert.deepEqual(faults(read('apiVersion: v1\nkind: Pod\na: &a {<<: *a}\n')), ['unreadable-document 3:12']);
  assert.deepEqual(faults(read('apiVersion: v1\nkind: Pod\na: *nowhere\n')), ['unreadable-document 3:4']);
});

test('10,000 levels of nesting end with a problem, in every form', () => {
  const depth = 10_000;
  const deep = [
    '['.repeat(depth),
    '['.repeat(depth) + ']'.repeat(depth),
    '{a: '.repeat(depth),
    '- '.repeat(depth),
    '? '.repeat(depth),
    Array.from({ length: depth }, (_, level) => `${' '.repeat(level)}a:\n`).join(''),
    `{"apiVersion":"v1","kind":"Pod","a":${'[1,'.repeat(depth)}`,
    `{"apiVersion":"v1","kind":"Pod","a":${'['.repeat(depth)}${']'.repeat(depth)}}`,
    '&a '.repeat(depth),
    '!a '.repeat(depth),
    '"\\\n'.repeat(depth),
    `${'x\n'.repeat(depth)}: y`,
  ];
  for (const text of deep) {
    const manifest = read(`${text}\n---\n${pod('a', PRIVILEGED)}`, { named: true });
    assert.ok(manifest.problems.length > 0, text.slice(0, 20));
    if (!text.startsWith('{"')) assert.equal(privileged(manifest), true, text.slice(0, 20));
  }
  assert.deepEqual(
    faults(
      read(`apiVersion: v1\nkind: Pod\na: ${'['.repeat(11)}${']'.repeat(11)}`, {
        limits: { ...DEFAULT_LIMITS, depth: 10 },
      }),
    ),
    ['too-large 3:14'],
  );
});

test('limits of size and of the number of documents', () => {
  const limits = { ...DEFAULT_LIMITS, fileBytes: 100, documents: 3 };
  assert.deepEqual(faults(read('x'.repeat(101), { limits })), ['too-large 1:1']);
  assert.deepEqual(faults(read('a: 1\n---\n'.repeat(5), { limits })), ['too-large 7:1']);
  assert.deepEqual(faults(read('{}\n'.repeat(5), { limits })), ['too-large 4:1']);
});

test('a file of nothing but faults ends soon', () => {
  const manifest = read('kind: [\n---\n'.repeat(5_000));
  assert.ok(manifest.problems.length <= 102, String(manifest.problems.length));
  assert.equal(manifest.problems.at(-1)?.reason, 'too-large');
});

test('50 MB in one document, and in many', () => {
  const value = 'x'.repeat(1_000);
  const big = `apiVersion: v1\nkind: ConfigMap\ndata:\n${Array.from({ length: 50_000 }, (_, index) => `  k${index}: ${value}\n`).join('')}`;
  const one = read(Buffer.from(big));
  assert.equal(Object.keys(one.resources[0]?.object['data'] as object).length, 50_000);
  const many = read(Buffer.from(`${pod('a', `x: ${value}`)}---\n`.repeat(45_000)));
  assert.equal(many.resources.length, 45_000);
});

test('a document of nothing but signs ends before it takes the memory', () => {
  const manifest = read(
    `${pod('a', PRIVILEGED)}---\napiVersion: v1\nkind: Pod\na: [${'[],'.repeat(6_000_000)}]`,
  );
  assert.deepEqual(
    [privileged(manifest), manifest.problems.map(({ reason }) => reason)],
    [true, ['too-large']],
  );
});

test('text that makes naive readers quadratic', () => {
  const long = 200_000;
  for (const text of [
    '\n'.repeat(long),
    ' '.repeat(long),
    `a: ${' '.repeat(long)}b`,
    `a: "${'\n'.repeat(long)}"`,
    `a: |\n${'\n'.repeat(long)}`,
    `# ${'#'.repeat(long)}\nkind: [`,
    `${'{ '.repeat(long)}`,
    `${'[a, '.repeat(long)}`,
    `{${'a, '.repeat(3)}${'"b": '.repeat(long)}`,
    `kind: [${', '.repeat(long)}`,
    `x: ${'a: '.repeat(long)}`,
    `${'- \n'.repeat(long)}`,
    `a: ${'\\'.repeat(long)}`,
    `${'&a !b '.repeat(long)}`,
    `${'x '.repeat(long)}: 1`,
  ]) {
    assert.doesNotThrow(() => read(text, { named: true }));
  }
});
