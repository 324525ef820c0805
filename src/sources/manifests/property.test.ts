import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createLocator } from './locate.ts';
import { type Manifest, readManifest } from './read.ts';

const FRAGMENTS = [
  'apiVersion: v1\n',
  'kind: Pod\n',
  'a: ',
  '- ',
  '  ',
  '\n',
  '---\n',
  '{',
  '}',
  '[',
  ']',
  ',',
  ': ',
  '? ',
  '&x ',
  '*x',
  '<<: ',
  '!!int ',
  '"',
  "'",
  '|\n',
  '>-\n',
  '# c\n',
  '\t',
  '\r\n',
  '\\u00e9',
  '1',
  '0x1f',
  'yes',
  '~',
  '__proto__',
  'é',
  '😀',
  '\u2028',
  '...\n',
  '{"a": 1}',
];

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.array(fc.constantFrom(...FRAGMENTS), { maxLength: 40 }).map((parts) => parts.join('')),
);

function read(input: string | Uint8Array, named = true): Manifest {
  return readManifest(input, { file: 'm.yaml', named });
}

test('no text and no bytes make the reader throw', () => {
  fc.assert(
    fc.property(text, fc.boolean(), (input, named) => {
      read(input, named);
    }),
    { numRuns: 3_000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      read(bytes);
    }),
  );
});

test('every field that was read has a place in the text', () => {
  fc.assert(
    fc.property(text, (input) => {
      const body = `apiVersion: v1\nkind: Pod\nx:\n${input}`;
      const locate = createLocator(body);
      for (const { object, origin } of read(body).resources) {
        for (const pointer of pointers(object, origin.pointer, 50)) {
          const place = locate(origin.document, pointer);
          assert.ok(
            place.exists && place.line >= 1 && place.column >= 1,
            `${pointer} of ${JSON.stringify(body)}`,
          );
        }
        assert.equal(locate(origin.document, `${origin.pointer}/x/no/such/field`).exists, false);
      }
    }),
    { numRuns: 3_000 },
  );
});

test('JSON is read alike as JSON and as YAML, up to the kind of whole floats', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ noTrailingSurrogates: false } as object)),
      (value) => {
        const body = { apiVersion: 'v1', kind: 'Pod', value };
        const json = JSON.stringify(body, null, 1);
        const asJson = read(json).resources[0]?.object['value'];
        assert.deepEqual(plain(asJson), JSON.parse(JSON.stringify(wellFormed(value))));
        // Escapes and line breaks that YAML 1.1 reads otherwise.
        if (/\\u[dD]|\\\/|[\x85\u2028\u2029]/.test(json)) return;
        // The comment keeps kubectl's decoder from taking it for JSON.
        const asYaml = read(`# YAML\n${json}`);
        if (asYaml.problems.length === 0)
          assert.deepEqual(plain(asYaml.resources[0]?.object['value']), plain(asJson));
        else assert.match(json, /[\x7f-\x9f\ufffe\uffff]|"[^"]{1000}/);
      },
    ),
    { numRuns: 1_000 },
  );
});

function* pointers(value: unknown, base: string, limit: number): Generator<string> {
  yield base;
  if (typeof value !== 'object' || value === null || value instanceof Number || limit === 0) return;
  for (const [key, child] of Object.entries(value).slice(0, limit)) {
    yield* pointers(child, `${base}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, limit - 1);
  }
}

/** Boxed numbers and bigints as ordinary numbers. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Number) return value.valueOf();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, plain(child)]));
}

function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value === 'number') return value === 0 ? 0 : value;
  if (Array.isArray(value)) return value.map(wellFormed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key.toWellFormed(), wellFormed(child)]),
  );
}
