/**
 * MutatingAdmissionPolicies against a real API server: what becomes of the object, or which error. Our object is sent
 * through the server once more, without the policies, so that both have the server's defaults. And which policies are
 * refused.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { JsonMap, Resource } from '../../src/model/index.ts';
import {
  type AdmissionRequest,
  compilePolicies,
  createEvaluator,
  type MutationAnswer,
} from '../../src/policy/index.ts';
import { createDiscovery, createSchemas } from '../../src/sources/index.ts';
import { createRandom } from '../cel/generator/random.ts';
import { skipWithoutCluster } from './binaries.ts';
import { type Cluster, type Response, startCluster } from './cluster.ts';
import {
  generateMutationCases,
  KINDS,
  type KindName,
  type MutationCase,
  marker,
  object as objectOf,
  THING_DEFINITION,
} from './mutations.ts';

const POLICIES = Number(process.env['RAMPART_CLUSTER_POLICIES'] ?? 120);
const OBJECTS = 3;
const TOGETHER = 4;
const SEED = Number(process.env['RAMPART_CLUSTER_SEED'] ?? 2026);
const POLICY_API = '/apis/admissionregistration.k8s.io/v1';
const EFFECT_MS = 60_000;

let cluster: Cluster;
before(async () => {
  if (skipWithoutCluster === false) cluster = await startCluster();
});
after(() => cluster?.stop());

test('objects are mutated as by a real API server', { skip: skipWithoutCluster }, async (t) => {
  const namespace = (await cluster.call('GET', '/api/v1/namespaces/default')).body as JsonMap;
  await create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', THING_DEFINITION);
  const cases = await install(generateMutationCases(SEED, POLICIES, OBJECTS));
  const started = Date.now();
  const old = await createOldObjects();
  const seen = { mutated: 0, unchanged: 0, denied: 0, broken: 0 };
  const differences: string[] = [];
  for (let i = 0; i < cases.length; i += TOGETHER) {
    const pairs = cases
      .slice(i, i + TOGETHER)
      .flatMap((of) =>
        of.objects.flatMap((object) => [
          compare(of, object, null, namespace),
          compare(of, object, old.get(of.kind)!, namespace),
        ]),
      );
    for (const pair of await Promise.all(pairs)) {
      if (!isDeepStrictEqual(pair.actual, pair.expected)) differences.push(JSON.stringify(pair));
      seen[pair.outcome]++;
    }
  }
  assert.equal(differences.length, 0, `${differences.length} differ:\n${differences.slice(0, 3).join('\n')}`);
  const counts = Object.entries(seen).map(([what, count]) => `${count} ${what}`);
  t.diagnostic(
    `${cases.length} policies in ${Math.round((Date.now() - started) / 1000)} s: ${counts.join(', ')}`,
  );
  for (const [what, count] of Object.entries(seen))
    assert.ok(count > 10 || POLICIES < 120, `${count} ${what}`);
});

async function create(path: string, object: JsonMap): Promise<JsonMap> {
  const { status, body } = await cluster.call('POST', path, object);
  assert.equal(status, 201, JSON.stringify([body, object]));
  return body as JsonMap;
}

/** Installs the policies, and waits until the last of each kind acts. Returns those that are not refused. */
async function install(cases: readonly MutationCase[]): Promise<MutationCase[]> {
  const kinds = Object.keys(KINDS) as KindName[];
  const accepted: MutationCase[] = [];
  for (const each of cases) if (await accepts(each)) accepted.push(each);
  for (const kind of kinds) await accepts(marker(kind));
  for (const kind of kinds) await takesEffect(kind);
  return accepted;
}

/** What the server refuses, we refuse, and nothing else. */
async function accepts({
  policies,
  bindings,
}: Pick<MutationCase, 'policies' | 'bindings'>): Promise<boolean> {
  const { problems } = compilePolicies([...policies, ...bindings].map(resource));
  let refused = false;
  for (const policy of policies) {
    const { status, body } = await cluster.call('POST', `${POLICY_API}/mutatingadmissionpolicies`, policy);
    if (status !== 201) {
      assert.equal(status, 422, JSON.stringify(body));
      refused = true;
    }
  }
  assert.equal(problems.length > 0, refused, JSON.stringify([policies, problems]));
  if (refused) return false;
  for (const binding of bindings) await create(`${POLICY_API}/mutatingadmissionpolicybindings`, binding);
  return true;
}

async function takesEffect(kind: KindName): Promise<void> {
  const object = objectOf(kind, 'm', 'marker', createRandom(1));
  for (const until = Date.now() + EFFECT_MS; ; ) {
    const { body } = await cluster.call('POST', `${KINDS[kind].path}?dryRun=All`, object);
    const { labels } = (body['metadata'] ?? {}) as { labels?: JsonMap };
    if (labels?.['seen'] === 'marker') return;
    assert.ok(Date.now() < until, `the policies did not take effect on ${kind}: ${JSON.stringify(body)}`);
    await sleep(200);
  }
}

/** No policy selects them. */
async function createOldObjects(): Promise<ReadonlyMap<KindName, JsonMap>> {
  const made = (Object.keys(KINDS) as KindName[]).map(async (kind) => {
    const object = withoutLabel(objectOf(kind, 'old', 'none', createRandom(7)));
    return [kind, await create(KINDS[kind].path, object)] as const;
  });
  return new Map(await Promise.all(made));
}

interface Pair {
  readonly outcome: 'mutated' | 'unchanged' | 'denied' | 'broken';
  readonly expected: unknown;
  readonly actual: unknown;
  readonly policies: readonly JsonMap[];
  readonly object: JsonMap;
}

async function compare(
  of: MutationCase,
  made: JsonMap,
  oldObject: JsonMap | null,
  namespace: JsonMap,
): Promise<Pair> {
  const object = oldObject === null ? made : overOld(made, oldObject);
  const send = (sent: JsonMap): Promise<Response> =>
    oldObject === null
      ? cluster.call('POST', `${KINDS[of.kind].path}?dryRun=All`, sent)
      : cluster.call('PUT', `${KINDS[of.kind].path}/old?dryRun=All`, sent);
  const [expected, plain] = await Promise.all([send(object), send(withoutLabel(object))]);
  assert.ok(plain.status < 300, JSON.stringify(plain.body));
  const seen = readsDefaults(of) ? withLabel(clean(plain.body as JsonMap), of.name) : object;
  const answer = mutated(of, seen, oldObject, namespace);
  const common = { policies: of.policies, object: seen };
  if (!answer.allowed) {
    const { message, reason, code } = answer.denial!;
    const outcome = code === 500 ? 'broken' : 'denied';
    return {
      ...common,
      outcome,
      expected: denialOf(expected),
      actual: { message: shortened(message), reason, code },
    };
  }
  const ours = withoutLabel(answer.object!);
  const through = await send(oldObject === null ? ours : overOld(ours, oldObject));
  const outcome = answer.applied.some(({ changed }) => changed) ? 'mutated' : 'unchanged';
  return { ...common, outcome, expected: resultOf(expected), actual: resultOf(through) };
}

/** Without what names Go's types, or shows the whole object. */
function shortened(message: string): string {
  return message.replace(/(json: cannot unmarshal \w+ into|Object 'Kind' is missing in) .*/s, '$1 …');
}

/** Only the server knows its defaults: an expression that reads one is asked about the object with them. */
function readsDefaults({ policies }: MutationCase): boolean {
  return JSON.stringify(policies).includes('replicas');
}

function denialOf({ status, body }: Response): unknown {
  return { message: shortened(String(body['message'])), reason: body['reason'], code: status };
}

/** What the server made of it. That it refuses what no policy should have made it says in many ways. */
function resultOf(response: Response): unknown {
  const { status, body } = response;
  if (status < 300) return withoutLabel(clean(body as JsonMap));
  return String(body['message']).includes(' denied request: ') ? denialOf(response) : 'refused';
}

/** Without what the server writes itself. */
function clean(object: JsonMap): JsonMap {
  const {
    uid: _,
    creationTimestamp: __,
    resourceVersion: ___,
    generation: ____,
    managedFields: _____,
    ...metadata
  } = object['metadata'] as JsonMap;
  return { ...object, metadata };
}

function withoutLabel(object: JsonMap): JsonMap {
  const metadata = (object['metadata'] ?? {}) as { labels?: JsonMap };
  if (metadata.labels === undefined) return object;
  const { policy: _, ...labels } = metadata.labels;
  const { labels: __, ...rest } = metadata;
  // Go leaves empty maps of its own kinds out.
  return { ...object, metadata: Object.keys(labels).length === 0 ? rest : { ...rest, labels } };
}

function withLabel(object: JsonMap, policy: string): JsonMap {
  const metadata = object['metadata'] as { labels?: JsonMap };
  return { ...object, metadata: { ...metadata, labels: { ...metadata.labels, policy } } };
}

/** The update of an object must say which one it is of; a policy may have taken away what says so. */
function overOld(object: JsonMap, old: JsonMap): JsonMap {
  const { name, resourceVersion } = old['metadata'] as JsonMap;
  return { ...object, metadata: { ...(object['metadata'] as JsonMap), name, resourceVersion } };
}

function mutated(
  { policies, bindings, kind }: MutationCase,
  object: JsonMap,
  oldObject: JsonMap | null,
  namespace: JsonMap,
): MutationAnswer {
  const set = compilePolicies([...policies, ...bindings].map(resource));
  assert.deepEqual(set.problems, []);
  const evaluator = createEvaluator(set, {
    discovery: createDiscovery(37, [THING_DEFINITION]),
    schemas: createSchemas(37, [THING_DEFINITION]),
    objects: [resource({ ...namespace, apiVersion: 'v1', kind: 'Namespace' })],
    complete: true,
  });
  return evaluator.mutate(request(kind, object, oldObject));
}

function request(kind: KindName, object: JsonMap, oldObject: JsonMap | null): AdmissionRequest {
  const { name } = object['metadata'] as { name: string };
  const { group, resource } = KINDS[kind];
  const apiVersion = object['apiVersion'] as string;
  return {
    operation: oldObject === null ? 'CREATE' : 'UPDATE',
    kind: { group, version: 'v1', kind },
    resource: { group, version: 'v1', resource },
    subresource: '',
    name,
    namespace: 'default',
    userInfo: { username: 'admin', uid: 'admin', groups: ['system:masters', 'system:authenticated'] },
    dryRun: true,
    options: null,
    object,
    oldObject,
    ref: { apiVersion, kind, namespace: 'default', name },
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
