/** deploy/crds says of Rampart's kinds what the code reads. */
import assert from 'node:assert/strict';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { load } from 'js-yaml';
import { crdFiles } from '../scripts/crds.ts';
import { customResourceDefinitions } from '../src/policy/definitions.ts';
import { exemptionShape } from '../src/policy/dialects/native/exemption.ts';
import { nativeShape } from '../src/policy/dialects/native/shape.ts';
import { read } from '../src/policy/shape/read.ts';
import type { ObjectShape, Shape } from '../src/policy/shape/shape.ts';

const root = join(import.meta.dirname, '..');

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly 'x-kubernetes-preserve-unknown-fields'?: true;
}

function schemaOf(file: string): Schema {
  const definition = customResourceDefinitions()[file] as {
    spec: { versions: { schema: { openAPIV3Schema: Schema } }[] };
  };
  return definition.spec.versions[0]!.schema.openAPIV3Schema;
}

const KINDS = [
  { file: 'hardeningpolicies.yaml', shape: nativeShape },
  { file: 'policyexemptions.yaml', shape: exemptionShape },
] as const;

test('the files are what the code says', () => {
  const files = crdFiles();
  assert.deepEqual(readdirSync(join(root, 'deploy/crds')).sort(), Object.keys(files).sort());
  for (const [name, text] of Object.entries(files))
    assert.equal(readFileSync(join(root, 'deploy/crds', name), 'utf8'), text, `${name}: run npm run docs`);
});

/** Paths of a shape's fields with their types, as a structural schema can say them. */
function fieldsOf(shape: Shape, path = ''): string[] {
  switch (shape.type) {
    case 'object':
      return [
        `${path} object ${shape.required.join()}${shape.open ? ' open' : ''}`,
        ...Object.entries(shape.fields).flatMap(([name, field]) => fieldsOf(field, `${path}.${name}`)),
      ];
    case 'list':
      return [`${path} array`, ...fieldsOf(shape.items, `${path}[]`)];
    case 'map':
      return [`${path} map`, ...fieldsOf(shape.of, `${path}{}`)];
    case 'string':
      return [`${path} string ${shape.values?.join() ?? ''}`];
    case 'oneOf':
    case 'any':
      return [`${path} kept`];
    default:
      return [`${path} ${shape.type}`];
  }
}

/** The same of a schema, read without the code that made it. */
function propertiesOf(schema: Schema, path = ''): string[] {
  if (schema.type === undefined) return [`${path} kept`];
  if (schema.type === 'array') return [`${path} array`, ...propertiesOf(schema.items!, `${path}[]`)];
  if (schema.type === 'string') return [`${path} string ${schema.enum?.join() ?? ''}`];
  if (schema.type !== 'object') return [`${path} ${schema.type}`];
  if (schema.additionalProperties !== undefined)
    return [`${path} map`, ...propertiesOf(schema.additionalProperties, `${path}{}`)];
  const open = schema['x-kubernetes-preserve-unknown-fields'] ? ' open' : '';
  return [
    `${path} object ${(schema.required ?? []).join()}${open}`,
    ...Object.entries(schema.properties ?? {}).flatMap(([name, inner]) =>
      propertiesOf(inner, `${path}.${name}`),
    ),
  ];
}

test('every field that is read is in the definition, of the same type, and no other', () => {
  for (const { file, shape } of KINDS) {
    const spec = (shape as ObjectShape).fields['spec']!;
    const fields = fieldsOf(spec);
    assert.ok(fields.length > 10);
    assert.deepEqual(propertiesOf(schemaOf(file).properties!['spec']!), fields, file);
  }
});

test('every policy of the library fits, and what the reader refuses for its type does not', () => {
  const ajv = new Ajv({ strict: false });
  const fits = ajv.compile(schemaOf('hardeningpolicies.yaml'));
  const files = globSync('library/policies/**/policy.yaml', { cwd: root });
  assert.ok(files.length > 100);
  for (const file of files) {
    const policy = load(readFileSync(join(root, file), 'utf8')) as { spec: Record<string, unknown> };
    assert.ok(fits(policy), `${file}: ${ajv.errorsText(fits.errors)}`);
    for (const [field, wrong] of [
      ['severity', 'worst'],
      ['title', 1],
      ['validations', {}],
      ['validations', [{ message: 'no expression' }]],
      ['title', undefined],
      ['conceal', 'yes'],
    ] as const) {
      const other = { ...policy, spec: { ...policy.spec, [field]: wrong } };
      if (wrong === undefined) delete other.spec[field];
      assert.equal(fits(other), false, `${file} ${field}`);
      assert.notEqual(read(nativeShape, other).issues.length, 0);
    }
  }
});
