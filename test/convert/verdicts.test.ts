/**
 * `policies convert`: policies of every format, written as each other, decide the same of the cases beside them and of
 * objects made of those by leaving out and changing fields.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonMap, Resource } from '../../src/model/index.ts';
import {
  type CompiledPolicy,
  type ConvertTarget,
  compilePolicies,
  convertPolicy,
  createEvaluator,
  DEFAULT_SETTINGS,
  type PolicySet,
} from '../../src/policy/index.ts';
import { yamlDocuments } from '../../src/report/yaml.ts';
import { createDiscovery, createSchemas, readManifest } from '../../src/sources/index.ts';
import { documentsOf, resourceOf, type Shorthand } from '../conflicts/shorthand.ts';

const root = join(import.meta.dirname, '..', '..');
const discovery = createDiscovery(37);
const schemas = createSchemas(37);
const RUNS = Number(process.env['RAMPART_RUNS'] ?? 40);

function read(...files: readonly string[]): Resource[] {
  return files.flatMap((file) => [
    ...readManifest(readFileSync(join(root, file)), { file, named: true }).resources,
  ]);
}

/** The policy as another format says it, read from the YAML that is printed; undefined when it is refused. */
function converted(
  set: PolicySet,
  policy: CompiledPolicy,
  documents: readonly Resource[],
  target: ConvertTarget,
) {
  const { file, document } = policy.origin;
  const own = documents.find(({ origin }) => origin.file === file && origin.document === document)!;
  const options = { discovery, objects: set.objects, settings: DEFAULT_SETTINGS };
  const conversion = convertPolicy(policy, own.object, target, options);
  if ('refused' in conversion) return conversion;
  const yaml = yamlDocuments(conversion.documents);
  const { resources, problems } = readManifest(Buffer.from(yaml), { file: 'converted.yaml', named: true });
  assert.deepEqual(problems, []);
  assert.deepEqual(
    resources.map(({ object }) => object),
    JSON.parse(JSON.stringify(conversion.documents)),
  );
  const other = compilePolicies(resources);
  assert.deepEqual(other.problems, [], yaml);
  assert.equal(other.policies.length, 1);
  return other;
}

/** What a policy says of an object, without what formats word differently. Namespaces carry a label to select by. */
function verdicts(set: Pick<PolicySet, 'policies'>, object: JsonMap, objects: readonly Resource[]) {
  const namespaces = ['default', 'kube-system', 'shop-prod', 'sandbox'].map((name) =>
    resourceOf({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { tier: name, team: 'shop' } },
    }),
  );
  const context = { discovery, schemas, objects: [...objects, ...namespaces] };
  const findings = createEvaluator(set, context, { passes: true }).scan(resourceOf(object));
  // Where several parts fail to be evaluated, how many findings that makes is the format's.
  const texts = findings.map(({ verdict, reason, detail }) =>
    [verdict, reason, verdict === 'violation' ? detail : ''].join(' '),
  );
  return [...new Set(texts)].sort();
}

/** Objects like these, a few fields left out, copied or set to something else. */
function objectsLike(bases: readonly JsonMap[]): fc.Arbitrary<JsonMap> {
  const change = fc.record({
    at: fc.nat(400),
    by: fc.constantFrom<'cut' | 'flip' | 'twice' | 'name'>('cut', 'flip', 'twice', 'name'),
  });
  const label = fc.constantFrom(undefined, 'sandbox', 'web');
  const namespace = fc.constantFrom(undefined, 'default', 'kube-system', 'shop-prod', 'sandbox');
  return fc
    .tuple(fc.constantFrom(...bases), fc.array(change, { maxLength: 4 }), namespace, label)
    .map(([base, changes, namespace, tier]) => {
      const object = structuredClone(base) as { [key: string]: unknown };
      for (const { at, by } of changes) apply(object, at, by);
      const metadata = object['metadata'] as { [key: string]: unknown } | undefined;
      if (metadata === undefined) return object;
      if (namespace !== undefined && 'namespace' in metadata) metadata['namespace'] = namespace;
      if (tier !== undefined) metadata['labels'] = { ...(metadata['labels'] as JsonMap), tier };
      return object;
    });
}

function apply(object: JsonMap, at: number, by: 'cut' | 'flip' | 'twice' | 'name'): void {
  const places: { holder: { [key: string]: unknown }; key: string }[] = [];
  const visit = (value: unknown, deep: boolean): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const key of Object.keys(value)) {
      // What it is stays: an object of another kind says nothing about the policy.
      if (!deep && ['apiVersion', 'kind', 'metadata'].includes(key)) continue;
      places.push({ holder: value as { [key: string]: unknown }, key });
      visit((value as JsonMap)[key], true);
    }
  };
  visit(object, false);
  const place = places[at % Math.max(1, places.length)];
  if (place === undefined) return;
  const { holder, key } = place;
  const value = holder[key];
  if (by === 'cut' && !Array.isArray(holder)) delete holder[key];
  else if (by === 'flip' && typeof value === 'boolean') holder[key] = !value;
  else if (by === 'flip' && typeof value === 'number') holder[key] = value === 0 ? 1 : 0;
  else if (by === 'flip' && typeof value === 'string') holder[key] = value === '' ? 'x' : '';
  else if (by === 'twice' && Array.isArray(value)) holder[key] = [...value, ...structuredClone(value)];
  else if (by === 'name' && typeof value === 'string') holder[key] = 'registry.shop.example/x:latest';
}

function sameVerdicts(
  documents: readonly Resource[],
  bases: readonly JsonMap[],
  targets: readonly ConvertTarget[],
): number {
  const set = compilePolicies(documents);
  assert.deepEqual(set.problems, []);
  let violations = 0;
  for (const policy of set.policies)
    for (const target of targets) {
      const other = converted(set, policy, documents, target);
      assert.ok('policies' in other, `${policy.id} to ${target}: ${JSON.stringify(other)}`);
      const same = (object: JsonMap) => {
        const expected = verdicts({ policies: [policy] }, object, set.objects);
        violations += expected.filter((text) => text.startsWith('violation')).length;
        assert.deepEqual(verdicts(other, object, set.objects), expected, `${policy.id} to ${target}`);
      };
      for (const base of bases) same(base);
      fc.assert(fc.property(objectsLike(bases), same), { numRuns: RUNS, seed: 7 });
    }
  return violations;
}

const podBases: readonly JsonMap[] = [
  { metadata: { name: 'a', namespace: 'shop-prod' }, kind: 'Pod', apiVersion: 'v1' },
  { metadata: { name: 'a', namespace: 'shop-prod' }, kind: 'Deployment', apiVersion: 'apps/v1' },
  { metadata: { name: 'a', namespace: 'shop-prod' }, kind: 'CronJob', apiVersion: 'batch/v1' },
].map((base) => {
  const spec = {
    hostNetwork: true,
    hostname: 'a',
    initContainers: [
      { name: 'i', image: 'registry.old.example/i:1', securityContext: { privileged: false } },
    ],
    containers: [{ name: 'c', image: 'registry.shop.example/c:1', securityContext: { privileged: true } }],
  };
  const template = { metadata: { labels: { a: 'b' } }, spec };
  if (base.kind === 'Pod') return { ...base, spec };
  return {
    ...base,
    spec: base.kind === 'CronJob' ? { jobTemplate: { spec: { template } } } : { replicas: 1, template },
  };
});

test('the library says the same as ValidatingAdmissionPolicies', () => {
  let violations = 0;
  const files = globSync('library/policies/**/policy.yaml', { cwd: root }).sort();
  assert.ok(files.length > 50);
  const others = files.filter((file) => looksUp(read(file)));
  assert.ok(others.length > 20);
  for (const file of others) assert.match(refusalOf(read(file)), /it looks up other objects/, file);
  for (const file of files) {
    if (others.includes(file)) continue;
    const cases = globSync(`${dirname(file)}/{pass,fail}/*.yaml`, { cwd: root }).sort();
    violations += sameVerdicts(
      read(file),
      read(...cases).map(({ object }) => object),
      ['vap', 'native'],
    );
  }
  assert.ok(violations > 2000, `${violations} violations`);
});

function looksUp(documents: readonly Resource[]): boolean {
  return documents.some(({ object }) => (object['spec'] as JsonMap)['related'] !== undefined);
}

function refusalOf(documents: readonly Resource[]): string {
  const set = compilePolicies(documents);
  const conversion = converted(set, set.policies[0]!, documents, 'vap');
  return 'refused' in conversion ? conversion.refused : 'converted';
}

test('ValidatingAdmissionPolicies, their bindings and parameters say the same as native policies', () => {
  const files = ['images', 'replicas'].map((name) => `examples/policies/${name}.yaml`);
  assert.ok(sameVerdicts(read(...files), podBases, ['native', 'vap']) > 20);
  const route = { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata: { name: 'r' } };
  const bases = [{ ...route, spec: { http: [{ timeout: '10s' }, { timeout: '90s' }] } }];
  assert.ok(sameVerdicts(read('examples/policies/routes.yaml'), bases, ['native', 'vap']) > 40);
});

test('constraints of Gatekeeper say the same in both formats', () => {
  const files = ['template', 'constraint'].map((name) => `examples/gatekeeper/${name}.yaml`);
  const cases = read(...globSync('examples/gatekeeper/objects/*.yaml', { cwd: root }).sort());
  const bases = [...cases.map(({ object }) => object), ...podBases];
  assert.ok(sameVerdicts(read(...files), bases, ['native', 'vap']) > 5);
});

test('every part of a match block is said', () => {
  const matches: JsonMap[] = [
    { namespaces: ['shop-*', 'default'] },
    { excludedNamespaces: ['*-system'], scope: 'Namespaced' },
    { scope: 'Cluster' },
    { name: 'a*' },
    {
      kinds: [
        { apiGroups: ['apps', ''], kinds: ['Deployment', 'Pod'] },
        { apiGroups: ['*'], kinds: ['Namespace'] },
      ],
    },
    { labelSelector: { matchExpressions: [{ key: 'tier', operator: 'In', values: ['web', 'x'] }] } },
    { labelSelector: { matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['web'] }] } },
    { labelSelector: { matchExpressions: [{ key: 'tier', operator: 'Exists' }] } },
    { labelSelector: { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] } },
    { namespaceSelector: { matchLabels: { tier: 'sandbox' } } },
  ];
  const namespace = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'shop-prod', labels: { tier: 'sandbox' } },
  };
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' }, spec: {} };
  for (const filter of matches) {
    const of: Shorthand = {
      gatekeeper: [
        "!has(object.spec) || object.metadata.name in variables.params.names || variables.params.deep.b[1] == 'x'",
      ],
      params: { names: ['shop-prod'], deep: { a: 1, b: [1, "it's"], c: null, d: 1.5 } },
      filter,
    };
    const documents = documentsOf('a', of).map((document, i) => resourceOf(document, i));
    sameVerdicts(documents, [...podBases, namespace, node], ['vap', 'native']);
  }
});

test('names that are bound inside an expression are left alone', () => {
  const of: Shorthand = {
    variables: { pod: "'x'", list: 'containers.map(pod, pod.image)' },
    pods: [
      'variables.list.all(containers, containers != variables.pod) || has(pod.spec.hostname)',
      "'pod' != 'x'",
    ],
    conditions: ["pod.metadata.?labels.orValue({}).all(pod, pod != 'skip')", 'size(containers) > 0'],
  };
  const documents = documentsOf('a', of).map((document, i) => resourceOf(document, i));
  sameVerdicts(documents, podBases, ['vap']);
});

test('what cannot be said is refused with the reason', () => {
  const refusal = (documents: readonly JsonMap[], target: ConvertTarget): string => {
    const resources = documents.map((document, i) => resourceOf(document, i));
    const set = compilePolicies(resources);
    assert.deepEqual(set.problems, []);
    const result = converted(set, set.policies[0]!, resources, target);
    assert.ok('refused' in result);
    return result.refused;
  };
  const [template, constraint] = documentsOf('a', { gatekeeper: ['true'], filter: { source: 'Generated' } });
  assert.match(refusal([template!, constraint!], 'vap'), /expansion makes/);
  const [policy, binding] = documentsOf('a', { vap: ['true'] });
  const second = {
    ...binding,
    metadata: { name: 'b' },
    spec: {
      ...(binding!['spec'] as JsonMap),
      matchResources: { objectSelector: { matchLabels: { a: 'b' } } },
    },
  };
  assert.match(refusal([policy!, binding!, second], 'native'), /bindings differ/);
  const ruled = {
    ...second,
    spec: {
      ...second.spec,
      matchResources: {
        resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] }],
      },
    },
  };
  assert.match(refusal([policy!, ruled], 'native'), /resource rules of its own/);
});
