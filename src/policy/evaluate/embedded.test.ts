import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonMap } from '../../model/index.ts';
import { documents, policies, scan } from '../fixture.ts';
import { type PodPath, templatesAt } from './embedded.ts';

const NATIVE = `
apiVersion: rampart.dev/v1
kind: HardeningPolicy
metadata: {name: no-host}
spec:
  title: Host network
  severity: high
  pods: {controllers: all}
  validations:
    - {expression: "!pod.spec.?hostNetwork.orValue(false)", message: no host}
`;
const FOREIGN = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: no-host}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  validations: [{expression: "!object.spec.?hostNetwork.orValue(false)", message: no host}]
`;

const ROLLOUT: PodPath = { group: 'argoproj.io', kind: 'Rollout', path: ['spec', 'template'] };
const rollout = (template: string): JsonMap =>
  documents(`
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: web, namespace: shop}
spec: ${template}`)[0]!.object;

const found = (policy: string, object: JsonMap, podPaths: readonly PodPath[] = [ROLLOUT]) =>
  scan(policies(policy), object, { podPaths }, {}).map(
    ({ verdict, path, resource }) => `${verdict} ${resource?.kind}/${resource?.name} ${path}`,
  );

for (const [name, policy] of Object.entries({ NATIVE, FOREIGN }))
  test(`policies on pods see the template of a custom kind: ${name}`, () => {
    const bad = rollout('{template: {spec: {hostNetwork: true}}}');
    assert.deepEqual(found(policy, bad), ['violation Rollout/web /spec/template/spec/hostNetwork']);
    assert.deepEqual(found(policy, rollout('{template: {spec: {}}}')), []);
    assert.deepEqual(found(policy, bad, []), [], 'only where a setting says so');
    assert.deepEqual(found(policy, bad, [{ ...ROLLOUT, group: 'example.com' }]), []);
    assert.deepEqual(found(policy, rollout('{workloadRef: {name: x}}')), []);
  });

test('* stands for items of lists and values of maps', () => {
  const object = { spec: { tasks: [{ template: {} }, {}, { template: null }], of: { a: { 'x/y': {} } } } };
  const pointers = (path: readonly string[]) => templatesAt(object, path).map(({ pointer }) => pointer);
  assert.deepEqual(pointers(['spec', 'tasks', '*', 'template']), ['/spec/tasks/0/template']);
  assert.deepEqual(pointers(['spec', 'of', '*', '*']), ['/spec/of/a/x~1y']);
  assert.deepEqual(pointers(['spec', 'tasks', 'template']), []);
  assert.deepEqual(pointers(['constructor']), []);
});
