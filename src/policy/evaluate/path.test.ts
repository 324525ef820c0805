import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonMap } from '../../model/index.ts';
import { binding, DENY, documents, pod, policies, scan, vap } from '../fixture.ts';

const pathOf = (spec: string, object: JsonMap = pod()) => scan(policies(vap(spec)), object)[0]!.path;

test('a violation points at the deepest field that decided', () => {
  const spec =
    '  validations: [{expression: "object.spec.containers.all(c, c.image.startsWith(\'registry/\'))"}]';
  const object = pod({
    spec: {
      containers: [
        { name: 'a', image: 'registry/a' },
        { name: 'b', image: 'b' },
      ],
    },
  });
  assert.equal(pathOf(spec, object), '/spec/containers/1/image');
});

test('an absent field is named', () => {
  assert.equal(pathOf('  validations: [{expression: "has(object.spec.nodeName)"}]'), '/spec/nodeName');
});

test('an error points at what it could not read', () => {
  assert.equal(pathOf('  validations: [{expression: "object.spec.nodeName == \'a\'"}]'), '/spec/nodeName');
});

test('variables are followed to what they read', () => {
  const spec = `  variables: [{name: containers, expression: "object.spec.containers"}, {name: named, expression: "variables.containers.all(c, c.name == 'x')"}]
  validations: [{expression: "variables.named"}]`;
  assert.equal(pathOf(spec), '/spec/containers/0/name');
});

const NATIVE = (validation: string) => `
apiVersion: rampart.dev/v1
kind: HardeningPolicy
metadata: {name: n}
spec:
  title: T
  severity: low
  pods: {}
  validations: [${validation}]
`;

const DEPLOYMENT: JsonMap = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd', namespace: 'shop' },
  spec: {
    template: {
      spec: {
        initContainers: [{ name: 'i' }],
        containers: [{ name: 'a' }],
        ephemeralContainers: [{ name: 'e', tty: true }],
      },
    },
  },
};

test('containers and pod point into the template', () => {
  const containers = policies(NATIVE('{expression: "containers.all(c, !has(c.tty))"}'));
  assert.equal(scan(containers, DEPLOYMENT)[0]!.path, '/spec/template/spec/ephemeralContainers/0/tty');
  const spec = policies(NATIVE('{expression: "has(pod.spec.hostUsers)"}'));
  assert.equal(scan(spec, DEPLOYMENT)[0]!.path, '/spec/template/spec/hostUsers');
});

test('at points where the author wants', () => {
  const set = policies(NATIVE('{expression: "containers.all(c, !has(c.tty))", at: "pod.spec.containers"}'));
  assert.equal(scan(set, DEPLOYMENT)[0]!.path, '/spec/template/spec/containers');
});

test('with several parameters the path is that of the first that failed', () => {
  const spec = `  paramKind: {apiVersion: v1, kind: ConfigMap}
  validations: [{expression: "params.data.field != 'name' || object.metadata.name == 'x'"}]`;
  const ref = binding(`${DENY}\n  paramRef: {selector: {}, parameterNotFoundAction: Deny}`);
  const config = (name: string, field: string) =>
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: ${name}, namespace: shop}, data: {field: ${field}}}\n---\n`;
  const objects = documents(config('a', 'name') + config('b', 'other'));
  assert.equal(scan(policies(vap(spec) + ref), pod(), { objects })[0]!.path, '/metadata/name');
});
