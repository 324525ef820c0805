import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Change, JsonMap, LiveKind, LiveObjects, LiveState, Resource } from '../../model/index.ts';
import { FOLLOWER } from '../../policy/fixture.ts';
import { compilePolicies, createEvaluator } from '../../policy/index.ts';
import { createDiscovery, readManifest } from '../../sources/index.ts';
import { liveNamespaces, liveParams } from './sources.ts';
import { liveSurroundings } from './surroundings.ts';

const discovery = createDiscovery(36);

/** Objects that a test puts and deletes by hand. */
function handmade(): LiveObjects & {
  put(text: string): void;
  delete(text: string): void;
  is: LiveState;
} {
  const objects = new Map<string, Resource>();
  const listeners = new Set<(change: Change) => void>();
  const place = ({ ref }: Resource) => `${ref.apiVersion} ${ref.kind} ${ref.namespace}/${ref.name}`;
  const groupOf = (apiVersion: string) => (apiVersion.includes('/') ? apiVersion.split('/')[0]! : '');
  const fits = ({ ref }: Resource, kind: Pick<LiveKind, 'group' | 'kind'>) =>
    ref.kind === kind.kind && groupOf(ref.apiVersion) === kind.group;
  const tell = (change: Change) => {
    for (const listener of listeners) listener(change);
  };
  return {
    is: { synced: true, seenAt: 1 },
    state() {
      return this.is;
    },
    list: (kind) => [...objects.values()].filter((resource) => fits(resource, kind)),
    get: (kind, namespace, name) =>
      [...objects.values()].find(
        (resource) =>
          fits(resource, kind) && resource.ref.namespace === namespace && resource.ref.name === name,
      ),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    put(text) {
      for (const resource of readManifest(text, { file: 'x' }).resources) {
        const before = objects.get(place(resource));
        objects.set(place(resource), resource);
        tell({ type: 'put', resource, ...(before === undefined ? {} : { before }) });
      }
    },
    delete(text) {
      for (const made of readManifest(text, { file: 'x' }).resources) {
        const resource = objects.get(place(made))!;
        objects.delete(place(made));
        tell({ type: 'delete', resource });
      }
    },
    close: async () => {},
  };
}

const NAMESPACE = (labels: string) =>
  `{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: ${labels}}, spec: {}, status: null}`;

test('namespaces: unknown until they were listed, then as they are, and missing when they are not there', () => {
  const live = handmade();
  const namespaces = liveNamespaces(live);
  live.is = { synced: false, seenAt: 0, problem: 'no answer' };
  assert.equal(namespaces.complete, false);
  assert.equal(namespaces.doubt, 'and Namespace was not listed yet: no answer');
  live.is = { synced: true, seenAt: 1 };
  assert.equal(namespaces.complete, true);
  assert.equal(namespaces.objects.get('shop'), undefined);
  live.put(NAMESPACE('{env: prod}'));
  const first = namespaces.objects.get('shop')!;
  assert.equal(namespaces.objects.get('shop'), first, 'decoded once');
  assert.equal('status' in first, false, 'decoded: a null of a built-in kind is absent');
  live.put(NAMESPACE('{env: test}'));
  const { labels } = namespaces.objects.get('shop')!['metadata'] as JsonMap;
  assert.deepEqual(labels, { env: 'test' });
  live.delete(NAMESPACE('{}'));
  assert.equal(namespaces.objects.get('shop'), undefined);
});

const MAP = (name: string, value: string) =>
  `{apiVersion: v1, kind: ConfigMap, metadata: {name: ${name}, namespace: shop}, data: {limit: ${value}}}`;

test('parameters: in order, by name, and unknown until their kind was listed', () => {
  const live = handmade();
  const params = liveParams(live);
  const names = () => params.ofKind('v1', 'ConfigMap').map(({ ref }) => ref.name);
  live.is = { synced: false, seenAt: 0 };
  assert.equal(params.doubt('v1', 'ConfigMap'), 'ConfigMap was not listed yet');
  assert.deepEqual(names(), []);
  live.put(MAP('b', 'x'));
  assert.deepEqual(names(), ['b'], 'what is known answers');
  live.is = { synced: true, seenAt: 1 };
  assert.equal(params.doubt('v1', 'ConfigMap'), undefined);
  live.put(MAP('a', 'x'));
  assert.deepEqual(names(), ['a', 'b']);
  assert.equal(params.ofKind('v1', 'ConfigMap'), params.ofKind('v1', 'ConfigMap'), 'sorted once');
  live.delete(MAP('b', 'x'));
  assert.deepEqual(names(), ['a']);
  assert.equal(params.named!('v1', 'ConfigMap', 'shop', 'a')?.ref.name, 'a');
  assert.equal(params.named!('v2', 'ConfigMap', 'shop', 'a'), undefined);
  params.close();
});

const POLICY = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: limits}
spec:
  paramKind: {apiVersion: v1, kind: ConfigMap}
  matchConstraints:
    namespaceSelector: {matchLabels: {env: prod}}
    resourceRules: [{apiGroups: [""], apiVersions: [v1], resources: [pods], operations: ["*"]}]
  validations: [{expression: "object.metadata.name == params.data.limit"}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: limits}
spec: {policyName: limits, validationActions: [Deny], paramRef: {name: limits, parameterNotFoundAction: Deny}}
`;

test('an evaluator with live sources decides by what is there at the time', () => {
  const live = handmade();
  const { resources } = readManifest(POLICY, { file: 'policies.yaml' });
  const set = compilePolicies(resources);
  assert.deepEqual(set.problems, []);
  const evaluator = createEvaluator(
    set,
    { discovery, namespaces: liveNamespaces(live), params: liveParams(live) },
    { passes: true, skips: true },
  );
  const [pod] = readManifest('{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop}}', {
    file: 'pod.yaml',
  }).resources;
  const said = () =>
    evaluator.scan(pod!).map(({ verdict, reason, detail }) => `${verdict} ${reason}: ${detail}`);
  live.is = { synced: false, seenAt: 0, problem: 'no answer' };
  assert.match(said()[0]!, /^error needs-namespace: .*"shop", and Namespace was not listed yet: no answer$/);
  live.is = { synced: true, seenAt: 1 };
  assert.match(said()[0]!, /namespaces "shop" not found$/);
  live.put(NAMESPACE('{env: prod}'));
  assert.match(said()[0]!, /^error misconfigured/);
  live.put(MAP('limits', 'web'));
  assert.match(said()[0]!, /^pass/);
  live.put(MAP('limits', 'api'));
  assert.match(said()[0]!, /^violation/);
  live.put(NAMESPACE('{}'));
  assert.match(said()[0]!, /^skip not-matched/);
});

const SERVICE = (name: string, selector: string) =>
  `{apiVersion: v1, kind: Service, metadata: {name: ${name}, namespace: shop}, spec: {selector: ${selector}}}`;
const SERVICES: LiveKind = {
  group: '',
  version: 'v1',
  resource: 'services',
  kind: 'Service',
  namespaced: true,
};

test('what policies look up is what is there at the time; before it was listed nobody can tell', () => {
  const live = handmade();
  const folder = join(
    import.meta.dirname,
    '../../../library/policies/kubernetes/mesh/mesh-gateway-route-without-backend',
  );
  const text = readFileSync(join(folder, 'policy.yaml'), 'utf8');
  const set = compilePolicies(readManifest(text, { file: 'policy.yaml' }).resources);
  live.put(SERVICE('other', '{}'));
  const kept = liveSurroundings(live, [SERVICES], set, { discovery })!;
  const { surroundings } = kept;
  const evaluator = createEvaluator(set, { discovery, surroundings }, { passes: true, skips: true });
  const [route] = readManifest(
    '{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: r, namespace: shop}, spec: {rules: [{backendRefs: [{name: cart}]}]}}',
    { file: 'route.yaml' },
  ).resources;
  const said = () => evaluator.scan(route!).map(({ verdict, reason }) => `${verdict} ${reason}`);
  const { request } = evaluator.begin(route!);
  const admitted = () =>
    evaluator.admit(request, FOLLOWER).map(({ verdict, reason }) => `${verdict} ${reason}`);
  live.is = { synced: false, seenAt: 0 };
  assert.deepEqual(said(), ['skip needs-related'], 'nobody is accused of it');
  assert.deepEqual(admitted(), ['error needs-related'], 'who waits for an answer is not let through by it');
  live.is = { synced: true, seenAt: 1 };
  assert.deepEqual(said(), ['violation validation-failed']);
  live.put(SERVICE('cart', '{}'));
  assert.deepEqual(said(), ['pass compliant']);
  live.put(SERVICE('cart', '{app: cart}'));
  live.delete(SERVICE('cart', '{}'));
  assert.deepEqual(said(), ['violation validation-failed']);
  kept.close();
  live.put(SERVICE('cart', '{}'));
  assert.deepEqual(said(), ['violation validation-failed'], 'it follows no changes any more');
});

test('nothing is kept where no policy looks up anything', () => {
  const set = compilePolicies(readManifest(POLICY, { file: 'policies.yaml' }).resources);
  assert.equal(liveSurroundings(handmade(), [], set, { discovery }), undefined);
});
