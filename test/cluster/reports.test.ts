/** openreports and policyreport against the published CustomResourceDefinitions, judged by a real API server. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { load } from 'js-yaml';
import type { JsonMap, Report, Reported } from '../../src/model/index.ts';
import { FORMATS } from '../../src/report/index.ts';
import { GATED_REPORT, HOSTILE_REPORT, REPORT } from '../fakes/report.ts';
import { skipWithoutCluster } from './binaries.ts';
import { type Cluster, startCluster } from './cluster.ts';

/** Kyverno ships the older definitions and depends on the module of the newer ones. */
const DEFINITIONS = {
  openreports: {
    module: 'github.com/openreports/reports-api',
    files: ['config/crd/openreports.io_reports.yaml', 'config/crd/openreports.io_clusterreports.yaml'],
  },
  policyreport: {
    module: 'github.com/kyverno/kyverno',
    files: [
      'config/crds/policyreport/wgpolicyk8s.io_policyreports.yaml',
      'config/crds/policyreport/wgpolicyk8s.io_clusterpolicyreports.yaml',
    ],
  },
} as const;
type Name = keyof typeof DEFINITIONS;

const MODULES = join(import.meta.dirname, '..', 'interop', 'kyverno');

function definitionsOf(name: Name): JsonMap[] {
  const { module, files } = DEFINITIONS[name];
  const { Dir } = JSON.parse(
    execFileSync('go', ['mod', 'download', '-json', `${module}@${versionOf(module)}`], {
      cwd: MODULES,
      encoding: 'utf8',
    }),
  ) as { Dir: string };
  return files.map((file) => load(readFileSync(join(Dir, file), 'utf8')) as JsonMap);
}

function versionOf(module: string): string {
  return execFileSync('go', ['list', '-m', '-f', '{{.Version}}', module], {
    cwd: MODULES,
    encoding: 'utf8',
  }).trim();
}

let cluster: Cluster;
before(async () => {
  if (skipWithoutCluster !== false) return;
  cluster = await startCluster();
  for (const name of Object.keys(DEFINITIONS) as Name[])
    for (const definition of definitionsOf(name)) await define(definition);
});
after(() => cluster?.stop());

async function define(definition: JsonMap): Promise<void> {
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const made = await cluster.call('POST', path, definition);
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const { name } = definition['metadata'] as { name: string };
  for (let attempt = 0; attempt < 100; attempt++) {
    const { status } = (await cluster.call('GET', `${path}/${name}`)).body as {
      status?: { conditions?: { type: string; status: string }[] | null };
    };
    if (status?.conditions?.some((one) => one.type === 'Established' && one.status === 'True')) return;
    await sleep(100);
  }
  assert.fail(`${name} is not established`);
}

interface Item {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly summary: Readonly<Record<string, number>>;
  readonly results: readonly JsonMap[];
}

async function itemsOf(name: Name, report: Report): Promise<Item[]> {
  const format = await FORMATS[name]();
  const options = {
    color: false,
    width: 80,
    version: '0.1.0',
    quiet: false,
    all: false,
    source: () => undefined,
  };
  const list = JSON.parse([...format(report, options)].join('')) as { kind: string; items: Item[] };
  assert.equal(list.kind, 'List');
  return list.items;
}

/** Created with strict validation, on which an unknown field is an error, then deleted. */
async function create(item: Item): Promise<{ status: number; body: JsonMap }> {
  const { namespace, name } = item.metadata;
  const within = namespace === undefined ? '' : `/namespaces/${namespace}`;
  const path = `/apis/${item.apiVersion}${within}/${item.kind.toLowerCase()}s`;
  const made = await cluster.call('POST', `${path}?fieldValidation=Strict`, item);
  if (made.status === 201) await cluster.call('DELETE', `${path}/${name}`);
  return made;
}

const many: Report = {
  ...REPORT,
  results: Array.from({ length: 4000 }, (_, index) => ({
    ...(REPORT.results[2] as Reported),
    detail: `ü${'x'.repeat(200)}`,
    fingerprint: String(index),
  })),
};

for (const name of Object.keys(DEFINITIONS) as Name[]) {
  test(`${name}: an API server takes what is written, as it is`, { skip: skipWithoutCluster }, async () => {
    for (const report of [REPORT, GATED_REPORT, HOSTILE_REPORT, many]) {
      const items = await itemsOf(name, report);
      assert.equal(
        items.reduce((sum, { results }) => sum + results.length, 0),
        report.results.length,
      );
      for (const item of items) {
        const { status, body } = await create(item);
        assert.equal(status, 201, JSON.stringify(body).slice(0, 500));
        const stored = body as unknown as Item;
        assert.deepEqual(stored.summary, item.summary);
        // A lone surrogate is no character: the server puts the replacement character in its place.
        assert.deepEqual(
          stored.results,
          JSON.parse(JSON.stringify(item.results).replace(/\\ud800/g, '\ufffd')),
        );
      }
    }
    assert.ok((await itemsOf(name, many)).length > 1);
    const [item] = await itemsOf(name, REPORT);
    const spoilt = { ...item!, results: [{ ...item!.results[0], outcome: 'pass' }] };
    assert.equal((await create(spoilt)).status, 400, 'an unknown field');
    assert.equal((await create({ ...item!, results: [{ policy: 'p', result: 'fine' }] })).status, 422);
  });
}
