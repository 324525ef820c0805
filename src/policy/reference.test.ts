import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { nativeShape } from './dialects/native/shape.ts';
import { documents } from './fixture.ts';
import { hardeningPolicySchema, policyReferencePages } from './reference.ts';
import { read } from './shape/read.ts';

const validate = new Ajv2020({ strict: true }).compile(hardeningPolicySchema());

const [POLICY] = documents(`
apiVersion: rampart.dev/v1
kind: HardeningPolicy
metadata: {name: p, labels: {a: b}}
spec:
  title: T
  severity: high
  frameworks: {a: [x], b: {ids: [y], when: {pss.version: ">=1.20"}}}
  pods: {controllers: [deployments.v1.apps]}
  matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], resources: [pods], operations: [CREATE]}]}
  variables: [{name: a, expression: "1"}]
  validations: [{name: v, expression: "true", message: m, at: object.spec}]
`);

test('the JSON Schema accepts a policy that uses every kind of field', () => {
  assert.ok(validate(POLICY!.object), JSON.stringify(validate.errors));
});

test('the JSON Schema and the reader agree on what fits', () => {
  const spec = POLICY!.object['spec'] as Record<string, unknown>;
  const value = fc.oneof(
    fc.constantFrom('high', 'x', 1, true, [], {}, ['a'], [{}], { ids: ['a'] }),
    fc.jsonValue(),
  );
  // Null is where they part on purpose: the API server reads it as absence, an editor should not offer it.
  const withoutNull = value.filter((v) => !JSON.stringify(v).includes('null'));
  const field = fc.constantFrom(...Object.keys(nativeShape.fields.spec.fields), 'unknown', 'titel');
  fc.assert(
    fc.property(field, withoutNull, (name, replaced) => {
      const document = { ...POLICY!.object, spec: { ...spec, [name]: replaced } };
      const { issues } = read(nativeShape, document);
      assert.equal(
        validate(document),
        issues.length === 0,
        `${name}: ${JSON.stringify(replaced)} ${JSON.stringify(issues)}`,
      );
    }),
    { numRuns: 500 },
  );
});

test('the page has a row for every field and setting', () => {
  const page = policyReferencePages()['hardening-policy.md']!;
  for (const name of [
    'spec.title',
    'spec.validations[].expression',
    'spec.frameworks.*.ids',
    'pss.version',
    'containers',
  ]) {
    assert.ok(page.includes(`| \`${name}\` |`), name);
  }
});
