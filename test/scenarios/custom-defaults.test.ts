/** What a CustomResourceDefinition fills in is there when policies look: wherever it stands, and whoever looks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scan } from './rampart.ts';

const definition = (group: string, kind: string) => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ${kind.toLowerCase()}s.${group}}
spec:
  group: ${group}
  names: {plural: ${kind.toLowerCase()}s, kind: ${kind}}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties: {spec: {type: object, default: {}, properties: {open: {type: boolean, default: true}}}}
`;

const custom = (group: string, kind: string) =>
  `apiVersion: ${group}/v1\nkind: ${kind}\nmetadata: {name: one, namespace: shop}\n`;

const policyOn = (group: string, kind: string) => `apiVersion: rampart.dev/v1
kind: HardeningPolicy
metadata: {name: closed}
spec:
  title: t
  severity: high
  layer: l
  matchConstraints:
    resourceRules: [{apiGroups: [${group}], apiVersions: [v1], operations: [CREATE], resources: [${kind.toLowerCase()}s]}]
  validations:
    - {name: closed, expression: "!has(object.spec) || !object.spec.open", message: it is open, at: object.spec.open}
`;

const LOOKING = `apiVersion: rampart.dev/v1
kind: HardeningPolicy
metadata: {name: closed}
spec:
  title: t
  severity: high
  layer: l
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}]
  related:
    - {name: doors, kinds: [Door.shop.example], named: "['one']"}
  validations:
    - {name: closed, expression: "!related.doors.exists(d, has(d.spec) && d.spec.open)", message: a door is open}
`;

const CONFIG_MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: shop}\n';

function found(files: Readonly<Record<string, string>>, ...args: string[]): string[] {
  const flags = ['--policies', 'p', '--exclude', 'p', '--exclude', 'crds', '--complete', ...args];
  return scan(files, flags).results.map(({ verdict, detail }) => `${verdict} ${detail}`);
}

// Istio's kinds are known by name without a definition, other groups are not.
for (const [group, kind] of [
  ['shop.example', 'Door'],
  ['networking.istio.io', 'Gateway'],
] as const)
  test(`defaults of ${kind}.${group} are there when policies look`, () => {
    const files = { 'p/p.yaml': policyOn(group, kind), 'a.yaml': custom(group, kind) };
    const open = ["violation it is open (open: true is the API server's default)"];
    assert.deepEqual(found(files), []);
    const [first, last] = [{ '0.yaml': definition(group, kind) }, { 'z.yaml': definition(group, kind) }];
    assert.deepEqual(found({ ...files, ...first }), open, 'the definition comes first');
    assert.deepEqual(found({ ...files, ...last }), open, 'the definition comes last');
    assert.deepEqual(found({ ...files, ...last }, '--no-defaults'), []);
    const beside = { ...files, 'crds/d.yaml': definition(group, kind) };
    for (const flag of ['--schemas', '--context']) assert.deepEqual(found(beside, flag, 'crds'), open, flag);
  });

test('what is looked up is filled in, too, and what the cluster says outweighs the files', () => {
  const files = { 'p/p.yaml': LOOKING, 'a.yaml': CONFIG_MAP, 'b.yaml': custom('shop.example', 'Door') };
  const [open, closed] = [definition('shop.example', 'Door'), definition('shop.example', 'Door')].map(
    (text, i) => (i === 0 ? text : text.replace('default: true', 'default: false')),
  ) as [string, string];
  assert.deepEqual(found(files), []);
  assert.deepEqual(found({ ...files, 'z.yaml': open }), ['violation a door is open']);
  assert.deepEqual(found({ ...files, 'z.yaml': open }, '--no-defaults'), []);
  assert.deepEqual(found({ ...files, 'crds/d.yaml': open }, '--context', 'crds'), [
    'violation a door is open',
  ]);
  const both = { ...files, 'crds/d.yaml': closed, 'z.yaml': open };
  assert.deepEqual(found(both, '--context', 'crds'), []);
});

test('what the definition does not name is dropped before policies look, and a finding says so', () => {
  const files = {
    'p/p.yaml': policyOn('shop.example', 'Door')
      .replace('!has(object.spec) || !object.spec.open', 'has(object.spec.guard)')
      .replace('it is open, at: object.spec.open', 'it has no guard, at: object.spec.guard'),
    'a.yaml': `${custom('shop.example', 'Door')}spec: {guard: {name: a}}\n`,
  };
  const dropped = 'guard is dropped by the API server: the schema of the kind does not name it';
  assert.deepEqual(found(files), []);
  const defined = { ...files, 'z.yaml': definition('shop.example', 'Door') };
  assert.deepEqual(found(defined), [`violation it has no guard (${dropped})`]);
  assert.deepEqual(found(defined, '--no-defaults'), []);
});
