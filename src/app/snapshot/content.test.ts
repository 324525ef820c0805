import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SnapshotContent } from '../../model/index.ts';
import { readJson } from '../../sources/manifests/json.ts';
import { canonicalJson } from './canonical.ts';
import { contentText, digesting, digestOf, inOrder, readingContent, writingContent } from './content.ts';
import { atOnce } from './steps.ts';

const key = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString', ''));
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.maxSafeInteger(),
    fc.bigInt(2n ** 53n, 2n ** 63n - 1n),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => Object(number) as number),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4 }),
  ),
}));

/** Kinds of numbers are seen by it, and own keys of any name. */
function shape(of: unknown): unknown {
  if (of instanceof Number) return ['double', Object.is(Number(of), -0) ? '-0' : Number(of)];
  if (Array.isArray(of)) return of.map(shape);
  if (typeof of !== 'object' || of === null) return of;
  return Object.entries(of)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, inner]) => [name, shape(inner)]);
}

test('canonical JSON is read again as what it was, whatever its numbers are', () => {
  fc.assert(
    fc.property(value, (given) => {
      const text = canonicalJson(given);
      assert.deepEqual(shape(readJson(text, 0, 100).value), shape(Object.is(given, -0) ? 0 : given));
      assert.equal(canonicalJson(readJson(text, 0, 100).value), text);
    }),
  );
  assert.equal(
    canonicalJson({ b: Object(1), a: [9007199254740993n, 1, Object(-0), Object(1e21), Object(2 ** 60)] }),
    '{"a":[9007199254740993,1,-0.0,1e+21,1152921504606847000.0],"b":1.0}',
  );
});

const document = fc.record({
  text: fc.oneof(fc.json(), fc.string({ unit: 'binary' })),
  origin: fc.record(
    { file: fc.string(), line: fc.nat(), commit: fc.string() },
    { requiredKeys: ['file', 'line'] },
  ),
  decides: fc.boolean(),
});
const content: fc.Arbitrary<SnapshotContent> = fc.record({
  format: fc.constant(1 as const),
  settings: fc.constant({ 'pss.version': 'v1.30', 'kubernetes.version': 'v1.34' }),
  documents: fc.array(document).map(inOrder),
  policies: fc.array(fc.string()),
  severities: fc.dictionary(fc.string(), fc.constantFrom('high' as const, 'low' as const)),
  stages: fc.dictionary(
    fc.string(),
    fc.array(
      fc.constantFrom({ stage: 'warn' as const }, { stage: 'enforce' as const, scope: { percent: 5 } }),
    ),
  ),
  tiers: fc.record({
    default: fc.constantFrom('low' as const, 'high' as const),
    namespaces: fc.dictionary(fc.string(), fc.constant('medium' as const)),
  }),
  podPaths: fc.constant(['Rollout.argoproj.io=spec.template']),
  namespace: fc.constant('default'),
});

test('a content is read again as what it was', () => {
  fc.assert(
    fc.property(content, (given) => {
      const text = contentText(given);
      const read = atOnce(readingContent(text));
      assert.ok(read.ok, JSON.stringify(read));
      assert.equal(contentText(read.content), text);
      assert.deepEqual(read.content.documents.map(shape), given.documents.map(shape));
      assert.equal(atOnce(digesting(text)), digestOf(text));
    }),
  );
});

test('read beside a former one, it is the same, and takes over documents that are the same', () => {
  fc.assert(
    fc.property(content, content, fc.boolean(), (former, other, alike) => {
      const given = alike ? { ...other, documents: former.documents } : other;
      const text = contentText(given);
      const before = { text: contentText(former), documents: former.documents };
      const read = atOnce(readingContent(text, before));
      assert.ok(read.ok, JSON.stringify(read));
      assert.equal(contentText(read.content), text);
      if (alike) assert.equal(read.content.documents, former.documents);
    }),
  );
});

test('written in steps it is the same text', () => {
  fc.assert(fc.property(content, (given) => assert.equal(atOnce(writingContent(given)), contentText(given))));
});

test('the digest does not hang on the order of documents', () => {
  fc.assert(
    fc.property(content, fc.gen(), (given, gen) => {
      const shuffled = gen(fc.shuffledSubarray, [...given.documents], {
        minLength: given.documents.length,
        maxLength: given.documents.length,
      });
      assert.equal(
        contentText({ ...given, documents: inOrder(shuffled) }),
        contentText({ ...given, documents: inOrder(given.documents) }),
      );
    }),
  );
});

test('the digest of a long text is the same in steps', () => {
  const text = 'a😀'.repeat(400_000);
  assert.equal(atOnce(digesting(text)), digestOf(text));
});

const MINIMAL: SnapshotContent = {
  format: 1,
  settings: {},
  documents: [{ text: '{}', origin: { file: 'a', line: 1 }, decides: true }],
  policies: [],
  severities: {},
  stages: {},
  tiers: { default: 'high', namespaces: {} },
  podPaths: [],
  namespace: 'default',
};

test('what is no content is refused with what is wrong', () => {
  const reasonOf = (text: string) => {
    const read = atOnce(readingContent(text));
    return read.ok ? 'ok' : read.reason;
  };
  const text = contentText(MINIMAL);
  assert.equal(reasonOf(text), 'ok');
  const others: readonly [string, string][] = [
    ['', 'malformed'],
    ['[]', 'malformed'],
    ['null', 'malformed'],
    ['{"documents":[', 'malformed'],
    ['{"documents":[]}', 'malformed'],
    ['{"format":2}', 'unknown-format'],
    [text.replace('"format":1', '"format":2'), 'unknown-format'],
    [text.replace('"format":1', '"format":1,"more":{}'), 'malformed'],
    [text.replace('"namespace":"default"', '"namespace":1'), 'malformed'],
    [text.replace('"settings":{}', '"settings":{"cel.version":"v1.1"}'), 'malformed'],
    [text.replace('"podPaths":[]', '"podPaths":["x"]'), 'malformed'],
    [
      text.replace('"stages":{}', '"stages":{"a":[{"stage":"enforce","scope":{"namespace":["b"]}}]}'),
      'malformed',
    ],
    [text.replace('"line":1', '"line":"1"'), 'malformed'],
    [text.replace('"decides":true,', ''), 'malformed'],
    [` ${text}`, 'malformed'],
  ];
  for (const [given, reason] of others) assert.equal(reasonOf(given), reason, given);
  for (let end = 0; end < text.length; end++) assert.notEqual(reasonOf(text.slice(0, end)), 'ok');
});
