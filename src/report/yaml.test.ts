import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JSON_SCHEMA, load, loadAll } from 'js-yaml';
import { yamlDocuments, yamlText } from './yaml.ts';

test('a policy is written as people write it', () => {
  const expression = `object.spec.containers.all(c, has(c.image) && c.image.startsWith('registry.example/')) || ${'x'.repeat(20)}`;
  const written = yamlText({
    kind: 'Policy',
    spec: {
      resources: ['pods', 'pods/status'],
      empty: {},
      none: [],
      on: 'yes',
      validations: [{ expression, message: 'say "no": it\'s' }, { expression: 'first\nsecond' }],
    },
  });
  assert.equal(
    written,
    `kind: Policy
spec:
  resources: [pods, pods/status]
  empty: {}
  none: []
  "on": "yes"
  validations:
    - expression: >-
        object.spec.containers.all(c, has(c.image) && c.image.startsWith('registry.example/')) ||
        xxxxxxxxxxxxxxxxxxxx
      message: 'say "no": it''s'
    - expression: |-
        first
        second
`,
  );
});

test('what is written is read again as it was', () => {
  const texts = fc.oneof(
    fc.string({
      unit: fc.constantFrom(
        'a',
        ' ',
        '\n',
        '\t',
        '"',
        "'",
        ':',
        '#',
        '-',
        '\\',
        '\u0007',
        '0',
        '.',
        '[',
        ',',
        '&',
      ),
    }),
    fc.string({ unit: fc.constantFrom('ab', ' ', '  ', '\n', ':'), minLength: 40, maxLength: 90 }),
    fc.constantFrom(
      'true',
      'null',
      '~',
      '1',
      '1e3',
      '0x1',
      '.inf',
      '2001-01-01',
      '=',
      '<<',
      '',
      '- a',
      'a: b',
      'é',
    ),
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      texts,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(
        texts.filter((key) => key !== '__proto__'),
        tie('tree'),
        { maxKeys: 4 },
      ),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      const plain = JSON.parse(JSON.stringify(value)) as unknown;
      assert.deepEqual(
        load(yamlText({ value }), { schema: JSON_SCHEMA }),
        { value: plain },
        yamlText({ value }),
      );
      const documents = yamlDocuments([{ value }, { value }]);
      assert.deepEqual(loadAll(documents, { schema: JSON_SCHEMA }), [{ value: plain }, { value: plain }]);
    }),
    { numRuns: 500, examples: [[[['a #']]], [['a#', 'a # b']]] },
  );
});
