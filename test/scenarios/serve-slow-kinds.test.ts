/** Policies that take longer than a request may hold a worker, and look up objects or change them: over HTTP, without a cluster. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { admissionReview, CONFIG_MAP } from '../fakes/review.ts';
import { newFolder, post, type Serving, serve } from '../fakes/serving.ts';

/** True, and two tenths of a second or more on an object of {@link large}. */
const SLOW = '(!has(object.data) || object.data.all(a, object.data == object.metadata.annotations))';

const MAPS =
  'resourceRules: [{apiGroups: [""], apiVersions: [v1], resources: [configmaps], operations: [CREATE]}]';

const POLICIES = `apiVersion: rampart.dev/v1
kind: HardeningPolicy
metadata: {name: related}
spec:
  title: t
  severity: high
  matchConstraints: {${MAPS}}
  related: [{name: services, kinds: [Service], named: object.metadata.name}]
  validations: [{expression: "${SLOW} && related.services.exists(s, s.spec.type == 'ClusterIP')", message: no such service}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: labels}
spec:
  reinvocationPolicy: Never
  matchConstraints: {${MAPS}}
  paramKind: {apiVersion: v1, kind: Secret}
  mutations:
    - patchType: ApplyConfiguration
      applyConfiguration: {expression: "Object{metadata: Object.metadata{labels: {'team': ${SLOW} ? params.type : 'none'}}}"}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: labels}
spec: {policyName: labels, paramRef: {name: red, namespace: shop, parameterNotFoundAction: Deny}}
`;

const OBJECTS = `apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Service
metadata: {name: inside, namespace: shop}
spec: {type: ClusterIP}
---
apiVersion: v1
kind: Service
metadata: {name: outside, namespace: shop}
spec: {type: LoadBalancer}
---
apiVersion: v1
kind: Secret
metadata: {name: red, namespace: shop}
type: red
`;

const large = Object.fromEntries(Array.from({ length: 1_500 }, (_, i) => [`k${i}`, 'x']));

function review(name: string, data?: Record<string, string>): string {
  const metadata = { name, namespace: 'shop', ...(data === undefined ? {} : { annotations: { ...data } }) };
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata, ...(data === undefined ? {} : { data }) };
  const user = data === undefined ? 'others' : 'slow';
  return JSON.stringify(
    admissionReview({ ...CONFIG_MAP, uid: name, name, userInfo: { username: user }, object }),
  );
}

interface Response {
  readonly allowed: boolean;
  readonly status?: { readonly message: string };
  readonly patch?: string;
}

async function ask({ folder, port }: Serving, path: string, body: string): Promise<Response> {
  const { status, text } = await post(folder, { path: `${path}?timeout=10s`, port, body });
  assert.equal(status, 200, text);
  return JSON.parse(text).response;
}

/** Once more where the machine was too busy for it. */
async function patiently(serving: Serving, path: string, body: string): Promise<Response> {
  const first = await ask(serving, path, body);
  return /it took longer/.test(first.status?.message ?? '') ? ask(serving, path, body) : first;
}

function patchOf({ patch = '' }: Response): unknown {
  return JSON.parse(Buffer.from(patch, 'base64').toString());
}

test('a slow look-up and a slow mutation say what they say, and others are answered meanwhile', {
  timeout: 120_000,
}, async () => {
  const folder = newFolder();
  for (const [name, text] of [
    ['policies', POLICIES],
    ['objects', OBJECTS],
  ] as const) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'all.yaml'), text);
  }
  writeFileSync(
    join(folder, 'rampart.yaml'),
    'policies: [policies]\nstages:\n  - {select: ["id=related,labels"], stage: enforce}\n',
  );
  const serving = await serve(folder, ['--objects', 'objects']);
  const inside = patiently(serving, '/validate', review('inside', large));
  const outside = patiently(serving, '/validate', review('outside', large));
  const others = await Promise.all(
    ['inside', 'outside'].map((name) => ask(serving, '/validate', review(name))),
  );
  assert.deepEqual(
    others.map(({ allowed }) => allowed),
    [true, false],
  );
  const [allowed, denied] = await Promise.all([inside, outside]);
  assert.equal(allowed.allowed, true, allowed.status?.message);
  assert.match(denied.status!.message, /^violates related.*: no such service$/m);

  const labelled = await patiently(serving, '/mutate', review('inside', large));
  assert.equal(labelled.allowed, true, labelled.status?.message);
  assert.deepEqual(patchOf(labelled), [{ op: 'add', path: '/metadata/labels', value: { team: 'red' } }]);
  assert.deepEqual(patchOf(await ask(serving, '/mutate', review('inside'))), patchOf(labelled));
  await serving.stop();
});
