/** What the API server makes of objects before admission, field by field: its dry-run answer against our defaults. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { JsonMap } from '../../src/model/index.ts';
import { createDefaults, createSchemas } from '../../src/sources/index.ts';
import { createRandom } from '../cel/generator/random.ts';
import { skipWithoutCluster } from './binaries.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { KINDS, type KindCase } from './workloads.ts';

const MINOR = 37;
const EACH = Number(process.env['RAMPART_CLUSTER_OBJECTS'] ?? 40);
const SEED = Number(process.env['RAMPART_CLUSTER_SEED'] ?? 2026);

let cluster: Cluster;
before(async () => {
  if (skipWithoutCluster === false) cluster = await startCluster();
});
after(() => cluster?.stop());

const schemas = createSchemas(MINOR);
const defaults = createDefaults(MINOR, schemas);

/** Written by the server when it stores an object, or chosen anew for each: no default. */
const SERVER = ['uid', 'creationTimestamp', 'generation', 'managedFields', 'resourceVersion'];
const CHOSEN: Readonly<Record<string, readonly string[]>> = {
  Service: ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'healthCheckNodePort'],
  // Its labels and selector hold the uid.
  Job: ['selector'],
  Namespace: ['finalizers'],
};

function comparable(object: JsonMap, kind: string): JsonMap {
  const { status: _, metadata, ...rest } = object;
  const kept = Object.fromEntries(
    Object.entries(metadata as JsonMap).filter(([key]) => !SERVER.includes(key)),
  );
  const copy = structuredClone({ ...rest, metadata: kept }) as Record<string, Record<string, unknown>>;
  const { spec } = copy;
  for (const field of CHOSEN[kind] ?? []) delete spec?.[field];
  if (kind === 'Service')
    for (const port of (spec?.['ports'] ?? []) as Record<string, unknown>[]) delete port['nodePort'];
  if (kind === 'Job') dropUids(copy);
  // The strategy counts generations of the template there.
  if (kind === 'DaemonSet') delete (copy['metadata'] as Record<string, unknown>)['annotations'];
  if (kind === 'PersistentVolume') delete (copy['metadata'] as Record<string, unknown>)['finalizers'];
  return copy;
}

function dropUids(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) {
    if (/controller-uid|job-name/.test(key)) delete (value as Record<string, unknown>)[key];
    else dropUids((value as Record<string, unknown>)[key]);
  }
}

/** Paths at which two values differ. */
function differences(ours: unknown, theirs: unknown, path = ''): string[] {
  if (isDeepStrictEqual(ours, theirs)) return [];
  const maps = [ours, theirs].every((value) => typeof value === 'object' && value !== null);
  if (!maps) return [`${path}: ours ${JSON.stringify(ours)}, the server's ${JSON.stringify(theirs)}`];
  const [a, b] = [ours as JsonMap, theirs as JsonMap];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) =>
    differences(a[key], b[key], `${path}/${key}`),
  );
}

let compared = 0;
const refused: string[] = [];

async function compare(of: KindCase, seed: number): Promise<string[]> {
  const random = createRandom(seed);
  const found = new Set<string>();
  for (let i = 0; i < EACH; i++) {
    const object: JsonMap = {
      apiVersion: of.apiVersion,
      kind: of.kind,
      metadata: {
        name: 'generated',
        ...(of.namespaced ? { namespace: 'default' } : {}),
        ...(random.chance(0.2) ? { labels: {} } : {}),
      },
      ...of.make(random),
    };
    const { status, body } = await cluster.call('POST', `${of.path}?dryRun=All`, object);
    if (status !== 201) {
      refused.push(`${of.kind}: ${(body as JsonMap)['message']}`);
      continue;
    }
    compared++;
    const ours = comparable(defaults.apply(of.apiVersion, of.kind, object), of.kind);
    for (const line of differences(ours, comparable(body as JsonMap, of.kind)))
      found.add(`${of.kind} ${line}`);
  }
  return [...found];
}

test('objects are defaulted as a real API server defaults them', { skip: skipWithoutCluster }, async (t) => {
  const started = Date.now();
  const found = (await Promise.all(KINDS.map((of, i) => compare(of, SEED + i)))).flat();
  assert.deepEqual(found, []);
  assert.ok(refused.length < compared / 10, [...new Set(refused)].join('\n'));
  t.diagnostic(`${compared} objects of ${KINDS.length} kinds in ${Date.now() - started} ms`);
});
