import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonMap } from '../../model/index.ts';
import { policies, vap } from '../../policy/fixture.ts';
import type { CompiledPolicy } from '../../policy/index.ts';
import { passesBlocks } from '../../policy/match/blocks.ts';
import { passesFilter } from '../../policy/match/filter.ts';
import { matches } from '../../policy/match/match.ts';
import { OPERATIONS, parseResource, type RuleTarget, ruleMatches } from '../../policy/match/rules.ts';
import type { AdmissionRequest } from '../../policy/request.ts';
import { builtInResources, createDiscovery } from '../../sources/index.ts';
import { snapshotOfTexts } from '../background/fixture.ts';
import { parsePodPath } from '../pod-paths.ts';
import { compileSnapshot } from '../snapshot/compile.ts';
import { type Asked, askedAbout } from './configuration.ts';

/** What the API server does with rules and match conditions of a webhook. */
function isAsked(asked: Asked | null, target: RuleTarget): boolean {
  return asked !== null && rulesMatch(asked, target) && !isLeftOut(asked, target);
}

function rulesMatch({ rules }: Asked, target: RuleTarget): boolean {
  return rules.some((rule) =>
    ruleMatches({ ...rule, resources: rule.resources.map(parseResource), resourceNames: [] }, target),
  );
}

/** Evaluates the conditions' one form. */
function isLeftOut({ matchConditions }: Asked, { resource, subresource }: RuleTarget): boolean {
  return matchConditions.some(({ expression }) => {
    const list = (field: string) =>
      JSON.parse(new RegExp(`request\\.resource\\.${field} in (\\[[^\\]]*\\])`).exec(expression)![1]!);
    const part = /request\.subResource == "(.*?)"/.exec(expression)?.[1];
    return (
      list('group').includes(resource.group) &&
      list('resource').includes(resource.resource) &&
      (part === undefined || part === subresource)
    );
  });
}

const NEVER = [
  'coordination.k8s.io/leases',
  '/events',
  'events.k8s.io/events',
  'authentication.k8s.io/tokenreviews',
  'authorization.k8s.io/subjectaccessreviews',
  'admissionregistration.k8s.io/validatingadmissionpolicies',
];

function isNever({ resource, subresource }: RuleTarget): boolean {
  const name = `${resource.group}/${resource.resource}`;
  return NEVER.includes(name) || (name === '/nodes' && subresource === 'status');
}

const names = (all: readonly string[], max = 3) =>
  fc.uniqueArray(fc.constantFrom(...all), { minLength: 1, maxLength: max });
const GROUPS = ['', 'apps', 'coordination.k8s.io', 'events.k8s.io', 'authentication.k8s.io', 'example.com'];
const VERSIONS = ['v1', 'v1beta1'];
const RESOURCES = ['pods', 'nodes', 'deployments', 'leases', 'events', 'tokenreviews', 'namespaces'];
const PARTS = ['status', 'scale', 'ephemeralcontainers'];

const ruleArb = fc.record({
  apiGroups: fc.oneof(names(GROUPS), fc.constant(['*'])),
  apiVersions: fc.oneof(names(VERSIONS), fc.constant(['*'])),
  // One: of several, some may not stand beside each other.
  resources: names(
    [
      '*',
      '*/*',
      ...RESOURCES,
      ...RESOURCES.flatMap((one) => [`${one}/*`, `${one}/status`]),
      ...PARTS.map((part) => `*/${part}`),
    ],
    1,
  ),
  operations: fc.oneof(names(OPERATIONS), fc.constant(['*'])),
  scope: fc.constantFrom('*', 'Cluster', 'Namespaced'),
});

const targetArb: fc.Arbitrary<RuleTarget> = fc.record({
  operation: fc.constantFrom(...OPERATIONS),
  resource: fc.record({
    group: fc.constantFrom(...GROUPS),
    version: fc.constantFrom(...VERSIONS),
    resource: fc.constantFrom(...RESOURCES),
  }),
  subresource: fc.constantFrom('', ...PARTS),
  namespace: fc.constantFrom('', 'shop'),
});

/** What the API server's validation says of rules (pkg/apis/admissionregistration/validation). */
function assertValid({ rules }: Asked): void {
  for (const { apiGroups, apiVersions, operations, resources } of rules) {
    for (const list of [apiGroups, apiVersions, operations])
      assert.ok(!list.includes('*') || list.length === 1, JSON.stringify(list));
    const parts = resources.map(parseResource);
    const text = JSON.stringify(resources);
    assert.ok(!resources.includes('*/*') || resources.length === 1, text);
    assert.ok(
      !resources.includes('*') || parts.every((one) => one.resource === '*' || one.subresource !== ''),
      text,
    );
    for (const one of parts.filter(({ subresource }) => subresource === '*'))
      assert.ok(!parts.some((other) => other !== one && other.resource === one.resource), text);
    for (const one of parts.filter(({ resource, subresource }) => resource === '*' && subresource !== ''))
      assert.ok(!parts.some((other) => other !== one && other.subresource === one.subresource), text);
  }
}

test('whatever a rule of a policy matches is asked about, except for what never is; and nothing else is', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(ruleArb, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 }),
      fc.array(targetArb, { minLength: 20, maxLength: 40 }),
      (of, targets) => {
        const text = of.map((rules, i) =>
          vap(ALWAYS, rules.map((rule) => JSON.stringify(rule)).join(), `p${i}`),
        );
        const set = policies(text.join('---'));
        assert.deepEqual(set.problems, []);
        const { validate, mutate } = askedAbout({ set, podPaths: [] });
        assert.equal(mutate, null);
        if (validate !== null) assertValid(validate);
        for (const target of targets) {
          const wanted = set.policies.some(({ match }) =>
            match.resourceRules.some((rule) => ruleMatches(rule, target)),
          );
          assert.equal(isAsked(validate, target), wanted && !isNever(target), JSON.stringify(target));
        }
      },
    ),
    { numRuns: 300 },
  );
});

const ALWAYS = '  validations: [{expression: "true"}]';

const BUILT_IN = builtInResources();
const discovery = createDiscovery(37);
const KINDS = [
  'Pod',
  'Deployment',
  'Service',
  'Ingress',
  'Scale',
  'Eviction',
  'Binding',
  'TokenRequest',
  '*',
  'Pod*',
];

/** Requests on built-in resources and what they carry; those of subresources with the kinds that those have. */
const requestArb = fc
  .record({
    of: fc.constantFrom(...BUILT_IN),
    at: fc.nat(),
    operation: fc.constantFrom(...OPERATIONS),
  })
  .map(({ of, at, operation }): AdmissionRequest => {
    const subresource = ['', ...of.subresources][at % (of.subresources.length + 1)]!;
    const kind = KIND_OF_PART[subresource] ?? { group: of.group, version: of.version, kind: of.kind };
    const namespace = of.namespaced ? 'shop' : '';
    const object: JsonMap = {
      apiVersion: kind.group === '' ? kind.version : `${kind.group}/${kind.version}`,
      kind: kind.kind,
      metadata: { name: 'x', ...(of.namespaced ? { namespace } : {}) },
    };
    return {
      ref: { apiVersion: String(object['apiVersion']), kind: kind.kind, namespace, name: 'x' },
      operation,
      resource: { group: of.group, version: of.version, resource: of.resource },
      kind,
      subresource,
      namespace,
      name: 'x',
      object: operation === 'DELETE' ? null : object,
      oldObject: operation === 'DELETE' ? object : null,
      dryRun: false,
    } as unknown as AdmissionRequest;
  });

const KIND_OF_PART: Readonly<Record<string, { group: string; version: string; kind: string }>> = {
  scale: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
  eviction: { group: 'policy', version: 'v1', kind: 'Eviction' },
  binding: { group: '', version: 'v1', kind: 'Binding' },
  token: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
  exec: { group: '', version: 'v1', kind: 'PodExecOptions' },
};

const context = { discovery, namespaceLabels: () => ({ state: 'missing' }) as const };

function concerns({ match, filter }: CompiledPolicy, request: AdmissionRequest): boolean {
  if (matches(match, request, context).answer !== 'yes') return false;
  if (filter === null) return true;
  return (
    ('kinds' in filter ? passesFilter(filter, request, context) : passesBlocks(filter, request, context)) ===
    true
  );
}

function assertAsked(text: string, request: AdmissionRequest): void {
  const set = policies(text);
  assert.deepEqual(set.problems, []);
  const { validate } = askedAbout({ set, podPaths: [] });
  if (validate !== null) assertValid(validate);
  for (const policy of set.policies)
    if (concerns(policy, request) && !isNever(request) && !isReview(request))
      assert.ok(
        isAsked(validate, request),
        `${text}\n${JSON.stringify(request)}\n${JSON.stringify(validate)}`,
      );
}

function isReview({ resource }: AdmissionRequest): boolean {
  return /reviews$|admissionpolic/.test(resource.resource);
}

const TEMPLATE = `
apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: always}
spec:
  crd: {spec: {names: {kind: Always}}}
  targets:
    - target: admission.k8s.gatekeeper.sh
      code: [{engine: K8sNativeValidation, source: {validations: [{expression: "true", message: m}]}}]
---
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: Always
metadata: {name: c}
spec:
  match: `;

test('whatever a constraint matches by kind is asked about', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          apiGroups: names(['*', '', 'apps', 'autoscaling', 'policy', 'batch']),
          kinds: names(KINDS),
        }),
        { maxLength: 2 },
      ),
      fc.constantFrom('*', 'Cluster', 'Namespaced'),
      fc.array(requestArb, { minLength: 10, maxLength: 30 }),
      (kinds, scope, requests) => {
        for (const request of requests)
          assertAsked(`${TEMPLATE}${JSON.stringify({ kinds, scope })}\n`, request);
      },
    ),
    { numRuns: 60 },
  );
});

test('whatever the blocks of a ClusterPolicy match is asked about', () => {
  const block = fc.record({
    kinds: names([
      'Pod',
      '*',
      '*/*',
      'Deployment',
      'apps/*/Deployment',
      'Pod/exec',
      'Scale/scale',
      'Pod*',
      'v1/Service',
      'Eviction/eviction',
    ]),
    operations: fc.oneof(fc.constant([]), names(OPERATIONS)),
  });
  fc.assert(
    fc.property(
      fc.constantFrom('any', 'all'),
      fc.array(block, { minLength: 1, maxLength: 2 }),
      fc.array(requestArb, { minLength: 10, maxLength: 30 }),
      (needs, blocks, requests) => {
        const match = JSON.stringify({ [needs]: blocks.map((resources) => ({ resources })) });
        for (const request of requests)
          assertAsked(
            `
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: c, annotations: {pod-policies.kyverno.io/autogen-controllers: none}}
spec:
  rules:
    - name: r
      match: ${match}
      validate: {message: m, cel: {expressions: [{expression: "true"}]}}
`,
            request,
          );
      },
    ),
    { numRuns: 60 },
  );
});

test('kinds that carry pod templates are asked about, where a policy validates', () => {
  const podPaths = [parsePodPath('Rollout.argoproj.io=spec.template')];
  const { validate } = askedAbout({ set: policies(vap(ALWAYS)), podPaths });
  assert.deepEqual(validate?.rules, [
    { apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['pods'], scope: '*' },
    {
      apiGroups: ['argoproj.io'],
      apiVersions: ['*'],
      operations: ['CREATE', 'UPDATE'],
      resources: ['*'],
      scope: '*',
    },
  ]);
});

test('rules that differ in one thing are one rule', () => {
  const rule = (resource: string, version = 'v1') =>
    `{apiGroups: [apps], apiVersions: [${version}], resources: [${resource}], operations: [CREATE]}`;
  const text = [
    rule('deployments'),
    rule('statefulsets'),
    rule('deployments', 'v1beta1'),
    rule('statefulsets', 'v1beta1'),
  ];
  const set = policies(text.map((one, i) => vap(ALWAYS, one, `p${i}`)).join('---'));
  assert.deepEqual(askedAbout({ set, podPaths: [] }).validate, {
    rules: [
      {
        apiGroups: ['apps'],
        apiVersions: ['v1', 'v1beta1'],
        operations: ['CREATE'],
        resources: ['deployments', 'statefulsets'],
        scope: '*',
      },
    ],
    matchConditions: [],
  });
});

test('what is only observed makes nobody ask: the incumbent enforces it, and the background scan looks', () => {
  const policyOn = (name: string, resource: string) => `apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {name: ${name}}
spec:
  matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [${resource}]}]}
  validations: [{expression: has(object.metadata.labels)}]
`;
  const { content } = snapshotOfTexts(policyOn('ours', 'configmaps'), policyOn('theirs', 'services'));
  const compiled = compileSnapshot(
    {
      ...content,
      policies: ['ours'],
      documents: content.documents.map((one) => ({ ...one, decides: one.text.includes('"ours"') })),
    },
    { now: 0 },
  );
  assert.deepEqual(
    compiled.observed.policies.map(({ id }) => id),
    ['theirs'],
  );
  assert.deepEqual(
    askedAbout(compiled).validate?.rules.map(({ resources }) => resources),
    [['configmaps']],
  );
});
