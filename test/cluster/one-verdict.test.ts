/**
 * One policy, one object, one verdict: in a scan of its manifest, in the webhook, and where the API server itself evaluates
 * the same policy converted to a ValidatingAdmissionPolicy. The API server's audit log shows the last two of one request.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parsePolicyFiles, readPolicyFiles } from '../../src/app/policies.ts';
import type { JsonMap } from '../../src/model/index.ts';
import {
  compilePolicies,
  convertPolicy,
  createEvaluator,
  type PolicySet,
  selectPolicies,
} from '../../src/policy/index.ts';
import { createDefaults, createDiscovery, createSchemas } from '../../src/sources/index.ts';
import { createRandom } from '../cel/generator/random.ts';
import { skipWithoutCluster } from './binaries.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { installWebhooks, type Served, startServe, writeServeFiles } from './serve.ts';
import { KINDS, type KindCase } from './workloads.ts';

const skip = skipWithoutCluster;
const EACH = Number(process.env['RAMPART_CLUSTER_OBJECTS'] ?? 12);
/** Objects of each kind that are made to stay. */
const EXISTING = 3;
const ROOT = join(import.meta.dirname, '..', '..');
const SEED = Number(process.env['RAMPART_CLUSTER_SEED'] ?? 2026);
const MINOR = 37;
const POLICY_API = '/apis/admissionregistration.k8s.io/v1';
const FAILURES = 'validation.policy.admission.k8s.io/validation_failure';
/** The API server lists no more of them. */
const MOST_FAILURES = 50;

let cluster: Cluster;
let served: Served;
let folder: string;
let set: PolicySet;
/** Policies that the API server evaluates, too. */
let converted: ReadonlySet<string>;

before(async () => {
  if (skip !== false) return;
  folder = mkdtempSync(join(tmpdir(), 'rampart-one-'));
  cluster = await startCluster();
  writeServeFiles(folder, { config: 'policies: [builtin]\nselect: [set=recommended]\n', policies: {} });
  served = await startServe({ folder, cluster, workers: 1, port: 18_445 });
  await cluster.call('PATCH', '/api/v1/namespaces/default', LABEL, 'application/merge-patch+json');
  const selected = readLibrary();
  set = selected.set;
  converted = await installConverted(selected.documents);
  await installWebhooks(cluster, served, [{ apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] }]);
  await takeEffect();
});
after(async () => {
  await served?.stop();
  await cluster?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

const LABEL = { metadata: { labels: { webhook: 'on' } } };

function readLibrary() {
  const { documents } = parsePolicyFiles(readPolicyFiles(['builtin'], folder));
  const selected = selectPolicies(compilePolicies(documents), { select: ['set=recommended'], skip: [] });
  assert.ok(selected.ok);
  return { set: selected.set, documents };
}

/** Bound everywhere, only to audit. What cannot be converted is left out, and counted by the test. */
async function installConverted(
  documents: ReturnType<typeof parsePolicyFiles>['documents'],
): Promise<ReadonlySet<string>> {
  const options = { settings: set.settings, discovery: createDiscovery(MINOR), objects: [] };
  const done = new Set<string>();
  for (const policy of set.policies) {
    const document = documents.find(({ ref }) => ref.name === policy.id)!;
    const conversion = convertPolicy(policy, document.object, 'vap', options);
    if (!('documents' in conversion)) continue;
    for (const made of conversion.documents) {
      const isBinding = made['kind'] === 'ValidatingAdmissionPolicyBinding';
      const spec = made['spec'] as JsonMap;
      const object = isBinding ? { ...made, spec: { ...spec, validationActions: ['Audit'] } } : made;
      const plural = isBinding ? 'validatingadmissionpolicybindings' : 'validatingadmissionpolicies';
      const { status, body } = await cluster.call('POST', `${POLICY_API}/${plural}`, object);
      assert.equal(status, 201, JSON.stringify(body));
    }
    done.add(policy.id);
  }
  return done;
}

/** Both see a pod that nobody could miss. */
async function takeEffect(): Promise<void> {
  const container = { name: 'c', image: 'x', securityContext: { privileged: true } };
  const pod = { metadata: { name: 'probe' }, spec: { hostNetwork: true, containers: [container] } };
  for (const until = Date.now() + 60_000; ; await sleep(200)) {
    const { auditId } = await cluster.call('POST', '/api/v1/namespaces/default/pods?dryRun=All', pod);
    const annotations = await annotationsOf(auditId);
    if (annotations[FAILURES] !== undefined && said(annotations).size > 0) break;
    assert.ok(Date.now() < until, 'the policies did not take effect');
  }
  // The API server takes up policies one by one.
  await sleep(2_000);
}

async function annotationsOf(auditId: string): Promise<Readonly<Record<string, string>>> {
  for (const until = Date.now() + 10_000; ; await sleep(20)) {
    const event = cluster
      .auditEvents()
      .findLast(({ auditID, stage }) => auditID === auditId && stage === 'ResponseComplete');
    if (event !== undefined) return (event['annotations'] ?? {}) as Record<string, string>;
    assert.ok(Date.now() < until, 'the audit log lacks a request');
  }
}

/** What the webhook said: `policy` with its verdict, of violations and errors. */
function said(annotations: Readonly<Record<string, string>>): Set<string> {
  const outcomes = JSON.parse(annotations['validate.rampart.dev/outcomes'] ?? '[]') as {
    policy?: string;
    verdict?: string;
  }[];
  return new Set(
    outcomes.flatMap(({ policy, verdict }) => (verdict === undefined ? [] : [`${policy} ${verdict}`])),
  );
}

function failed(annotations: Readonly<Record<string, string>>): { policies: Set<string>; whole: boolean } {
  const failures = JSON.parse(annotations[FAILURES] ?? '[]') as { policy: string }[];
  return { policies: new Set(failures.map(({ policy }) => policy)), whole: failures.length < MOST_FAILURES };
}

test('a scan, the webhook and the API server itself say the same', { skip, timeout: 300_000 }, async (t) => {
  const schemas = createSchemas(MINOR);
  const { body: namespace } = await cluster.call('GET', '/api/v1/namespaces/default');
  const evaluator = createEvaluator(set, {
    discovery: createDiscovery(MINOR),
    schemas,
    defaults: createDefaults(MINOR, schemas),
    objects: [resourceOf({ ...namespace, apiVersion: 'v1', kind: 'Namespace' })],
  });
  const differences: string[] = [];
  const seen = { requests: 0, violations: 0, pairs: 0 };
  for (const [index, of] of KINDS.entries()) {
    const random = createRandom(SEED + index);
    for (let i = 0; i < EACH; i++) {
      const object = objectOf(of, random, i);
      const response = await cluster.call('POST', `${of.path}?dryRun=All`, object);
      if (response.status !== 201) continue;
      const annotations = await annotationsOf(response.auditId);
      const webhook = said(annotations);
      const server = failed(annotations);
      // What looks up other objects knows more of a cluster than of a file.
      const scan = new Set(
        evaluator
          .scan(resourceOf(object))
          .filter(({ verdict }) => verdict === 'violation' || verdict === 'error')
          .map(({ policy, verdict }) => `${policy} ${verdict}`),
      );
      seen.requests++;
      for (const { id, related } of set.policies) {
        const inScan = scan.has(`${id} violation`);
        const inWebhook = webhook.has(`${id} violation`);
        seen.pairs++;
        if (inWebhook) seen.violations++;
        if (related === undefined && inScan !== inWebhook)
          differences.push(
            `${of.kind} ${id}: scan ${inScan}, webhook ${inWebhook}: ${JSON.stringify(object)}`,
          );
        if (converted.has(id) && server.whole && server.policies.has(id) !== inWebhook)
          differences.push(
            `${of.kind} ${id}: API server ${server.policies.has(id)}, webhook ${inWebhook}: ${JSON.stringify(object)}`,
          );
      }
      const errors = [...webhook].filter((one) => one.endsWith(' error'));
      assert.deepEqual(errors, [], JSON.stringify(object));
    }
  }
  t.diagnostic(
    `${seen.requests} requests, ${seen.pairs} verdicts, ${seen.violations} violations; ${converted.size} of ${set.policies.length} policies in the API server, too`,
  );
  assert.equal(differences.length, 0, `${differences.length} differ:\n${differences.slice(0, 5).join('\n')}`);
  assert.ok(seen.violations > 100, `${seen.violations} violations`);
});

test('the background scan says the same of objects that exist', { skip, timeout: 300_000 }, async (t) => {
  const schemas = createSchemas(MINOR);
  const { body: namespace } = await cluster.call('GET', '/api/v1/namespaces/default');
  const evaluator = createEvaluator(set, {
    discovery: createDiscovery(MINOR),
    schemas,
    defaults: createDefaults(MINOR, schemas),
    objects: [resourceOf({ ...namespace, apiVersion: 'v1', kind: 'Namespace' })],
  });
  const alone = new Set(set.policies.filter(({ related }) => related === undefined).map(({ id }) => id));
  const expected = new Map<string, string[]>();
  for (const [index, of] of KINDS.entries()) {
    const random = createRandom(SEED + 1_000 + index);
    for (let i = 0; i < EXISTING; i++) {
      const object = objectOf(of, random, i);
      const { status } = await cluster.call('POST', of.path, object);
      if (status !== 201) continue;
      const { kind, name } = resourceOf(object).ref;
      const violated = evaluator.scan(resourceOf(object)).filter(({ verdict }) => verdict === 'violation');
      expected.set(`${kind} ${name}`, ids(violated.map(({ policy }) => policy!)));
    }
  }
  let actual = new Map<string, string[]>();
  for (const until = Date.now() + 60_000; ; await sleep(500)) {
    actual = findingsByObject();
    const differs = [...expected].filter(
      ([object, policies]) => (actual.get(object) ?? []).join() !== policies.join(),
    );
    if (differs.length === 0) break;
    const shown = differs
      .slice(0, 3)
      .map(([object, policies]) => `${object}: ${actual.get(object)} but ${policies}`);
    assert.ok(Date.now() < until, `${differs.length} of ${expected.size} differ:\n${shown.join('\n')}`);
  }
  t.diagnostic(`${expected.size} objects, ${[...expected.values()].flat().length} violations`);

  function ids(policies: readonly string[]): string[] {
    return [...new Set(policies.filter((id) => alone.has(id)))].sort();
  }

  function findingsByObject(): Map<string, string[]> {
    const words = ['findings', '--data', join(folder, 'data'), '--json'];
    const { stdout } = spawnSync(process.execPath, [join(ROOT, 'bin', 'rampart.cjs'), ...words], {
      encoding: 'utf8',
    });
    const { findings } = JSON.parse(stdout) as {
      findings: { policy: string; verdict: string; resource: { kind: string; name: string } }[];
    };
    const violations = findings.filter(({ verdict }) => verdict === 'violation');
    const byObject = Map.groupBy(violations, ({ resource }) => `${resource.kind} ${resource.name}`);
    return new Map([...byObject].map(([object, all]) => [object, ids(all.map(({ policy }) => policy))]));
  }
});

function objectOf(of: KindCase, random: ReturnType<typeof createRandom>, index: number): JsonMap {
  const made = of.make(random);
  const metadata = {
    ...(made['metadata'] as JsonMap | undefined),
    name: `x-${index}`,
    labels: { webhook: 'on' },
  };
  return {
    apiVersion: of.apiVersion,
    kind: of.kind,
    ...made,
    metadata: of.namespaced ? { ...metadata, namespace: 'default' } : metadata,
  };
}

function resourceOf(object: JsonMap) {
  const { name, namespace = '' } = object['metadata'] as { name: string; namespace?: string };
  return {
    ref: { apiVersion: object['apiVersion'] as string, kind: object['kind'] as string, namespace, name },
    object,
    origin: { file: 'x', document: 0, line: 1, pointer: '' },
  };
}
