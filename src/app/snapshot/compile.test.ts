import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SnapshotContent } from '../../model/index.ts';
import { compilePolicies, createEvaluator, meaningOf, type PolicySet } from '../../policy/index.ts';
import { createDefaults, createDiscovery, createSchemas, readManifest } from '../../sources/index.ts';
import { parsePolicyFiles, readPolicyFiles } from '../policies.ts';
import { buildSnapshot, type SnapshotOptions } from './build.ts';
import { type CompiledSnapshot, compileAside, compileSnapshot } from './compile.ts';
import { documentOf, inOrder } from './content.ts';

const ROOT = new URL('../../../', import.meta.url).pathname;
const NOW = 1_800_000_000_000;

function options(policies: readonly string[], more: Partial<SnapshotOptions> = {}): SnapshotOptions {
  return {
    policies,
    select: ['set=all'],
    skip: [],
    set: [],
    severity: {},
    podPaths: [],
    namespace: 'default',
    stages: [],
    tiers: {},
    cwd: ROOT,
    folder: ROOT,
    cache: undefined,
    saysIn: (inside) => inside.join('.'),
    ...more,
  };
}

function contentOf(policies: readonly string[], more: Partial<SnapshotOptions> = {}): SnapshotContent {
  const build = buildSnapshot(options(policies, more));
  assert.ok(build.ok, JSON.stringify(build));
  return build.content;
}

const EXAMPLES = [
  'builtin',
  'examples/policies',
  'examples/gatekeeper/template.yaml',
  'examples/gatekeeper/constraint.yaml',
];

const MANIFEST = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      hostNetwork: true
      containers: [{name: web, image: "web:latest", securityContext: {privileged: true}}]
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
`;

/** What is found in some objects. */
function findings(set: PolicySet): string[] {
  const schemas = createSchemas(37);
  const { resources } = readManifest(MANIFEST, { file: 'a.yaml' });
  const context = { discovery: createDiscovery(37), schemas, defaults: createDefaults(37, schemas) };
  const evaluator = createEvaluator(set, { ...context, objects: resources }, { passes: true });
  return resources.flatMap((resource) =>
    evaluator
      .scan(resource)
      .map(({ policy, validation, verdict, detail }) => [policy, validation, verdict, detail].join(' ')),
  );
}

function meanings({ set, observed }: CompiledSnapshot): string[] {
  return [...set.policies, ...set.inactive, ...observed.policies].map(
    (policy) => `${policy.id} ${policy.variant} ${policy.info.severity} ${meaningOf([policy])}`,
  );
}

test('a snapshot holds what CI compiles, and finds the same', () => {
  const content = contentOf(EXAMPLES);
  const compiled = compileSnapshot(content, { now: NOW });
  assert.deepEqual(compiled.problems, []);
  assert.ok(compiled.set.policies.length > 100);
  const sources = parsePolicyFiles(readPolicyFiles(EXAMPLES, ROOT));
  const scanned = findings(compilePolicies(sources.documents));
  assert.deepEqual(findings(compiled.set), scanned);
  assert.ok(scanned.some((finding) => finding.includes('violation')));
});

test('compiled aside, with what was known before, it is the same', async () => {
  const before = contentOf(['builtin', 'examples/policies'], { select: ['severity=high,critical'] });
  const after = contentOf(EXAMPLES, { severity: { 'pss-privileged': 'low' } });
  let pauses = 0;
  const often = { every: 0, pause: async () => void pauses++, now: () => performance.now() };
  const previous = await compileAside(before, { now: NOW }, often);
  assert.ok(pauses > before.documents.length);
  const aside = await compileAside(after, { now: NOW, previous }, often);
  const plain = compileSnapshot(after, { now: NOW });
  assert.equal(aside.digest, plain.digest);
  assert.deepEqual(meanings(aside), meanings(plain));
  assert.deepEqual(findings(aside.set), findings(plain.set));
  const [old] = previous.set.policies.filter(({ id }) => id === 'pss-host-namespaces');
  assert.ok(old !== undefined && aside.set.policies.includes(old), 'what did not change is taken over');
});

const VAP = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: replicas}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}]
  validations: [{expression: object.spec.replicas < 5}]
`;
const BINDING = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: replicas}
spec: {policyName: replicas, validationActions: [Deny]}
`;
const KYVERNO = `apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {name: labelled}
spec:
  validationActions: [Deny]
  matchConstraints:
    resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}]
  validations: [{expression: has(object.metadata.labels)}]
`;
const EXCEPTION = `apiVersion: policies.kyverno.io/v1
kind: PolicyException
metadata: {name: web, namespace: shop}
spec:
  policyRefs: [{name: labelled, kind: ValidatingPolicy}]
  matchConditions: [{name: web, expression: "object.metadata.name == 'web'"}]
  expiresAt: "2027-06-01T00:00:00Z"
`;

function written(...texts: readonly string[]): SnapshotContent {
  const documents = texts.flatMap((text, i) =>
    readManifest(text, { file: `${i}.yaml` }).resources.map((resource) => documentOf(resource, true)),
  );
  return {
    format: 1,
    settings: { 'pss.version': 'v1.37', 'kubernetes.version': 'v1.37' },
    documents: inOrder(documents),
    policies: ['labelled', 'replicas'],
    severities: {},
    stages: {},
    tiers: { default: 'high', namespaces: {} },
    podPaths: [],
    namespace: 'default',
  };
}

test('a changed binding or exception, an expired one, and another setting make another policy', () => {
  const all = [VAP, BINDING, KYVERNO, EXCEPTION];
  const first = () => compileSnapshot(written(...all), { now: NOW });
  assert.deepEqual(first().problems, []);
  const changes: readonly [SnapshotContent, number, readonly string[]][] = [
    [written(...all), NOW, []],
    [written(VAP, BINDING.replace('Deny', 'Audit'), KYVERNO, EXCEPTION), NOW, ['replicas']],
    [written(VAP, BINDING, KYVERNO, EXCEPTION.replace("'web'", "'api'")), NOW, ['labelled']],
    [written(...all), Date.parse('2027-06-01T00:00:01Z'), ['labelled']],
    [written(VAP.replace('< 5', '< 6'), BINDING, KYVERNO, EXCEPTION), NOW, ['replicas']],
    [
      { ...written(...all), settings: { 'pss.version': 'v1.37', 'kubernetes.version': 'v1.30' } },
      NOW,
      ['labelled', 'replicas'],
    ],
  ];
  for (const [content, now, others] of changes) {
    const start = first();
    const next = compileSnapshot(content, { now, previous: start });
    const made = next.set.policies.filter((policy) => !start.set.policies.includes(policy));
    assert.deepEqual([...new Set(made.map(({ id }) => id))], others);
    assert.deepEqual(meanings(next), meanings(compileSnapshot(content, { now })));
  }
});

test('other stages for the same documents: nothing is compiled, but for what an expired exception changes', () => {
  const content = written(VAP, BINDING, KYVERNO, EXCEPTION);
  const plain = written(VAP, BINDING, KYVERNO);
  const stages = { replicas: [{ stage: 'warn' as const }] };
  const previous = compileSnapshot(plain, { now: NOW });
  const next = compileSnapshot({ ...plain, stages }, { now: NOW, previous });
  assert.equal(next.set, previous.set);
  assert.deepEqual(next.stages.get('replicas'), stages.replicas);
  assert.notEqual(next.digest, previous.digest);
  const fewer = compileSnapshot({ ...plain, policies: ['replicas'] }, { now: NOW, previous });
  assert.deepEqual([...new Set(fewer.set.policies.map(({ id }) => id))], ['replicas']);
  const excepted = compileSnapshot(content, { now: NOW });
  const now = Date.parse('2027-06-01T00:00:01Z');
  const expired = compileSnapshot({ ...content, stages }, { now, previous: excepted });
  assert.deepEqual(meanings(expired), meanings(compileSnapshot({ ...content, stages }, { now })));
  assert.notDeepEqual(meanings(expired), meanings(excepted));
});

test('what is refused says its file and line', () => {
  const { problems } = compileSnapshot(written(VAP.replace('replicas <', 'replicas <<'), BINDING), {
    now: NOW,
  });
  assert.deepEqual(
    problems.map(({ origin }) => `${origin.file}:${origin.line}`),
    ['0.yaml:1'],
  );
});
