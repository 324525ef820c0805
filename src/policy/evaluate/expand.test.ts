import assert from 'node:assert/strict';
import { test } from 'node:test';
import { documents, policies, scan } from '../fixture.ts';

const text = (match: string, expansion = '') => `
apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: nohost}
spec:
  crd: {spec: {names: {kind: NoHost}}}
  targets:
    - target: admission.k8s.gatekeeper.sh
      code:
        - engine: K8sNativeValidation
          source: {validations: [{expression: "!object.spec.?hostNetwork.orValue(false)", message: no host}]}
---
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: NoHost
metadata: {name: all}
spec: {match: {kinds: [{apiGroups: [""], kinds: [Pod]}]${match}}}
---
apiVersion: expansion.gatekeeper.sh/v1alpha1
kind: ExpansionTemplate
metadata: {name: makes-pods}
spec:
  applyTo: [{groups: [apps], versions: [v1], kinds: [Deployment]}]
  templateSource: spec.template
  generatedGVK: {version: v1, kind: Pod}
  ${expansion}
`;

const DEPLOYMENT = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {spec: {hostNetwork: true}}}`;

const found = (match = '', expansion = '', of = DEPLOYMENT) => {
  const set = policies(text(match, expansion));
  assert.deepEqual(set.problems, []);
  return scan(set, documents(of)[0]!.object, {}, {}).map(
    ({ action, detail, path, resource }) =>
      `${action} ${resource?.kind}/${resource?.name} ${path}: ${detail}`,
  );
};

test('a finding about what is made points into the template of its maker', () => {
  assert.deepEqual(found(), [
    'deny Deployment/web /spec/template/spec/hostNetwork: [Implied by makes-pods] no host',
  ]);
});

test('the template may weaken the action, and constraints may ask for one source', () => {
  assert.match(found('', 'enforcementAction: warn')[0]!, /^warn/);
  assert.equal(found(', source: Original').length, 0);
  assert.equal(found(', source: Generated').length, 1);
  const pod = 'apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop}\nspec: {hostNetwork: true}';
  assert.equal(found(', source: Generated', '', pod).length, 0);
});

test('what is not a template is refused with its place', () => {
  const problem = (change: [string, string]) => policies(text('').replace(...change)).problems[0]!.detail;
  assert.match(problem(['templateSource: spec.template', 'templateSource: ""']), /path of the template/);
  assert.match(problem(['{version: v1, kind: Pod}', '{version: v1}']), /kind of what is made/);
});
