import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namedKinds } from './named-kinds.ts';

const GUARD = 'apiVersion: {{ include "np.apiVersion" . }}\nkind: NetworkPolicy\n';
const CASES: Readonly<Record<string, readonly [text: string, kinds: readonly string[] | undefined]>> = {
  'a kind is named whatever its version is': [GUARD, ['NetworkPolicy']],
  'objects of several documents': [
    `${GUARD}---\napiVersion: v1\nkind: "Service"\n`,
    ['NetworkPolicy', 'Service'],
  ],
  'objects of a list': [
    'apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: Secret\n',
    ['List', 'Secret'],
  ],
  'objects in braces': ['{"apiVersion": "v1", "kind": "Pod"}', ['Pod']],
  'a reference is no object': [
    'apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nroleRef:\n  kind: ClusterRole\n',
    ['RoleBinding'],
  ],
  'a kind that is computed may be any': ['apiVersion: apps/v1\nkind: {{ .Values.kind }}\n', undefined],
  'so may what comes from elsewhere': ['{{ include "common.all" . }}', undefined],
  'text without objects makes none': ['replicas: 2\n', []],
};

for (const [name, [text, kinds]] of Object.entries(CASES))
  test(name, () => assert.deepEqual(namedKinds('templates/x.yaml', text), kinds));

test('a partial makes nothing but what it names', () => {
  assert.deepEqual(namedKinds('templates/_helpers.tpl', '{{ define "name" }}x{{ end }}'), []);
  assert.deepEqual(namedKinds('_guard.tpl', `{{ define "guard" }}\n${GUARD}{{ end }}`), ['NetworkPolicy']);
});
