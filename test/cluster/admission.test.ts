/**
 * ValidatingAdmissionPolicies against a real API server: allowed or denied with which message and code, which warnings,
 * which audit annotations. ConfigMaps, which the API server fills in nothing of that a policy here looks at.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { JsonMap, Resource } from '../../src/model/index.ts';
import { type AdmissionRequest, answer, compilePolicies, createEvaluator } from '../../src/policy/index.ts';
import { createDiscovery } from '../../src/sources/index.ts';
import { skipWithoutCluster } from './binaries.ts';
import { type Cluster, type Response, startCluster } from './cluster.ts';
import { generatePolicyCases, type PolicyCase } from './policies.ts';

const POLICIES = Number(process.env['RAMPART_CLUSTER_POLICIES'] ?? 150);
const OBJECTS = 7;
const SEED = Number(process.env['RAMPART_CLUSTER_SEED'] ?? 2026);
const MAPS = '/api/v1/namespaces/default/configmaps';
const POLICY_API = '/apis/admissionregistration.k8s.io/v1';
const EFFECT_MS = 30_000;

let cluster: Cluster;
before(async () => {
  if (skipWithoutCluster === false) cluster = await startCluster();
});
after(() => cluster?.stop());

test('policies decide as a real API server does', { skip: skipWithoutCluster }, async (t) => {
  const started = Date.now();
  const namespace = (await cluster.call('GET', '/api/v1/namespaces/default')).body as JsonMap;
  const cases = generatePolicyCases(SEED, POLICIES, OBJECTS);
  const old = await createOldObjects();
  await install(cases);
  const pairs: Pair[] = [];
  for (const of of cases)
    pairs.push(
      ...(await Promise.all(of.objects.flatMap((object) => [create(of, object), update(of, object, old)]))),
    );
  const annotations = await auditAnnotations(pairs);
  const differences: string[] = [];
  const seen = { allowed: 0, denied: 0, warned: 0, annotated: 0 };
  for (const pair of pairs) {
    const expected = saidBy(pair, annotations.get(pair.response.auditId) ?? {});
    const actual = answered(pair, namespace);
    if (!isDeepStrictEqual(actual, expected))
      differences.push(JSON.stringify({ expected, actual, ...pair, response: undefined }));
    seen[expected.denial === null ? 'allowed' : 'denied']++;
    if (expected.warnings.length > 0) seen.warned++;
    if (Object.keys(expected.annotations).length > 0) seen.annotated++;
  }
  assert.equal(differences.length, 0, `${differences.length} differ:\n${differences.slice(0, 3).join('\n')}`);
  t.diagnostic(
    `${pairs.length} requests to ${cases.length} policies in ${Math.round((Date.now() - started) / 1000)} s: ` +
      Object.entries(seen)
        .map(([what, count]) => `${count} ${what}`)
        .join(', '),
  );
  for (const [what, count] of Object.entries(seen))
    assert.ok(count > 50 || POLICIES < 150, `${count} ${what}`);
});

/** A policy, a request, and what the API server answered. */
interface Pair {
  readonly of: PolicyCase;
  readonly operation: 'CREATE' | 'UPDATE';
  readonly object: JsonMap;
  readonly oldObject: JsonMap | null;
  readonly response: Response;
}

/** No policy selects them, so that they can be made; an update puts the label on. */
async function createOldObjects(): Promise<ReadonlyMap<string, JsonMap>> {
  const names = Array.from({ length: OBJECTS }, (_, i) => `c${i}`);
  const made = await Promise.all(
    names.map(async (name) => {
      const object = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: `old-${name}` },
        data: { kind: 'y' },
      };
      const { status, body } = await cluster.call('POST', MAPS, object);
      assert.equal(status, 201, JSON.stringify(body));
      return [name, body as JsonMap] as const;
    }),
  );
  return new Map(made);
}

/** Installs the policies, and waits until the last of them acts. */
async function install(cases: readonly PolicyCase[]): Promise<void> {
  for (const { policy, binding } of [...cases, marker()]) {
    for (const [plural, object] of [
      ['validatingadmissionpolicies', policy],
      ['validatingadmissionpolicybindings', binding],
    ] as const) {
      const { status, body } = await cluster.call('POST', `${POLICY_API}/${plural}`, object);
      assert.equal(status, 201, JSON.stringify([body, object]));
    }
  }
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'm', labels: { policy: 'marker' } },
  };
  for (const until = Date.now() + EFFECT_MS; ; ) {
    const { status } = await cluster.call('POST', `${MAPS}?dryRun=All`, object);
    if (status === 422) return;
    assert.ok(Date.now() < until, 'the policies did not take effect');
    await sleep(100);
  }
}

function marker(): Pick<PolicyCase, 'policy' | 'binding'> {
  const [of] = generatePolicyCases(0, 1, 0);
  const spec = of!.policy['spec'] as JsonMap;
  const { resourceRules } = spec['matchConstraints'] as JsonMap;
  return {
    policy: {
      ...of!.policy,
      metadata: { name: 'marker' },
      spec: {
        matchConstraints: { resourceRules, objectSelector: { matchLabels: { policy: 'marker' } } },
        validations: [{ expression: 'false' }],
      },
    },
    binding: {
      ...of!.binding,
      metadata: { name: 'marker' },
      spec: { policyName: 'marker', validationActions: ['Deny'] },
    },
  };
}

async function create(of: PolicyCase, object: JsonMap): Promise<Pair> {
  const response = await cluster.call('POST', `${MAPS}?dryRun=All`, object);
  return { of, operation: 'CREATE', object, oldObject: null, response };
}

async function update(of: PolicyCase, made: JsonMap, old: ReadonlyMap<string, JsonMap>): Promise<Pair> {
  const metadata = made['metadata'] as JsonMap;
  const name = `old-${metadata['name'] as string}`;
  const object = { ...made, metadata: { ...metadata, name } };
  const oldObject = old.get(metadata['name'] as string)!;
  const response = await cluster.call('PUT', `${MAPS}/${name}?dryRun=All`, object);
  return { of, operation: 'UPDATE', object, oldObject, response };
}

/** By audit id; the log is written a moment after the answer. */
async function auditAnnotations(
  pairs: readonly Pair[],
): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  const wanted = new Set(pairs.map(({ response }) => response.auditId));
  for (const until = Date.now() + EFFECT_MS; ; ) {
    const events = cluster
      .auditEvents()
      .filter(({ stage, auditID }) => stage === 'ResponseComplete' && wanted.has(auditID as string));
    if (events.length >= wanted.size)
      return new Map(
        events.map((event) => [
          event['auditID'] as string,
          (event['annotations'] ?? {}) as Record<string, string>,
        ]),
      );
    assert.ok(Date.now() < until, `the audit log holds ${events.length} of ${wanted.size} events`);
    await sleep(200);
  }
}

interface Said {
  readonly denial: { readonly code: number; readonly reason: string; readonly message: string } | null;
  readonly warnings: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
}

function saidBy({ of, object, response }: Pair, annotations: Readonly<Record<string, string>>): Said {
  const { status, body, warnings } = response;
  const { name } = object['metadata'] as { name: string };
  const own = Object.entries(annotations).filter(
    ([key]) => key.startsWith(`${of.name}/`) || key.startsWith('validation.policy.admission.k8s.io/'),
  );
  const denial =
    status < 300
      ? null
      : {
          code: body['code'] as number,
          reason: body['reason'] as string,
          message: (body['message'] as string).replace(`configmaps "${name}" is forbidden: `, ''),
        };
  return { denial, warnings, annotations: Object.fromEntries(own.sort()) };
}

function answered({ of, operation, object, oldObject }: Pair, namespace: JsonMap): Said {
  const set = compilePolicies([resource(of.policy), resource(of.binding)]);
  assert.deepEqual(set.problems, []);
  const evaluator = createEvaluator(set, {
    discovery: createDiscovery(37),
    objects: [resource({ ...namespace, apiVersion: 'v1', kind: 'Namespace' })],
    complete: true,
  });
  const { allowed, denial, warnings, auditAnnotations } = answer(
    evaluator.review(request(operation, object, oldObject)),
  );
  assert.equal(allowed, denial === undefined);
  return {
    denial:
      denial === undefined ? null : { code: denial.code, reason: denial.reason, message: denial.message },
    // The API server says each warning once.
    warnings: [...new Set(warnings)],
    annotations: Object.fromEntries(Object.entries(auditAnnotations).sort()),
  };
}

function request(operation: Pair['operation'], object: JsonMap, oldObject: JsonMap | null): AdmissionRequest {
  const { name } = object['metadata'] as { name: string };
  return {
    operation,
    kind: { group: '', version: 'v1', kind: 'ConfigMap' },
    resource: { group: '', version: 'v1', resource: 'configmaps' },
    subresource: '',
    name,
    namespace: 'default',
    userInfo: { username: 'admin', uid: 'admin', groups: ['system:masters', 'system:authenticated'] },
    dryRun: true,
    options: null,
    object,
    oldObject,
    ref: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name },
  };
}

function resource(object: JsonMap): Resource {
  const { name } = object['metadata'] as { name: string };
  return {
    ref: { apiVersion: object['apiVersion'] as string, kind: object['kind'] as string, namespace: '', name },
    object,
    origin: { file: 'test', document: 0, line: 1, pointer: '' },
  };
}
